// A place in the log of purges that replicas share: what a fetch had seen of it when it began. It tells any
// replica whether what the fetch brought is still valid, as a sequence does within one process.
#pragma once
#include <cstdint>
#include <string>

namespace larder::cache {

struct Place {
  std::string epoch;         // of the log: text without white space
  std::uint64_t number = 0;  // of its newest line that the fetch knew of
  bool operator==(const Place&) const = default;
};

}  // namespace larder::cache
