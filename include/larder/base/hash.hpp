// 64-bit hashing of bytes (XXH3). Not for secrets: equal hashes never stand in for equal keys.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace larder::base {

// Any thread. The value is stable between runs of one version, so that replicas agree.
std::uint64_t hash64(std::string_view bytes) noexcept;
// The same value for the same bytes in several pieces.
std::uint64_t hash64(std::span<const std::string_view> pieces) noexcept;

}  // namespace larder::base
