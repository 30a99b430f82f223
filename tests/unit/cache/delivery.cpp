// Which ranges of a stored response a request gets (RFC 9110 sections 13.1.5, 14.2 and 15.3.7.2).
#include "larder/cache/delivery.hpp"

#include <catch2/catch.hpp>

#include "policy_fixture.hpp"

using namespace larder;
using namespace larder::cache;

TEST_CASE("ranges are for GET and of what would be a 200") {
  using Kind = http::Selection::Kind;
  struct Row {
    const char* method;
    int status;
    const char* response;
    const char* request;
    Kind kind;
  };
  const Row row = GENERATE(values<Row>({
      {"GET", 200, "", "Range: bytes=0-1", Kind::parts},
      {"GET", 200, "", "Range: bytes=10-", Kind::unsatisfiable},
      {"GET", 200, "", "", Kind::whole},
      // "A server MUST ignore a Range header field received with a request method ... for which range
      // handling is not defined".
      {"HEAD", 200, "", "Range: bytes=0-1", Kind::whole},
      {"HEAD", 200, "", "Range: bytes=10-", Kind::whole},
      {"GET", 404, "", "Range: bytes=0-1", Kind::whole},
      {"GET", 203, "", "Range: bytes=10-", Kind::whole},
      // Section 13.1.5.
      {"GET", 200, "ETag: \"a\"", "Range: bytes=0-1\nIf-Range: \"a\"", Kind::parts},
      {"GET", 200, "ETag: \"a\"", "Range: bytes=0-1\nIf-Range: \"b\"", Kind::whole},
      {"GET", 200, "ETag: W/\"a\"", "Range: bytes=0-1\nIf-Range: W/\"a\"", Kind::whole},
      {"GET", 200, "ETag: \"a\"", "If-Range: \"b\"", Kind::whole},
      // A coded body in several parts has no meaning that all agree on.
      {"GET", 200, "Content-Encoding: gzip", "Range: bytes=0-1", Kind::parts},
      {"GET", 200, "Content-Encoding: gzip", "Range: bytes=0-1,4-5", Kind::whole},
      {"GET", 200, "Content-Encoding: gzip", "Range: bytes=0-4,2-5", Kind::parts},
      {"GET", 200, "Content-Encoding: gzip", "Range: bytes=0-1,10-", Kind::parts},
      {"GET", 200, "Content-Type: text/css", "Range: bytes=0-1,4-5", Kind::parts},
  }));
  INFO(row.method << " " << row.status << " " << row.request << " of " << row.response);
  const StoredHead head =
      make_head(fixture::response(row.status, row.response), {}, false, fixture::received_wall);
  const auto request = fixture::request(row.request, row.method);
  CHECK(selection_of(request, head, 10, fixture::received_wall).kind == row.kind);
}
