// A stored response survives the codec whole, and nothing else is taken for one.
#include "larder/cache/codec.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "larder/base/hash.hpp"

using namespace larder;
using namespace larder::cache;

namespace {

const base::Now written{base::WallTime(base::Duration(1'700'000'000'000)),
                        base::MonoTime(base::Duration(50'000'000))};

ResponseDraft sample(const std::string& body) {
  ResponseDraft response;
  response.key = {{0, 7, 18, 20, 22, 0}, "http://example.com/a?b\ncookie=1"};
  response.key.hash = base::hash64(response.key.text);
  response.vary = "accept-encoding";
  response.secondary = std::string("gzip\0x", 6);
  response.head.status = 203;
  response.head.text = "HTTP/1.1 203 Fine\r\nETag: \"abc\"\r\nVary: Accept-Encoding\r\n";
  response.head.hidden = "Cache-Tag: a\r\n";
  response.head.replaced_cache_control = true;
  response.head.added_vary = true;
  response.head.etag_begin = 25;
  response.head.etag_size = 5;
  response.head.last_modified = base::WallTime(base::Duration(-5'000));
  response.body = Body::complete(body);
  response.freshness.received_at = written.mono - std::chrono::seconds(7);
  response.freshness.initial_age = std::chrono::seconds(3);
  response.freshness.lifetime = std::chrono::hours(24 * 365);
  response.freshness.stale_while_revalidate = std::chrono::seconds(9);
  response.freshness.stale_if_error = std::chrono::seconds(11);
  response.freshness.must_revalidate = true;
  response.freshness.may_answer_credentials = true;
  response.sequence = 0xFEDCBA9876543210U;
  response.is_soft_outdated = true;
  response.tags = {"a", "", "blog-lists"};
  response.body_tags = {"a"};
  response.captures = {"slug:x"};
  return response;
}

std::string body_of(const ResponseDraft& response) {
  std::string body;
  for (const std::string_view piece : response.body->pieces()) body += piece;
  return body;
}

}  // namespace

TEST_CASE("A stored response survives the codec whole") {
  const std::string text = GENERATE(std::string(), std::string("page"), std::string(200'000, '\0'));
  const ResponseDraft before = sample(text);
  // Another process, whose monotonic clock started later, ten seconds on.
  const base::Now read{written.wall + std::chrono::seconds(10), base::MonoTime(base::Duration(1'000))};
  const auto after = decode(encode(*freeze(before), written), read);
  REQUIRE(after);
  CHECK(after->key.text == before.key.text);
  CHECK(after->key.hash == before.key.hash);
  CHECK(after->key.host() == "example.com");
  CHECK(after->key.path() == "/a");
  CHECK(after->key.url() == before.key.url());
  CHECK(after->vary == before.vary);
  CHECK(after->secondary == before.secondary);
  CHECK(after->head.status == 203);
  CHECK(after->head.text == before.head.text);
  CHECK(after->head.hidden == before.head.hidden);
  CHECK(after->head.replaced_cache_control);
  CHECK_FALSE(after->head.generated_etag);
  CHECK(after->head.added_vary);
  CHECK_FALSE(after->head.sets_cookie);
  CHECK(after->head.etag() == "\"abc\"");
  CHECK(after->head.last_modified == before.head.last_modified);
  CHECK_FALSE(after->head.date);
  CHECK(body_of(*after) == text);
  CHECK(after->freshness.age(read.mono) == std::chrono::seconds(20));
  CHECK(after->freshness.lifetime == before.freshness.lifetime);
  CHECK(after->freshness.stale_while_revalidate == std::chrono::seconds(9));
  CHECK(after->freshness.stale_if_error == std::chrono::seconds(11));
  CHECK(after->freshness.must_revalidate);
  CHECK_FALSE(after->freshness.always_revalidate);
  CHECK(after->freshness.may_answer_credentials);
  CHECK(after->sequence == before.sequence);
  CHECK(after->is_soft_outdated);
  CHECK(after->checked_at == 0);
  CHECK(after->tags == before.tags);
  CHECK(after->body_tags == before.body_tags);
  CHECK(after->captures == before.captures);
}

TEST_CASE("What the codec did not write is not taken for a stored response") {
  const std::string bytes = encode(*freeze(sample("page")), written);
  REQUIRE(decode(bytes, written));
  CHECK_FALSE(decode("", written));
  CHECK_FALSE(decode("HTTP/1.1 200 OK\r\n\r\n", written));
  CHECK_FALSE(decode(bytes + "x", written));

  SECTION("cut short anywhere") {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      INFO(size);
      CHECK_FALSE(decode(std::string_view(bytes).substr(0, size), written));
    }
  }
  SECTION("changed anywhere, its version too") {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      INFO(at);
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ 0x10);
      CHECK_FALSE(decode(changed, written));
    }
  }
  SECTION("made up, with a checksum that holds: no crash, and nothing large is allocated") {
    std::mt19937 random(20'240'101);
    for (int round = 0; round < 20'000; ++round) {
      std::string made_up = bytes.substr(12);
      for (unsigned change = 0; change <= round % 4U; ++change)
        made_up[random() % made_up.size()] = static_cast<char>(random());
      std::string sum;
      std::uint64_t hash = base::hash64(made_up);
      for (int i = 0; i < 8; ++i, hash >>= 8U) sum.push_back(static_cast<char>(hash & 0xFFU));
      const auto read = decode("LRD\1" + sum + made_up, written);
      if (read) CHECK(read->head.etag().size() + read->key.url().size() <= made_up.size());
    }
  }
}
