// Comparing what a client proves to know with what we know.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "larder/http/fields.hpp"

namespace larder::admin {

// In time that depends on the lengths alone. An empty secret equals nothing.
bool equals_secret(std::string_view given, std::string_view secret) noexcept;
// The same with each of several: how long it takes does not tell which.
bool equals_any_secret(std::string_view given, const std::vector<std::string>& secrets) noexcept;
// The token of `Authorization: Bearer TOKEN` (RFC 6750 section 2.1); nothing without exactly one such line.
std::optional<std::string_view> bearer_token(const http::Fields& fields);
// The only line of that name; nothing when there is none, or another.
std::optional<std::string_view> only_value(const http::Fields& fields, std::string_view name);

}  // namespace larder::admin
