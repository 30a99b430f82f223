// What origin and askers agree about: a page's path names its number and its size, and its body follows from
// both.
#pragma once
#include <strings.h>

#include <charconv>
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

// What Content-Length says, or 0, of a head whose last line has its end. Not every server spells the name
// alike.
inline std::size_t content_length_of(std::string_view head) {
  constexpr std::string_view name = "\r\nContent-Length:";
  std::size_t length = 0;
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    std::string_view line = head.substr(at);
    if (line.size() < name.size() || ::strncasecmp(line.data(), name.data(), name.size()) != 0) continue;
    line.remove_prefix(name.size());
    line.remove_prefix(line.find_first_not_of(' ') == std::string_view::npos ? 0
                                                                             : line.find_first_not_of(' '));
    std::from_chars(line.data(), line.data() + line.size(), length);
    break;
  }
  return length;
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
