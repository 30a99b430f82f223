#include "yaml_reader.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "larder/base/text.hpp"
#include "substitution.hpp"

namespace larder::config {
namespace {

// Enough of a value to recognise it by.
constexpr std::size_t shown_size_max = 60;

std::string quoted(std::string_view text) {
  if (text.size() <= shown_size_max) return '"' + std::string(text) + '"';
  return '"' + std::string(text.substr(0, shown_size_max)) + "...\"";
}

}  // namespace

void Reader::fail(const YAML::Mark& place, std::string message) {
  const auto from_one = [](int offset) { return static_cast<std::size_t>(std::max(offset, 0)) + 1; };
  errors_.push_back({file_, from_one(place.line), from_one(place.column), std::move(message)});
}

std::vector<ConfigError> Reader::take_errors() {
  std::stable_sort(errors_.begin(), errors_.end(), [](const ConfigError& a, const ConfigError& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return std::move(errors_);
}

Value::Value(Reader& reader, const YAML::Node& node, const YAML::Mark& key_place, std::string path)
    : reader_(&reader),
      node_(node),
      key_place_(key_place),
      place_(node_.IsNull() ? key_place : node_.Mark()),
      path_(std::move(path)) {}

void Value::fail(std::string_view message) const {
  fail_bare("'" + path_ + "': " + std::string(message));
}

void Value::fail_bare(std::string message) const {
  reader_->fail(place_, std::move(message));
}

void Value::fail_at_key(std::string_view message) const {
  reader_->fail(key_place_, "'" + path_ + "': " + std::string(message));
}

void Value::expected(std::string_view what) const {
  fail("expected " + std::string(what) + ", got " + shown());
}

void Value::not_available() const {
  reader_->fail(key_place_, "'" + path_ + "' is not available in this version");
}

void Value::value_not_available() const {
  fail_bare("'" + path_ + ": " + node_.Scalar() + "' is not available in this version");
}

std::string Value::shown() const {
  if (is_list()) return "a list";
  if (is_map()) return "a map";
  if (!node_.IsScalar()) return "nothing";
  const auto text = substitute(node_.Scalar(), reader_->surroundings().environment);
  const auto* value = std::get_if<std::string>(&text);
  if (!value || *value == node_.Scalar()) return quoted(node_.Scalar());
  return quoted(*value) + " from " + quoted(node_.Scalar());
}

std::optional<std::string> Value::text(std::string_view what) const {
  auto result = text_or_empty(what);
  if (!result || !result->empty()) return result;
  fail("expected " + std::string(what) + ", got an empty text");
  return std::nullopt;
}

std::optional<std::string> Value::text_or_empty(std::string_view what) const {
  if (!is_text()) {
    expected(what);
    return std::nullopt;
  }
  auto result = substitute(node_.Scalar(), reader_->surroundings().environment);
  if (const auto* error = std::get_if<SubstitutionError>(&result)) {
    fail(error->message);
    return std::nullopt;
  }
  return std::move(std::get<std::string>(result));
}

std::vector<Value> Value::items(std::string_view what) const {
  std::vector<Value> result;
  if (!is_list()) {
    expected(what);
    return result;
  }
  for (const YAML::Node& item : node_) {
    result.emplace_back(*reader_, item, place_, path_ + "[" + std::to_string(result.size()) + "]");
  }
  return result;
}

std::vector<Value> Value::items_or_one(std::string_view what) const {
  if (is_text()) return {*this};
  return items(what);
}

void Value::each(std::string_view what, const std::function<void(const Entry&, const Value&)>& read) const {
  if (!is_map()) return expected(what);
  std::map<std::string, YAML::Mark, std::less<>> seen;
  for (const auto& pair : node_) {
    const YAML::Mark place = pair.first.Mark();
    if (!pair.first.IsScalar()) {
      reader_->fail(place, "a key is a text; expected 'key: value'");
      continue;
    }
    const std::string& name = pair.first.Scalar();
    const auto [first, is_new] = seen.try_emplace(name, place);
    if (!is_new) {
      reader_->fail(place, "duplicate key '" + name + "'; the first one is in line " +
                               std::to_string(first->second.line + 1));
    }
    const std::string path = path_.empty() ? name : path_ + "." + name;
    read({name, place}, Value(*reader_, pair.second, place, path));
  }
}

void Value::section(const std::vector<Key>& keys) const {
  std::string names;
  for (const Key& key : keys) {
    if (key.read) names.append(names.empty() ? "" : ", ").append(key.name);
  }
  each("a map of " + names, [&](const Entry& entry, const Value& value) {
    const auto key =
        std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.name == entry.name; });
    if (key == keys.end()) {
      unknown(entry, keys);
    } else if (!key->read) {
      value.not_available();
    } else {
      key->read(value);
    }
  });
}

void Value::unknown(const Entry& entry, const std::vector<Key>& keys) const {
  std::string message = "unknown key '" + entry.name + "'";
  if (!path_.empty()) message += " in '" + path_ + "'";
  std::vector<std::string_view> names;
  names.reserve(keys.size());
  for (const Key& key : keys) names.push_back(key.name);
  if (const auto nearest = base::nearest_word(entry.name, names)) {
    message.append("; did you mean '").append(*nearest).append("'?");
  } else {
    std::string list;
    for (const std::string_view name : names) list.append(list.empty() ? "" : ", ").append(name);
    message += "; expected one of: " + list;
  }
  reader_->fail(entry.place, std::move(message));
}

}  // namespace larder::config
