#include "larder/admin/webhook.hpp"

#include <algorithm>
#include <utility>

#include "admin/hook_event.hpp"
#include "admin/secret.hpp"
#include "admin/signature.hpp"

namespace larder::admin {
namespace {

using nlohmann::json;

constexpr std::string_view any_event = "*";

std::optional<std::string> plain_text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer() || value.is_boolean()) return value.dump();
  return std::nullopt;
}

// The texts that one template becomes.
class Expansion {
 public:
  Expansion(const config::SelectorTemplate& source, const HookEvent& event)
      : source_(source), event_(event) {}

  // False when an optional value is missing: there is no selector then. Throws PurgeError.
  bool run() {
    for (const config::SelectorTemplate::Part& part : source_.parts) {
      for (std::string& text : texts_) text += part.literal;
      if (!part.value) continue;
      const json* value = event_.find(*part.value);
      if (value == nullptr && part.value->is_optional) return false;
      const std::string place = config::text_of(*part.value);
      if (value == nullptr) throw PurgeError{"the event has no value at " + place + needed()};
      append(texts_of(*value, place));
    }
    return true;
  }
  const std::vector<std::string>& texts() const noexcept { return texts_; }

 private:
  std::string needed() const { return ", which \"" + source_.text + "\" needs"; }

  std::vector<std::string> texts_of(const json& value, const std::string& place) const {
    std::vector<std::string> texts;
    const auto add = [&](const json& item) {
      std::optional<std::string> text = plain_text_of(item);
      if (!text || text->empty()) {
        throw PurgeError{"the value at " + place + needed() + ", is neither a text nor a whole number"};
      }
      texts.push_back(std::move(*text));
    };
    if (value.is_array()) {
      std::for_each(value.begin(), value.end(), add);
    } else {
      add(value);
    }
    return texts;
  }

  void append(const std::vector<std::string>& values) {
    if (values.size() * texts_.size() > cache::selectors_max) {
      throw PurgeError{"\"" + source_.text + "\" becomes more than " + std::to_string(cache::selectors_max) +
                       " selectors"};
    }
    std::vector<std::string> longer;
    for (const std::string& text : texts_) {
      for (const std::string& value : values) {
        if (text.size() + value.size() > cache::selector_size_max)
          throw PurgeError{"\"" + source_.text + "\" becomes too long"};
        longer.push_back(text + value);
      }
    }
    texts_ = std::move(longer);
  }

  const config::SelectorTemplate& source_;
  const HookEvent& event_;
  std::vector<std::string> texts_{std::string()};
};

// What the configuration's own words make of a template: a value out of an event must not turn a tag into a
// prefix of tags, or a capture into `all`. But where the event gives the whole selector, that is the intent:
// the configuration allows it to signed events only.
class Intent {
 public:
  explicit Intent(const config::SelectorTemplate& source) : is_whole_(source.is_whole()) {
    const std::string& begin = source.parts.empty() ? source.text : source.parts.front().literal;
    const std::size_t colon = begin.find(':');
    kind_text_ = colon == std::string::npos ? begin : begin.substr(0, colon);
    is_kind_given_ = colon != std::string::npos || source.parts.empty() || !source.parts.front().value;
    const bool ends_in_literal = source.parts.empty() || !source.parts.back().value;
    is_tag_prefix_ = ends_in_literal && source.text.ends_with('*');
  }

  bool is_met_by(const cache::Selector& selector) const {
    using cache::SelectorKind;
    if (is_whole_) return true;
    switch (selector.kind) {
      case SelectorKind::all:
        return is_kind_given_ && kind_text_ == "all";
      case SelectorKind::url:
        return is_kind_given_ && kind_text_ == "url";
      case SelectorKind::path:
        return is_kind_given_ && kind_text_ == "path";
      case SelectorKind::prefix:
        return is_kind_given_ && kind_text_ == "prefix";
      case SelectorKind::host:
        return is_kind_given_ && kind_text_ == "host";
      case SelectorKind::tag:
        return is_kind_given_ && kind_text_ == "tag" && !is_tag_prefix_;
      case SelectorKind::tag_prefix:
        return is_kind_given_ && kind_text_ == "tag" && is_tag_prefix_;
      case SelectorKind::capture:
        return is_kind_given_;
    }
    return false;
  }

 private:
  std::string kind_text_;
  bool is_whole_ = false;
  bool is_kind_given_ = false;
  bool is_tag_prefix_ = false;
};

void add_selectors(const config::SelectorTemplate& source, const HookEvent& event, PurgeOrder& order) {
  Expansion expansion(source, event);
  if (!expansion.run()) return;
  const Intent intent(source);
  for (const std::string& text : expansion.texts()) {
    auto parsed = cache::parse_selector(text);
    if (const auto* error = std::get_if<cache::SelectorError>(&parsed)) {
      throw PurgeError{"\"" + source.text + "\" becomes no selector: " + error->message};
    }
    auto& selector = std::get<cache::Selector>(parsed);
    if (!intent.is_met_by(selector)) {
      throw PurgeError{"\"" + source.text +
                       "\": the event's value would make another kind of selector of it"};
    }
    order.selectors.push_back(std::move(selector));
    if (order.selectors.size() > cache::selectors_max) {
      throw PurgeError{"the event names more than " + std::to_string(cache::selectors_max) + " selectors"};
    }
  }
}

const config::HookRule* find_rule(const config::Webhook& hook, std::string_view event) {
  const auto named = [&](std::string_view name) {
    return std::find_if(hook.rules.begin(), hook.rules.end(),
                        [&](const config::HookRule& rule) { return rule.event == name; });
  };
  auto rule = named(event);
  if (rule == hook.rules.end()) rule = named(any_event);
  return rule == hook.rules.end() ? nullptr : &*rule;
}

std::string event_name(const config::Webhook& hook, const HookEvent& event) {
  if (!hook.event) return {};
  const json* value = event.find(*hook.event);
  std::optional<std::string> name;
  if (value != nullptr) name = plain_text_of(*value);
  if (!name) throw PurgeError{"the event has no name at " + config::text_of(*hook.event)};
  return *name;
}

// One of two words, or what they mean as a boolean, where the event says it.
bool flag_of(const HookEvent& event, const std::optional<config::EventValue>& place, bool otherwise,
             std::string_view yes, std::string_view no) {
  if (!place) return otherwise;
  const json* value = event.find(*place);
  const std::string where = config::text_of(*place);
  if (value == nullptr && place->is_optional) return otherwise;
  if (value == nullptr) throw PurgeError{"the event has no value at " + where};
  const std::string word = plain_text_of(*value).value_or("");
  if (word != yes && word != no) {
    throw PurgeError{"the value at " + where + " is neither " + std::string(yes) + " nor " + std::string(no)};
  }
  return word == yes;
}

HookOrder order_of(const config::Webhook& hook, const HookEvent& event) {
  HookOrder order;
  order.event = event_name(hook, event);
  const config::HookRule* rule = find_rule(hook, order.event);
  if (rule == nullptr) return order;
  order.has_rule = true;
  const bool is_soft = flag_of(event, rule->mode, rule->is_soft, "soft", "hard");
  order.purge.mode = is_soft ? cache::PurgeMode::soft : cache::PurgeMode::hard;
  order.purge.wants_refresh = flag_of(event, rule->refresh, rule->wants_refresh, "true", "false");
  for (const config::SelectorTemplate& source : rule->purge) add_selectors(source, event, order.purge);
  return order;
}

}  // namespace

bool may_be_authentic(const config::Webhook& hook, const http::Fields& fields) {
  switch (hook.auth) {
    case config::HookAuth::none:
      return true;
    case config::HookAuth::standard:
      return only_value(fields, "webhook-signature").has_value();
    case config::HookAuth::hmac:
      return only_value(fields, hook.signature.header).has_value();
    case config::HookAuth::bearer: {
      const std::optional<std::string_view> token = bearer_token(fields);
      return token && equals_any_secret(*token, hook.secrets);
    }
  }
  return false;
}

Authenticity authenticate(const config::Webhook& hook, const Request& request, base::WallTime now) {
  switch (hook.auth) {
    case config::HookAuth::standard:
      return check_standard(hook, request, now);
    case config::HookAuth::hmac:
      return check_hmac(hook, request, now);
    case config::HookAuth::none:
    case config::HookAuth::bearer:
      break;
  }
  const bool is_authentic = may_be_authentic(hook, request.fields);
  return {is_authentic ? Authenticity::Verdict::authentic : Authenticity::Verdict::refused, {}, {}};
}

std::variant<HookOrder, PurgeError> order_of_event(const config::Webhook& hook, const Request& request) {
  auto read = HookEvent::read(request);
  if (auto* error = std::get_if<PurgeError>(&read)) return std::move(*error);
  try {
    return order_of(hook, std::get<HookEvent>(read));
  } catch (const PurgeError& error) {
    return error;
  } catch (const json::exception& error) {
    return PurgeError{
        "the event does not fit the hook's mapping"};  // such as a name used as an array's index
  }
}

}  // namespace larder::admin
