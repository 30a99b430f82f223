#include "larder/http/target.hpp"
#include "sections.hpp"
#include "values.hpp"

namespace larder::config {
namespace {

constexpr std::string_view host_what = "a host such as www.example.com or localhost:8080, without a scheme";

// Normalised; nothing, with an error, when it is no host or another entry has it already.
std::optional<std::string> read_host(const Value& value, const Config& config) {
  const auto text = value.text(host_what);
  if (!text) return std::nullopt;
  auto host = http::normalise_host(*text, "http");
  if (!host || host->empty()) {
    value.expected(host_what);
    return std::nullopt;
  }
  if (config.host_names.contains(*host)) {
    value.fail("the host '" + *host + "' is listed twice");
    return std::nullopt;
  }
  return host;
}

void read_one(const Value& value, Config& config) {
  std::optional<Value> name;
  std::optional<Value> aliases;
  value.section({{"name", into(name)}, {"aliases", into(aliases)}});
  if (!name) {
    if (value.is_map()) value.fail("'name' is missing; expected {name: HOST, aliases: [HOST]}");
    return;
  }
  Host host;
  host.name = read_host(*name, config).value_or("");
  if (!host.name.empty()) config.host_names[host.name] = host.name;
  if (aliases) {
    for (const Value& item : aliases->items("a list of hosts")) {
      const auto alias = read_host(item, config);
      if (!alias) continue;
      config.host_names[*alias] = host.name;
      host.aliases.push_back(*alias);
    }
  }
  config.hosts.push_back(std::move(host));
}

}  // namespace

void read_hosts(const Value& value, Config& config) {
  config.hosts.clear();
  config.host_names.clear();
  const auto items = value.items("a list of {name: HOST, aliases: [HOST]}");
  // An empty list could mean every host or none.
  if (value.is_list() && items.empty()) value.fail("expected at least one host, got an empty list");
  for (const Value& item : items) read_one(item, config);
}

}  // namespace larder::config
