// The lock of a fetch in Redis, as commands, and its replies as values. Pure.
//
// Keys, under "larder:NAMESPACE:":
//   turn:DIGEST  "TOKEN EPOCH NUMBER": who fetches, and the place in the log at which it began. Expires
//                with a lease, and is renewed while the fetch goes on.
//   events       the stream of scripts.hpp: `f` the digest of a turn that is over, `h` how ("look", "alone")
// DIGEST is that of what is fetched, so that a name of any size and any bytes makes a key.
//
// Who takes a lock over names the very value that it has seen; who renews or ends one does nothing where the
// value bears another's token. So nobody touches a lock that has become somebody else's.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/scripts.hpp"
#include "larder/base/time.hpp"
#include "larder/cache/place.hpp"
#include "larder/fleet/fleet.hpp"
#include "larder/redis/client.hpp"

namespace larder::fleet {

// Who has a turn, or asks for it.
struct TurnHolder {
  std::string token;
  cache::Place place;  // at which its fetch began
};

struct HeldTurn {
  std::string digest;
  std::string token;
};

struct TurnReply {
  bool is_ours = false;
  bool is_taken_over = false;  // ours, from who had it
  std::string held;            // else: the holder's value
  base::Duration left{};       // until that expires; negative: it does not
};

// What stands in the key, and back; nothing for what no version like this one wrote.
std::string value_of(const TurnHolder& holder);
std::optional<TurnHolder> holder_of(std::string_view value);

// Of a namespace.
class TurnScripts {
 public:
  explicit TurnScripts(const std::string& name_space) : prefix_("larder:" + name_space + ":") {}

  // Takes the turn where nobody has it, or where the holder's value is `expected` (empty: nobody's is).
  redis::Command take(std::string_view digest, const TurnHolder& holder, base::Duration lease,
                      std::string_view expected) const;
  // Several small commands, so that none keeps Redis for long.
  std::vector<redis::Command> renew(const std::vector<HeldTurn>& turns, base::Duration lease) const;
  // Tells all who read events of each, but for those that somebody else has taken over: those go on.
  std::vector<redis::Command> end(const std::vector<HeldTurn>& turns, Handover handover) const;

  static std::optional<TurnReply> taken(const redis::Reply& reply);

  // Turns that one command renews or ends.
  static constexpr std::size_t turns_at_once_max = 100;

 private:
  std::string key_of(std::string_view digest) const { return prefix_ + "turn:" + std::string(digest); }
  std::string prefix_;
};

}  // namespace larder::fleet
