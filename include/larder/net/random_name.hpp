// Names that nobody else gives: 128 bits of the system's randomness, in hexadecimal.
#pragma once
#include <string>

namespace larder::net {

// 32 digits. Any thread.
std::string random_name();

}  // namespace larder::net
