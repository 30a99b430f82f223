// The webhook requests that were carried out, until their timestamps are stale anyhow: a replay does nothing.
//
//   claim() --> free: the caller carries it out --done()--> remembered until its time
//      |                                        `--dropped--> free again: an honest retry may come
//      |--> under way: another thread carries out its twin
//      `--> done: it was carried out before
//
// Exact: ids are told apart by SHA-256 of hook and id. Bounded: past ids_max the one whose time is nearest is
// forgotten early, and counted. Its replay would purge once more, which harms nobody; to refuse new events
// instead would leave pages old. Any thread.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "larder/base/time.hpp"

namespace larder::admin {

class HookIds {
 public:
  // About 15 MiB; over a tolerance of five minutes, 109 events each second.
  static constexpr std::size_t ids_max = 65536;

  explicit HookIds(std::size_t size_max = ids_max) : size_max_(size_max) {}

  // The right to carry out one request. Move-only; dropped before done(), the request may come again.
  class Claim {
   public:
    enum class State : std::uint8_t { free, under_way, done };
    Claim(Claim&& other) noexcept
        : ids_(std::exchange(other.ids_, nullptr)), digest_(std::move(other.digest_)), state_(other.state_) {}
    Claim& operator=(Claim&&) = delete;
    ~Claim();
    State state() const noexcept { return state_; }
    // True when another id had to be forgotten before its time.
    bool done();

   private:
    friend class HookIds;
    Claim(HookIds* ids, std::string digest, State state)
        : ids_(ids), digest_(std::move(digest)), state_(state) {}
    HookIds* ids_;  // null where there is nothing to remember
    std::string digest_;
    State state_;
  };

  // `once`: what Authenticity says; empty is always free. A later `until` of a known id holds.
  Claim claim(std::string_view hook, std::string_view once, base::WallTime until, base::WallTime now);
  std::size_t size() const;

 private:
  struct Entry {
    base::WallTime until;
    bool is_done = false;
  };
  void forget_stale(base::WallTime now);
  bool forget_nearest();
  void release(const std::string& digest);
  bool finish(const std::string& digest);

  const std::size_t size_max_;
  mutable std::mutex mutex_;  // guards both
  std::map<std::string, Entry, std::less<>> entries_;
  std::set<std::pair<base::WallTime, std::string>> by_time_;  // of those that are done
};

}  // namespace larder::admin
