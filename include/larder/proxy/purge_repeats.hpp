// The repeats of purges that are still to come (`purge.settle`), for a CMS that sends a purge before its
// transaction commits: what was fetched again meanwhile may be the old page once more. Any thread.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/cache/purge_log.hpp"

namespace larder::proxy {

struct PurgeRepeat {
  std::vector<cache::Selector> selectors;
  cache::PurgeMode mode = cache::PurgeMode::hard;
  cache::PurgeOrigin origin;
};

struct RepeatStats {
  std::uint64_t pending = 0;
  std::uint64_t widened = 0;  // repeats that became one of everything, for want of room
};

class PurgeRepeats {
 public:
  // Times are rounded up to this, and equal repeats at one time are one: a CMS purges a page several times
  // for one click. Later ones never put earlier ones off.
  static constexpr base::Duration step = std::chrono::milliseconds(250);
  // A bulk import's worth, and little beside the store. Past either bound a repeat becomes one of `all` at
  // its time: wider than asked, since one that came too early or never would leave an old page in the store.
  static constexpr std::size_t pending_max = 20'000;
  static constexpr std::size_t bytes_max = std::size_t{8} * 1024 * 1024;

  void add(const PurgeRepeat& repeat, base::MonoTime due);
  // What is due, earliest first, at most `most`.
  std::vector<PurgeRepeat> take_due(base::MonoTime now, std::size_t most);
  RepeatStats stats() const;

 private:
  using Place = std::pair<base::MonoTime, std::string>;  // when, and what as text
  mutable std::mutex mutex_;
  std::map<Place, PurgeRepeat> pending_;
  std::size_t bytes_ = 0;
  std::uint64_t widened_ = 0;
};

}  // namespace larder::proxy
