// The parser of dictionaries against the grammar of RFC 9651 appendix C, written as one regular expression.
#include <catch2/catch.hpp>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "larder/http/structured_fields.hpp"

using namespace larder::http::structured;

namespace {

// The grammar knows neither whether base64 can be decoded nor whether a display string is UTF-8: texts with
// them are left to the tables.
bool is_dictionary(const std::string& text) {
  static const std::string key = "[a-z*][a-z0-9_.*-]*";
  static const std::string number = "-?[0-9]{1,12}\\.[0-9]{1,3}|-?[0-9]{1,15}";
  static const std::string string = R"("(?:[ !#-\[\]-~]|\\["\\])*")";
  static const std::string token = "[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*";
  static const std::string bare = "(?:" + number + "|" + string + "|" + token + "|\\?[01]|@-?[0-9]{1,15})";
  static const std::string parameters = "(?:; *" + key + "(?:=" + bare + ")?)*";
  static const std::string item = bare + parameters;
  static const std::string inner_list = "\\( *(?:" + item + "(?: +" + item + ")*)? *\\)" + parameters;
  static const std::string member = key + "(?:=(?:" + inner_list + "|" + item + ")|" + parameters + ")";
  // At its end section 4.2.2 takes tabs too, which the appendix does not know.
  static const std::regex dictionary(" *(?:" + member + "(?:[ \t]*,[ \t]*" + member + ")*[ \t]*)? *");
  return std::regex_match(text, dictionary);
}

class Generator {
 public:
  std::string dictionary() {
    std::string text = pick({"", "", " "});
    const std::size_t members = below(4);
    for (std::size_t i = 0; i < members; ++i) {
      if (i > 0) text += pick({",", ", ", " ,", "\t,  "});
      text += key() + pick({"", "=" + item(), "=" + inner_list(), parameters()});
    }
    return text + pick({"", "", " "});
  }
  // One byte more, less or another.
  std::string changed(std::string text) {
    static const std::string bytes = " \t,;=()\"\\?@-.*aA09_:/~&\x7f\x01";
    const std::size_t at = below(text.size() + 1);
    const char byte = bytes[below(bytes.size())];
    switch (below(3)) {
      case 0:
        text.insert(text.begin() + static_cast<std::ptrdiff_t>(at), byte);
        break;
      case 1:
        if (at < text.size()) text.erase(at, 1);
        break;
      default:
        if (at < text.size()) text[at] = byte;
        break;
    }
    return text;
  }

 private:
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }
  std::string pick(const std::vector<std::string>& from) { return from[below(from.size())]; }
  std::string key() { return pick({"a", "max-age", "*", "b_1", "c.d*"}); }
  std::string bare() {
    return pick({"1", "-15", "999999999999999", "1.5", "-123456789012.123", "\"x, y\"", R"("\"\\")", "\"\"",
                 "token", "*a/b:c", "?0", "?1", "@0", "@-12"});
  }
  std::string parameters() {
    std::string text;
    for (std::size_t i = below(3); i > 0; --i) {
      text += pick({";", "; "}) + key() + pick({"", "=" + bare()});
    }
    return text;
  }
  std::string item() { return bare() + parameters(); }
  std::string inner_list() {
    std::string text = "(" + pick({"", " "});
    const std::size_t items = below(3);
    for (std::size_t i = 0; i < items; ++i) text += (i > 0 ? pick({" ", "  "}) : std::string()) + item();
    return text + pick({"", " "}) + ")" + parameters();
  }

  std::mt19937 random_{20240104};
};

}  // namespace

TEST_CASE("the parser takes what the grammar of RFC 9651 takes, and nothing else") {
  Generator generator;
  std::size_t taken = 0;
  std::size_t refused = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string text = generator.dictionary();
    INFO(text);
    REQUIRE(is_dictionary(text));
    REQUIRE(parse_dictionary(text).has_value());
    for (int change = 0; change < 3; ++change) {
      text = generator.changed(text);
      INFO(text);
      // ":" begins bytes only where a value begins, which the grammar above does not know.
      const bool is_taken = parse_dictionary(text).has_value();
      const bool may_hold_bytes = text.find("=:") != std::string::npos ||
                                  text.find("(:") != std::string::npos ||
                                  text.find(" :") != std::string::npos;
      if (may_hold_bytes) continue;
      REQUIRE(is_taken == is_dictionary(text));
      ++(is_taken ? taken : refused);
    }
  }
  CHECK(taken > 500);
  CHECK(refused > 500);
}
