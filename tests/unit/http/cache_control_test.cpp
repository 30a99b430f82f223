// Cache-Control (RFC 9111 section 5.2).
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "larder/http/cache_control.hpp"

using namespace larder;
using namespace larder::http;

namespace {

ResponseCacheControl response_control(std::initializer_list<std::string_view> lines) {
  Fields fields;
  for (const std::string_view line : lines) fields.add(FieldId::cache_control, line);
  return parse_response_cache_control(fields);
}

RequestCacheControl request_control(std::string_view line) {
  Fields fields;
  fields.add(FieldId::cache_control, line);
  return parse_request_cache_control(fields);
}

}  // namespace

TEST_CASE("response directives") {
  CHECK_FALSE(response_control({}).present);
  CHECK(response_control({""}).present);
  const auto control = response_control({"Public, NO-STORE, no-transform", "must-revalidate,proxy-revalidate",
                                         "must-understand, immutable, s-maxage=10, max-age=5",
                                         "stale-while-revalidate=30, stale-if-error=60, unknown=1"});
  CHECK(control.is_public);
  CHECK(control.no_store);
  CHECK(control.no_transform);
  CHECK(control.must_revalidate);
  CHECK(control.proxy_revalidate);
  CHECK(control.must_understand);
  CHECK(control.immutable);
  CHECK(control.s_maxage.value == base::Seconds(10));
  CHECK(control.max_age.value == base::Seconds(5));
  CHECK(control.stale_while_revalidate.value == base::Seconds(30));
  CHECK(control.stale_if_error.value == base::Seconds(60));
  CHECK_FALSE(control.no_cache);
  CHECK_FALSE(control.is_private);
}

TEST_CASE("delta-seconds") {
  struct Row {
    std::string_view line;
    bool present;
    std::optional<std::int64_t> seconds;
  };
  const Row row = GENERATE(values<Row>({
      {"no-cache", false, {}},
      {"max-age=0", true, 0},
      {"max-age=3600", true, 3600},
      {"MAX-AGE=007", true, 7},
      // Section 5.2: recipients ought to accept both forms of an argument.
      {"max-age=\"3600\"", true, 3600},
      // Section 1.2.2: too large is 2^31.
      {"max-age=2147483648", true, 2'147'483'648},
      {"max-age=2147483649", true, 2'147'483'648},
      {"max-age=99999999999999999999999", true, 2'147'483'648},
      // Unreadable.
      {"max-age", true, {}},
      {"max-age=", true, {}},
      {"max-age=\"\"", true, {}},
      {"max-age=-1", true, {}},
      {"max-age=+1", true, {}},
      {"max-age=1.5", true, {}},
      {"max-age=5s", true, {}},
      {"max-age='5'", true, {}},
      {"max-age = 5", true, {}},
      {"max-age =5", true, {}},
      {"max-age= 5", true, {}},
      // Section 4.2.1: of several, the shortest.
      {"max-age=10, max-age=5", true, 5},
      {"max-age=5, max-age=10", true, 5},
      {"max-age=5, max-age=5", true, 5},
      {"max-age=5, max-age=x", true, {}},
      {"max-age=x, max-age=5", true, {}},
      // Other words.
      {"xmax-age=5", false, {}},
      {"s-max-age=5", false, {}},
      {"ext=\"max-age=5\"", false, {}},
      {"ext=\"a, max-age=5, b\"", false, {}},
  }));
  CAPTURE(row.line);
  const auto control = response_control({row.line});
  CHECK(control.max_age.present == row.present);
  REQUIRE(control.max_age.value.has_value() == row.seconds.has_value());
  if (row.seconds) CHECK(control.max_age.value->count() == *row.seconds);
}

TEST_CASE("no-cache and private with and without field names") {
  using Names = std::vector<std::string>;
  struct Row {
    std::string_view line;
    bool is_private;
    Names fields;
  };
  const Row row = GENERATE(values<Row>({
      {"private", true, {}},
      {"private=\"Set-Cookie\"", false, {"set-cookie"}},
      {"private=\"Set-Cookie, X-User\"", false, {"set-cookie", "x-user"}},
      {"private=X-User", false, {"x-user"}},
      {"private, private=\"X-User\"", true, {"x-user"}},
      {"private=\"a\", private=\"b\"", false, {"a", "b"}},
      // Nothing readable: the whole response.
      {"private=\"\"", true, {}},
      {"private=", true, {}},
      {"private=\"a b\"", true, {}},
      {"private=\"a", true, {}},
      {"private ", true, {}},
  }));
  CAPTURE(row.line);
  const auto control = response_control({row.line});
  CHECK(control.is_private == row.is_private);
  CHECK(control.private_fields == row.fields);
  std::string no_cache(row.line);
  for (std::size_t at = 0; (at = no_cache.find("private", at)) != std::string::npos;) {
    no_cache.replace(at, 7, "no-cache");
  }
  const auto other = response_control({no_cache});
  CHECK(other.no_cache == row.is_private);
  CHECK(other.no_cache_fields == row.fields);
}

TEST_CASE("an unexpected argument restricts all the same, and permits nothing") {
  const auto control =
      response_control({"no-store=1, must-revalidate=\"x\", public=1, immutable=\"\", must-understand=x"});
  CHECK(control.no_store);
  CHECK(control.must_revalidate);
  CHECK_FALSE(control.is_public);
  CHECK_FALSE(control.immutable);
  CHECK_FALSE(control.must_understand);
  CHECK(response_control({"x=\"y, no-store"}).no_store);
}

TEST_CASE("request directives") {
  const auto control =
      request_control("no-store, no-cache, only-if-cached, max-age=1, min-fresh=2, max-stale=3");
  CHECK(control.no_store);
  CHECK(control.no_cache);
  CHECK(control.only_if_cached);
  CHECK(control.max_age.value == base::Seconds(1));
  CHECK(control.min_fresh.value == base::Seconds(2));
  CHECK(control.max_stale.value == base::Seconds(3));
  CHECK_FALSE(control.max_stale_any);
  CHECK(request_control("min-fresh=2, min-fresh=9").min_fresh.value == base::Seconds(9));
  // Section 5.2.1.2: without a value, a response of any age.
  CHECK(request_control("max-stale").max_stale_any);
  CHECK_FALSE(request_control("max-stale, max-stale=3").max_stale_any);
  CHECK_FALSE(request_control("max-stale=x").max_stale.value);
}

TEST_CASE("Pragma counts where there is no Cache-Control") {
  // Section 5.4.
  Fields request;
  request.add(FieldId::pragma, "x, No-Cache");
  CHECK(parse_request_cache_control(request).no_cache);
  request.add(FieldId::cache_control, "max-age=5");
  CHECK_FALSE(parse_request_cache_control(request).no_cache);
  CHECK_FALSE(parse_request_cache_control(Fields()).no_cache);
}
