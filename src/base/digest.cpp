#include <sodium.h>

#include <algorithm>

#include "larder/base/hash.hpp"

namespace larder::base {

DigestText digest256(std::string_view bytes) noexcept {
  // Picks the processor's instructions, once; what else it does, digests do not need.
  [[maybe_unused]] static const int is_ready = sodium_init();
  std::array<unsigned char, std::tuple_size_v<DigestText> / 2> digest;
  crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), nullptr, 0);
  std::array<char, std::tuple_size_v<DigestText> + 1> text;  // and the NUL that sodium_bin2hex writes
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  DigestText result;
  std::copy_n(text.begin(), result.size(), result.begin());
  return result;
}

}  // namespace larder::base
