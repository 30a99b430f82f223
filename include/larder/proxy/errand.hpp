// A GET that the sidecar makes by itself, so that a page is in the store before a visitor asks: to warm it,
// or to fetch again what was purged. It goes the way of a visitor's request (route, key, variant, flight,
// store), but nobody reads what it brings, and it is counted among no visitor's requests.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "larder/cache/reason.hpp"

namespace larder::proxy {

struct Errand {
  std::string url;  // "https://www.example.com/a?b": host and scheme are the key's
  // The fields that select the variant. Never credentials, never a cookie that is not in the key.
  std::vector<std::pair<std::string, std::string>> fields;
  std::uint32_t uses = 0;  // of what it replaces, which it counts as used as often as
  unsigned tries = 0;      // that a purge overtook
  bool is_forced = false;  // fetch it, and unconditionally, where a fresh response is stored too
  // Keep what comes, up to so many bytes, whether it may be stored or not: for documents that the sidecar
  // itself reads. 0: what may not be stored is left alone.
  std::uint64_t reads_max = 0;
};

// As a browser would ask, by what it accepts: for pages of which nothing is stored. Over plain HTTP browsers
// name fewer codings.
Errand errand_for(std::string url, bool is_forced);

// The memory that it takes while it waits, in bytes.
std::size_t cost_of(const Errand& errand) noexcept;

struct ErrandOutcome {
  enum class Kind : std::uint8_t {
    fetched,     // and whole; a 304 counts, and another's flight that it joined
    fresh,       // stored already, fresh
    not_stored,  // not cacheable: its request was not even sent, or its answer not kept
    failed,
    cancelled,
  };
  Kind kind = Kind::failed;
  cache::Reason reason = cache::Reason::none;  // why it failed, or was not stored
  int status = 0;                              // 0: none came
  std::uint64_t bytes = 0;                     // of the body
  std::string body;                            // with reads_max
};

}  // namespace larder::proxy
