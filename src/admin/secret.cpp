#include "admin/secret.hpp"

#include <openssl/crypto.h>

#include "larder/base/text.hpp"

namespace larder::admin {

bool equals_secret(std::string_view given, std::string_view secret) noexcept {
  return !secret.empty() && given.size() == secret.size() &&
         CRYPTO_memcmp(given.data(), secret.data(), secret.size()) == 0;
}

bool equals_any_secret(std::string_view given, const std::vector<std::string>& secrets) noexcept {
  bool is_equal = false;
  for (const std::string& secret : secrets) is_equal |= equals_secret(given, secret);
  return is_equal;
}

std::optional<std::string_view> only_value(const http::Fields& fields, std::string_view name) {
  std::optional<std::string_view> value;
  for (const http::Field& field : fields) {
    if (!base::equals_ignoring_case(field.name, name)) continue;
    if (value) return std::nullopt;
    value = field.value;
  }
  return value;
}

std::optional<std::string_view> bearer_token(const http::Fields& fields) {
  constexpr std::string_view scheme = "bearer ";
  const std::optional<std::string_view> value = only_value(fields, "Authorization");
  if (!value || !base::equals_ignoring_case(value->substr(0, scheme.size()), scheme)) return std::nullopt;
  return base::trim(value->substr(scheme.size()));
}

}  // namespace larder::admin
