// Places in the shared log, and sequences of this replica's.
#include "larder/fleet/positions.hpp"

#include <catch2/catch.hpp>

namespace larder::fleet {
namespace {

TEST_CASE("nothing is known before an epoch has begun") {
  const Positions positions;
  CHECK_FALSE(positions.sequence_of(0));
  CHECK_FALSE(positions.number_of(0));
}

TEST_CASE("lines that follow each other in both map by counting") {
  Positions positions;
  positions.begin(4, 10);
  positions.note(5, 11, 11);
  positions.note(6, 12, 12);
  CHECK(positions.newest_number() == 6);
  CHECK(positions.sequence_of(4) == 10u);
  CHECK(positions.sequence_of(5) == 11u);
  CHECK(positions.sequence_of(6) == 12u);
  CHECK_FALSE(positions.sequence_of(3));  // lines since then are not known
  CHECK_FALSE(positions.sequence_of(7));  // nor is this one
  CHECK_FALSE(positions.number_of(9));
  CHECK(positions.number_of(10) == 4u);
  CHECK(positions.number_of(12) == 6u);
  CHECK(positions.number_of(99) == 6u);
}

TEST_CASE("a line of this replica alone makes what was fetched elsewhere before it older than it") {
  Positions positions;
  positions.begin(0, 10);
  positions.note(1, 11, 11);
  // Sequence 12 is this replica's own, unconfirmed; line 2 of another came as 13.
  positions.note(2, 11, 13);
  CHECK(positions.sequence_of(2) == 11u);  // so that 12 outdates what was fetched at place 2
  // Line 3 is the echo of 12: who has seen it elsewhere has seen all up to 13.
  positions.note(3, 13, 13);
  CHECK(positions.sequence_of(3) == 13u);
}

TEST_CASE(
    "what was fetched here before a line was applied has not seen it, whatever lines of its own it has") {
  Positions positions;
  positions.begin(0, 10);
  positions.note(1, 11, 11);
  positions.note(2, 11, 13);  // 12 is this replica's own
  CHECK(positions.number_of(11) == 1u);
  CHECK(positions.number_of(12) == 1u);
  CHECK(positions.number_of(13) == 2u);
  positions.note(3, 13, 13);  // the echo of 12
  CHECK(positions.number_of(12) == 1u);
  CHECK(positions.number_of(13) == 3u);
  // Many of its own, while it could not send them: 14 to 20, and three lines of others meanwhile.
  positions.note(4, 13, 16);
  positions.note(5, 13, 18);
  positions.note(6, 13, 21);
  CHECK(positions.number_of(15) == 3u);
  CHECK(positions.number_of(17) == 4u);
  CHECK(positions.number_of(20) == 5u);
  CHECK(positions.number_of(21) == 6u);
  CHECK(positions.sequence_of(6) == 13u);
}

TEST_CASE("what is remembered is bounded, and what is forgotten is not known") {
  Positions positions;
  positions.begin(0, 0);
  for (std::uint64_t number = 1; number <= Positions::runs_max + 10; ++number) {
    positions.note(number, 2 * number, 2 * number);  // never a run of two
  }
  CHECK_FALSE(positions.sequence_of(3));
  CHECK(positions.sequence_of(Positions::runs_max) == 2 * Positions::runs_max);
  CHECK_FALSE(positions.number_of(4));
}

}  // namespace
}  // namespace larder::fleet
