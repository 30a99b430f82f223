// Hashing of bytes: 64 bits for tables, 256 bits for secrets. Any thread.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace larder::base {

// XXH3. Not for secrets: equal hashes never stand in for equal keys. The value is stable between runs of one
// version, so that replicas agree.
std::uint64_t hash64(std::string_view bytes) noexcept;
// The same value for the same bytes in several pieces.
std::uint64_t hash64(std::span<const std::string_view> pieces) noexcept;

// BLAKE2b-256 (RFC 7693) in lower-case hexadecimal: stands in for a secret that must not be kept. Nobody
// finds the bytes back, or others of the same digest.
using DigestText = std::array<char, 64>;
DigestText digest256(std::string_view bytes) noexcept;

}  // namespace larder::base
