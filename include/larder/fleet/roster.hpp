// The replicas that this one knows of, by what their renewals leave in Redis: how often each has renewed its
// lease (its beat) and up to which line it has applied the log. Times are the caller's, of a clock that does
// not count suspension, so that a machine's sleep never makes another replica look dead. Not synchronised.
//
// Whose beat has not changed from one look to a later one sent a lease (and a tenth, for clocks that run
// apart) afterwards holds no lease: each of its renewals was sent before the first look.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "larder/base/time.hpp"

namespace larder::fleet {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Member {
  std::string id;
  std::uint64_t beat = 0;
  std::uint64_t applied = 0;
};

// How long who waits for a lease to end has to wait.
constexpr base::Duration with_a_tenth(base::Duration lease) noexcept {
  return lease + lease / 10 + base::Duration(1);
}

class Roster {
 public:
  struct Known {
    std::uint64_t beat = 0;
    std::uint64_t applied = 0;
    SteadyTime first_seen_at{};  // with this beat
  };

  void clear() {
    members_.clear();
    seen_at_ = {};
  }
  // All members as Redis told them at `seen_at`. What was told before the last look says nothing.
  void see(const std::vector<Member>& members, SteadyTime seen_at);
  // A member's word that it has applied the log up to `number`; of who is not known, nothing.
  void acknowledge(const std::string& id, std::uint64_t number);
  // Who can hold no lease by what a question sent at `sent_at` has shown (call see() first): to be removed
  // from Redis, where the beat is still the same.
  std::vector<Member> lapsed(SteadyTime sent_at, base::Duration lease) const;
  void forget(const std::string& id) { members_.erase(id); }

  const std::map<std::string, Known>& members() const noexcept { return members_; }
  const Known* find(const std::string& id) const;

 private:
  std::map<std::string, Known> members_;
  SteadyTime seen_at_{};
};

}  // namespace larder::fleet
