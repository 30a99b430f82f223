// This replica's side of the turns: who asks for which, who waits behind another's fetch, and who has one. A
// machine without sockets or clocks: fleet_turns.cpp tells it what Redis said, and when.
//
//   begin() --> asks --took()--------------------------> holds --end()--> gone
//                ^ '--waits()--> waits --ended(), give_up(), 30 s--> answered
//                '---due()--------'
//
// Who asks is registered before Redis is asked, and what is told of the turn meanwhile counts: so no end of
// one is missed. Each is answered exactly once, by the function that it came with.
//
// Any thread: one mutex guards it all. What is to be called is returned, to be called without it.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fleet/turn_scripts.hpp"
#include "larder/base/time.hpp"
#include "larder/fleet/fleet.hpp"
#include "larder/fleet/roster.hpp"

namespace larder::fleet {

class Turns {
 public:
  using Call = std::function<void()>;
  using MayShare = std::function<bool(std::uint64_t sequence)>;

  // `id`: of the replica; tokens begin with it.
  explicit Turns(std::string id) : id_(std::move(id)) {}

  // Somebody asks: returns its token, and moves from both. Nothing where too many ask or hold already, or
  // after close(): then both are left alone, and `done` is the caller's to call.
  std::optional<std::string> begin(TurnRequest& request, Fleet::TurnDone& done, SteadyTime now);

  struct Question {
    std::string digest;
    std::uint64_t sequence = 0;
    MayShare may_share;
  };
  // What to ask Redis; nothing where it has been answered.
  std::optional<Question> question_of(const std::string& token) const;

  // Redis gave it the turn, or may have (`was_taken_over`: from who had it). Nothing where it has been
  // answered.
  Call took(const std::string& token, bool was_taken_over, SteadyTime now);
  // Another has it, whose lock runs out at `until`. An answer where its end has been told meanwhile; else
  // nothing, and due() names it in time.
  Call waits(const std::string& token, SteadyTime until);
  Call answer(const std::string& token, Turn turn);
  // Of who waits: unavailable. Nothing for who asks: Redis answers soon.
  Call withdraw(const std::string& token);

  // A turn is over: all who wait for it.
  std::vector<Call> ended(std::string_view digest, Handover handover);

  struct Due {
    std::vector<Call> calls;  // who has waited for too long
    // Whose holder's lock has run out: ask again. As many as may ask at once; the others are named once these
    // have their answers.
    std::vector<std::string> to_ask;
  };
  Due due(SteadyTime now);
  // Nothing is heard of any turn any more.
  std::vector<Call> give_up();
  bool has_waiters() const;

  // Those to renew. Forgets those held for longer than any fetch takes.
  std::vector<HeldTurn> held(SteadyTime now);
  // Nothing where it is not held.
  std::optional<HeldTurn> end(std::string token);

  struct Closed {
    std::vector<Call> calls;
    std::vector<HeldTurn> turns;  // held, or asked for without an answer yet
  };
  // Answers all, and takes none any more.
  Closed close();

  struct Counts {
    std::uint64_t waited = 0;
    std::uint64_t taken_over = 0;
    std::uint64_t run_out = 0;      // waited for as long as they may
    std::uint64_t unavailable = 0;  // asked or waited, and Redis was lost or said nothing that can be read
    std::uint64_t held = 0;         // now
  };
  Counts counts() const;

  static constexpr std::size_t waiters_max = 10'000;
  static constexpr std::size_t held_max = 10'000;
  // The longest that somebody waits in all.
  static constexpr base::Duration wait_max = std::chrono::seconds(30);
  // The longest that a turn is renewed: then others need not wait for it any more.
  static constexpr base::Duration hold_max = std::chrono::minutes(10);
  // Questions to Redis at once: so few that there is always room for the lease's and the purges'.
  static constexpr std::size_t asking_max = 500;

 private:
  struct Asker {
    std::string digest;
    std::uint64_t sequence = 0;
    MayShare may_share;
    Fleet::TurnDone done;
    SteadyTime deadline{};                  // of all its waiting
    std::optional<SteadyTime> waits_until;  // nothing: it asks
    std::optional<Handover> meanwhile;      // told while it asked
    bool has_waited = false;
  };
  struct Held {
    std::string digest;
    SteadyTime until{};
  };
  using Askers = std::map<std::string, Asker>;

  std::size_t asking() const { return askers_.size() - waiting_.size(); }
  Call take_out(Askers::iterator at, Turn turn, std::string token);
  void stop_waiting(const std::string& token, Asker& asker);

  const std::string id_;
  mutable std::mutex mutex_;
  Askers askers_;                                                      // by token
  std::map<std::string, std::set<std::string>, std::less<>> by_name_;  // digest -> tokens
  std::set<std::pair<SteadyTime, std::string>> waiting_;
  std::map<std::string, Held> held_;  // by token
  std::uint64_t tokens_ = 0;
  Counts counts_;
  bool is_closed_ = false;
};

}  // namespace larder::fleet
