// The hashes of what was evicted lately, and forgotten as soon as as many others came after it as `window`
// says.
//
// Four places to a bucket, the oldest of which is overwritten; 32 bits of the hash are compared, since a rare
// mistake only keeps an entry a little longer. Eight bytes each, no links.
#pragma once
#include <cstdint>
#include <vector>

namespace larder::store {

class Ghost {
 public:
  // `window`: how many of the latest count, now; never more than the entries that are alive.
  void add(std::uint64_t hash, std::size_t window);
  // True, and forgotten, when it is among the latest.
  bool take(std::uint64_t hash, std::size_t window);
  std::uint64_t bytes() const noexcept { return places_.capacity() * sizeof(Place); }

 private:
  struct Place {
    std::uint32_t fingerprint = 0;
    std::uint32_t stamp = 0;  // 0: empty
  };
  static constexpr std::size_t bucket_size = 4;
  static constexpr std::size_t bucket_count_min = 4;

  void grow_to(std::size_t window);
  Place* bucket_of(std::uint64_t hash);

  std::vector<Place> places_;
  std::uint32_t clock_ = 0;
};

}  // namespace larder::store
