// What origin and asker agree about: a page's path names its number and its size, and its body follows from
// both.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

inline constexpr std::size_t page_size_max = 1024 * 1024;

// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a good number for each index, and the same in each run.
inline std::uint64_t mix(std::uint64_t index) {
  std::uint64_t z = (index + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

// Bodies are windows into one buffer that begin at different places, so that a body of another page is
// noticed.
class Bodies {
 public:
  Bodies() : bytes_(page_size_max + offsets_, '\0') {
    for (std::size_t i = 0; i < bytes_.size(); ++i) bytes_[i] = static_cast<char>('a' + mix(i) % 26);
  }
  std::string_view of(std::uint64_t page, std::size_t size) const {
    return std::string_view(bytes_).substr(mix(page) % offsets_, size);
  }

 private:
  static constexpr std::size_t offsets_ = 64 * 1024;
  std::string bytes_;
};

}  // namespace bench
