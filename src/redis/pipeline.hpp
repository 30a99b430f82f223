// The conversation with one server, without its socket: commands in, bytes out; bytes in, outcomes out.
//
//   send() -> take_output() -> (the wire) -> receive() -> each call over when its last reply is there
//                                         -> expire():   over when its time has run out; its replies are
//                                                        awaited and dropped, so that the order holds
//                                         -> is_silent(): who is next has waited too long; the connection is
//                                                        given up
//   fail_all() at the connection's end: every call over, as lost
//
// One thread. Time comes in as values.
#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/redis/channel.hpp"
#include "reply_reader.hpp"

namespace larder::redis {

// Commands that were sent together, and what came of them.
struct Call {
  std::vector<Outcome> outcomes;  // one for each command
  std::function<void()> on_over;  // called once, when all outcomes are there

 private:
  friend class Pipeline;
  using Deadlines = std::multimap<base::MonoTime, std::shared_ptr<Call>>;
  std::vector<bool> is_answered;
  std::size_t open = 0;  // replies to come
  bool is_over = false;
  Deadlines::iterator deadline;
};

class Pipeline {
 public:
  struct Limits {
    std::size_t pending_max = 1024;                       // commands without a reply
    std::size_t pending_bytes_max = 16ull * 1024 * 1024;  // of them, as they are sent
    std::size_t reply_size_max = 64ull * 1024 * 1024;
    base::Duration silence_max = std::chrono::seconds(1);  // for who is next, unless he waits longer himself
  };
  explicit Pipeline(Limits limits) : limits_(limits), reader_(limits.reply_size_max) {}

  // None: sent, `call` will be over. Else why it was not, with nothing changed: overloaded; or down, where
  // the oldest command has been waiting for as long as this one would.
  Failure send(const std::shared_ptr<Call>& call, const std::vector<Command>& commands, base::Duration within,
               base::MonoTime now);
  bool has_output() const noexcept { return !output_.empty(); }
  std::string take_output() { return std::exchange(output_, {}); }
  // False when the bytes are no replies, or nobody waits for them: the connection is of no use any more.
  bool receive(std::string_view bytes, base::MonoTime now);
  void expire(base::MonoTime now);
  bool is_silent(base::MonoTime now) const;
  // When to call expire() and is_silent() again.
  std::optional<base::MonoTime> next_deadline() const;
  void fail_all();
  bool is_idle() const noexcept { return slots_.empty(); }

 private:
  // A command whose reply is to come.
  struct Slot {
    std::shared_ptr<Call> call;
    std::size_t index = 0;
    std::size_t size = 0;
    base::MonoTime sent_at;
    base::Duration patience;
  };
  void answer(Reply reply, base::MonoTime now);
  void end(Call& call, Failure of_the_rest);

  Limits limits_;
  ReplyReader reader_;
  std::string output_;
  std::deque<Slot> slots_;
  std::size_t pending_bytes_ = 0;
  base::MonoTime first_since_;  // when the first slot became the first
  Call::Deadlines deadlines_;
};

// Appends a command as RESP: an array of bulk strings.
void append_command(std::string& output, const Command& command);

}  // namespace larder::redis
