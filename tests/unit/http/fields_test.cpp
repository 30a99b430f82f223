#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "larder/base/text.hpp"
#include "larder/http/fields.hpp"

using namespace larder;
using namespace larder::http;

namespace {

std::vector<std::string> members_of(std::string_view value) {
  std::vector<std::string> members;
  while (const auto member = next_member(value)) members.emplace_back(*member);
  return members;
}

}  // namespace

TEST_CASE("every numbered name is found in any case") {
  for (int number = 1; number <= static_cast<int>(FieldId::x_real_ip); ++number) {
    const auto id = static_cast<FieldId>(number);
    const std::string name(field_name(id));
    CAPTURE(name);
    REQUIRE_FALSE(name.empty());
    CHECK(field_id(name) == id);
    CHECK(field_id(base::lower(name)) == id);
    CHECK(field_id(name + "x") == FieldId::other);
    CHECK(field_id(name.substr(1)) != id);
    std::string altered = name;
    altered[altered.size() / 2] = '_';
    CHECK(field_id(altered) == FieldId::other);
  }
  CHECK(field_name(FieldId::other).empty());
  CHECK(field_id("") == FieldId::other);
  CHECK(field_id("x-my-own") == FieldId::other);
}

TEST_CASE("lines keep their order, and look-ups ignore case") {
  Fields fields;
  fields.add("X-One", "1");
  fields.add(FieldId::vary, "a");
  fields.add("VARY", "b");
  CHECK(fields.find(FieldId::vary) == "a");
  CHECK(fields.find("x-one") == "1");
  CHECK(fields.count(FieldId::vary) == 2);
  CHECK(fields.joined(FieldId::vary) == "a, b");  // RFC 9110 section 5.3
  CHECK(fields.joined("x-one") == "1");
  CHECK_FALSE(fields.joined("x-two"));
  CHECK(fields.has("vary"));
  CHECK_FALSE(fields.has(FieldId::age));
  fields.remove("X-ONE");
  CHECK_FALSE(fields.has("X-One"));
  // A value that views the line it replaces.
  fields.set(FieldId::vary, *fields.find(FieldId::vary));
  CHECK(fields.count(FieldId::vary) == 1);
  CHECK(fields.find(FieldId::vary) == "a");
  fields.clear();
  CHECK(fields.empty());
}

TEST_CASE("lines of a name are counted, whatever else was added or removed") {
  Fields fields;
  CHECK(fields.count(FieldId::via) == 0);
  fields.add("Via", "1.1 a");
  fields.add("X-One", "1");
  fields.add("X-Two", "2");
  CHECK(fields.count(FieldId::via) == 1);
  fields.add(FieldId::via, "1.1 b");
  fields.add(FieldId::vary, "a");
  CHECK(fields.count(FieldId::via) == 2);
  const Fields copy(fields);
  CHECK(copy.count(FieldId::via) == 2);
  fields.set(FieldId::via, "1.1 c");
  CHECK(fields.count(FieldId::via) == 1);
  CHECK(fields.count(FieldId::vary) == 1);
  fields.remove("via");
  CHECK(fields.count(FieldId::via) == 0);
  Fields moved = Fields(copy);
  CHECK(moved.count(FieldId::via) == 2);
  moved.clear();
  moved.add(FieldId::via, "1.1 d");
  CHECK(moved.count(FieldId::via) == 1);
}

TEST_CASE("names that nobody knows are noted") {
  Fields fields;
  fields.add(FieldId::via, "1.1 a");
  fields.add("Accept", "*/*");
  CHECK_FALSE(fields.may_have_unknown());
  fields.add("X-Odd", "1");
  CHECK(fields.may_have_unknown());
  const Fields copy(fields);
  CHECK(copy.may_have_unknown());
  Fields moved = std::move(fields);
  CHECK(moved.may_have_unknown());
  moved.clear();
  CHECK_FALSE(moved.may_have_unknown());
  moved.add_view("X-Odd", "1");
  CHECK(moved.may_have_unknown());
}

TEST_CASE("views of lines are changed without the lines") {
  Fields fields;
  fields.add("Via", "1.1 a");
  fields.add("X-Odd", "1");
  fields.add("Via", "1.1 b");
  Fields views = Fields::views_of(fields);
  CHECK(views.count(FieldId::via) == 2);
  CHECK(views.may_have_unknown());
  CHECK(views.find("x-odd")->data() == fields.find("x-odd")->data());
  views.set(FieldId::via, "1.1 c");
  views.remove("X-Odd");
  CHECK(views.size() == 1);
  CHECK(views.find(FieldId::via) == "1.1 c");
  CHECK(fields.joined(FieldId::via) == "1.1 a, 1.1 b");
  CHECK(fields.has("X-Odd"));
}

TEST_CASE("a copy owns what the original viewed") {
  auto text = std::make_unique<std::string>("Etag: \"long enough to be on the heap, surely\"");
  Fields original;
  original.add_view(std::string_view(*text).substr(0, 4), std::string_view(*text).substr(6));
  original.add_view("X-Empty", "");
  Fields copy(original);
  Fields assigned;
  assigned.add("Old", "line");
  assigned = original;
  text.reset();
  CHECK(copy.find(FieldId::etag) == "\"long enough to be on the heap, surely\"");
  CHECK(copy.find("x-empty") == "");
  CHECK(assigned.find(FieldId::etag) == copy.find(FieldId::etag));
  CHECK_FALSE(assigned.has("Old"));
  const Fields moved = std::move(copy);
  CHECK(moved.size() == 2);
  const Fields none{Fields()};
  CHECK(none.empty());
}

TEST_CASE("lists are split at commas outside quotes") {
  using Members = std::vector<std::string>;
  struct Row {
    std::string value;
    Members members;
  };
  const Row row = GENERATE(values<Row>({
      // RFC 9110 section 5.6.1.2's examples.
      {"foo,bar", {"foo", "bar"}},
      {"foo ,bar,", {"foo", "bar"}},
      {"foo , ,bar,charlie", {"foo", "bar", "charlie"}},
      {"", {}},
      {",", {}},
      {",   ,", {}},
      // Quoted strings, section 5.6.4.
      {"a=\"b, c\", d", {"a=\"b, c\"", "d"}},
      {"a=\"b\\\", c\", d", {"a=\"b\\\", c\"", "d"}},
      {"a=\"b\\\\\", c", {"a=\"b\\\\\"", "c"}},
      // A quote that never closes hides nothing.
      {"a=\"b, no-store", {"a=\"b", "no-store"}},
      {"\"", {"\""}},
      {"a\\", {"a\\"}},
  }));
  CAPTURE(row.value);
  CHECK(members_of(row.value) == row.members);
}

TEST_CASE("a list of escaped quotes takes linear time") {
  std::string value = "\"";
  for (int i = 0; i < 200'000; ++i) value += "\\\",";
  CHECK(members_of(value).size() == 200'000);
}

TEST_CASE("tokens are found over all lines") {
  Fields fields;
  fields.add(FieldId::connection, "keep-alive");
  fields.add(FieldId::connection, "x, Upgrade");
  CHECK(has_token(fields, FieldId::connection, "upgrade"));
  CHECK_FALSE(has_token(fields, FieldId::connection, "close"));
}
