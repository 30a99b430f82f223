// The dice of the purge checker: the same seed, the same throws.
#pragma once
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace linearizable {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  // 0 to count - 1.
  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(engine_);
  }
  bool percent(int share) { return static_cast<int>(below(100)) < share; }
  template <typename Value>
  const Value& one_of(const std::vector<Value>& values) {
    return values[below(values.size())];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace linearizable
