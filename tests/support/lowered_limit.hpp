// A limit of this process (setrlimit), lowered for as long as this object lives.
#pragma once
#include <sys/resource.h>

#include <stdexcept>

class LoweredLimit {
 public:
  // `resource`: RLIMIT_NOFILE and its kin; the soft one becomes `value`.
  LoweredLimit(__rlimit_resource resource, rlim_t value) : resource_(resource) {
    if (::getrlimit(resource, &before_) != 0) throw std::runtime_error("getrlimit");
    const rlimit lowered{value, before_.rlim_max};
    if (::setrlimit(resource, &lowered) != 0) throw std::runtime_error("setrlimit");
  }
  LoweredLimit(const LoweredLimit&) = delete;
  LoweredLimit& operator=(const LoweredLimit&) = delete;
  ~LoweredLimit() { ::setrlimit(resource_, &before_); }

 private:
  __rlimit_resource resource_;
  rlimit before_{};
};
