// Accept-Encoding as a variant's key has it (RFC 9110 section 12.5.3, RFC 9111 section 4.1).
#include "cache/accept_encoding.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <regex>
#include <vector>

#include "larder/cache/vary.hpp"
#include "policy_fixture.hpp"

using namespace larder;
using namespace larder::cache;

namespace {

std::string key_of(const std::vector<std::string>& lines) {
  http::Fields fields;
  for (const std::string& line : lines) fields.add("Accept-Encoding", line);
  return secondary_key({{"accept-encoding"}, false}, fields, {});
}

std::string normal(const std::string& line) {
  http::Fields fields;
  fields.add("Accept-Encoding", line);
  std::string out = "<";
  return append_normal_accept_encoding(fields, out) ? out.substr(1) : out + "as it is";
}

struct Row {
  const char* value;
  const char* normal;  // "<as it is": not in normal form
};

}  // namespace

TEST_CASE("the normal form of Accept-Encoding, RFC 9110") {
  const Row row = GENERATE(values<Row>({
      {"", ""},
      {"gzip", "gzip"},
      {"*", "*"},
      // Section 12.5.3's examples.
      {"compress, gzip", "compress,gzip"},
      {"compress;q=0.5, gzip;q=1.0", "compress;q=0.5,gzip"},
      {"gzip;q=1.0, identity; q=0.5, *;q=0", "*;q=0,gzip,identity;q=0.5"},
      // Section 8.4.1: case.
      {"GZip, BR", "br,gzip"},
      {"gzip;Q=0.5", "gzip;q=0.5"},
      // Sections 5.6.1 and 5.6.3: white space and empty members.
      {" ,gzip ,, \tbr,", "br,gzip"},
      {"gzip\t; q=0.5", "gzip;q=0.5"},
      {" , ,", ""},
      // Sections 8.4.1.1 and 8.4.1.3: two names.
      {"x-gzip, X-Compress;q=0.1", "compress;q=0.1,gzip"},
      {"gzip, x-gzip", "gzip"},
      {"x-br", "x-br"},
      // Section 12.4.2: weights.
      {"gzip;q=1", "gzip"},
      {"gzip;q=1.", "gzip"},
      {"gzip;q=1.000", "gzip"},
      {"gzip;q=0", "gzip;q=0"},
      {"gzip;q=0.", "gzip;q=0"},
      {"gzip;q=0.000", "gzip;q=0"},
      {"gzip;q=0.50", "gzip;q=0.5"},
      {"gzip;q=0.500", "gzip;q=0.5"},
      {"gzip;q=0.05", "gzip;q=0.05"},
      {"gzip;q=0.001", "gzip;q=0.001"},
      {"gzip;q=0.101", "gzip;q=0.101"},
      {"gzip;q=0.990", "gzip;q=0.99"},
      // Order and repetition.
      {"gzip, br, deflate", "br,deflate,gzip"},
      {"deflate, gzip, br", "br,deflate,gzip"},
      {"gzip, gzip;q=1.0, GZIP", "gzip"},
      {"a, ab, b", "a,ab,b"},
      // Whoever reads this may take the first, the last or the larger.
      {"gzip;q=0.5, gzip", "<as it is"},
      {"gzip, gzip;q=0", "<as it is"},
      {"x-gzip;q=0, gzip", "<as it is"},
      // Not of the grammar.
      {"gzip;q=2", "<as it is"},
      {"gzip;q=1.001", "<as it is"},
      {"gzip;q=0.1234", "<as it is"},
      {"gzip;q=1.0000", "<as it is"},
      {"gzip;q=.5", "<as it is"},
      {"gzip;q=0,5", "<as it is"},
      {"gzip;q=-0", "<as it is"},
      {"gzip;q=", "<as it is"},
      {"gzip;q", "<as it is"},
      {"gzip;", "<as it is"},
      {"gzip;q =0.5", "<as it is"},
      {"gzip;q= 0.5", "<as it is"},
      {"gzip;q=\"0.5\"", "<as it is"},
      {"gzip;level=9", "<as it is"},
      {"gzip;q=0.5;level=9", "<as it is"},
      {"gz ip", "<as it is"},
      {"gzip br", "<as it is"},
      {"\"gzip\"", "<as it is"},
      {";q=1", "<as it is"},
      {"gz\xc3\xafp", "<as it is"},
  }));
  INFO(row.value);
  // "gzip;q=0,5" is two members, of which the second is a coding named 5.
  const bool is_two = std::string_view(row.value) == "gzip;q=0,5";
  CHECK(normal(row.value) == (is_two ? "5,gzip;q=0" : row.normal));
}

TEST_CASE("sixteen codings are put in order, more are left as they are") {
  std::string many;
  std::string reversed;
  for (char c = 'a'; c < 'a' + 16; ++c) {
    many += std::string(1, c) + ",";
    reversed.insert(0, std::string(1, c) + ",");
  }
  CHECK(normal(many) == normal(reversed));
  CHECK(normal(many + "a") == normal(many));
  CHECK(normal(many + "z") == "<as it is");
  CHECK(key_of({many + "z"}) == key_of({many, "z"}));
  CHECK(key_of({many + "z"}) != key_of({reversed + "z"}));
}

TEST_CASE("what is left as it is still differs from what is not there, and from what is in order") {
  CHECK(key_of({"gzip;q=2"}) != key_of({}));
  CHECK(key_of({"gzip;q=2"}) != key_of({"gzip"}));
  CHECK(key_of({""}) != key_of({}));
  CHECK(key_of({""}) == key_of({" , "}));
  CHECK(key_of({"gzip;q=2, br"}) == key_of({"GZIP ; q=2", "br"}));
  CHECK(key_of({"gzip, gzip;q=0"}) != key_of({"gzip;q=0, gzip"}));
}

namespace {

// The slow model: the meaning of a field by regular expressions and a map, nothing where it has none.
using Meaning = std::map<std::string, double>;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> members;
  std::string member;
  for (const char c : text + ",") {
    if (c != ',') {
      member += c;
      continue;
    }
    const std::size_t begin = member.find_first_not_of(" \t");
    const std::size_t end = member.find_last_not_of(" \t");
    if (begin != std::string::npos) members.push_back(member.substr(begin, end + 1 - begin));
    member.clear();
  }
  return members;
}

std::optional<Meaning> meaning_of(const std::string& text) {
  static const std::regex grammar(
      R"(([!#$%&'*+.^_`|~0-9a-zA-Z-]+)(?:[ \t]*;[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?)");
  Meaning meaning;
  for (const std::string& member : split(text)) {
    std::smatch match;
    if (!std::regex_match(member, match, grammar)) return std::nullopt;
    std::string coding = lower(match[1]);
    if (coding == "x-gzip" || coding == "x-compress") coding = coding.substr(2);
    const double weight = match[2].matched ? std::stod(match[2]) : 1.0;
    const auto [place, is_new] = meaning.emplace(coding, weight);
    if (!is_new && place->second != weight) return std::nullopt;
  }
  return meaning;
}

// Of a field without meaning: its members in their order, but for what is certainly nothing.
std::vector<std::string> literal_of(const std::string& text) {
  static const std::regex around_semicolon("[ \t]*;[ \t]*");
  static const std::regex space("[ \t]+");
  std::vector<std::string> members;
  for (const std::string& member : split(text)) {
    const std::string tight = std::regex_replace(member, around_semicolon, ";");
    members.push_back(lower(std::regex_replace(tight, space, " ")));
  }
  return members;
}

class Generator {
 public:
  std::string field() {
    std::string text = pick({"", "", " ", ","});
    const int count = std::uniform_int_distribution<int>(0, 4)(random_);
    for (int i = 0; i < count; ++i) {
      if (i > 0) text += pick({",", ", ", " ,", ",\t,"});
      text += pick({"gzip", "GZIP", "x-gzip", "br", "*", "identity", "compress", "X-compress", "zs td", "5"});
      text += pick({"", "", "", ";q=1", " ; q=1.0", ";q=0", ";Q=0.0", ";q=0.5", ";q=0.50", ";q=0.05", ";q=2",
                    ";q=0.1234", ";", ";x=1", ";q =1", ";\tq=0.500"});
    }
    return text;
  }

 private:
  std::string pick(const std::vector<std::string>& from) {
    return from[std::uniform_int_distribution<std::size_t>(0, from.size() - 1)(random_)];
  }
  std::mt19937 random_{20240102};
};

}  // namespace

TEST_CASE("fields share a key if and only if they mean the same, by a slow model") {
  Generator generator;
  struct Seen {
    std::string text;
    std::optional<Meaning> meaning;
    std::vector<std::string> literal;
  };
  // One of each key that was seen, and the keys of each meaning.
  std::map<std::string, Seen> by_key;
  std::map<Meaning, std::string> key_of_meaning;
  std::map<std::vector<std::string>, std::string> key_of_literal;
  for (int round = 0; round < 5'000; ++round) {
    const std::string text = generator.field();
    const Seen seen{text, meaning_of(text), literal_of(text)};
    const std::string key = key_of({text});
    const auto [place, is_new] = by_key.emplace(key, seen);
    INFO(text << " and " << place->second.text << " have the key " << key);
    REQUIRE(place->second.meaning == seen.meaning);
    if (seen.meaning) {
      REQUIRE(key_of_meaning.emplace(*seen.meaning, key).first->second == key);
    } else {
      REQUIRE(place->second.literal == seen.literal);
      REQUIRE(key_of_literal.emplace(seen.literal, key).first->second == key);
    }
  }
  CHECK(key_of_meaning.size() > 100);
  CHECK(key_of_literal.size() > 100);
}
