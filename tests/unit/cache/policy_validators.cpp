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
  const auto stored = fixture::stored("Cache-Control: max-age=60");
  add_etag(stored->head, "generated");
  auto request = fixture::fields("If-None-Match: \"client\"");
  set_validators({stored, {}}, request);
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
    CHECK(selects(fixture::response(304, row.not_modified), stored->head, fixture::received_wall) ==
          row.is_selected);
  }
}

}  // namespace
}  // namespace larder::cache
