// What the tests of the admin module share.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "larder/admin/message.hpp"
#include "larder/config/config.hpp"
#include "larder/net/listener.hpp"

namespace larder::admin {

using FieldList = std::vector<std::pair<std::string, std::string>>;

inline http::Fields fields_of(const FieldList& list) {
  http::Fields fields;
  for (const auto& [name, value] : list) fields.add(name, value);
  return fields;
}

inline Request request_of(std::string method, std::string target, const FieldList& fields = {},
                          std::string body = {}) {
  return {std::move(method), std::move(target), fields_of(fields), std::move(body)};
}

inline net::Peer peer_at(std::string_view address) {
  net::Peer peer;
  peer.ip = config::parse_ip(address).value();
  peer.text = address;
  return peer;
}

// "path:{/data/path}" as the configuration's loader reads it, for values of the body.
inline config::SelectorTemplate template_of(std::string_view text) {
  config::SelectorTemplate result;
  result.text = text;
  while (!text.empty()) {
    config::SelectorTemplate::Part part;
    const std::size_t open = text.find('{');
    part.literal = text.substr(0, open);
    text.remove_prefix(part.literal.size());
    if (!text.empty()) {
      const std::size_t close = text.find('}');
      config::EventValue value{config::EventValue::From::body, std::string(text.substr(1, close - 1)), false};
      value.is_optional = value.name.ends_with('?');
      if (value.is_optional) value.name.pop_back();
      part.value = std::move(value);
      text.remove_prefix(close + 1);
    }
    result.parts.push_back(std::move(part));
  }
  return result;
}

inline config::HookRule rule_of(std::string event, const std::vector<std::string>& selectors,
                                bool is_soft = false) {
  config::HookRule rule;
  rule.event = std::move(event);
  for (const std::string& text : selectors) rule.purge.push_back(template_of(text));
  rule.is_soft = is_soft;
  return rule;
}

inline config::Webhook hook_of(config::HookAuth auth, std::string secret) {
  config::Webhook hook;
  hook.name = "wagtail";
  hook.path = "/hooks/wagtail";
  hook.auth = auth;
  hook.secrets = {std::move(secret)};
  hook.event = config::EventValue{config::EventValue::From::body, "/type", false};
  return hook;
}

}  // namespace larder::admin
