// The reader of *.cases: what it takes, and what it complains about.
#include "conformance/case_file.hpp"

#include <catch2/catch.hpp>

using namespace conformance;

namespace {

CaseFiles read(const std::string& text) {
  CaseFiles files;
  add_cases(text, "cases/some.cases", files);
  return files;
}

// A case that is right but for `lines`, which stand in its only exchange, from line 4 on.
std::string with_lines(const std::string& lines) {
  return "case some.thing\nrfc 9111 4.2\n> GET\n" + lines;
}

}  // namespace

TEST_CASE("A case is read with its sources, exchanges, answers and checks") {
  const CaseFiles files = read(R"(
# What it is about.
case some.thing
  rfc 9111 4.2.1
  rfc 5861 3
  only sockets
> POST /form?a=b HTTP/1.0
  Content-Type: text/plain
  body a=b
< 201 HTTP/1.0
  Location: /new
  X-Empty:
  body made
  interim 103 Link: </a>
  trailer X-Sum: 5
= fetch
  Location: /new
  X-Empty:
  !Age
  !body
  body made
  body ~ mad
  status 201
  asked If-None-Match: "a"
  asked !If-Modified-Since
  asked :target /form?a=b
  asked Via ~ larder
  cs fwd=uri-miss
  cs stored
  cs !hit
  Via ~ larder
  interim 103 Link: </a>
  !interim
  trailer X-Sum: 5
  broken

+1m
+5s
> GET
= hit
)");
  REQUIRE(files.errors.empty());
  REQUIRE(files.cases.size() == 1);
  const Case& told = files.cases.front();
  CHECK(told.id == "some.thing");
  CHECK(told.line == 3);
  CHECK(told.sources == std::vector<std::string>{"9111 4.2.1", "5861 3"});
  CHECK(told.needs_sockets);
  REQUIRE(told.steps.size() == 2);

  const Step& first = told.steps.front();
  CHECK(first.line == 7);
  CHECK(first.method == "POST");
  CHECK(first.target == "/form?a=b");
  CHECK(first.version == "HTTP/1.0");
  CHECK(first.body == "a=b");
  REQUIRE(first.fields.size() == 1);
  CHECK(first.fields.front().value == "text/plain");
  REQUIRE(first.answers.size() == 1);
  const Answer& answer = first.answers.front();
  CHECK(answer.status == 201);
  CHECK(answer.version == "HTTP/1.0");
  CHECK(answer.fields.size() == 2);
  CHECK(answer.fields.back().value.empty());
  CHECK(answer.body == "made");
  CHECK(answer.interim.size() == 1);
  CHECK(answer.trailers.size() == 1);
  CHECK(first.outcome == Outcome::fetch);

  const auto check_at = [&first](std::size_t at) { return first.checks.at(at); };
  CHECK(first.checks.size() == 19);
  CHECK(check_at(0).kind == Check::Kind::field);
  CHECK(check_at(0).name == "Location");
  CHECK(check_at(0).value == "/new");
  CHECK(check_at(0).line == 17);
  CHECK(check_at(2).kind == Check::Kind::no_field);
  CHECK(check_at(3).kind == Check::Kind::body);
  CHECK(check_at(3).value.empty());
  CHECK(check_at(5).is_part);
  CHECK(check_at(5).value == "mad");
  CHECK(check_at(7).kind == Check::Kind::asked_field);
  CHECK(check_at(7).value == "\"a\"");
  CHECK(check_at(8).kind == Check::Kind::no_asked_field);
  CHECK(check_at(9).name == ":target");
  CHECK(check_at(9).value == "/form?a=b");
  CHECK(check_at(10).name == "Via");
  CHECK(check_at(10).is_part);
  CHECK(check_at(11).kind == Check::Kind::cache_status);
  CHECK(check_at(11).value == "uri-miss");
  CHECK(check_at(13).kind == Check::Kind::no_cache_status);
  CHECK(check_at(13).name == "hit");
  CHECK(check_at(15).value == "Link: </a>");
  CHECK(check_at(16).kind == Check::Kind::no_interim);
  CHECK(check_at(17).kind == Check::Kind::trailer);
  CHECK(check_at(18).kind == Check::Kind::broken);

  const Step& second = told.steps.back();
  CHECK(second.pause == std::chrono::seconds(65));
  CHECK(second.target == "/page");
  CHECK(second.outcome == Outcome::hit);
}

TEST_CASE("The upstream's default body is numbered by the exchange, and it may answer twice") {
  const CaseFiles files = read(with_lines("< 304\n< 200\n= validate\n> GET\n< close\n= gone\n"));
  REQUIRE(files.errors.empty());
  const auto& steps = files.cases.front().steps;
  REQUIRE(steps.front().answers.size() == 2);
  CHECK(steps.front().answers.back().body == "body 1");
  CHECK(steps.back().answers.front().kind == Answer::Kind::close);
}

TEST_CASE("What is wrong with a file of cases is named with its line") {
  struct Broken {
    std::string text;
    std::string error;
  };
  const std::vector<Broken> table{
      {"> GET\n= hit\n", "1: a line outside of a case: '> GET'"},
      {"case other.thing\nrfc 9111 4\n> GET\n= hit\n", "1: an id is some.words-of-a-z0-9: 'other.thing'"},
      {"case some.Thing\nrfc 9111 4\n> GET\n= hit\n", "1: an id is some.words-of-a-z0-9: 'some.Thing'"},
      {"case some.thing\n> GET\n= hit\n", "1: a case without 'rfc NUMBER SECTION'"},
      {"case some.thing\nrfc 9111\n> GET\n= hit\n", "2: 'rfc NUMBER SECTION' is wanted"},
      {"case some.thing\nrfc 9111 4.2\n", "1: a case without an exchange"},
      {"case some.thing\nrfc 9111 4.2\nonly wires\n", "3: not known here: 'only wires'"},
      {"case some.thing\nrfc 9111 4.2\n>\n= hit\n", "3: no method after '>'"},
      {with_lines(""), "3: an exchange without '='"},
      {with_lines("> GET\n= hit\n"), "3: an exchange without '='"},
      {with_lines("Accept text/html\n= hit\n"), "4: no field line: 'Accept text/html'"},
      {with_lines("< 20\n= fetch\n"), "4: no status: '20'"},
      {with_lines("< vanish\n= fetch\n"), "4: no status: 'vanish'"},
      {with_lines("< 200\nAge\n= fetch\n"), "5: no field line: 'Age'"},
      {with_lines("< 200\nDate: {now-5x}\n= fetch\n"), "5: no time: '{now-5x}'"},
      {with_lines("< 200\nDate: {now+5s iso}\n= fetch\n"), "5: no time: '{now+5s iso}'"},
      {with_lines("< 200\ninterim 204\n= fetch\n"), "5: no interim status: 204"},
      {with_lines("= hitt\n"), "4: no such outcome: 'hitt'"},
      {with_lines("= fetch\n"), "4: 'fetch' needs an answer ('<')"},
      {with_lines("< 200\n= hit\n"), "5: 'hit' asks nobody: an answer ('<') is too much"},
      {with_lines("= hit\n< 200\n"), "5: '<' stands between '>' and '='"},
      {with_lines("= hit\n= hit\n"), "5: '=' stands after '>' and '<'"},
      {with_lines("= hit\n+5\n> GET\n= hit\n"), "5: no time: '+5'"},
      {with_lines("= hit\n+5s\nAge: 3\n"), "6: an exchange begins with '>': 'Age: 3'"},
      {with_lines("= hit\nstatus ok\n"), "5: no status: 'ok'"},
      {with_lines("= hit\nnonsense 5\n"), "5: no check: 'nonsense 5'"},
      {with_lines("= hit\n!Age: 5\n"), "5: what is absent has a name, and no value: 'Age: 5'"},
      {with_lines("= hit\nasked If-None-Match\n"), "5: no field line after 'asked': 'If-None-Match'"},
      {with_lines("= hit\ncs =5\n"), "5: no name to check: '=5'"},
  };
  for (const Broken& broken : table) {
    CAPTURE(broken.text);
    const CaseFiles files = read(broken.text);
    REQUIRE_FALSE(files.errors.empty());
    CHECK(files.errors.front() == "cases/some.cases:" + broken.error);
    CHECK(files.cases.empty());
  }
}

TEST_CASE("A broken case hides neither the one before nor the one after it, and ids are unique") {
  const std::string right = "rfc 9111 4.2\n> GET\n= hit\n";
  const CaseFiles files = read("case some.a\n" + right + "case some.b\n" + right +
                               "> GET\n= hitt\ncase some.c\n" + right + "case some.a\n" + right);
  REQUIRE(files.errors.size() == 2);
  CHECK(files.errors.front() == "cases/some.cases:10: no such outcome: 'hitt'");
  CHECK(files.errors.back() == "cases/some.cases:15: 'some.a' is also cases/some.cases:1");
  REQUIRE(files.cases.size() == 2);
  CHECK(files.cases.front().id == "some.a");
  CHECK(files.cases.back().id == "some.c");
}
