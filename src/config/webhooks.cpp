#include <algorithm>
#include <variant>

#include "larder/cache/selector.hpp"
#include "sections.hpp"
#include "selector_template.hpp"
#include "values.hpp"
#include "webhook_auth.hpp"

namespace larder::config {
namespace {

constexpr std::string_view path_what =
    "a path such as /hooks/wagtail, which the admin API does not use itself";

bool is_hook_name(std::string_view name) {
  return is_token(name) && name.find_first_of("!#$%&'*+^`|~") == std::string_view::npos;
}

// "*" has a meaning in patterns only, and the admin listener has pages of its own.
bool is_hook_path(std::string_view path) {
  constexpr std::string_view own[] = {"/", "/metrics", "/livez", "/readyz", "/startupz", "/api"};
  if (!path.starts_with('/') || path.starts_with("/api/")) return false;
  if (std::find(std::begin(own), std::end(own), path) != std::end(own)) return false;
  return std::all_of(path.begin(), path.end(), [](char c) {
    return c > ' ' && c < 0x7f && std::string_view("?#%{}*\\\"<>").find(c) == std::string_view::npos;
  });
}

// `is_signed`: nobody but the sender can have written the body.
std::vector<SelectorTemplate> read_selectors(const Value& value, bool is_signed) {
  std::vector<SelectorTemplate> selectors;
  const auto items = value.items("a list of selectors, such as [\"path:{/data/path}\"]");
  if (value.is_list() && items.empty()) value.fail("expected at least one selector, got an empty list");
  if (items.size() > cache::selectors_max) {
    value.fail("expected at most " + std::to_string(cache::selectors_max) + " selectors");
  }
  for (const Value& item : items) {
    const auto text = item.text("a selector such as \"path:{/data/path}\"");
    if (!text) continue;
    auto parsed = parse_selector_template(*text);
    if (const auto* error = std::get_if<TemplateError>(&parsed)) {
      item.fail("bad selector \"" + *text + "\": " + error->message);
      continue;
    }
    if (std::get<SelectorTemplate>(parsed).is_whole() && !is_signed) {
      item.fail(
          "bad selector \"" + *text +
          "\": only a signed event may give whole selectors; expected type: standard or hmac, or a kind "
          "such as \"path:{/data/path}\"");
    }
    selectors.push_back(std::move(std::get<SelectorTemplate>(parsed)));
  }
  return selectors;
}

// "{/type}", where the name without braces is not enough.
std::optional<EventValue> read_place(std::string_view text) {
  if (!text.starts_with('{') || !text.ends_with('}')) return std::nullopt;
  return parse_event_value(text.substr(1, text.size() - 2));
}

// One of two words, or the place in the event that has it.
Read into_choice_or_place(bool& target, std::optional<EventValue>& place, const Choices<bool>& choices,
                          std::string_view what) {
  return [&target, &place, choices, what](const Value& value) {
    const auto text = value.text(what);
    if (!text) return;
    for (const auto& [word, meaning] : choices) {
      if (word != *text) continue;
      target = meaning;
      return;
    }
    place = read_place(*text);
    if (!place) value.expected(what);
  };
}

HookRule read_rule(const Value& value, const std::string& event, bool is_signed) {
  HookRule rule;
  rule.event = event;
  bool has_purge = false;
  const auto purge = [&](const Value& v) {
    rule.purge = read_selectors(v, is_signed);
    has_purge = true;
  };
  value.section(
      {{"purge", purge},
       {"mode", into_choice_or_place(rule.is_soft, rule.mode, {{"hard", false}, {"soft", true}},
                                     "hard, soft, or where the event says it: \"{/data/mode}\"")},
       {"refresh", into_choice_or_place(rule.wants_refresh, rule.refresh, {{"true", true}, {"false", false}},
                                        "true, false, or where the event says it: \"{/data/refresh}\"")}});
  if (value.is_map() && !has_purge) value.fail("'purge' is missing; expected a list of selectors");
  return rule;
}

void read_rules(const Value& value, Webhook& hook, bool is_signed) {
  hook.rules.clear();
  value.each("a map of events and what they purge", [&](const Value::Entry& entry, const Value& rule) {
    if (entry.name.empty())
      value.reader().fail(entry.place, "expected the name of an event or \"*\", got an empty text");
    hook.rules.push_back(read_rule(rule, entry.name, is_signed));
  });
  if (value.is_map() && hook.rules.empty()) value.fail("expected at least one event, got an empty map");
}

Read into_path(std::string& path) {
  return [&path](const Value& v) {
    auto text = v.text(path_what);
    if (!text) return;
    if (!is_hook_path(*text)) return v.expected(path_what);
    path = std::move(*text);
  };
}

// A pointer may stand alone.
Read into_event(std::optional<EventValue>& event) {
  return [&event](const Value& v) {
    constexpr std::string_view what =
        "a JSON pointer such as /type, \"{header:X-Event}\" or \"{query:event}\"";
    const auto text = v.text(what);
    if (!text) return;
    event = text->starts_with('/') && is_json_pointer(*text)
                ? EventValue{EventValue::From::body, *text, false}
                : read_place(*text);
    if (!event || event->is_optional) v.expected(what);
  };
}

bool is_loopback(const Address& address) {
  if (address.is_unix() || address.host == "localhost") return true;
  static const std::vector<Network> loopback{*parse_network("127.0.0.0/8"), *parse_network("::1")};
  const auto ip = parse_ip(address.host);
  return ip && contains(loopback, *ip);
}

// Who needs no secret must already be on this machine.
void check_none(const Value& value, const Webhook& hook, const AdminListener& admin) {
  if (hook.auth != HookAuth::none) return;
  if (hook.is_public)
    value.fail("auth none and expose: public exclude each other; expected standard, hmac or bearer");
  if (!std::all_of(admin.bind.begin(), admin.bind.end(), is_loopback)) {
    value.fail(
        "auth none needs an admin listener on loopback or a unix socket; expected standard, hmac or bearer");
  }
}

// Without the event's name only the rule for any event can apply.
void check_events(const Value& value, const Webhook& hook) {
  for (const HookRule& rule : hook.rules) {
    if (rule.event == "*") continue;
    value.fail("'event' is missing, which says where the name '" + rule.event +
               "' stands; expected a JSON pointer "
               "such as /type, or the rule \"*\" alone");
    return;
  }
}

Webhook read_hook(const Value& value, const std::string& name, const AdminListener& admin) {
  Webhook hook;
  hook.name = name;
  hook.path = "/hooks/" + name;
  std::optional<Value> auth;
  std::optional<Value> rules;
  bool has_event = false;
  const auto event = [&](const Value& v) {
    into_event(hook.event)(v);
    has_event = true;
  };
  value.section({{"path", into_path(hook.path)},
                 {"expose", into(hook.is_public, Choices<bool>{{"admin", false}, {"public", true}})},
                 {"auth", into(auth)},
                 {"event", event},
                 {"on", into(rules)}});
  // Of an `auth` that could not be read enough is said already.
  const bool has_auth = auth && read_hook_auth(*auth, hook);
  const bool is_signed = !has_auth || hook.auth == HookAuth::standard || hook.auth == HookAuth::hmac;
  if (rules) read_rules(*rules, hook, is_signed);
  if (!value.is_map()) return hook;
  if (!auth)
    value.fail("'auth' is missing; expected such as {type: bearer, secret: \"${LARDER_HOOK_SECRET}\"}");
  if (!rules) value.fail("'on' is missing; expected a map of events and what they purge");
  if (auth) check_none(*auth, hook, admin);
  if (!has_event) check_events(value, hook);
  return hook;
}

}  // namespace

void read_webhooks(const Value& value, Config& config) {
  config.webhooks.clear();
  value.each("a map of webhooks by name", [&](const Value::Entry& entry, const Value& section) {
    if (!is_hook_name(entry.name)) {
      value.reader().fail(
          entry.place, "bad webhook name '" + entry.name + "'; expected letters, digits, '-', '_' and '.'");
    }
    Webhook hook = read_hook(section, entry.name, config.admin_listener);
    const auto same_path = [&](const Webhook& other) {
      return other.path == hook.path && other.name != hook.name;
    };
    if (std::any_of(config.webhooks.begin(), config.webhooks.end(), same_path)) {
      section.fail("another webhook has the path " + hook.path);
    }
    config.webhooks.push_back(std::move(hook));
  });
}

}  // namespace larder::config
