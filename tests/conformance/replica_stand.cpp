#include "conformance/replica_stand.hpp"

#include <atomic>
#include <string_view>
#include <utility>

#include "conformance/smallest_config.hpp"
#include "support/scenario/waiting.hpp"

namespace conformance {
namespace {

using larder::store::RedisStore;
using scenario::Larder;
using scenario::wait_until;

// Each is one quoted word of a line. ARGV: a pattern of keys; milliseconds. Returns how many have run out.
constexpr std::string_view age_script =
    R"lua("local gone = 0 for _, key in ipairs(redis.call('KEYS', ARGV[1])) do )lua"
    R"lua(local left, by = redis.call('PTTL', key), tonumber(ARGV[2]) )lua"
    R"lua(if left > by then redis.call('PEXPIRE', key, string.format('%.0f', left - by)) )lua"
    R"lua(elseif left >= 0 then redis.call('DEL', key) gone = gone + 1 end end return gone")lua";
constexpr std::string_view clear_script =
    R"lua("for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end")lua";

std::string new_name() {
  static std::atomic<int> count{0};
  return "case" + std::to_string(++count);
}

// A lease ends by the clock that the cases move, some of them by a year. What follows when one has ended is
// not this way's matter, so that this one does not end: no file could ask for it.
constexpr larder::base::Duration longer_than_any_case = std::chrono::hours(24 * 366 * 10);

larder::config::ConfigPtr configuration(const std::string& upstream, const NameSpace& name_space) {
  auto shared = std::make_shared<larder::config::Config>(*smallest_config_without_log(upstream));
  larder::config::Redis redis;
  if (const auto expected = larder::config::parse_redis_url("unix:" + name_space.socket(), redis))
    throw scenario::Failure("expected " + *expected);
  redis.name_space = name_space.name();
  redis.lease = longer_than_any_case;
  redis.read_budget = scenario::patience;
  shared->redis = redis;
  return shared;
}

// The connections of the second level show by their answers only that they are there: by a mark of a page
// that no case asks for, which is written and looked for.
void wait_for_connections(Larder& larder) {
  RedisStore& store = *larder.site().second_level;
  larder::cache::CacheKey key;
  key.text = "http://nobody.example.com/";
  wait_until("a replica to write to Redis", [&] {
    const larder::store::RedisStoreStats stats = store.stats();
    if (stats.writes + stats.superseded > 0) return true;
    const auto place = larder.site().fleet->place_of(larder.site().purge_log.newest());
    const larder::base::MonoTime end = larder.site().clock.now().mono + longer_than_any_case;
    if (place && stats.waiting_bytes == 0) store.put_mark("", key, {"", "", end}, *place, nullptr);
    return false;
  });
  wait_until("a replica to read from Redis", [&] {
    const larder::store::RedisStoreStats stats = store.stats();
    if (stats.hits + stats.misses > 0) return true;
    if (stats.look_ups == stats.unavailable) store.look_up({"", key, "", {}, {}}, [](const auto&) {});
    return false;
  });
}

void wait_for_lease(Larder& larder) {
  wait_until("a replica to hold a lease", [&] { return larder.site().fleet->view().holds_lease; });
}

void wait_for_writes(Larder& larder) {
  larder.wait_for_no_flight();
  wait_until("what was stored to stand in Redis",
             [&] { return larder.site().second_level->stats().waiting_bytes == 0; });
}

}  // namespace

NameSpace::NameSpace(const redis_support::RedisServer& redis) : redis_(redis), name_(new_name()) {}

// So that Redis need not look through what all cases have left there.
NameSpace::~NameSpace() {
  run(clear_script, "0");
}

bool NameSpace::age(std::chrono::milliseconds by) const {
  const std::string answer = run(age_script, std::to_string(by.count()));
  if (!answer.starts_with(":")) throw scenario::Failure("Redis says " + answer);
  return answer != ":0\r\n";
}

std::string NameSpace::run(std::string_view script, std::string argument) const {
  return redis_.ask({"EVAL", std::string(script), "0", "larder:" + name_ + ":*", std::move(argument)});
}

ReplicaStand::ReplicaStand(const scenario::Upstream& upstream, const redis_support::RedisServer& redis)
    : name_space_(redis),
      first_(*configuration(upstream.address(), name_space_)),
      second_(*configuration(upstream.address(), name_space_)) {
  for (Larder* const larder : {&first_, &second_}) {
    wait_for_lease(*larder);
    wait_for_connections(*larder);
  }
}

Instant ReplicaStand::now() const {
  return std::chrono::floor<std::chrono::seconds>(asked_->site().clock.now().wall);
}

void ReplicaStand::advance(std::chrono::milliseconds by) {
  first_.site().clock.advance(by);
  second_.site().clock.advance(by);
  if (name_space_.age(by)) has_expired_ = true;
}

bool ReplicaStand::has_forgotten() const {
  return has_expired_ || first_.site().second_level->stats().dropped > 0 ||
         second_.site().second_level->stats().dropped > 0;
}

void ReplicaStand::settle() {
  for (Larder* const larder : {&first_, &second_}) wait_for_writes(*larder);
  wait_until("each replica to know the other's lines", [this] {
    const larder::fleet::FleetView first = first_.site().fleet->view();
    const larder::fleet::FleetView second = second_.site().fleet->view();
    return first.unsent == 0 && second.unsent == 0 && first.applied == second.applied;
  });
  asked_ = &second_;
}

}  // namespace conformance
