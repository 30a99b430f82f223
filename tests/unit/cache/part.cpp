// What is stored in part (RFC 9111 sections 3.3 and 3.4, RFC 9110 section 15.3.7.3).
#include "larder/cache/part.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "larder/cache/purge_log.hpp"
#include "policy_fixture.hpp"

using namespace larder;
using namespace larder::cache;

namespace {

const std::string whole = "0123456789";

// The bytes [first, end) of `whole`, as a 206 with these fields was stored.
StoredPtr part(std::size_t first, std::size_t end, const std::string& lines = "ETag: \"a\"",
               const std::string& text = whole) {
  ResponseDraft stored;
  const std::string range = "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(end - 1) +
                            "/" + std::to_string(text.size()) + "\n";
  stored.head = make_head(fixture::response(206, range + lines), {}, false, fixture::received_wall);
  stored.body = Body::complete(text.substr(first, end - first));
  return freeze(stored);
}

std::string within(const std::string& lines, const StoredResponse& stored) {
  const auto range = range_within(fixture::fields(lines), stored);
  return range ? std::to_string(range->first) + "+" + std::to_string(range->size) : "no";
}

// "200 0123456789"
std::string joined(const StoredPtr& older, const StoredPtr& newer) {
  const auto parts = join(*older, *newer);
  if (!parts) return "no";
  std::string text = std::to_string(parts->head.status) + " ";
  const auto body = joined_body(*older, *newer, parts->range);
  for (const std::string_view piece : body->pieces()) text += piece;
  if (parts->head.status == 206) text += " " + parts->head.fields.joined("Content-Range").value_or("");
  return text;
}

}  // namespace

TEST_CASE("a part answers for a range wholly within it, RFC 9111 section 3.3") {
  const StoredPtr middle = part(2, 7);
  struct Row {
    const char* request;
    const char* answer;
  };
  const Row row = GENERATE(values<Row>({
      {"Range: bytes=2-6", "2+5"},
      {"Range: bytes=3-3", "3+1"},
      {"Range: bytes=1-3", "no"},
      {"Range: bytes=6-7", "no"},
      {"Range: bytes=2-", "no"},
      {"Range: bytes=-4", "no"},
      {"Range: bytes=0-0", "no"},
      {"Range: bytes=10-", "no"},
      {"Range: bytes=2-3,5-6", "no"},
      {"Range: lines=2-3", "no"},
      {"", "no"},
      {"Range: bytes=2-6\nIf-Range: \"a\"", "no"},
      {"Range: bytes=2-6\nIf-None-Match: \"a\"", "no"},
  }));
  INFO(row.request);
  CHECK(within(row.request, *middle) == row.answer);
}

TEST_CASE("a part at the end has what is asked for from the end") {
  const StoredPtr end = part(6, 10);
  CHECK(within("Range: bytes=-4", *end) == "6+4");
  CHECK(within("Range: bytes=-1", *end) == "9+1");
  CHECK(within("Range: bytes=8-", *end) == "8+2");
  CHECK(within("Range: bytes=8-99", *end) == "8+2");
  CHECK(within("Range: bytes=-5", *end) == "no");
}

TEST_CASE("what is no part, or not whole, answers for nothing") {
  ResponseDraft draft = draft_of(*part(0, 5));
  draft.body = Body::growing(5);
  draft.body->append("01234");
  CHECK(within("Range: bytes=0-1", *freeze(draft)) == "no");
  draft.body = Body::complete("0123");
  CHECK(within("Range: bytes=0-1", *freeze(draft)) == "no");
  draft.head = make_head(fixture::response(200, ""), {}, false, fixture::received_wall);
  draft.body = Body::complete(whole);
  CHECK(within("Range: bytes=0-1", *freeze(draft)) == "no");
  CHECK_FALSE(part_of(draft.head).has_value());
}

TEST_CASE("parts that touch become one, RFC 9111 section 3.4") {
  CHECK(joined(part(0, 5), part(5, 10)) == "200 0123456789");
  CHECK(joined(part(5, 10), part(0, 5)) == "200 0123456789");
  CHECK(joined(part(0, 7), part(3, 10)) == "200 0123456789");
  CHECK(joined(part(3, 10), part(0, 7)) == "200 0123456789");
  CHECK(joined(part(2, 4), part(4, 6)) == "206 2345 bytes 2-5/10");
  CHECK(joined(part(1, 9), part(3, 5)) == "206 12345678 bytes 1-8/10");
  CHECK(joined(part(3, 5), part(1, 9)) == "206 12345678 bytes 1-8/10");
  CHECK(joined(part(3, 5), part(3, 5)) == "206 34 bytes 3-4/10");
  // Apart.
  CHECK(joined(part(0, 4), part(5, 10)) == "no");
  CHECK(joined(part(5, 10), part(0, 4)) == "no");
}

TEST_CASE("parts are of one representation only by the same strong validator") {
  const auto join_with = [](const std::string& one, const std::string& other) {
    return joined(part(0, 5, one), part(5, 10, other)) != "no";
  };
  CHECK(join_with("ETag: \"a\"", "ETag: \"a\""));
  CHECK_FALSE(join_with("ETag: \"a\"", "ETag: \"b\""));
  CHECK_FALSE(join_with("ETag: W/\"a\"", "ETag: W/\"a\""));
  CHECK_FALSE(join_with("ETag: \"a\"", "ETag: W/\"a\""));
  CHECK_FALSE(join_with("ETag: \"a\"", ""));
  CHECK_FALSE(join_with("", ""));
  CHECK_FALSE(join_with("Last-Modified: Sat, 05 Nov 1994 08:49:37 GMT",
                        "Last-Modified: Sat, 05 Nov 1994 08:49:37 GMT"));
  // Nor where the size differs, or the variant does.
  CHECK(joined(part(0, 5), part(5, 11, "ETag: \"a\"", "0123456789A")) == "no");
  ResponseDraft other = draft_of(*part(5, 10));
  other.vary = "accept";
  CHECK(joined(part(0, 5), freeze(other)) == "no");
}

TEST_CASE("a part that is the whole is a 200, RFC 9110 section 15.3.7.3") {
  const auto all = as_whole(*part(0, 10, "X-A: 1"));
  REQUIRE(all.has_value());
  CHECK(all->head.status == 200);
  CHECK(all->head.fields.joined("X-A") == "1");
  CHECK_FALSE(all->head.fields.has("Content-Range"));
  CHECK_FALSE(as_whole(*part(0, 9)).has_value());
  CHECK_FALSE(as_whole(*part(1, 10)).has_value());
}

TEST_CASE("the joined head is updated by the newer one's, section 3.2") {
  const auto parts = join(*part(0, 5,
                                "ETag: \"a\"\nContent-Type: video/mp4\nCache-Control: max-age=5\nX-Old: 1\n"
                                "Date: Sun, 06 Nov 1994 08:00:00 GMT"),
                          *part(5, 10,
                                "ETag: \"a\"\nContent-Type: video/other\nCache-Control: max-age=9\nX-New: 2\n"
                                "Date: Sun, 06 Nov 1994 08:49:00 GMT"));
  REQUIRE(parts.has_value());
  const http::Fields& fields = parts->head.fields;
  CHECK(parts->head.reason == "OK");
  CHECK(fields.joined("Cache-Control") == "max-age=9");
  CHECK(fields.joined("Date") == "Sun, 06 Nov 1994 08:49:00 GMT");
  CHECK(fields.joined("X-Old") == "1");
  CHECK(fields.joined("X-New") == "2");
  CHECK(fields.joined("Content-Type") == "video/other");
  CHECK_FALSE(fields.has("Content-Range"));
  CHECK(fields.count(http::FieldId::via) == 0);
}

TEST_CASE("joined parts are what a slow model says") {
  std::mt19937 random(20240103);
  const auto below = [&random](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  std::string text;
  for (int i = 0; i < 40; ++i) text += static_cast<char>('0' + i);
  for (int round = 0; round < 500; ++round) {
    const std::size_t a = below(40);
    const std::size_t a_end = a + 1 + below(40 - a);
    const std::size_t b = below(40);
    const std::size_t b_end = b + 1 + below(40 - b);
    std::string expected = "no";
    if (a <= b_end && b <= a_end) {
      const std::size_t first = std::min(a, b);
      const std::size_t end = std::max(a_end, b_end);
      const bool is_whole = first == 0 && end == 40;
      expected = (is_whole ? "200 " : "206 ") + text.substr(first, end - first);
      if (!is_whole) expected += " bytes " + std::to_string(first) + "-" + std::to_string(end - 1) + "/40";
    }
    INFO(a << "-" << a_end << " and " << b << "-" << b_end);
    REQUIRE(joined(part(a, a_end, "ETag: \"a\"", text), part(b, b_end, "ETag: \"a\"", text)) == expected);
  }
}

TEST_CASE("the key of a part is another key, of the same place for purges") {
  RoutePolicy policy;
  policy.cookies.vary = {"lang"};
  http::Target target;
  target.scheme = "http";
  target.host = "a.example";
  target.path = "/film";
  target.query = "x=1";
  target.has_query = true;
  for (const char* cookie : {"", "Cookie: lang=de", "Cookie: lang=;part", "Cookie: ;part"}) {
    CacheKey key;
    make_key(target, fixture::fields(cookie), policy, key);
    const CacheKey part = key_of_part(key);
    CHECK(part.text != key.text);
    CHECK(part.hash == base::hash64(part.text));
    CHECK(part.host() == key.host());
    CHECK(part.path() == key.path());
    CHECK(part.url() == key.url());
    const CacheKey back = key_of_whole(part);
    CHECK(back.text == key.text);
    CHECK(back.hash == key.hash);
  }
}
