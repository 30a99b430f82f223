#include "admin/json.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace larder::admin {
namespace {

// Before parsing, since the parser recurses on what it built. Brackets in strings do not count.
std::size_t depth_of(std::string_view text) noexcept {
  std::size_t depth = 0;
  std::size_t depth_max = 0;
  bool is_in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      is_in_string = !is_in_string;
    } else if (!is_in_string && (c == '{' || c == '[')) {
      depth_max = std::max(depth_max, ++depth);
    } else if (!is_in_string && (c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return depth_max;
}

// A member that comes twice means different things to different readers.
class MemberNames {
 public:
  bool add(nlohmann::json::parse_event_t event, const nlohmann::json& value) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) names_.emplace_back();
    if (event == Event::object_end) names_.pop_back();
    if (event != Event::key) return true;
    const bool is_new = names_.back().insert(value.get<std::string>()).second;
    if (!is_new && duplicate_.empty()) duplicate_ = value.get<std::string>();
    return true;
  }
  const std::string& duplicate() const noexcept { return duplicate_; }

 private:
  std::vector<std::set<std::string>> names_;
  std::string duplicate_;
};

// "[json.exception.parse_error.101] parse error at line 1, column 2: ..." -> "line 1, column 2: ..."
std::string without_preamble(std::string_view message) {
  constexpr std::string_view marker = "parse error at ";
  const std::size_t begin = message.find(marker);
  return std::string(begin == std::string_view::npos ? message : message.substr(begin + marker.size()));
}

}  // namespace

std::variant<nlohmann::json, JsonError> parse_json(std::string_view text) {
  if (depth_of(text) > json_depth_max) {
    return JsonError{"JSON nested deeper than " + std::to_string(json_depth_max)};
  }
  MemberNames names;
  try {
    nlohmann::json value = nlohmann::json::parse(
        text,
        [&](int, nlohmann::json::parse_event_t event, nlohmann::json& v) { return names.add(event, v); });
    if (!names.duplicate().empty()) return JsonError{"the member '" + names.duplicate() + "' comes twice"};
    return value;
  } catch (const nlohmann::json::exception& error) {
    return JsonError{"not valid JSON: " + without_preamble(error.what())};
  }
}

}  // namespace larder::admin
