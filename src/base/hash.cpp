#include "larder/base/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace larder::base {

std::uint64_t hash64(std::string_view bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t hash64(std::span<const std::string_view> pieces) noexcept {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  for (const std::string_view piece : pieces) XXH3_64bits_update(&state, piece.data(), piece.size());
  return XXH3_64bits_digest(&state);
}

}  // namespace larder::base
