#include "larder/admin/webhook.hpp"

#include <algorithm>
#include <utility>

#include "admin/json.hpp"
#include "admin/secret.hpp"

namespace larder::admin {
namespace {

using nlohmann::json;

constexpr std::string_view any_event = "*";

// Null and the empty text say nothing, like a member that is not there.
const json* find(const json& event, const std::string& pointer) {
  const json::json_pointer place(pointer);
  if (!event.contains(place)) return nullptr;
  const json& value = event.at(place);
  const bool says_nothing =
      value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty());
  return says_nothing ? nullptr : &value;
}

std::optional<std::string> text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer() || value.is_boolean()) return value.dump();
  return std::nullopt;
}

// The texts that one template becomes.
class Expansion {
 public:
  Expansion(const config::SelectorTemplate& source, const json& event) : source_(source), event_(event) {}

  // False when an optional value is missing: there is no selector then. Throws PurgeError.
  bool run() {
    for (const config::SelectorTemplate::Part& part : source_.parts) {
      for (std::string& text : texts_) text += part.literal;
      if (part.pointer.empty()) continue;
      const json* value = find(event_, part.pointer);
      if (value == nullptr && part.is_optional) return false;
      if (value == nullptr) throw PurgeError{"the event has no value at " + part.pointer + needed()};
      append(texts_of(*value, part.pointer));
    }
    return true;
  }
  const std::vector<std::string>& texts() const noexcept { return texts_; }

 private:
  std::string needed() const { return ", which \"" + source_.text + "\" needs"; }

  std::vector<std::string> texts_of(const json& value, const std::string& pointer) const {
    std::vector<std::string> texts;
    const auto add = [&](const json& item) {
      std::optional<std::string> text = admin::text_of(item);
      if (!text || text->empty()) {
        throw PurgeError{"the value at " + pointer + needed() + ", is neither a text nor a whole number"};
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
      for (const std::string& value : values) longer.push_back(text + value);
      if (text.size() > cache::selector_size_max)
        throw PurgeError{"\"" + source_.text + "\" becomes too long"};
    }
    texts_ = std::move(longer);
  }

  const config::SelectorTemplate& source_;
  const json& event_;
  std::vector<std::string> texts_{std::string()};
};

// What the configuration's own words make of a template: a value out of an event must not turn a tag into a
// prefix of tags, or a capture into `all`.
class Intent {
 public:
  explicit Intent(const config::SelectorTemplate& source) {
    const std::string& begin = source.parts.empty() ? source.text : source.parts.front().literal;
    const std::size_t colon = begin.find(':');
    kind_text_ = colon == std::string::npos ? begin : begin.substr(0, colon);
    is_kind_given_ =
        colon != std::string::npos || source.parts.empty() || source.parts.front().pointer.empty();
    const bool ends_in_literal = source.parts.empty() || source.parts.back().pointer.empty();
    is_tag_prefix_ = ends_in_literal && source.text.ends_with('*');
  }

  bool is_met_by(const cache::Selector& selector) const {
    using cache::SelectorKind;
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
  bool is_kind_given_ = false;
  bool is_tag_prefix_ = false;
};

void add_selectors(const config::SelectorTemplate& source, const json& event, PurgeOrder& order) {
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

std::string event_name(const config::Webhook& hook, const json& event) {
  if (hook.event_pointer.empty()) return {};
  const json* value = find(event, hook.event_pointer);
  std::optional<std::string> name;
  if (value != nullptr) name = text_of(*value);
  if (!name) throw PurgeError{"the event has no name at " + hook.event_pointer};
  return *name;
}

HookOrder order_of(const config::Webhook& hook, const json& event) {
  HookOrder order;
  order.event = event_name(hook, event);
  const config::HookRule* rule = find_rule(hook, order.event);
  if (rule == nullptr) return order;
  order.has_rule = true;
  order.purge.mode = rule->is_soft ? cache::PurgeMode::soft : cache::PurgeMode::hard;
  for (const config::SelectorTemplate& source : rule->purge) add_selectors(source, event, order.purge);
  return order;
}

}  // namespace

bool is_authentic(const config::Webhook& hook, const http::Fields& fields, std::string_view body) {
  switch (hook.auth) {
    case config::HookAuth::none:
      return true;
    case config::HookAuth::hmac:
      return has_valid_signature(hook, fields, body);
    case config::HookAuth::bearer: {
      const std::optional<std::string_view> token = bearer_token(fields);
      return token && equals_secret(*token, hook.secret);
    }
  }
  return false;
}

std::variant<HookOrder, PurgeError> order_of_event(const config::Webhook& hook, std::string_view text) {
  auto parsed = parse_json(text);
  if (const auto* error = std::get_if<JsonError>(&parsed)) return PurgeError{error->message};
  try {
    return order_of(hook, std::get<json>(parsed));
  } catch (const PurgeError& error) {
    return error;
  } catch (const json::exception& error) {
    return PurgeError{
        "the event does not fit the hook's mapping"};  // such as a name used as an array's index
  }
}

}  // namespace larder::admin
