#include <catch2/catch.hpp>

#include "larder/base/hash.hpp"

using larder::base::digest256;
using larder::base::hash64;

namespace {

std::string digest_of(std::string_view bytes) {
  const larder::base::DigestText text = digest256(bytes);
  return {text.begin(), text.end()};
}

}  // namespace

TEST_CASE("hashes are those of XXH3, so that replicas agree") {
  CHECK(hash64("") == 0x2d06800538d394c2);  // the published value for no bytes and seed 0
  CHECK(hash64("a") == hash64("a"));
  CHECK(hash64("a") != hash64("b"));
}

TEST_CASE("digests are those of BLAKE2b-256") {
  // As Python's hashlib.blake2b(digest_size=32) has them.
  CHECK(digest_of("") == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  CHECK(digest_of("sessionid=abc") == "c766e92e77d0dce7de30030cc63aeec47901ccb40263c977d8c534fe10c4efb4");
  CHECK(digest_of(std::string(1000, 'x')) ==
        "ab75119ede14ef06ebf31f745fb655ed006cccfe8054c635308a557f7c9beaba");
}
