// JSON from outside: bounded in depth, UTF-8 only, no member twice.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace larder::admin {

inline constexpr std::size_t json_depth_max = 64;

struct JsonError {
  std::string message;
};
std::variant<nlohmann::json, JsonError> parse_json(std::string_view text);

}  // namespace larder::admin
