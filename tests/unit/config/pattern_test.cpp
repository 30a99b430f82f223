#include <catch2/catch.hpp>
#include <string>
#include <variant>

#include "larder/config/pattern.hpp"

using namespace larder::config;

namespace {

using Captures = std::vector<std::pair<std::string_view, std::string_view>>;

Pattern pattern_of(std::string_view text) {
  auto parsed = Pattern::parse(text);
  if (const auto* error = std::get_if<PatternError>(&parsed)) FAIL(text << ": " << error->message);
  return std::get<Pattern>(parsed);
}

}  // namespace

TEST_CASE("A pattern matches the whole path", "[config]") {
  struct Case {
    const char* pattern;
    const char* path;
    bool is_match;
  };
  for (const auto& [text, path, is_match] : {
           Case{"/", "/", true},
           {"/", "/a", false},
           {"/a/", "/a/", true},
           {"/a/", "/a", false},
           {"/a", "/a/", false},
           {"/a", "/A", false},
           // `*`: any bytes but '/', also none
           {"/*", "/", true},
           {"/*", "/a", true},
           {"/*", "/a/", false},
           {"/media/*.jpg", "/media/a.jpg", true},
           {"/media/*.jpg", "/media/.jpg", true},
           {"/media/*.jpg", "/media/a.jpg.jpg", true},
           {"/media/*.jpg", "/media/b/a.jpg", false},
           {"/media/*.jpg", "/media/a.jpg2", false},
           {"/*/x/*", "/a/x/b", true},
           {"/*a*b*c", "/xaybzc", true},
           {"/*a*b*c", "/xaybz", false},
           {"/a*a", "/aa", true},
           {"/a*a", "/a", false},
           // `**`: any bytes
           {"/**", "/", true},
           {"/**", "/a/b", true},
           {"/a/**", "/a", true},
           {"/a/**", "/a/", true},
           {"/a/**", "/a/b/c", true},
           {"/a/**", "/ab", false},
           {"/a/**", "/b/a/", false},
           {"/a**", "/ab", true},
           {"/a**", "/a/b", true},
           {"/a**", "/a", true},
           {"/**/b", "/a/a/b", true},
           {"/**/b", "//b", true},
           {"/**/b", "/b", false},
           {"/**.css", "/a/b.css", true},
           {"/**x*y", "/a/x/y", false},
           {"/**x*y", "/a/xx/xzy", true},
           {"/a/**/*.js", "/a/b/c/d.js", true},
           // {a,b}
           {"/{admin,documents}/**", "/admin", true},
           {"/{admin,documents}/**", "/documents/1", true},
           {"/{admin,documents}/**", "/administration", false},
           {"/{a,ab}c", "/ac", true},
           {"/{a,ab}c", "/abc", true},
           {"/{a,ab}bc", "/abc", true},
           {"/{a,ab}{b,bc}c", "/abbcc", true},
           {"/{a,b}", "/{a,b}", false},
           {"/{x/y,z}/t", "/x/y/t", true},
           {"/{a,b}{c,d}/x", "/bc/x", true},
           {"/{a,b}{c,d}/x", "/ab/x", false},
           {"/{a,b}{c,d}/x", "/ad/", false},
           // more ways than are written out
           {"/{a,b}{c,d}{e,f}{g,h}{i,j}/x", "/bdfhj/x", true},
           {"/{a,b}{c,d}{e,f}{g,h}{i,j}/x", "/acegi/x", true},
           {"/{a,b}{c,d}{e,f}{g,h}{i,j}/x", "/acegk/x", false},
           {"/{a,b}{c,d}{e,f}{g,h}{i,j}/x", "/acegi/", false},
           {"/{a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q}/x", "/q/x", true},
           {"/{a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q}/x", "/r/x", false},
           // {name}: one or more bytes but '/'
           {"/blog/{slug}/", "/blog/x/", true},
           {"/blog/{slug}/", "/blog/x", false},
           {"/blog/{slug}/", "/blog//", false},
           {"/blog/{slug}/", "/blog/x/y/", false},
           {"/{a}{b}", "/xy", true},
           {"/{a}{b}", "/x", false},
       }) {
    INFO(text << " " << path);
    const Pattern pattern = pattern_of(text);
    CHECK(pattern.matches(path) == is_match);
    CHECK(pattern.text() == text);
    Captures captures;
    CHECK(pattern.matches(path, &captures) == is_match);
    CHECK((is_match || captures.empty()));
  }
}

TEST_CASE("A path's beginning tells most patterns from it", "[config]") {
  const auto may_match = [](std::string_view pattern, std::string_view path) {
    return pattern_of(pattern).may_match(Pattern::Beginning(path));
  };
  CHECK(may_match("/blog/{slug}/", "/blog/a/"));
  CHECK(may_match("/{a,blog}/**", "/b"));
  CHECK(may_match("/**", "/b"));
  CHECK(may_match("/{slug}", "/b"));
  CHECK(may_match("/", "/"));
  CHECK(may_match("/**", ""));
  CHECK_FALSE(may_match("/blog/{slug}/", "/forum/"));
  CHECK_FALSE(may_match("/{a,blog}/**", "/forum/"));
}

TEST_CASE("Captures are appended in the pattern's order, the first as long as it can be", "[config]") {
  struct Case {
    const char* pattern;
    const char* path;
    Captures captures;
  };
  for (const auto& [text, path, expected] : {
           Case{"/blog/{slug}/", "/blog/my-post/", {{"slug", "my-post"}}},
           {"/{year}/{slug}/", "/2026/x/", {{"year", "2026"}, {"slug", "x"}}},
           {"/{slug}-{id}/", "/my-post-12/", {{"slug", "my-post"}, {"id", "12"}}},
           {"/{file}.{ext}", "/a.tar.gz", {{"file", "a.tar"}, {"ext", "gz"}}},
           {"/{a}{b}", "/xyz", {{"a", "xy"}, {"b", "z"}}},
           {"/**/{slug}/", "/a/b/c/", {{"slug", "c"}}},
           {"/{en,de}/{slug}", "/de/%C3%A9", {{"slug", "%C3%A9"}}},
           {"/{en,de}/{slug}/{x,y}/{id}",
            "/en/a-slug-of-more-than-a-block/y/7",
            {{"slug", "a-slug-of-more-than-a-block"}, {"id", "7"}}},
           {"/{a}x{b}x{c}", "/1x2x3x4", {{"a", "1x2"}, {"b", "3"}, {"c", "4"}}},
       }) {
    INFO(text << " " << path);
    const Pattern pattern = pattern_of(text);  // the captures' names view it
    Captures captures{{"earlier", "kept"}};
    CHECK(pattern.matches(path, &captures));
    REQUIRE(captures.size() == expected.size() + 1);
    CHECK(Captures(captures.begin() + 1, captures.end()) == expected);
  }
}

TEST_CASE("Literals are normalised as paths are", "[config]") {
  CHECK(pattern_of("/caf\xc3\xa9/").matches("/caf%C3%A9/"));
  CHECK(pattern_of("/caf%c3%a9/").matches("/caf%C3%A9/"));
  CHECK(pattern_of("/%61%2d").matches("/a-"));
  CHECK(pattern_of("/a b").matches("/a%20b"));
  CHECK(pattern_of("/%2A").matches("/%2A"));
  CHECK_FALSE(pattern_of("/%2A").matches("/a"));
  CHECK(pattern_of("/{caf\xc3\xa9,%7e}/").matches("/~/"));
}

TEST_CASE("A bad pattern tells where and why", "[config]") {
  struct Case {
    const char* text;
    std::size_t offset;
    const char* message;
  };
  for (const auto& [text, offset, message] : {
           Case{"", 0, "a pattern begins with '/'"},
           {"blog/", 0, "a pattern begins with '/'"},
           {"**", 0, "a pattern begins with '/'"},
           {"/a/{slug", 3, "'{' without its '}'"},
           {"/a/slug}", 7, "'}' without its '{'"},
           {"/a/{}/", 3, "bad capture name ''; expected letters, digits and '_'"},
           {"/a/{1a}/", 3, "bad capture name '1a'; expected letters, digits and '_'"},
           {"/a/{a b}/", 3, "bad capture name 'a b'; expected letters, digits and '_'"},
           {"/{a}/{a}/", 5, "a second capture named 'a'"},
           {"/{a-b}/", 1, "bad capture name 'a-b'; expected letters, digits and '_'"},
           {"/{host}/", 1, "a capture cannot be named 'host', which selectors use"},
           {"/{tag}/", 1, "a capture cannot be named 'tag', which selectors use"},
           {"/{a,}/", 4, "an empty choice in {a,b}"},
           {"/{,a}/", 4, "an empty choice in {a,b}"},
           {"/{a,*}/", 4, "inside {a,b} every byte stands for itself: no '*', no '{'"},
           {"/{a,{b}}/", 4, "inside {a,b} every byte stands for itself: no '*', no '{'"},
           {"/***", 1, "expected '*' or '**', not more"},
           {"/a?b", 2, "a pattern is matched against the path alone: no '?', no '#'"},
           {"/a#b", 2, "a pattern is matched against the path alone: no '?', no '#'"},
           {"/a%", 2, "'%' without two hexadecimal digits"},
           {"/a%4", 2, "'%' without two hexadecimal digits"},
           {"/a%zz", 2, "'%' without two hexadecimal digits"},
       }) {
    INFO(text);
    const auto parsed = Pattern::parse(text);
    const auto* error = std::get_if<PatternError>(&parsed);
    REQUIRE(error);
    CHECK(error->offset == offset);
    CHECK(error->message == message);
  }
  const auto parsed = Pattern::parse("/" + std::string(pattern_size_max, 'a'));
  CHECK(std::holds_alternative<PatternError>(parsed));
}

// Where backtracking without memory would take longer than anyone can wait (2^n or n^k steps), this takes
// milliseconds.
TEST_CASE("No pattern takes exponential time", "[config]") {
  std::string stars = "/";
  std::string captures = "/";
  std::string choices = "/";
  for (int i = 0; i < 60; ++i) {
    stars += "*a";
    captures += "{c" + std::to_string(i) + "}a";
    choices += "{a,aa,aaa}";
  }
  CHECK_FALSE(pattern_of(stars + "b").matches("/" + std::string(20'000, 'a')));
  CHECK_FALSE(pattern_of(captures + "b").matches("/" + std::string(5'000, 'a')));
  CHECK_FALSE(pattern_of(choices + "b").matches("/" + std::string(150, 'a')));
  CHECK_FALSE(pattern_of("/**a**a**a**a**a**a*a*a*a*ab").matches("/" + std::string(20'000, 'a')));
  CHECK(pattern_of("/**/**/**/**/**/x").matches("/" + std::string(20'000, '/') + "x"));
}

TEST_CASE("Matching agrees with trying every split", "[config]") {
  // A small reference: the definition itself, exponential and obvious.
  struct Reference {
    static bool matches(std::string_view pattern, std::string_view path) {
      if (pattern.empty()) return path.empty();
      if (pattern == "/**") return path.empty() || path.front() == '/';
      const bool is_double = pattern.starts_with("**");
      if (pattern.front() != '*') {
        return !path.empty() && path.front() == pattern.front() && matches(pattern.substr(1), path.substr(1));
      }
      const std::string_view rest = pattern.substr(is_double ? 2 : 1);
      for (std::size_t taken = 0;; ++taken) {
        if (matches(rest, path.substr(taken))) return true;
        if (taken == path.size() || (!is_double && path[taken] == '/')) return false;
      }
    }
  };
  // Every pattern and path of these letters, up to a length.
  const auto nth = [](unsigned n, std::string_view letters) {
    std::string text = "/";
    for (; n > 0; n /= static_cast<unsigned>(letters.size())) text += letters[n % letters.size()];
    return text;
  };
  int disagreements = 0;
  for (unsigned p = 0; p < 256; ++p) {
    const std::string text = nth(p, "a*/b");
    if (text.find("***") != std::string::npos) continue;
    const Pattern pattern = pattern_of(text);
    for (unsigned q = 0; q < 243; ++q) {
      const std::string path = nth(q, "a/b");
      const bool is_match = Reference::matches(text, path);
      if (pattern.matches(path) != is_match) ++disagreements;
      if (is_match && !pattern.may_match(Pattern::Beginning(path))) ++disagreements;
    }
  }
  CHECK(disagreements == 0);
}
