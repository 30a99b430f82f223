#include "admin/secret.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>

#include "larder/base/text.hpp"

namespace larder::admin {
namespace {

const EVP_MD* digest_of(std::string_view algorithm) noexcept {
  if (algorithm == "sha1") return EVP_sha1();
  if (algorithm == "sha256") return EVP_sha256();
  if (algorithm == "sha512") return EVP_sha512();
  return nullptr;
}

std::string hmac(const EVP_MD* digest, std::string_view secret, std::string_view body) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(body.data());
  if (HMAC(digest, secret.data(), static_cast<int>(secret.size()), data, body.size(), bytes.data(), &size) ==
      nullptr) {
    return {};
  }
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string hex(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::string_view without_padding(std::string_view base64) noexcept {
  return base64.substr(0, base64.find('='));
}

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return std::string(without_padding(text));
}

}  // namespace

bool equals_secret(std::string_view given, std::string_view secret) noexcept {
  return !secret.empty() && given.size() == secret.size() &&
         CRYPTO_memcmp(given.data(), secret.data(), secret.size()) == 0;
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

bool has_valid_signature(const config::Webhook& hook, const http::Fields& fields, std::string_view body) {
  const EVP_MD* digest = digest_of(hook.algorithm);
  const std::optional<std::string_view> field = only_value(fields, hook.signature_header);
  if (digest == nullptr || hook.secret.empty() || !field || !field->starts_with(hook.signature_prefix)) {
    return false;
  }
  const std::string_view given = field->substr(hook.signature_prefix.size());
  const std::string wanted = hmac(digest, hook.secret, body);
  if (hook.is_base64) return equals_secret(without_padding(given), base64(wanted));
  return equals_secret(base::lower(given), hex(wanted));
}

}  // namespace larder::admin
