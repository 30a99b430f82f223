// What a request gets of a stored response: which ranges (RFC 9110 sections 13.1.5, 14.2 and 15.3.7.2), a
// 304, and the numbers beside it.
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

TEST_CASE("Age is in whole seconds, and left out of what has just been fetched and has none") {
  Freshness freshness;
  freshness.received_at = fixture::received_mono;
  freshness.initial_age = base::Seconds(3);
  const auto age_after = [&freshness](int milliseconds, bool is_from_store) {
    return age_to_send(freshness, fixture::received_mono + base::Duration(milliseconds), is_from_store);
  };
  CHECK(age_after(0, false) == 3);
  CHECK(age_after(999, true) == 3);
  CHECK(age_after(1'000, true) == 4);
  freshness.initial_age = base::Duration(999);
  CHECK(age_after(0, true) == 0);
  CHECK_FALSE(age_after(0, false));
  CHECK(age_after(1, false) == 1);
  freshness.initial_age = -base::Seconds(3);
  CHECK(age_after(0, true) == 0);
}

TEST_CASE("credentials are answered from the store where its origin allows it, and else by the origin") {
  const auto judge = [](const char* request, const StoredResponse* stored) {
    return with_credentials(fixture::fields(request), fixture::control(request), stored);
  };
  const auto allowed = fixture::stored("Cache-Control: max-age=10, public");
  const auto other = fixture::stored("Cache-Control: max-age=10");
  CHECK(judge("", other.get()) == Credentials::heeded);
  CHECK(judge("Authorization: a", nullptr) == Credentials::heeded);
  CHECK(judge("Authorization: a", allowed.get()) == Credentials::heeded);
  CHECK(judge("Authorization: a", other.get()) == Credentials::pass);
  CHECK(judge("Authorization: a\nCache-Control: only-if-cached", other.get()) == Credentials::refuse);
}

TEST_CASE("conditions are answered for a stored success, and not for an error") {
  const auto judge = [](int status, const char* request) {
    const StoredHead head =
        make_head(fixture::response(status, "ETag: \"a\""), {}, false, fixture::received_wall);
    return is_not_modified(fixture::fields(request), head, fixture::received_wall);
  };
  CHECK(judge(200, "If-None-Match: \"a\""));
  CHECK_FALSE(judge(200, "If-None-Match: \"b\""));
  CHECK_FALSE(judge(200, ""));
  CHECK_FALSE(judge(404, "If-None-Match: \"a\""));
}
