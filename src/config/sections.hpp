// The sections of the configuration: each function reads its part into the Config and notes what is wrong.
#pragma once
#include <optional>

#include "larder/config/config.hpp"
#include "yaml_reader.hpp"

namespace larder::config {

// listeners.cpp
void read_listeners(const Value& value, Config& config, std::optional<Value>& public_bind);
std::vector<Address> read_bind(const Value& value);
std::string read_secret(const std::optional<Value>& text, const std::optional<Value>& file);

// upstreams.cpp
void read_upstream(const Value& value, Config& config);   // the short form
void read_upstreams(const Value& value, Config& config);  // by name

// hosts.cpp
void read_hosts(const Value& value, Config& config);

// rules.cpp: what the site and a route write alike
Read into(cache::CookieRule& rule);
Read into(cache::QueryRule& rule);
void read_refuse(const Value& value, cache::RefuseRule& rule);
void read_targets(const Value& value, std::vector<std::string>& targets);
void read_forward_ignored(const Value& value, cache::RoutePolicy& policy);

// profile.cpp. The rules of config.profile: the site's, and, once the own ones are there, its routes.
void read_profile_rules(Config& config);
void read_profile_routes(Config& config);
// Own rules of the site win over the profile's, which `rule` holds: to its lists they add, and a name that
// one of the own lists has leaves the profile's.
void read_own_cookies(const Value& value, cache::CookieRule& rule);
void read_own_query(const Value& value, cache::QueryRule& rule);

// routes.cpp. What the site says about cookies and queries is read before: it is every route's beginning.
void read_routes(const Value& value, Config& config);

// webhooks.cpp
void read_webhooks(const Value& value, Config& config);

// redis.cpp
void read_redis(const Value& value, Config& config);

// limits.cpp: what is counted or written down
void read_store(const Value& value, Config& config);
void read_refresh(const Value& value, Config& config);
void read_warm(const Value& value, Config& config);
void read_limits(const Value& value, Config& config);
void read_purge(const Value& value, Config& config);
void read_log(const Value& value, Config& config);
void read_workers(const Value& value, Config& config);

}  // namespace larder::config
