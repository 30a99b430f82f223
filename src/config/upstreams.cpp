#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <variant>

#include "sections.hpp"
#include "values.hpp"

namespace larder::config {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view server_what =
    R"(a server such as "http://127.0.0.1:8000" (no path, no user) or unix:/path)";
constexpr Range<base::Duration> timeout_range{1ms, 1h};
constexpr std::uint16_t http_port = 80;

// Nothing when it is no server; `is_https` when it would be one in a later version.
std::optional<Address> parse_server(const std::string& text, bool& is_https) {
  is_https = false;
  if (text.starts_with("unix:")) return parse_address(text);
  const auto url = boost::urls::parse_uri(text);
  if (!url.has_value() || !url->has_authority() || url->has_userinfo()) return std::nullopt;
  if (url->has_query() || url->has_fragment()) return std::nullopt;
  if (!url->encoded_path().empty() && url->encoded_path() != "/") return std::nullopt;
  is_https = url->scheme_id() == boost::urls::scheme::https;
  if (!is_https && url->scheme_id() != boost::urls::scheme::http) return std::nullopt;
  const std::string port = url->has_port() ? std::string(url->port()) : std::to_string(http_port);
  const std::string host(url->encoded_host());
  // An empty host would mean every interface, which nobody can connect to.
  return host.empty() ? std::nullopt : parse_address(host + ":" + port);
}

std::optional<Server> read_server(const Value& value) {
  auto text = value.text(server_what);
  if (!text) return std::nullopt;
  bool is_https = false;
  auto address = parse_server(*text, is_https);
  if (!address) {
    value.expected(server_what);
    return std::nullopt;
  }
  if (is_https) {
    value.fail("https servers are not available in this version; expected http or unix");
    return std::nullopt;
  }
  return Server{std::move(*address), std::move(*text)};
}

std::vector<Server> read_servers(const Value& value) {
  std::vector<Server> servers;
  const auto items = value.items(R"(a list of servers, such as ["http://127.0.0.1:8000"])");
  if (value.is_list() && items.empty()) value.fail("expected at least one server, got an empty list");
  for (const Value& item : items) {
    auto server = read_server(item);
    if (!server) continue;
    const bool is_known = std::any_of(servers.begin(), servers.end(),
                                      [&](const Server& known) { return known.address == server->address; });
    if (is_known) {
      item.fail("the server " + text_of(server->address) + " is in the list twice");
    } else {
      servers.push_back(std::move(*server));
    }
  }
  return servers;
}

void read_retries_on(const Value& value, Upstream::Retries& retries) {
  retries.on_connect = retries.on_reset_idle = false;
  for (const Value& item : value.items("a list of connect and reset_idle")) {
    bool* const flag =
        read_choice<bool*>(item, {{"connect", &retries.on_connect}, {"reset_idle", &retries.on_reset_idle}})
            .value_or(nullptr);
    if (flag) *flag = true;
  }
}

void read_timeouts(const Value& value, Upstream::Timeouts& timeouts) {
  value.section({{"connect", into(timeouts.connect, timeout_range)},
                 {"first_byte", into(timeouts.first_byte, timeout_range)},
                 {"between_bytes", into(timeouts.between_bytes, timeout_range)}});
}

void read_connections(const Value& value, Upstream::Connections& connections) {
  value.section({{"max", into(connections.max, {1, 65535})},
                 {"queue", into(connections.queue, {0, 1'000'000})},
                 {"queue_timeout", into(connections.queue_timeout, timeout_range)},
                 {"idle", into(connections.idle, {1ms, 24h})}});
}

void read_retries(const Value& value, Upstream::Retries& retries) {
  value.section({{"attempts", into(retries.attempts, {0, 1})},
                 {"on", [&](const Value& on) { read_retries_on(on, retries); }}});
}

Upstream read_one(const Value& value, const std::string& name) {
  Upstream upstream;
  upstream.name = name;
  bool has_servers = false;
  const auto servers = [&](const Value& list) {
    upstream.servers = read_servers(list);
    has_servers = true;
  };
  value.section({{"servers", servers},
                 {"timeouts", [&](const Value& v) { read_timeouts(v, upstream.timeouts); }},
                 {"connections", [&](const Value& v) { read_connections(v, upstream.connections); }},
                 {"retries", [&](const Value& v) { read_retries(v, upstream.retries); }},
                 {"health", {}}});
  if (value.is_map() && !has_servers) {
    value.fail(R"('servers' is missing; expected such as servers: ["http://127.0.0.1:8000"])");
  }
  return upstream;
}

}  // namespace

void read_upstream(const Value& value, Config& config) {
  Upstream upstream;
  upstream.name = "default";
  if (auto server = read_server(value)) upstream.servers.push_back(std::move(*server));
  config.upstreams.clear();
  config.upstreams.push_back(std::move(upstream));
}

void read_upstreams(const Value& value, Config& config) {
  config.upstreams.clear();
  value.each("a map of upstreams by name", [&](const Value::Entry& entry, const Value& upstream) {
    // Nothing in a route can name an upstream yet: a second one would never be used.
    if (!config.upstreams.empty()) {
      value.reader().fail(entry.place,
                          "a second upstream is not available in this version; expected one, with "
                          "all the servers");
    }
    config.upstreams.push_back(read_one(upstream, entry.name));
  });
  if (value.is_map() && config.upstreams.empty())
    value.fail("expected at least one upstream, got an empty map");
}

}  // namespace larder::config
