// Text written to memory that has room for it. Each returns the end of what it wrote. Pure; any thread.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace larder::base {

// A literal's size is known where it is written: no call, a few stores. Its NUL is not written.
template <std::size_t size>
char* put(char* out, const char (&text)[size]) noexcept {
  std::memcpy(out, text, size - 1);
  return out + size - 1;
}
inline char* put(char* out, std::string_view text) noexcept {
  return std::copy(text.begin(), text.end(), out);
}

}  // namespace larder::base
