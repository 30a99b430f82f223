// The thread that sweeps: about once a second, and before its time when the purge log fills. A thread of its
// own, so that no purge, probe or exchange waits for it.
//
// Its life: constructed -> start() -> stop(), which ends a sweep under way at its next batch.
#pragma once
#include <thread>

#include "larder/proxy/site.hpp"
#include "larder/proxy/walk_pace.hpp"

namespace larder::proxy {

class Sweeper {
 public:
  explicit Sweeper(Site& site);
  ~Sweeper();  // stops
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;

  void start();
  void stop();

 private:
  Site& site_;
  WalkPace pace_;
  std::thread thread_;
};

}  // namespace larder::proxy
