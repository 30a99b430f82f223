#include "larder/config/load.hpp"

#include <algorithm>
#include <variant>

#include "larder/base/hash.hpp"
#include "larder/config/effective.hpp"
#include "sections.hpp"
#include "values.hpp"
#include "yaml_document.hpp"

namespace larder::config {
namespace {

// Keys whose meaning needs another key are kept and read when all have been seen.
struct TopLevel {
  std::optional<Value> listen;
  std::optional<Value> listeners;
  std::optional<Value> upstream;
  std::optional<Value> upstreams;
  std::optional<Value> cookies;
  std::optional<Value> query;
  std::optional<Value> forward_ignored;
  std::optional<Value> refuse;
  std::optional<Value> targets;
  std::optional<Value> routes;
  std::optional<Value> webhooks;
};

void read_version(const Value& value) {
  const auto text = value.text("the version of this format, 1");
  if (text && *text != "1") value.expected("the version of this format, 1");
}

TopLevel read_top_level(const Value& root, Config& config) {
  TopLevel top;
  const auto with = [&config](void (*read)(const Value&, Config&)) {
    return [&config, read](const Value& value) { read(value, config); };
  };
  root.section({{"version", read_version},
                {"profile", into(config.profile, Choices<Profile>{{"none", Profile::none},
                                                                  {"django", Profile::django},
                                                                  {"wagtail", Profile::wagtail}})},
                {"listen", into(top.listen)},
                {"listeners", into(top.listeners)},
                {"upstream", into(top.upstream)},
                {"upstreams", into(top.upstreams)},
                {"store", with(read_store)},
                {"hosts", with(read_hosts)},
                {"cookies", into(top.cookies)},
                {"query", into(top.query)},
                {"forward_ignored", into(top.forward_ignored)},
                {"refuse", into(top.refuse)},
                {"targets", into(top.targets)},
                {"routes", into(top.routes)},
                {"purge", with(read_purge)},
                {"webhooks", into(top.webhooks)},
                {"limits", with(read_limits)},
                {"log", with(read_log)},
                {"workers", with(read_workers)},
                {"compression", {}},
                {"reports", {}},
                {"warm", with(read_warm)},
                {"mode", {}},
                {"verify", {}},
                {"esi", {}},
                {"slice", {}},
                {"cdn", {}}});
  return top;
}

void read_ways_in(const Value& root, const TopLevel& top, Config& config) {
  std::optional<Value> bind;
  if (top.listeners) read_listeners(*top.listeners, config, bind);
  if (top.listen && bind) {
    const Value& second = top.listen->key_place().pos > bind->key_place().pos ? *top.listen : *bind;
    second.fail_at_key("expected 'listen' or 'listeners.public.bind', not both");
  }
  if (bind) {
    config.public_listener.bind = read_bind(*bind);
  } else if (top.listen) {
    config.public_listener.bind = read_bind(*top.listen);
  } else if (root.is_map()) {
    root.fail_bare("'listen' is missing; expected an address such as listen: \"127.0.0.1:8080\"");
  }
  const auto& own = config.admin_listener.bind;
  for (const Address& address : config.public_listener.bind) {
    if (std::find(own.begin(), own.end(), address) == own.end()) continue;
    (bind ? *bind : *top.listen).fail("the admin listener has the address " + text_of(address) + " as well");
  }
}

void read_ways_out(const Value& root, const TopLevel& top, Config& config) {
  if (top.upstream && top.upstreams) {
    const Value& second =
        top.upstream->key_place().pos > top.upstreams->key_place().pos ? *top.upstream : *top.upstreams;
    second.fail_at_key("expected 'upstream' or 'upstreams', not both");
  }
  if (top.upstream) read_upstream(*top.upstream, config);
  if (top.upstreams) read_upstreams(*top.upstreams, config);
  if (!top.upstream && !top.upstreams && root.is_map()) {
    root.fail_bare("'upstream' is missing; expected a server such as upstream: \"http://127.0.0.1:8000\"");
  }
}

void note_session_cookies(const cache::CookieRule& rule, Config& config) {
  for (const std::string& name : rule.session) {
    auto& all = config.session_cookies;
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  }
}

void read_site_rules(const TopLevel& top, Config& config) {
  read_profile_rules(config);
  cache::RoutePolicy& site = config.unmatched;
  if (top.cookies) read_own_cookies(*top.cookies, site.cookies);
  if (top.query) read_own_query(*top.query, site.query);
  if (top.forward_ignored) read_forward_ignored(*top.forward_ignored, site);
  if (top.refuse) read_refuse(*top.refuse, site.refuse);
  if (top.targets) read_targets(*top.targets, site.targets);
}

void read_all(const Value& root, Config& config) {
  config.unmatched.name = "(none)";
  config.unmatched.cookies.session = {"sessionid"};
  config.admin_listener.bind = {*parse_address("127.0.0.1:8081")};
  config.admin_listener.allow = {*parse_network("127.0.0.0/8"), *parse_network("::1")};
  const TopLevel top = read_top_level(root, config);
  read_ways_in(root, top, config);
  read_ways_out(root, top, config);
  read_site_rules(top, config);
  if (top.routes) read_routes(*top.routes, config);
  read_profile_routes(config);
  note_session_cookies(config.unmatched.cookies, config);
  for (const Route& route : config.routes) note_session_cookies(route.policy.cookies, config);
  if (top.webhooks) read_webhooks(*top.webhooks, config);
}

}  // namespace

std::string text_of(const ConfigError& error) {
  return error.file + ":" + std::to_string(error.line) + ":" + std::to_string(error.column) + ": " +
         error.message;
}

std::variant<ConfigPtr, std::vector<ConfigError>> load(std::string_view yaml, std::string file,
                                                       const Surroundings& surroundings) {
  auto config = std::make_shared<Config>();
  config->source = file;
  Reader reader(std::move(file), surroundings);
  if (const auto root = read_document(yaml, reader)) read_all(*root, *config);
  if (reader.has_errors()) return reader.take_errors();
  const base::DigestText digest = base::digest256(rules_of(*config));
  config->rules_digest.assign(digest.begin(), digest.end());
  return ConfigPtr(std::move(config));
}

}  // namespace larder::config
