#include <algorithm>

#include "larder/base/text.hpp"
#include "sections.hpp"
#include "values.hpp"

namespace larder::config {
namespace {

constexpr std::string_view address_what =
    R"(an address such as "127.0.0.1:8080", ":8080", "[::1]:8080" or unix:/path)";
constexpr std::string_view network_what =
    R"(a network such as 10.0.0.0/8 (no bits past the prefix) or an address)";
constexpr std::string_view secret_what = "a secret of visible ASCII characters";

std::vector<Network> read_networks(const Value& value) {
  std::vector<Network> networks;
  for (const Value& item : value.items("a list of networks, such as [10.0.0.0/8]")) {
    const auto text = item.text(network_what);
    if (!text) continue;
    const auto network = parse_network(*text);
    if (network) {
      networks.push_back(*network);
    } else {
      item.expected(network_what);
    }
  }
  return networks;
}

Read into_networks(std::vector<Network>& target) {
  return [&target](const Value& value) { target = read_networks(value); };
}

void read_proxy_protocol(const Value& value) {
  const auto is_on = read_choice<bool>(value, {{"off", false}, {"on", true}});
  if (is_on.value_or(false)) value.value_not_available();
}

void read_public(const Value& value, PublicListener& listener, std::optional<Value>& bind) {
  value.section({{"bind", into(bind)},
                 {"trusted_proxies", into_networks(listener.trusted_proxies)},
                 {"purge", into(listener.allows_purge, Choices<bool>{{"allow", true}, {"deny", false}})},
                 {"proxy_protocol", read_proxy_protocol},
                 {"tls", {}}});
}

void read_admin(const Value& value, AdminListener& listener) {
  std::optional<Value> token;
  std::optional<Value> token_file;
  value.section({{"bind", [&](const Value& bind) { listener.bind = read_bind(bind); }},
                 {"allow", into_networks(listener.allow)},
                 {"token", into(token)},
                 {"token_file", into(token_file)},
                 {"tls", {}}});
  listener.token = read_secret(token, token_file);
}

std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

bool is_secret(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::vector<Address> read_bind(const Value& value) {
  std::vector<Address> addresses;
  for (const Value& item : value.items_or_one(std::string(address_what) + ", or a list of them")) {
    const auto text = item.text(address_what);
    if (!text) continue;
    const auto address = parse_address(*text);
    if (!address) {
      item.expected(address_what);
    } else if (std::find(addresses.begin(), addresses.end(), *address) != addresses.end()) {
      item.fail("the address " + text_of(*address) + " is in the list twice");
    } else {
      addresses.push_back(*address);
    }
  }
  if (value.is_list() && addresses.empty() && value.items("").empty()) {
    value.fail("expected at least one address, got an empty list");
  }
  return addresses;
}

// A secret never appears in a message.
std::string read_secret(const std::optional<Value>& text, const std::optional<Value>& file) {
  if (text && file) {
    file->fail_at_key("expected this or '" + text->path() + "', not both");
    return {};
  }
  if (!text && !file) return {};
  const Value& source = text ? *text : *file;
  auto secret = source.text(text ? secret_what : "the path of a file");
  if (secret && file) {
    const auto& read_file = source.reader().surroundings().read_file;
    auto content = read_file ? read_file(*secret) : std::nullopt;
    if (!content) source.fail("cannot read the file \"" + *secret + "\"");
    secret = content ? std::optional(without_line_end(std::move(*content))) : std::nullopt;
  }
  if (!secret) return {};
  if (is_secret(*secret)) return std::move(*secret);
  source.fail("expected " + std::string(secret_what) + ", without spaces" + (file ? ", in the file" : ""));
  return {};
}

void read_listeners(const Value& value, Config& config, std::optional<Value>& public_bind) {
  value.section({{"public", [&](const Value& v) { read_public(v, config.public_listener, public_bind); }},
                 {"admin", [&](const Value& v) { read_admin(v, config.admin_listener); }}});
}

}  // namespace larder::config
