// The head as it is kept, given back, and renewed by a 304 (RFC 9111 sections 3.1, 3.2, 4.3.4).
#include <catch2/catch.hpp>

#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

constexpr std::string_view status_line = "HTTP/1.1 200 OK\r\n";
constexpr std::string_view date_line = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
constexpr std::string_view via_line = "Via: 1.1 larder\r\n";
const std::string head_end = std::string(date_line) + std::string(via_line);

RoutePolicy downstream(std::optional<std::string> cache_control, bool keep_tags = false) {
  RoutePolicy policy;
  policy.downstream.cache_control = std::move(cache_control);
  policy.downstream.keep_tags = keep_tags;
  return policy;
}

StoredHead head_of(std::string_view lines, const RoutePolicy& policy = {}, bool is_given_by_route = false) {
  return make_head(fixture::response(200, lines), policy, is_given_by_route, fixture::received_wall);
}

// The fields as lines, to compare and to print.
std::string lines_of(const http::Fields& fields) {
  std::string lines;
  for (const http::Field& field : fields) {
    if (!lines.empty()) lines += '\n';
    lines.append(field.name).append(": ").append(field.value);
  }
  return lines;
}

struct HeadCase {
  const char* section;
  const char* name;
  RoutePolicy policy;
  bool is_given_by_route;
  const char* response;
  std::string text;  // after the status line
  std::string hidden;
};

const HeadCase head_cases[] = {
    {"9110 6.6.1", "Date is added, Via is added", {}, false, "", head_end, ""},
    {"3.1",
     "unknown fields stay, in order",
     {},
     false,
     "B: 1\nA: 2\nB: 3",
     "B: 1\r\nA: 2\r\nB: 3\r\n" + head_end,
     ""},
    {"9110 6.6.1",
     "Date stays",
     {},
     false,
     "Date: Sat, 05 Nov 1994 08:49:37 GMT",
     "Date: Sat, 05 Nov 1994 08:49:37 GMT\r\n" + std::string(via_line),
     ""},
    {"4", "Age is replaced at each use", {}, false, "Age: 7", head_end, ""},
    {"9110 8.6",
     "the length is delivery's",
     {},
     false,
     "Content-Length: 5\nTransfer-Encoding: chunked",
     head_end,
     ""},
    {"3.1",
     "fields of one connection",
     {},
     false,
     "Connection: close\nKeep-Alive: 5\nProxy-Authenticate: Basic",
     head_end,
     ""},
    {"9211 2",
     "an earlier cache's Cache-Status stays",
     {},
     false,
     "Cache-Status: other; hit",
     "Cache-Status: other; hit\r\n" + head_end,
     ""},
    {"9110 7.6.3",
     "Via comes after those of earlier hops",
     {},
     false,
     "Via: 1.0 a, 1.1 b",
     "Via: 1.0 a, 1.1 b\r\n" + head_end,
     ""},
    {"design",
     "Set-Cookie of what is stored stays",
     {},
     false,
     "Set-Cookie: a=b",
     "Set-Cookie: a=b\r\n" + head_end,
     ""},
    {"design",
     "tag fields are hidden",
     {},
     false,
     "Surrogate-Key: a\nX: 1\nCache-Tag: b\nCache-Groups: \"c\"",
     "X: 1\r\n" + head_end,
     "Surrogate-Key: a\r\nCache-Tag: b\r\nCache-Groups: \"c\"\r\n"},
    {"design", "tags: keep", downstream(std::nullopt, true), false, "Surrogate-Key: a",
     "Surrogate-Key: a\r\n" + head_end, ""},
    {"5.2",
     "Cache-Control passes",
     {},
     false,
     "Cache-Control: max-age=60\nExpires: 0",
     "Cache-Control: max-age=60\r\nExpires: 0\r\n" + head_end,
     ""},
    {"design", "downstream replaces it, and Expires", downstream("public, max-age=5"), false,
     "Cache-Control: max-age=60\nExpires: 0",
     std::string(date_line) + "Cache-Control: public, max-age=5\r\n" + std::string(via_line),
     "Cache-Control: max-age=60\r\nExpires: 0\r\n"},
    {"design", "downstream where there was none", downstream("public, max-age=5"), false, "",
     std::string(date_line) + "Cache-Control: public, max-age=5\r\n" + std::string(via_line), ""},
    {"design",
     "a lifetime by the route: clients ask",
     {},
     true,
     "Cache-Control: s-maxage=9",
     std::string(date_line) + "Cache-Control: max-age=0, must-revalidate\r\n" + std::string(via_line),
     "Cache-Control: s-maxage=9\r\n"},
    {"design", "a lifetime by the route: downstream wins", downstream("no-cache"), true, "",
     std::string(date_line) + "Cache-Control: no-cache\r\n" + std::string(via_line), ""},
};

TEST_CASE("the head that is kept") {
  for (const HeadCase& row : head_cases) {
    INFO(row.section << ": " << row.name);
    const StoredHead head = head_of(row.response, row.policy, row.is_given_by_route);
    CHECK(head.status == 200);
    CHECK(head.text == std::string(status_line) + row.text);
    CHECK(head.hidden == row.hidden);
  }
}

TEST_CASE("the status line keeps the upstream's reason, and Via its version") {
  http::ResponseHead response = fixture::response(404, "");
  response.reason = "Gone fishing";
  response.minor_version = 0;
  const StoredHead head = make_head(response, {}, false, fixture::received_wall);
  CHECK(head.text == "HTTP/1.1 404 Gone fishing\r\n" + std::string(date_line) + "Via: 1.0 larder\r\n");
  const http::ResponseHead origin = origin_head(head);
  CHECK(origin.status == 404);
  CHECK(origin.reason == "Gone fishing");
  CHECK(origin.minor_version == 0);
  response.reason.clear();
  CHECK(origin_head(make_head(response, {}, false, fixture::received_wall)).reason.empty());
}

TEST_CASE("the values that conditions are compared with") {
  const StoredHead head =
      head_of("X: 1\nEtag: W/\"a\"\nLast-Modified: Sun, 06 Nov 1994 08:49:36 GMT\nETag: \"b\"");
  CHECK(head.etag() == "W/\"a\"");
  CHECK(head.last_modified == fixture::received_wall - base::Seconds(1));
  CHECK(head.date == fixture::received_wall);  // section 4.3.2: the time of receipt
  CHECK(head_of("Date: Sun, 06 Nov 1994 08:49:35 GMT").date == fixture::received_wall - base::Seconds(2));
  CHECK(head_of("X: 1").etag().empty());
  CHECK_FALSE(head_of("X: 1").last_modified);
}

TEST_CASE("a generated entity tag is the client's, never the upstream's") {
  StoredHead head = head_of("X: 1");
  add_etag(head, "0123");
  CHECK(head.text == std::string(status_line) + "X: 1\r\n" + head_end + "ETag: \"0123\"\r\n");
  CHECK(head.etag() == "\"0123\"");
  CHECK(head.generated_etag);
  CHECK(lines_of(origin_head(head).fields) == "X: 1\nDate: Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("the upstream's own fields come back") {
  const char* lines =
      "Date: Sun, 06 Nov 1994 08:49:35 GMT\nVia: 1.1 a\nETag: \"a\"\nVary: Accept\n"
      "Cache-Control: max-age=60\nExpires: 0\nCache-Tag: t";
  CHECK(lines_of(origin_head(head_of(lines, downstream("no-store"))).fields) ==
        "Date: Sun, 06 Nov 1994 08:49:35 GMT\nVia: 1.1 a\nETag: \"a\"\nVary: Accept\n"
        "Cache-Control: max-age=60\nExpires: 0\nCache-Tag: t");
}

struct UpdateCase {
  const char* section;
  const char* name;
  const char* stored;
  const char* not_modified;
  const char* updated;
};

const UpdateCase update_cases[] = {
    {"3.2", "a field is added", "A: 1", "B: 2", "A: 1\nB: 2"},
    {"3.2", "a field is replaced", "A: 1\nC: 3", "A: 2", "C: 3\nA: 2"},
    {"3.2", "all lines of its name are", "A: 1\nA: 2", "a: 3", "a: 3"},
    {"3.2", "by all lines of its name", "A: 1", "A: 2\nA: 3", "A: 2\nA: 3"},
    {"3.2", "not Content-Length", "A: 1", "Content-Length: 7", "A: 1"},
    {"3.2", "not Content-Encoding", "Content-Encoding: gzip", "Content-Encoding: br",
     "Content-Encoding: gzip"},
    {"3.2", "Content-Type too: nothing here has been made of the old one", "Content-Type: a/b",
     "Content-Type: c/d", "Content-Type: c/d"},
    {"3.2", "not Content-Range", "A: 1", "Content-Range: bytes 0-1/2", "A: 1"},
    {"3.2", "other Content-* as any field", "Content-Language: en", "Content-Language: de",
     "Content-Language: de"},
    {"3.1", "no field of one connection", "A: 1",
     "Connection: close\nKeep-Alive: 5\nTransfer-Encoding: chunked", "A: 1"},
    {"3.2", "freshness", "Cache-Control: max-age=1\nExpires: 0", "Cache-Control: max-age=9",
     "Expires: 0\nCache-Control: max-age=9"},
    {"3.2", "the entity tag", "ETag: W/\"a\"", "ETag: \"a\"", "ETag: \"a\""},
    {"4.2.3", "Age of the 304, for its age", "Age: 7", "Age: 3", "Age: 3"},
    {"3.2", "fields that clients do not see", "Cache-Tag: a", "Cache-Tag: b", "Cache-Tag: b"},
};

TEST_CASE("a 304 renews the stored head") {
  for (const UpdateCase& row : update_cases) {
    INFO(row.section << ": " << row.name);
    const http::ResponseHead updated =
        updated_head(head_of(row.stored), fixture::response(304, row.not_modified));
    CHECK(updated.status == 200);
    CHECK(updated.reason == "OK");
    CHECK(lines_of(updated.fields) == row.updated);
  }
}

TEST_CASE("a 304 without Date dates from its receipt, not from the first response (9110 6.6.1)") {
  const StoredHead stored =
      head_of("Date: Sun, 06 Nov 1994 07:49:37 GMT\nExpires: Sun, 06 Nov 1994 08:50:37 GMT");
  const http::ResponseHead updated = updated_head(stored, fixture::response(304, ""));
  const Storability result = storable(fixture::request(""), updated, {}, fixture::times());
  CHECK(result.freshness.lifetime == base::Seconds(60));
  CHECK(make_head(updated, {}, false, fixture::received_wall).date == fixture::received_wall);
}

TEST_CASE("a head renewed twice has one Via and one Cache-Control of ours") {
  StoredHead head = head_of("Cache-Control: s-maxage=9\nETag: \"a\"", {}, true);
  for (int i = 0; i < 2; ++i) {
    head = make_head(updated_head(head, fixture::response(304, "ETag: \"a\"")), {}, true,
                     fixture::received_wall);
  }
  CHECK(head.text == std::string(status_line) + "ETag: \"a\"\r\n" + std::string(date_line) +
                         "Cache-Control: max-age=0, must-revalidate\r\n" + std::string(via_line));
  CHECK(head.hidden == "Cache-Control: s-maxage=9\r\n");
  CHECK(head.etag() == "\"a\"");
}

}  // namespace
}  // namespace larder::cache
