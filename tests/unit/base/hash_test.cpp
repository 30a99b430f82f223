#include <catch2/catch.hpp>

#include "larder/base/hash.hpp"

using larder::base::hash64;

TEST_CASE("hashes are those of XXH3, so that replicas agree") {
  CHECK(hash64("") == 0x2d06800538d394c2);  // the published value for no bytes and seed 0
  CHECK(hash64("a") == hash64("a"));
  CHECK(hash64("a") != hash64("b"));
}
