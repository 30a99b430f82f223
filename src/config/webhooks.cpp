#include <algorithm>
#include <variant>

#include "larder/base/text.hpp"
#include "larder/cache/selector.hpp"
#include "sections.hpp"
#include "selector_template.hpp"
#include "values.hpp"

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

struct Auth {
  std::optional<Value> type;
  std::optional<Value> secret;
  std::optional<Value> secret_file;
  std::vector<Value> of_hmac;  // keys that only hmac has
};

// `standard` is a type of the contract, but not of this version.
std::optional<HookAuth> read_auth_type(const Value& value) {
  if (value.is_text() && value.text("bearer, hmac or none") == "standard") {
    value.value_not_available();
    return std::nullopt;
  }
  return read_choice<HookAuth>(
      value, {{"bearer", HookAuth::bearer}, {"hmac", HookAuth::hmac}, {"none", HookAuth::none}});
}

Auth read_auth_section(const Value& value, Webhook& hook) {
  Auth auth;
  const auto of_hmac = [&auth](Read read) {
    return [&auth, read = std::move(read)](const Value& v) {
      auth.of_hmac.push_back(v);
      read(v);
    };
  };
  const auto header = [&](const Value& v) {
    constexpr std::string_view what = "the name of a header field, such as X-Signature";
    auto text = v.text(what);
    if (!text) return;
    if (!is_token(*text)) return v.expected(what);
    hook.signature_header = std::move(*text);
  };
  const auto prefix = [&](const Value& v) {
    constexpr std::string_view what = "what stands before the signature, such as \"sha256=\"";
    auto text = v.text_or_empty(what);
    if (!text) return;
    if (!text->empty() && !is_field_value(*text)) return v.expected(what);
    hook.signature_prefix = std::move(*text);
  };
  Choices<std::string> algorithms{{"sha1", "sha1"}, {"sha256", "sha256"}, {"sha512", "sha512"}};
  value.section({{"type", into(auth.type)},
                 {"secret", into(auth.secret)},
                 {"secret_file", into(auth.secret_file)},
                 {"header", of_hmac(header)},
                 {"algorithm", of_hmac(into(hook.algorithm, algorithms))},
                 {"encoding", of_hmac(into(hook.is_base64, Choices<bool>{{"hex", false}, {"base64", true}}))},
                 {"prefix", of_hmac(prefix)},
                 {"tolerance", {}}});
  return auth;
}

void read_auth(const Value& value, Webhook& hook) {
  const Auth auth = read_auth_section(value, hook);
  hook.secret = read_secret(auth.secret, auth.secret_file);
  if (!value.is_map()) return;
  if (!auth.type) return value.fail("'type' is missing; expected bearer, hmac or none");
  const auto type = read_auth_type(*auth.type);
  if (!type) return;
  hook.auth = *type;
  const bool has_secret = auth.secret || auth.secret_file;
  if (hook.auth != HookAuth::none && !has_secret) {
    value.fail("'secret' is missing; expected 'secret' or 'secret_file' beside 'type'");
  }
  if (hook.auth == HookAuth::none && has_secret) {
    (auth.secret ? auth.secret : auth.secret_file)->fail_at_key("has no meaning with type: none");
  }
  if (hook.auth == HookAuth::hmac) return;
  for (const Value& key : auth.of_hmac) key.fail_at_key("has a meaning with type: hmac only");
}

std::vector<SelectorTemplate> read_selectors(const Value& value) {
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
    } else {
      selectors.push_back(std::move(std::get<SelectorTemplate>(parsed)));
    }
  }
  return selectors;
}

HookRule read_rule(const Value& value, const std::string& event) {
  HookRule rule;
  rule.event = event;
  bool has_purge = false;
  const auto purge = [&](const Value& v) {
    rule.purge = read_selectors(v);
    has_purge = true;
  };
  const auto refresh = [](const Value& v) {
    if (read_flag(v).value_or(false)) v.value_not_available();
  };
  value.section({{"purge", purge},
                 {"mode", into(rule.is_soft, Choices<bool>{{"hard", false}, {"soft", true}})},
                 {"refresh", refresh}});
  if (value.is_map() && !has_purge) value.fail("'purge' is missing; expected a list of selectors");
  return rule;
}

void read_rules(const Value& value, Webhook& hook) {
  hook.rules.clear();
  value.each("a map of events and what they purge", [&](const Value::Entry& entry, const Value& rule) {
    if (entry.name.empty())
      value.reader().fail(entry.place, "expected the name of an event or \"*\", got an empty text");
    hook.rules.push_back(read_rule(rule, entry.name));
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

Read into_pointer(std::string& pointer) {
  return [&pointer](const Value& v) {
    constexpr std::string_view what = "a JSON pointer such as /type";
    auto text = v.text(what);
    if (!text) return;
    if (!is_json_pointer(*text)) return v.expected(what);
    pointer = std::move(*text);
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
  if (hook.is_public) value.fail("auth none and expose: public exclude each other; expected bearer or hmac");
  if (!std::all_of(admin.bind.begin(), admin.bind.end(), is_loopback)) {
    value.fail("auth none needs an admin listener on loopback or a unix socket; expected bearer or hmac");
  }
}

// Without the event's name only the rule for any event can apply.
void check_events(const Value& value, const Webhook& hook) {
  if (!hook.event_pointer.empty()) return;
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
    into_pointer(hook.event_pointer)(v);
    has_event = true;
  };
  value.section({{"path", into_path(hook.path)},
                 {"expose", into(hook.is_public, Choices<bool>{{"admin", false}, {"public", true}})},
                 {"auth", into(auth)},
                 {"event", event},
                 {"on", into(rules)}});
  if (auth) read_auth(*auth, hook);
  if (rules) read_rules(*rules, hook);
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
