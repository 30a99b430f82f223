// The Redis that replicas share, as `store.redis` names it. Values; nothing is looked up or connected to
// here.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/config/address.hpp"

namespace larder::config {

// What a replica does that has lost Redis for longer than its lease.
enum class OnLoss : std::uint8_t { revalidate, serve, bypass };

struct Redis {
  std::vector<Address> servers;  // one; with `master_name` the sentinels
  std::string master_name;       // what the sentinels call it; empty: no Sentinel
  bool uses_tls = false;         // rediss://
  std::string user;              // empty: the default user
  std::string password;          // empty: no AUTH
  std::uint32_t database = 0;
  std::string ca_file;                // `ca`; empty: the system's authorities
  std::string ca;                     // what is in it (PEM)
  std::string name_space = "larder";  // `namespace`
  OnLoss on_loss = OnLoss::revalidate;
  base::Duration lease = std::chrono::seconds(3);
  base::Duration serve_for = std::chrono::hours(1);  // with OnLoss::serve; then as revalidate
  // The longest that a miss waits for an answer of Redis.
  base::Duration read_budget = std::chrono::milliseconds(50);
  bool uses_sentinel() const noexcept { return !master_name.empty(); }
  bool operator==(const Redis&) const = default;
};

// Reads where and who from `url` into `redis`:
//   redis://[user[:password]@]host[:6379][/database]      rediss://... the same over TLS
//   unix:/path[?db=N]      redis+unix://[user[:password]@]/path[?db=N]
//   sentinel://[user[:password]@]host[:26379],host[:26379].../master[/database]
// User and password are percent-decoded. Returns what was expected where it is none of these, without any
// part of the URL in it, since that may be the password; `redis` is then unspecified.
std::optional<std::string> parse_redis_url(std::string_view url, Redis& redis);
// The URL without its password: it reads back as the same but for that.
std::string url_of(const Redis& redis);
// "revalidate".
std::string_view name_of(OnLoss on_loss) noexcept;

}  // namespace larder::config
