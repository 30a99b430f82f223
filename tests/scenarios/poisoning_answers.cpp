// Poisoning by answers that were provoked changes nothing.
// Errors ("cache-poisoned denial of service", Nguyen and others, CCS 2019), parts, other methods', other
// codings', other origins'.
#include <catch2/catch.hpp>

#include "support/scenario/poisoning.hpp"

using namespace scenario;

namespace {

std::string by_method(std::string_view method, const Lines& lines = {}, std::string_view body = {}) {
  return request_text(method, "/page/", lines, body);
}

const std::vector<Attack> errors{
    {"a field that is too large for the upstream", attack("/page/", {"X-Large: " + std::string(9000, 'x')})},
    {"a head that is too large for Larder", attack("/page/", {"X-Large: " + std::string(40000, 'x')})},
    {"a bad character", attack("/page/", {"X-Bad: a\x01z"})},
    {"a bare line feed",
     "GET /page/ HTTP/1.1\r\nHost: www.example.com\r\nX-Bad: a\nX-Forwarded-Host: evil\r\n\r\n"},
    {"a field that the upstream dislikes (400)", attack("/page/", {"X-Odd: 1"})},
    {"413", attack("/page/", {"X-Too-Much: 1"})},
    {"429", attack("/page/", {"X-Too-Often: 1"})},
    {"an expectation (417)", attack("/page/", {"Expect: the-impossible"})},
    {"a media type (406)", attack("/page/", {"Accept: application/x-none"})},
    {"no coding at all (406)", attack("/page/", {"Accept-Encoding: identity;q=0"})},
    {"an unknown transfer coding (501)", attack("/page/", {"Transfer-Encoding: xchunked"})},
    {"two lengths", attack("/page/", {"Content-Length: 4", "Transfer-Encoding: chunked"}) + "0\r\n\r\nGET"},
    {"two requests in one",
     by_method("POST", {"Transfer-Encoding: chunked, identity"}) + "GET /admin/ HTTP/1.1\r\n\r\n"},
    {"an unknown version", "GET /page/ HTTP/3.7\r\nHost: www.example.com\r\n\r\n"},
};

const std::vector<Attack> methods{
    {"X-HTTP-Method-Override: HEAD", attack("/page/", {"X-HTTP-Method-Override: HEAD"})},
    {"X-HTTP-Method-Override: DELETE", attack("/page/", {"X-HTTP-Method-Override: DELETE"})},
    {"X-HTTP-Method-Override: an unknown one", attack("/page/", {"X-HTTP-Method-Override: GARBAGE"})},
    {"X_HTTP_Method_Override", attack("/page/", {"X_HTTP_Method_Override: HEAD"})},
    {"X-HTTP-Method", attack("/page/", {"X-HTTP-Method: DELETE"})},
    {"X-Method-Override", attack("/page/", {"X-Method-Override: DELETE"})},
    {"HEAD", by_method("HEAD")},
    {"POST", by_method("POST", {}, "evil=1")},
    {"DELETE", by_method("DELETE")},
    {"OPTIONS", by_method("OPTIONS", {"Origin: https://evil.example", "Access-Control-Request-Method: PUT"})},
    {"an unknown one", by_method("GARBAGE")},
    {"TRACE", by_method("TRACE", {"Max-Forwards: 0"})},
    {"PURGE", by_method("PURGE")},
    {"in other letters", by_method("get")},
};

const std::vector<Attack> parts{
    {"a range", attack("/page/", {"Range: bytes=0-0"})},
    {"a range under a condition", attack("/page/", {"Range: bytes=0-0", "If-Range: \"a\""})},
    {"a range of HEAD", by_method("HEAD", {"Range: bytes=0-0"})},
    {"If-None-Match: *", attack("/page/", {"If-None-Match: *"})},
    {"If-None-Match", attack("/page/", {"If-None-Match: \"a\", W/\"b\""})},
    {"If-Modified-Since in the future",
     attack("/page/", {"If-Modified-Since: Fri, 31 Dec 2199 23:59:59 GMT"})},
    {"If-Match", attack("/page/", {"If-Match: \"a\""})},
    {"If-Unmodified-Since", attack("/page/", {"If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT"})},
};

const std::vector<Attack> kinds{
    {"a coding, without Vary", attack("/page/", {"Accept-Encoding: gzip"})},
    {"a coding, against another's",
     attack("/page/", {"Accept-Encoding: gzip"}),
     "/page/",
     {"Accept-Encoding: br"}},
    {"Origin, with Vary: Origin", attack("/api/v2/pages/", {"Origin: https://evil.example"}),
     "/api/v2/pages/"},
    {"Origin, with Vary: Origin, against another",
     attack("/api/v2/pages/", {"Origin: https://evil.example"}),
     "/api/v2/pages/",
     {"Origin: https://front.example"}},
    {"Origin, without Vary", attack("/api/v1/", {"Origin: https://evil.example"}), "/api/v1/"},
    {"no Origin, without Vary, after another's",
     attack("/api/v1/", {"Origin: https://evil.example"}),
     "/api/v1/",
     {"Origin: https://front.example"}},
};

}  // namespace

TEST_CASE("Poisoning by errors changes nothing") {
  CHECK_ALL_HARMLESS(errors);
}

TEST_CASE("Poisoning by other methods changes nothing") {
  CHECK_ALL_HARMLESS(methods);
}

TEST_CASE("Poisoning by parts and conditions changes nothing") {
  CHECK_ALL_HARMLESS(parts);
}

TEST_CASE("Poisoning by codings and origins changes nothing") {
  CHECK_ALL_HARMLESS(kinds);
}
