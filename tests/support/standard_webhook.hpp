// Signs as a Standard Webhooks sender does, with a secret of plain bytes.
#pragma once
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>

inline std::string standard_signature(const std::string& secret, const std::string& id, std::int64_t seconds,
                                      const std::string& body) {
  const std::string content = id + "." + std::to_string(seconds) + "." + body;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data(), &size);
  std::string text(64, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), digest.data(), static_cast<int>(size));
  text.resize(static_cast<std::size_t>(length));
  return "v1," + text;
}
