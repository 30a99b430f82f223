// Lines with a well-known name are read by a shorter way than others: it must judge as the longer one does,
// wherever the blocks of bytes that it looks at end.
#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "larder/base/text.hpp"
#include "larder/http/message.hpp"

using namespace larder;
using namespace larder::http;

namespace {

constexpr std::string_view start = "GET / HTTP/1.1\r\n";
constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";

// Parses a copy that ends where the bytes end, so that a sanitizer sees whatever is read past them.
struct Parsed {
  explicit Parsed(std::string_view text, HeadLimits limits = {}) : bytes(text.begin(), text.end()) {
    result = parse_request_head({bytes.data(), bytes.size()}, limits, head);
  }
  std::vector<char> bytes;
  RequestHead head;
  HeadResult result;
};

bool is_token_character(unsigned char byte) {
  return base::is_digit(static_cast<char>(byte)) || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z') ||
         (byte < 0x80 && byte != 0 && token_marks.find(static_cast<char>(byte)) != std::string_view::npos);
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return text;
}

std::vector<std::string> known_names() {
  std::vector<std::string> names = {"DNT",          "Origin",           "Save-Data",
                                    "Sec-CH-UA",    "Sec-CH-UA-Mobile", "Sec-GPC",
                                    "X-Request-ID", "X-Requested-With"};
  for (std::size_t id = 1; id < field_id_count; ++id)
    names.emplace_back(field_name(static_cast<FieldId>(id)));
  return names;
}

}  // namespace

TEST_CASE("a line with a known name is read whole, however long its value and whatever is behind it") {
  for (const std::string& name : known_names()) {
    const FieldId id = field_id(name);
    for (const std::string& sent : {name, base::lower(name), upper(name)}) {
      for (std::size_t size = 0; size <= 40; ++size) {
        const std::string value(size, 'v');
        for (const std::string_view behind : {"\r\n", "Host: a\r\n\r\n"}) {
          const std::string bytes = std::string(start) + sent + ": " + value + "\r\n" + std::string(behind);
          const Parsed parsed(bytes);
          CAPTURE(bytes);
          REQUIRE(parsed.result.error == HeadError::none);
          REQUIRE(parsed.result.size == bytes.size());
          const Field& field = *parsed.head.fields.begin();
          REQUIRE(field.id == id);
          REQUIRE(field.name == sent);
          REQUIRE(field.value == value);
          REQUIRE(parsed.head.fields.count(id) ==
                  static_cast<std::size_t>(std::count_if(parsed.head.fields.begin(), parsed.head.fields.end(),
                                                         [id](const Field& line) { return line.id == id; })));
        }
      }
    }
  }
}

TEST_CASE("a line that ends early is incomplete, wherever it does") {
  const std::string bytes =
      std::string(start) + "Accept-Encoding: gzip, deflate\r\nUpgrade-Insecure-Requests: 1\r\n\r\n";
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(Parsed(std::string_view(bytes).substr(0, size)).result.error == HeadError::incomplete);
  }
}

TEST_CASE("one byte changed makes another name, or none") {
  for (const std::string& name : known_names()) {
    for (std::size_t at = 0; at < name.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        const auto changed = static_cast<unsigned char>(byte);
        std::string sent = name;
        sent[at] = static_cast<char>(changed);
        // A colon ends the name.
        const std::string read = sent.substr(0, sent.find(':'));
        const bool is_good = !read.empty() && (changed == ':' || is_token_character(changed));
        const Parsed parsed(std::string(start) + sent + ": a value that is long enough\r\n\r\n");
        CAPTURE(sent, byte);
        REQUIRE(parsed.result.error == (is_good ? HeadError::none : HeadError::bad_field_name));
        if (!is_good) continue;
        const Field& field = *parsed.head.fields.begin();
        REQUIRE(field.name == read);
        const bool is_same = base::equals_ignoring_case(read, name);
        const FieldId id = field_id(name);
        REQUIRE((field.id == id) == (is_same || (id == FieldId::other && field_id(read) == id)));
        REQUIRE(field.id == field_id(read));
      }
    }
  }
}

TEST_CASE("every byte of a known name's value is judged like that of any other's") {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t at = 0; at < 36; ++at) {
      std::string value(36, 'v');
      value[at] = static_cast<char>(byte);
      const std::string line = ": " + value + "\r\nHost: a\r\n\r\n";
      const Parsed known(std::string(start) + "Accept" + line);
      const Parsed other(std::string(start) + "Unheard" + line);
      CAPTURE(byte, at);
      REQUIRE(known.result.error == other.result.error);
      REQUIRE(
          known.result.error ==
          (byte == '\t' || (byte >= 0x20 && byte != 0x7f) ? HeadError::none : HeadError::bad_field_value));
      if (known.result.error != HeadError::none) continue;
      REQUIRE(known.head.fields.begin()->value == other.head.fields.begin()->value);
    }
  }
}

TEST_CASE("white space around a known name's value is no part of it") {
  for (const std::string_view before : {"", " ", "  ", "\t", " \t ", "                    "}) {
    for (const std::string_view value : {"", "a", "a b", "a\tb", "a value that is longer than one block"}) {
      for (const std::string_view after : {"", " ", "\t", "   \t ", "                    "}) {
        std::string bytes(start);
        bytes.append("Referer:").append(before).append(value).append(after).append("\r\nHost: a\r\n\r\n");
        const Parsed parsed(bytes);
        CAPTURE(bytes);
        REQUIRE(parsed.result.error == HeadError::none);
        CHECK(parsed.head.fields.find(FieldId::referer) == value);
        CHECK(parsed.head.fields.find(FieldId::host) == "a");
      }
    }
  }
}

TEST_CASE("the lines of a trailer section are known from its first byte on") {
  for (const std::string& name : known_names()) {
    const std::string bytes = name + ": 1\r\nAge: 2\r\nX-Other: 3\r\nTE: 4\r\n\r\n";
    const std::vector<char> copy(bytes.begin(), bytes.end());
    Fields fields;
    const HeadResult result = parse_field_lines({copy.data(), copy.size()}, {}, fields);
    CAPTURE(bytes);
    REQUIRE(result.error == HeadError::none);
    REQUIRE(fields.size() == 4);
    CHECK(fields.begin()->id == field_id(name));
    CHECK(fields.has(FieldId::age));
    CHECK(fields.has(FieldId::te));
  }
}

TEST_CASE("known and other lines count alike against the limit") {
  for (const std::string_view lines :
       {"Accept: a\r\nHost: b\r\nTE: c\r\n", "X-A: a\r\nX-B: b\r\nX-C: c\r\n",
        "Accept: a\r\nX-B: b\r\nTE: c\r\n", "X-A: a\r\nHost: b\r\nX-C: c\r\n"}) {
    const std::string bytes = std::string(start) + std::string(lines) + "\r\n";
    const std::size_t size = bytes.size();
    CHECK(Parsed(bytes, {size, 3}).result.error == HeadError::none);
    CHECK(Parsed(bytes, {size, 2}).result.error == HeadError::too_many_fields);
    CHECK(Parsed(bytes, {size, 0}).result.error == HeadError::too_many_fields);
    CHECK(Parsed(bytes, {size - 1, 3}).result.error == HeadError::too_large);
    CHECK(Parsed(bytes.substr(0, size - 4), {size, 2}).result.error == HeadError::too_many_fields);
  }
}

TEST_CASE("start lines that are not the usual one are judged as before") {
  for (const std::string_view line :
       {"GET / HTTP/1.0", "GET / HTTP/1.2", "HEAD / HTTP/1.1", "GETX / HTTP/1.1"}) {
    CHECK(Parsed(std::string(line) + "\r\nHost: a\r\n\r\n").result.error == HeadError::none);
  }
  CHECK(Parsed("GET / HTTP/1.1\rHost: a\r\n\r\n").result.error == HeadError::bad_start_line);
  CHECK(Parsed("GET  HTTP/1.1\r\n\r\n").result.error == HeadError::bad_target);
  CHECK(Parsed("GET\t/ HTTP/1.1\r\n\r\n").result.error == HeadError::bad_method);
}
