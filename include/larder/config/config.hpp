// The configuration: immutable once loaded, shared by every thread. Defaults are the members' initial values.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "larder/base/hash.hpp"
#include "larder/base/time.hpp"
#include "larder/cache/route_policy.hpp"
#include "larder/config/address.hpp"
#include "larder/config/pattern.hpp"
#include "larder/config/profile.hpp"
#include "larder/config/redis.hpp"
#include "larder/config/webhook.hpp"

namespace larder::config {

struct PublicListener {
  std::vector<Address> bind;
  std::vector<Network> trusted_proxies;
  bool allows_purge = false;  // `purge: allow`
};

struct AdminListener {
  std::vector<Address> bind;   // default 127.0.0.1:8081
  std::vector<Network> allow;  // default 127.0.0.0/8 and ::1
  std::string token;           // of `token` or token_file; empty: none
};

struct Server {
  Address address;
  std::string text;  // as configured
  bool operator==(const Server&) const = default;
};

struct Upstream {
  std::string name;  // "default" for the short form
  std::vector<Server> servers;
  struct Timeouts {
    base::Duration connect = std::chrono::seconds(1);
    base::Duration first_byte = std::chrono::seconds(30);
    base::Duration between_bytes = std::chrono::seconds(30);
    bool operator==(const Timeouts&) const = default;
  } timeouts;
  struct Connections {
    std::uint32_t max = 64;
    std::uint32_t queue = 1024;
    base::Duration queue_timeout = std::chrono::seconds(10);
    base::Duration idle = std::chrono::seconds(60);
    bool operator==(const Connections&) const = default;
  } connections;
  struct Retries {
    std::uint32_t attempts = 1;  // 0 or 1 in this version's semantics: at most this many
    bool on_connect = true;
    bool on_reset_idle = true;
    bool operator==(const Retries&) const = default;
  } retries;
  bool operator==(const Upstream&) const = default;
};

struct Host {
  std::string name;                  // normalised
  std::vector<std::string> aliases;  // normalised
};

struct Route {
  Pattern pattern;
  cache::RoutePolicy policy;  // cookie, query and refuse rules already merged with the site's
  std::string_view why = {};  // of a profile's route: its reason
};

// `purge.refresh`: of what is fetched again after a purge.
struct Refresh {
  std::uint32_t concurrency = 4;
  std::uint32_t max = 1000;  // pages of one purge, the hottest
};

// `purge:`.
struct PurgeRules {
  std::vector<base::Duration> settle;  // a PURGE is repeated after each
};

// `warm.on_start`: what is fetched once the listeners are up.
struct Warm {
  std::string sitemap;
  std::vector<std::string> urls;
  std::uint32_t concurrency = 0;  // 0: that of Refresh
  std::uint32_t rate = 0;         // pages begun a second; 0: no bound
};

struct Limits {
  std::uint64_t header_size = 32ull * 1024;
  std::uint32_t headers = 100;
  std::uint64_t body_size = 64ull * 1024 * 1024;  // of a request
  std::uint32_t connections = 10000;
  base::Duration header_timeout = std::chrono::seconds(10);
  base::Duration body_timeout = std::chrono::seconds(60);
  base::Duration idle_timeout = std::chrono::seconds(60);
  base::Duration drain_timeout = std::chrono::seconds(30);
};

enum class LogFormat : std::uint8_t { text, json };
enum class AccessLog : std::uint8_t { off, combined, json };

struct Log {
  std::string level = "info";  // trace | debug | info | warn | error | off
  LogFormat format = LogFormat::text;
  AccessLog access = AccessLog::json;
  std::string output = "stdout";  // stdout | stderr | a file's path
  bool operator==(const Log&) const = default;
};

struct Config {
  std::string source;  // the file's name, for messages
  Profile profile = Profile::none;
  PublicListener public_listener;
  AdminListener admin_listener;
  std::vector<Upstream> upstreams;  // at least one; the first serves everything in this version
  std::uint64_t memory_size = 256ull * 1024 * 1024;
  std::uint64_t max_object = 8ull * 1024 * 1024;
  std::optional<Redis> redis;  // what several replicas share
  std::vector<Host> hosts;     // empty: any Host
  std::vector<Route> routes;
  cache::RoutePolicy unmatched;  // RFC 9111 alone, with the site's cookie, query and refuse rules
  // The patterns of `cookies.session`, the site's and the routes': a log-out is seen wherever it happens.
  std::vector<std::string> session_cookies;
  PurgeRules purge;
  std::vector<Webhook> webhooks;
  Refresh refresh;
  Limits limits;
  Log log;
  std::uint32_t workers = 0;  // 0: one per core

  // The canonical name of a normalised host: itself without `hosts`; nothing when `hosts` does not list it.
  std::optional<std::string_view> canonical_host(std::string_view host) const;
  struct HostHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view host) const noexcept { return base::hash64(host); }
  };
  // Name or alias -> name.
  std::unordered_map<std::string, std::string, HostHash, std::equal_to<>> host_names;
  Warm warm;
  // The digest of rules_of() (effective.hpp): replicas share what they store where theirs are the same.
  std::string rules_digest;
};
using ConfigPtr = std::shared_ptr<const Config>;

// The first route whose pattern matches a path.
struct RouteMatch {
  const cache::RoutePolicy* policy = nullptr;  // `unmatched` where none does; the configuration's
  std::uint32_t index = 0;                     // among its routes; their number where none does
  Pattern::Captures captures;                  // names are the configuration's, values views of the path
};
// Overwrites `match`, whose memory is used again: a session's second request allocates nothing.
void match_route(const Config& config, std::string_view path, RouteMatch& match);
// "name:value" of each capture, as tags are written.
std::vector<std::string> labels_of(const Pattern::Captures& captures);
// The policy alone.
const cache::RoutePolicy& policy_for(const Config& config, std::string_view path);

// True where both give each response the same tags: patterns, `tags` and `tags_from`, in order. Those of the
// response's own fields depend on neither.
bool has_same_tags(const Config& a, const Config& b);

}  // namespace larder::config
