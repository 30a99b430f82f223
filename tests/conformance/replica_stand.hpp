// A stand of two replicas in this process that share a real Redis, and nothing else: the first request of a
// case goes to one, and all that follow go to the other, once the first has written what it had to.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "conformance/stand.hpp"
#include "support/redis/redis_server.hpp"
#include "support/scenario/larder.hpp"

namespace conformance {

// What one stand has in Redis; nothing, once this has ended. One thread.
class NameSpace {
 public:
  // A new one. Redis outlives it.
  explicit NameSpace(const redis_support::RedisServer& redis);
  ~NameSpace();
  NameSpace(const NameSpace&) = delete;
  NameSpace& operator=(const NameSpace&) = delete;

  const std::string& name() const { return name_; }
  std::string socket() const { return redis_.unix_path(); }
  // All that has a time to live gets older by so much; true: some of it is gone. Throws scenario::Failure.
  bool age(std::chrono::milliseconds by) const;

 private:
  // EVAL of a script that is given the pattern of the keys, and an argument; the answer as RESP.
  std::string run(std::string_view script, std::string argument) const;

  const redis_support::RedisServer& redis_;
  std::string name_;
};

class ReplicaStand : public Stand {
 public:
  // In a namespace of its own. Redis outlives it. Returns when both are members of the fleet and can read and
  // write what is shared; throws scenario::Failure when they cannot.
  ReplicaStand(const scenario::Upstream& upstream, const redis_support::RedisServer& redis);

  // Of the replica that is asked next.
  std::uint16_t port() const override { return asked_->port(); }
  Instant now() const override;
  // Both, and what stands in Redis with a time to live.
  void advance(std::chrono::milliseconds by) override;
  // And what one replica had to tell the other is known there.
  void settle() override;
  // True: a response had no life left that Redis would keep it for.
  bool has_forgotten() const override;

 private:
  NameSpace name_space_;
  mutable scenario::Larder first_;
  mutable scenario::Larder second_;
  scenario::Larder* asked_ = &first_;
  bool has_expired_ = false;
};

}  // namespace conformance
