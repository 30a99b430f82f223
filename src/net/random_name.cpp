#include "larder/net/random_name.hpp"

#include <random>
#include <string_view>

namespace larder::net {

std::string random_name() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device device;
  std::string name;
  for (int word = 0; word < 4; ++word) {
    unsigned bits = device();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4U) name.push_back(digits[bits & 0xfU]);
  }
  return name;
}

}  // namespace larder::net
