// Asking the upstream whether a stored response still holds (RFC 9111 sections 4.3.1 and 4.3.4).
#include <catch2/catch.hpp>

#include "larder/cache/validation.hpp"
#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

using http::FieldId;

struct ConditionCase {
  const char* name;
  const char* response;
  const char* if_none_match;  // null: not sent
  const char* if_modified_since;
};

const ConditionCase condition_cases[] = {
    {"both", "ETag: \"a\"\nLast-Modified: Sun, 06 Nov 1994 07:09:37 GMT", "\"a\"",
     "Sun, 06 Nov 1994 07:09:37 GMT"},
    {"a weak one", "ETag: W/\"a\"", "W/\"a\"", nullptr},
    {"Last-Modified as it was sent", "Last-Modified: Sunday, 06-Nov-94 07:09:37 GMT", nullptr,
     "Sunday, 06-Nov-94 07:09:37 GMT"},
    {"a Last-Modified that is no date", "ETag: \"a\"\nLast-Modified: long ago", "\"a\"", nullptr},
    {"the first of two entity tags", "ETag: \"a\"\nETag: \"b\"", "\"a\"", nullptr},
};

TEST_CASE("which conditions validate a stored response") {
  for (const ConditionCase& row : condition_cases) {
    INFO(row.name);
    const auto stored = fixture::stored(row.response);
    auto request = fixture::fields(
        "If-None-Match: \"client\"\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\nIf-Match: \"m\"\n"
        "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\nIf-Range: \"r\"\nRange: bytes=0-1\nAccept: a/b");
    set_validators({stored, {}}, request);
    using Value = std::optional<std::string_view>;
    CHECK(request.find(FieldId::if_none_match) == (row.if_none_match ? Value(row.if_none_match) : Value()));
    CHECK(request.find(FieldId::if_modified_since) ==
          (row.if_modified_since ? Value(row.if_modified_since) : Value()));
    for (const FieldId id :
         {FieldId::if_match, FieldId::if_unmodified_since, FieldId::if_range, FieldId::range}) {
      CHECK_FALSE(request.has(id));
    }
    CHECK(request.has("Accept"));
  }
}

TEST_CASE("a generated entity tag is not shown to the upstream") {
  ResponseDraft stored = fixture::draft("Cache-Control: max-age=60");
  add_etag(stored.head, "generated");
  auto request = fixture::fields("If-None-Match: \"client\"");
  set_validators({freeze(stored), {}}, request);
  CHECK(request.empty());
}

struct SelectCase {
  const char* name;
  const char* stored;
  const char* not_modified;
  bool is_selected;
};

const SelectCase select_cases[] = {
    {"the same strong validator", "ETag: \"a\"", "ETag: \"a\"", true},
    {"another strong validator: MUST NOT", "ETag: \"a\"", "ETag: \"b\"", false},
    {"a strong one against a weak one", "ETag: W/\"a\"", "ETag: \"a\"", false},
    {"a weak one against a strong one", "ETag: \"a\"", "ETag: W/\"a\"", true},
    {"the same weak one", "ETag: W/\"a\"", "ETag: W/\"a\"", true},
    {"another weak one", "ETag: W/\"a\"", "ETag: W/\"b\"", false},
    {"an entity tag where none was stored", "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", "ETag: \"a\"",
     false},
    {"the same Last-Modified", "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT",
     "Last-Modified: Sunday, 06-Nov-94 07:09:37 GMT", true},
    {"another Last-Modified", "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT",
     "Last-Modified: Sun, 06 Nov 1994 08:09:37 GMT", false},
    {"no validator", "ETag: \"a\"", "Date: Sun, 06 Nov 1994 08:49:37 GMT", true},
    {"the same malformed entity tag", "ETag: a", "ETag: a", true},
    {"another malformed entity tag", "ETag: a", "ETag: b", false},
};

TEST_CASE("which 304 may update a stored response (4.3.4)") {
  for (const SelectCase& row : select_cases) {
    INFO(row.name);
    const auto stored = fixture::stored(row.stored);
    CHECK(selects(fixture::response(304, row.not_modified), stored->head(), fixture::received_wall) ==
          row.is_selected);
  }
}

// Other variants, asked about beside what the request selects.
StoredPtr variant(std::string_view lines, std::string_view vary) {
  ResponseDraft stored = fixture::draft(lines);
  stored.vary = vary;
  stored.body = Body::complete("page");
  return freeze(stored);
}

TEST_CASE("which other variants may be asked about (4.3.1)") {
  struct Row {
    const char* name;
    const char* response;
    const char* vary;
    const char* request;
    bool is_asked;
  };
  for (const Row& row : {
           Row{"one with a strong entity tag", "ETag: \"b\"", "accept-language", "", true},
           {"a weak one chooses nothing (4.3.4)", "ETag: W/\"b\"", "accept-language", "", false},
           {"Last-Modified alone neither", "Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", "accept-language",
            "", false},
           {"a malformed one neither", "ETag: b", "accept-language", "", false},
           {"another visitor's", "ETag: \"b\"", "cookie", "", false},
           {"another's credentials", "ETag: \"b\"", "accept-language,authorization", "", false},
           {"one in a coding that is accepted", "ETag: \"b\"\nContent-Encoding: gzip", "accept-encoding",
            "Accept-Encoding: br, gzip;q=0.5", true},
           {"one in a coding that is not", "ETag: \"b\"\nContent-Encoding: gzip", "accept-encoding",
            "Accept-Encoding: br", false},
           {"one in a coding that is refused", "ETag: \"b\"\nContent-Encoding: gzip", "accept-encoding",
            "Accept-Encoding: gzip;q=0.0", false},
           {"one without a coding, where one would be used", "ETag: \"b\"", "accept-encoding",
            "Accept-Encoding: gzip", false},
           {"one without a coding, where none would", "ETag: \"b\"", "accept-encoding",
            "Accept-Encoding: identity, gzip;q=0", true},
           {"one for another site's scripts", "ETag: \"b\"", "origin", "Origin: https://b", false},
           {"one in a language of the request's kin", "ETag: \"b\"\nContent-Language: de", "accept-language",
            "Accept-Language: en;q=0.5, de-CH", true},
           {"one in another language", "ETag: \"b\"\nContent-Language: de", "accept-language",
            "Accept-Language: en, de;q=0", false},
           {"one in a coding, where none was named", "ETag: \"b\"\nContent-Encoding: gzip", "accept-encoding",
            "", false},
       }) {
    INFO(row.name);
    const auto request = fixture::fields(row.request);
    CHECK(other_candidates({variant(row.response, row.vary)}, nullptr, request).size() ==
          (row.is_asked ? 1 : 0));
  }
  std::vector<StoredPtr> many;
  for (int i = 0; i < 60; ++i) many.push_back(variant("ETag: \"" + std::to_string(i) + "\"", "foo"));
  CHECK(other_candidates(many, nullptr, {}).size() == others_max);
  CHECK(other_candidates(many, many.front(), {}).front() == many[1]);
}

TEST_CASE("what a 304 to several entity tags confirms (4.3.4)") {
  const StoredPtr one = variant("ETag: \"b\"\nContent-Language: de", "foo");
  const StoredPtr other = variant("ETag: \"c\"", "foo");
  const StoredPtr same = variant("ETag: \"c\"", "foo");
  const Validation validation{nullptr, {one, other, same}};
  http::Fields request;
  set_validators(validation, request);
  CHECK(request.find(FieldId::if_none_match) == "\"b\", \"c\"");
  CHECK_FALSE(request.has(FieldId::if_modified_since));
  const auto confirmed = [&](std::string_view lines) {
    return confirmed_by(fixture::response(304, lines), validation, fixture::received_wall);
  };
  CHECK(confirmed("ETag: \"b\"") == one);
  CHECK(confirmed("ETag: \"b\"\nContent-Language: de") == one);
  CHECK(confirmed("ETag: \"b\"\nContent-Language: en") == nullptr);
  CHECK(confirmed("ETag: \"c\"") == other);
  CHECK(confirmed("ETag: \"d\"") == nullptr);
  CHECK(confirmed("ETag: W/\"c\"") == nullptr);
  CHECK(confirmed("Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT") == nullptr);  // of which?
  CHECK(confirmed("") == nullptr);

  // Beside what is selected the others are only renewed: their tags would put its Last-Modified out of force.
  const StoredPtr own = variant("Last-Modified: Sun, 06 Nov 1994 07:09:37 GMT", "foo");
  const Validation of_own{own, {one, other}};
  set_validators(of_own, request);
  CHECK_FALSE(request.has(FieldId::if_none_match));
  CHECK(request.find(FieldId::if_modified_since) == "Sun, 06 Nov 1994 07:09:37 GMT");
  CHECK(confirmed_by(fixture::response(304, ""), of_own, fixture::received_wall) == own);
  CHECK(confirmed_by(fixture::response(304, "ETag: \"b\""), of_own, fixture::received_wall) == nullptr);
}

TEST_CASE("what a HEAD says of a stored page (4.3.5)") {
  const StoredPtr page = variant("ETag: \"a\"\nLast-Modified: Sun, 06 Nov 1994 07:09:37 GMT", "");
  const auto is_contradicted = [&](std::string_view lines) {
    return contradicts(fixture::response(200, lines), *page, fixture::received_wall);
  };
  CHECK_FALSE(is_contradicted(""));
  CHECK_FALSE(is_contradicted("ETag: \"a\"\nContent-Length: 4"));
  CHECK_FALSE(is_contradicted("Last-Modified: Sunday, 06-Nov-94 07:09:37 GMT"));
  CHECK(is_contradicted("ETag: \"b\"\nContent-Length: 4"));
  CHECK(is_contradicted("ETag: W/\"a\""));
  CHECK(is_contradicted("ETag: \"a\"\nContent-Length: 5"));
  CHECK(is_contradicted("Last-Modified: Sun, 06 Nov 1994 07:09:38 GMT"));
  CHECK(confirms(fixture::response(200, "ETag: \"a\""), *page, fixture::received_wall));
  CHECK_FALSE(confirms(fixture::response(200, "Content-Length: 4"), *page, fixture::received_wall));
}

}  // namespace
}  // namespace larder::cache
