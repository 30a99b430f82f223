// Structured field values (RFC 9651).
#include "larder/http/structured_fields.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace larder::http;
using namespace larder::http::structured;

namespace {

// The values of a dictionary written out, so that a table can hold them: "a=1;p=true, b=(1 2)".
std::string written(const BareItem& value) {
  struct Writer {
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(const Decimal& number) const {
      return std::to_string(number.thousandths) + "/1000";
    }
    std::string operator()(const std::string& text) const { return "<" + text + ">"; }
    std::string operator()(const Token& token) const { return token.text; }
    std::string operator()(const Bytes& bytes) const { return ":" + bytes.base64 + ":"; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(const Date& date) const { return "@" + std::to_string(date.unix_seconds); }
    std::string operator()(const DisplayString& text) const { return "%<" + text.utf8 + ">"; }
  };
  return std::visit(Writer{}, value);
}

std::string written(const Parameters& parameters) {
  std::string text;
  for (const auto& [key, value] : parameters) text += ";" + key + "=" + written(value);
  return text;
}

std::string written(const Member& member) {
  if (const auto* const item = std::get_if<Item>(&member)) {
    return written(item->value) + written(item->parameters);
  }
  const auto& list = std::get<InnerList>(member);
  std::string text = "(";
  for (const Item& item : list.items) {
    if (text.size() > 1) text += ' ';
    text += written(item.value) + written(item.parameters);
  }
  return text + ")" + written(list.parameters);
}

std::string written(const std::optional<Dictionary>& dictionary) {
  if (!dictionary) return "FAIL";
  std::string text;
  for (const auto& [key, member] : *dictionary) {
    text += (text.empty() ? "" : ", ") + key + "=" + written(member);
  }
  return text;
}

struct Row {
  const char* value;
  const char* expected;
};

void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.value);
    CHECK(written(parse_dictionary(row.value)) == row.expected);
  }
}

}  // namespace

TEST_CASE("dictionaries, RFC 9651 sections 3.2 and 4.2.2") {
  check_rows({
      // The examples of section 3.2.
      {"en=\"Applepie\", da=:w4ZibGV0w6ZydGU=:", "da=:w4ZibGV0w6ZydGU=:, en=<Applepie>"},
      {"a=?0, b, c; foo=bar", "a=false, b=true, c=true;foo=bar"},
      {"rating=1.5, feelings=(joy sadness)", "feelings=(joy sadness), rating=1500/1000"},
      {"a=(1 2), b=3, c=4;aa=bb, d=(5 6);valid", "a=(1 2), b=3, c=4;aa=bb, d=(5 6);valid=true"},
      {"foo=1, bar=2", "bar=2, foo=1"},
      // Empty is empty, not an error (section 3.2, "an empty Dictionary"); so is white space.
      {"", ""},
      {"   ", ""},
      // "overwrite its value" (section 4.2.2).
      {"a=1, a=2, a", "a=true"},
      {"a=1;x=1;x=2", "a=1;x=2"},
      // OWS around a comma, tabs too; SP alone at both ends (section 4.2).
      {"a \t,\t b", "a=true, b=true"},
      {"  a=1  ", "a=1"},
      {"\ta=1", "FAIL"},
      {"a=1,", "FAIL"},
      {"a=1, ", "FAIL"},
      {",a=1", "FAIL"},
      {"a=1,,b=2", "FAIL"},
      {"a=1 b=2", "FAIL"},
      {"a=1;b=2 c", "FAIL"},
      {"a= 1", "FAIL"},
      {"a =1", "FAIL"},
      {"a=", "FAIL"},
      {"=1", "FAIL"},
      // Keys, section 4.2.3.3.
      {"*a_-.*9=1", "*a_-.*9=1"},
      {"A=1", "FAIL"},
      {"aB=1", "FAIL"},
      {"9a=1", "FAIL"},
      {"_a=1", "FAIL"},
      {"max-age", "max-age=true"},
      // ASCII alone, section 4.2 step 1.
      {"a=\"\xc3\xa9\"", "FAIL"},
      {"a\xc3=1", "FAIL"},
  });
}

TEST_CASE("parameters and inner lists, RFC 9651 sections 3.1.1, 3.1.2, 4.2.1.2 and 4.2.3.2") {
  check_rows({
      {"x=abc;a=1;b=2", "x=abc;a=1;b=2"},
      {"x=(ghi;jk=4 l);q=\"9\";r=w", "x=(ghi;jk=4 l);q=<9>;r=w"},
      {"x=1;a;b=?0", "x=1;a=true;b=false"},
      {"x=(\"foo\"; a=1;b=2);lvl=5", "x=(<foo>;a=1;b=2);lvl=5"},
      {"x=()", "x=()"},
      {"x=(  a   b  )", "x=(a b)"},
      {"x=1;  a=1", "x=1;a=1"},
      {"x;a=1", "x=true;a=1"},
      {"x=1;", "FAIL"},
      {"x=1 ;a", "FAIL"},
      {"x=1;a=", "FAIL"},
      {"x=1;A", "FAIL"},
      {"x=1;a=(1)", "FAIL"},
      {"x=1;\ta", "FAIL"},
      {"x=(a", "FAIL"},
      {"x=(a,b)", "FAIL"},
      {"x=(a\tb)", "FAIL"},
      {"x=(\"a\"\"b\")", "FAIL"},
      {"x=((a))", "FAIL"},
      {"x=)", "FAIL"},
  });
}

TEST_CASE("numbers and dates, RFC 9651 sections 3.3.1, 3.3.2, 3.3.7, 4.2.4 and 4.2.9") {
  check_rows({
      {"a=42", "a=42"},
      {"a=-42", "a=-42"},
      {"a=-0", "a=0"},
      {"a=0042", "a=42"},
      {"a=999999999999999", "a=999999999999999"},
      {"a=-999999999999999", "a=-999999999999999"},
      {"a=1000000000000000", "FAIL"},
      {"a=0000000000000001", "FAIL"},
      {"a=--1", "FAIL"},
      {"a=+1", "FAIL"},
      {"a=-", "FAIL"},
      {"a=1e3", "FAIL"},
      {"a=4.5", "a=4500/1000"},
      {"a=-4.125", "a=-4125/1000"},
      {"a=123456789012.123", "a=123456789012123/1000"},
      {"a=1234567890123.1", "FAIL"},
      {"a=1.1234", "FAIL"},
      {"a=1.", "FAIL"},
      {"a=.5", "FAIL"},
      {"a=1.2.3", "FAIL"},
      {"a=@1659578233", "a=@1659578233"},
      {"a=@-1", "a=@-1"},
      {"a=@1.5", "FAIL"},
      {"a=@", "FAIL"},
      {"a=@x", "FAIL"},
  });
}

TEST_CASE("strings, tokens, bytes and booleans, RFC 9651 sections 3.3.3 to 3.3.6, 3.3.8") {
  check_rows({
      {"a=\"hello world\"", "a=<hello world>"},
      {"a=\"\"", "a=<>"},
      {R"(a="b\"c\\d")", R"(a=<b"c\d>)"},
      {R"(a="b\c")", "FAIL"},
      {R"(a="b\)", "FAIL"},
      {"a=\"b", "FAIL"},
      {"a=\"b\tc\"", "FAIL"},
      {"a=\"b, c=1\"", "a=<b, c=1>"},
      {"a=foo123/456", "a=foo123/456"},
      {"a=*a:b", "a=*a:b"},
      {"a=Foo", "a=Foo"},
      {"a=b&c", "a=b&c"},
      {"a=&b", "FAIL"},
      {"a=b@c", "FAIL"},
      {"a=:cHJldGVuZCB0aGlzIGlzIGJpbmFyeSBjb250ZW50Lg==:",
       "a=:cHJldGVuZCB0aGlzIGlzIGJpbmFyeSBjb250ZW50Lg==:"},
      {"a=::", "a=::"},
      {"a=:Zg:", "a=:Zg:"},      // padding may be missing
      {"a=:Zh==:", "a=:Zh==:"},  // and its bits need not be zero
      {"a=:Z:", "FAIL"},
      {"a=:Zg===:", "FAIL"},
      {"a=:Z=g=:", "FAIL"},
      {"a=:Zg=:", "FAIL"},
      {"a=:Z g=:", "FAIL"},
      {"a=:Z_g-:", "FAIL"},
      {"a=:Zg==", "FAIL"},
      {"a=?1", "a=true"},
      {"a=?0", "a=false"},
      {"a=?2", "FAIL"},
      {"a=?true", "FAIL"},
      {"a=?", "FAIL"},
      // The example of section 3.3.8.
      {R"(a=%"This is intended for display to %c3%bcsers.")",
       "a=%<This is intended for display to \xc3\xbcsers.>"},
      {R"(a=%"%C3%BC")", "FAIL"},
      {R"(a=%"%c3")", "FAIL"},
      {R"(a=%"%c3%2)", "FAIL"},
      {R"(a=%"b)", "FAIL"},
      {R"(a=%b)", "FAIL"},
  });
}

TEST_CASE("the lines of a field are one value, RFC 9651 section 4.2") {
  Fields fields;
  CHECK_FALSE(parse_dictionary(fields, "CDN-Cache-Control").has_value());
  fields.add("CDN-Cache-Control", "max-age=60");
  fields.add("cdn-cache-control", "max-age=5, public");
  CHECK(written(parse_dictionary(fields, "CDN-Cache-Control")) == "max-age=5, public=true");
  fields.add("CDN-Cache-Control", "");
  CHECK_FALSE(parse_dictionary(fields, "CDN-Cache-Control").has_value());
}

TEST_CASE("lists, RFC 9651 sections 3.1 and 4.2.1") {
  struct Row {
    const char* text;
    int members;  // -1: no list
  };
  for (const Row& row : {Row{"", 0},
                         {"  ", 0},
                         {"a", 1},
                         {"\"a\"", 1},
                         {"a, \"b\",1,?0 ,\t:YQ==:", 5},
                         {"(a b), (c);x=1, d;y", 3},
                         {"\"a,b\"", 1},
                         {"a,", -1},
                         {",a", -1},
                         {"a,,b", -1},
                         {"a b", -1},
                         {"\"a", -1},
                         {"a=1", -1},
                         {"(a", -1},
                         {"\"\xc3\xa4\"", -1}}) {
    INFO(row.text);
    const auto list = parse_list(row.text);
    CHECK((list ? static_cast<int>(list->size()) : -1) == row.members);
  }
  Fields fields;
  CHECK_FALSE(parse_list(fields, "Cache-Groups").has_value());
  fields.add("Cache-Groups", "\"a\"");
  fields.add("cache-groups", "\"b\";x, \"c\"");
  CHECK(parse_list(fields, "Cache-Groups")->size() == 3);
  std::string longest;
  for (int i = 0; i < 1024; ++i) longest += (i > 0 ? ", k" : "k") + std::to_string(i);
  CHECK(parse_list(longest)->size() == 1024);
}

TEST_CASE("a dictionary may be as large as RFC 9651 asks for") {
  // Sections 3.1.1, 3.1.2 and 3.2: 1024 members, 256 in an inner list, 256 parameters, keys of 64 characters.
  std::string text;
  for (int i = 0; i < 1024; ++i) text += "k" + std::to_string(i) + ", ";
  text += std::string(64, 'a') + "=(";
  for (int i = 0; i < 256; ++i) text += std::to_string(i) + " ";
  text += ")";
  for (int i = 0; i < 256; ++i) text += ";p" + std::to_string(i);
  const auto dictionary = parse_dictionary(text);
  REQUIRE(dictionary.has_value());
  CHECK(dictionary->size() == 1025);
  const auto& list = std::get<InnerList>(dictionary->find(std::string(64, 'a'))->second);
  CHECK(list.items.size() == 256);
  CHECK(list.parameters.size() == 256);
  // Section 3.3.3: strings of 1024 characters.
  CHECK(parse_dictionary("a=\"" + std::string(20'000, 'x') + "\"").has_value());
}
