// A host name whose look-up takes as long as the test says. Stands in for the system's name service: the test
// binary's getaddrinfo() is found before the C library's, which it calls for every other name.
#pragma once
#include <cstddef>

namespace scenario {

// While one lives, look-ups of `name` wait until answer(), or its end; from then on it is 127.0.0.1. Made
// after the Larder that asks, which cannot end while a look-up waits.
class SlowName {
 public:
  static constexpr const char* name = "slow.scenario";

  SlowName();
  ~SlowName();
  SlowName(const SlowName&) = delete;
  SlowName& operator=(const SlowName&) = delete;

  // Until a look-up waits.
  void wait_until_asked() const;
  std::size_t waiting() const;
  void answer();
};

}  // namespace scenario
