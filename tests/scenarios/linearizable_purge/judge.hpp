// The judge of the purge checker: what a history may not hold.
//
// Let P be a purge that names a page and was acknowledged before a read of that page was sent. Then
//   1. the read does not bring a version older than the newest that was published before P was called;
//   2. nor what the upstream was asked for before P was called, whatever its version.
// Where P was soft and the page's route has grace, it may, if Cache-Status says that it is stale.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "history.hpp"

namespace linearizable {

struct Violation {
  enum class Kind : std::uint8_t {
    old_version,   // rule 1
    old_fetch,     // rule 2
    unsaid_stale,  // rule 1 or 2 after a soft purge, and Cache-Status does not say it
    torn,          // a body that is not of one version and language
    from_nowhere,  // a version that nobody had published when the read ended
  };
  Kind kind = Kind::old_version;
  std::size_t read = 0;   // index
  std::size_t purge = 0;  // index; none for `torn` and `from_nowhere`
  std::uint64_t expected = 0;
};

struct Verdict {
  std::uint64_t reads = 0;
  std::uint64_t judged = 0;  // of these, those that told a version
  std::uint64_t hits = 0;
  std::uint64_t collapsed = 0;
  std::uint64_t stale = 0;  // said to be
  std::uint64_t not_modified = 0;
  std::uint64_t failed = 0;            // a 5xx, no head, or broken off
  std::uint64_t bound = 0;             // reads that some purge binds
  std::uint64_t purges = 0;            // acknowledged
  std::uint64_t purges_in_flight = 0;  // while the upstream was busy with a page that they name
  std::uint64_t fetches = 0;
  std::uint64_t revalidations = 0;  // that the upstream answered with 304
  std::vector<Violation> violations;
};

Verdict judge(const History& history);
bool says_stale(const std::string& cache_status);

// The lines that tell how it came to a violation, in the order of time, with milliseconds since the purge was
// called.
std::string story_of(const Violation& violation, const History& history);
std::string figures_of(const Verdict& verdict);

}  // namespace linearizable
