#include "admin/hook_event.hpp"

#include <optional>
#include <utility>

#include "admin/json.hpp"
#include "larder/base/text.hpp"
#include "larder/base/utf8.hpp"

namespace larder::admin {
namespace {

using config::EventValue;
using nlohmann::json;

// Of a form or a query; no event has so many.
constexpr std::size_t members_max = 1000;

// application/x-www-form-urlencoded (URL Standard, section 5.1), but a broken escape is no text.
std::optional<std::string> decoded(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      bytes += ' ';
    } else if (text[i] != '%') {
      bytes += text[i];
    } else {
      const int high = i + 2 < text.size() ? base::hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? base::hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      bytes += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return bytes;
}

// A name that comes again makes an array of its values.
void add(json& members, std::string name, std::string value) {
  json& member = members[std::move(name)];
  if (member.is_null()) {
    member = std::move(value);
  } else if (member.is_array()) {
    member.push_back(std::move(value));
  } else {
    member = json::array({std::move(member), std::move(value)});
  }
}

std::optional<json> members_of(std::string_view form) {
  json members = json::object();
  std::size_t count = 0;
  while (!form.empty()) {
    const std::size_t end = form.find('&');
    const std::string_view pair = form.substr(0, end);
    form.remove_prefix(end == std::string_view::npos ? form.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = decoded(pair.substr(0, equals));
    auto value = decoded(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    if (!name || !value || ++count > members_max) return std::nullopt;
    add(members, std::move(*name), std::move(*value));
  }
  return members;
}

json fields_of(const http::Fields& fields) {
  json members = json::object();
  for (const http::Field& field : fields) add(members, base::lower(field.name), std::string(field.value));
  return members;
}

bool is_form(const http::Fields& fields) {
  const std::string_view type = fields.find("Content-Type").value_or("");
  return base::equals_ignoring_case(base::trim(type.substr(0, type.find(';'))),
                                    "application/x-www-form-urlencoded");
}

std::variant<json, PurgeError> body_of(const Request& request) {
  if (request.body.empty()) return json();
  if (is_form(request.fields)) {
    if (!base::is_utf8(request.body)) return PurgeError{"the form is not UTF-8"};
    auto members = members_of(request.body);
    if (!members) return PurgeError{"not a form: a broken escape, or more than 1000 members"};
    return std::move(*members);
  }
  auto parsed = parse_json(request.body);
  if (const auto* error = std::get_if<JsonError>(&parsed)) return PurgeError{error->message};
  return std::move(std::get<json>(parsed));
}

bool says_nothing(const json& value) {
  const bool is_empty_text = value.is_string() && value.get_ref<const std::string&>().empty();
  return value.is_null() || is_empty_text;
}

void refuse_other_encodings(const json& value, const EventValue& place) {
  const auto check = [&](const json& item) {
    if (item.is_string() && !base::is_utf8(item.get_ref<const std::string&>()))
      throw PurgeError{"the value at " + config::text_of(place) + " is not UTF-8"};
  };
  check(value);
  if (value.is_array()) std::for_each(value.begin(), value.end(), check);
}

const json* member(const json& members, const std::string& name) {
  const auto found = members.find(name);
  return found == members.end() ? nullptr : &*found;
}

}  // namespace

std::variant<HookEvent, PurgeError> HookEvent::read(const Request& request) {
  auto body = body_of(request);
  if (auto* error = std::get_if<PurgeError>(&body)) return std::move(*error);
  const std::size_t question = request.target.find('?');
  const std::string_view target = request.target;
  auto query = members_of(question == std::string::npos ? std::string_view() : target.substr(question + 1));
  if (!query) return PurgeError{"the query cannot be read: a broken escape, or more than 1000 parameters"};
  HookEvent event;
  event.body_ = std::move(std::get<json>(body));
  event.fields_ = fields_of(request.fields);
  event.query_ = std::move(*query);
  return event;
}

const json* HookEvent::find(const EventValue& value) const {
  const json* found = nullptr;
  switch (value.from) {
    case EventValue::From::body: {
      const json::json_pointer place(value.name);
      if (body_.contains(place)) found = &body_.at(place);
      break;
    }
    case EventValue::From::header:
      found = member(fields_, base::lower(value.name));
      break;
    case EventValue::From::query:
      found = member(query_, value.name);
      break;
  }
  if (found == nullptr || says_nothing(*found)) return nullptr;
  refuse_other_encodings(*found, value);
  return found;
}

}  // namespace larder::admin
