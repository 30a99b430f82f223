#include "admin/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "admin/secret.hpp"
#include "larder/base/text.hpp"

namespace larder::admin {
namespace {

using config::SignatureRule;
using config::SignedPart;
using Verdict = Authenticity::Verdict;

// Of one field: a rotation needs two.
constexpr std::size_t signatures_max = 16;
// Seconds reach it in the year 5138; what is larger counts milliseconds.
constexpr std::uint64_t seconds_max = 100'000'000'000;
constexpr std::uint64_t milliseconds_max = seconds_max * 1000;

const EVP_MD* digest_of(std::string_view algorithm) noexcept {
  if (algorithm == "sha1") return EVP_sha1();
  if (algorithm == "sha256") return EVP_sha256();
  if (algorithm == "sha512") return EVP_sha512();
  return nullptr;
}

// RFC 2104. Empty when it cannot be made.
std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(content.data());
  if (digest == nullptr || HMAC(digest, key.data(), static_cast<int>(key.size()), data, content.size(),
                                bytes.data(), &size) == nullptr) {
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

// RFC 4648 section 5.
std::string base64url(std::string_view bytes) {
  std::string text = base64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

// Empty for what is no base64.
std::string from_base64(std::string_view text) {
  std::string padded(without_padding(text));
  const std::size_t size = padded.size() * 3 / 4;
  padded.append((4 - padded.size() % 4) % 4, '=');
  std::string bytes(padded.size(), '\0');
  const int decoded =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(padded.data()), static_cast<int>(padded.size()));
  bytes.resize(decoded < 0 ? 0 : size);
  return bytes;
}

std::string encoded(std::string_view digest, SignatureRule::Encoding encoding) {
  switch (encoding) {
    case SignatureRule::Encoding::hex:
      return hex(digest);
    case SignatureRule::Encoding::base64:
      return base64(digest);
    case SignatureRule::Encoding::base64url:
      return base64url(digest);
  }
  return {};
}

// As encoded() writes it.
std::string normalised(std::string_view given, SignatureRule::Encoding encoding) {
  if (encoding == SignatureRule::Encoding::hex) return base::lower(given);
  return std::string(without_padding(given));
}

std::optional<base::WallTime> time_of(std::string_view digits) {
  const std::optional<std::uint64_t> number = base::parse_uint(digits);
  if (!number || *number >= milliseconds_max) return std::nullopt;
  const std::uint64_t milliseconds = *number < seconds_max ? *number * 1000 : *number;
  return base::WallTime(base::Duration(static_cast<base::Duration::rep>(milliseconds)));
}

bool is_near(base::WallTime at, base::WallTime now, base::Duration tolerance) noexcept {
  return at >= now - tolerance && at <= now + tolerance;
}

// The items of "a b" or "a, b".
std::vector<std::string_view> split(std::string_view list, char separator) {
  std::vector<std::string_view> items;
  while (!list.empty()) {
    const std::size_t end = list.find(separator);
    const std::string_view item = base::trim(list.substr(0, end));
    if (!item.empty()) items.push_back(item);
    if (end == std::string_view::npos) break;
    list.remove_prefix(end + 1);
  }
  return items;
}

// The values that a key has in "t=123,v1=abc".
std::vector<std::string_view> values_of(std::string_view list, std::string_view key) {
  std::vector<std::string_view> values;
  for (const std::string_view item : split(list, ',')) {
    const std::size_t equals = item.find('=');
    if (equals != std::string_view::npos && item.substr(0, equals) == key)
      values.push_back(item.substr(equals + 1));
  }
  return values;
}

// Every signature is held against every secret, so that the time taken tells nothing of either.
struct Signatures {
  std::vector<std::string_view> given;
  SignatureRule::Encoding encoding;

  bool hold(const EVP_MD* digest, const std::vector<std::string>& keys, std::string_view content) const {
    bool is_signed = false;
    for (const std::string& key : keys) {
      const std::string wanted = key.empty() ? std::string() : encoded(hmac(digest, key, content), encoding);
      const std::size_t count = std::min(given.size(), signatures_max);
      for (std::size_t i = 0; i < count; ++i)
        is_signed |= equals_secret(normalised(given[i], encoding), wanted);
    }
    return is_signed;
  }
};

// "whsec_" and base64, or the bytes themselves.
std::vector<std::string> keys_of(const std::vector<std::string>& secrets) {
  constexpr std::string_view mark = "whsec_";
  std::vector<std::string> keys;
  keys.reserve(secrets.size());
  for (const std::string& secret : secrets) {
    keys.push_back(secret.starts_with(mark) ? from_base64(std::string_view(secret).substr(mark.size()))
                                            : secret);
  }
  return keys;
}

struct Given {
  std::vector<std::string_view> signatures;
  std::string_view timestamp;
};

// What the fields of the request say, as the rule reads them; nothing when they do not fit it.
std::optional<Given> given_of(const SignatureRule& rule, const http::Fields& fields) {
  const auto field = only_value(fields, rule.header);
  if (!field) return std::nullopt;
  Given given;
  if (rule.signature_key.empty()) {
    if (!field->starts_with(rule.prefix)) return std::nullopt;
    given.signatures = {field->substr(rule.prefix.size())};
  } else {
    given.signatures = values_of(*field, rule.signature_key);
  }
  if (!rule.timestamp_key.empty()) {
    const auto times = values_of(*field, rule.timestamp_key);
    if (times.size() != 1) return std::nullopt;
    given.timestamp = times.front();
  }
  if (!rule.timestamp_header.empty()) {
    const auto time = only_value(fields, rule.timestamp_header);
    if (!time) return std::nullopt;
    given.timestamp = *time;
  }
  return given;
}

// "name:value;name:value" of the fields that the field `list` names, in its order.
std::string listed_fields(const http::Fields& fields, std::string_view list) {
  std::string text;
  for (const std::string_view name : split(only_value(fields, list).value_or(""), ',')) {
    if (!text.empty()) text += ';';
    text.append(base::lower(name)).append(1, ':').append(only_value(fields, name).value_or(""));
  }
  return text;
}

std::string signed_content(const SignatureRule& rule, const Request& request, std::string_view timestamp) {
  std::string content;
  for (const SignedPart& part : rule.signed_parts) {
    content += part.literal;
    switch (part.what) {
      case SignedPart::What::nothing:
        break;
      case SignedPart::What::body:
        content += request.body;
        break;
      case SignedPart::What::timestamp:
        content += timestamp;
        break;
      case SignedPart::What::method:
        content += request.method;
        break;
      case SignedPart::What::target:
        content += request.target;
        break;
      case SignedPart::What::fields:
        content += listed_fields(request.fields, part.field);
        break;
    }
  }
  return content;
}

// A time that nobody signed proves nothing.
bool signs_time(const SignatureRule& rule, const http::Fields& fields) {
  return std::any_of(rule.signed_parts.begin(), rule.signed_parts.end(), [&](const SignedPart& part) {
    if (part.what == SignedPart::What::timestamp) return true;
    if (part.what != SignedPart::What::fields) return false;
    const auto names = split(only_value(fields, part.field).value_or(""), ',');
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      return base::equals_ignoring_case(name, rule.timestamp_header);
    });
  });
}

}  // namespace

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Authenticity check_standard(const config::Webhook& hook, const Request& request, base::WallTime now) {
  const auto id = only_value(request.fields, "webhook-id");
  const auto timestamp = only_value(request.fields, "webhook-timestamp");
  const auto list = only_value(request.fields, "webhook-signature");
  // A "." in the id would let one signed text be read as another.
  if (!id || id->empty() || id->find('.') != std::string_view::npos || !timestamp || !list) return {};
  const auto at = time_of(*timestamp);
  if (!at) return {};
  constexpr std::string_view version = "v1,";
  Signatures signatures{{}, SignatureRule::Encoding::base64};
  for (const std::string_view item : split(*list, ' ')) {
    if (item.starts_with(version)) signatures.given.push_back(item.substr(version.size()));
  }
  std::string content;
  content.reserve(id->size() + timestamp->size() + request.body.size() + 2);
  content.append(*id).append(1, '.').append(*timestamp).append(1, '.').append(request.body);
  if (!signatures.hold(EVP_sha256(), keys_of(hook.secrets), content)) return {};
  if (!is_near(*at, now, hook.tolerance)) return {Verdict::stale, {}, {}};
  return {Verdict::authentic, std::string(*id), *at + hook.tolerance};
}

Authenticity check_hmac(const config::Webhook& hook, const Request& request, base::WallTime now) {
  const SignatureRule& rule = hook.signature;
  const auto given = given_of(rule, request.fields);
  if (!given) return {};
  const std::string content = signed_content(rule, request, given->timestamp);
  const Signatures signatures{given->signatures, rule.encoding};
  if (!signatures.hold(digest_of(rule.algorithm), hook.secrets, content)) return {};
  if (!rule.has_timestamp()) return {Verdict::authentic, {}, {}};
  const auto at = time_of(given->timestamp);
  if (!at || !signs_time(rule, request.fields)) return {};
  if (!is_near(*at, now, hook.tolerance)) return {Verdict::stale, {}, {}};
  return {Verdict::authentic, sha256(content), *at + hook.tolerance};
}

}  // namespace larder::admin
