// What is asked of a Redis server and what comes of it, and the thing that one asks: a connection, or a
// client that mends its connections. Commands are pipelined: any number may be under way, each is answered in
// turn.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/net/types.hpp"

namespace larder::redis {

// A command's name and its arguments, of any bytes.
using Command = std::vector<std::string>;

// A reply, owned.
struct Reply {
  enum class Kind : std::uint8_t { nil, text, integer, error, array };
  Kind kind = Kind::nil;
  std::string text;  // of text (a bulk or a status) and of error
  std::int64_t integer = 0;
  std::vector<Reply> items;  // of array

  bool is_nil() const noexcept { return kind == Kind::nil; }
  bool is_text() const noexcept { return kind == Kind::text; }
  bool is_integer() const noexcept { return kind == Kind::integer; }
  bool is_error() const noexcept { return kind == Kind::error; }
  bool is_array() const noexcept { return kind == Kind::array; }
};

enum class Failure : std::uint8_t {
  none,
  down,        // there is no connection, or who came before has waited for as long already: answered at once
  timeout,     // no reply in time; the command may have been carried out, or may yet be
  lost,        // the connection broke before the reply; the command may have been carried out
  overloaded,  // too many commands or bytes wait for their replies: answered at once
  refused,     // an error reply: its text says why
};

struct Outcome {
  Failure failure = Failure::none;
  Reply reply;  // also of refused; of an array that holds errors `failure` is none
  bool is_ok() const noexcept { return failure == Failure::none; }
};

// What a connection found out about its server while it was set up.
struct ServerIdentity {
  std::string run_id;  // changes whenever the server's process does
  std::string role;    // "master": no other is used
};

class Channel {
 public:
  Channel() = default;
  virtual ~Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Sends all of them in one write; an outcome for each, in order. Those without a reply after `within` are
  // timeouts, of which nothing is heard any more. Call and resume on the channel's thread.
  virtual net::Task<std::vector<Outcome>> execute_all(std::vector<Command> commands,
                                                      base::Duration within) = 0;
  net::Task<Outcome> execute(Command command, base::Duration within);
  // Of the server that answers now, or did last.
  virtual const ServerIdentity& identity() const noexcept = 0;
};

}  // namespace larder::redis
