// A case fails when what happens is not what it says: told to players that do one thing wrong.
#include "conformance/story.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "conformance/case_file.hpp"

using namespace conformance;

namespace {

class ScriptedPlayer : public Player {
 public:
  explicit ScriptedPlayer(std::vector<Seen> script) : script_(std::move(script)) {}
  Instant now() const override { return Instant(std::chrono::seconds(784'111'777)); }
  void advance(std::chrono::milliseconds) override {}
  Seen exchange(const Step&) override { return script_.at(next_++); }
  bool has_wire() const override { return true; }

 private:
  std::vector<Seen> script_;
  std::size_t next_ = 0;
};

Seen passed_on(int status, const std::string& body, const std::vector<Line>& asked = {}) {
  Seen seen;
  seen.status = status;
  seen.body = body;
  seen.asked.push_back({"GET", "/page", asked});
  return seen;
}

Seen from_store(int status, const std::string& body, std::vector<Line> fields = {}) {
  Seen seen;
  seen.status = status;
  seen.body = body;
  seen.fields = std::move(fields);
  seen.is_from_store = true;
  return seen;
}

// What is said of the second exchange when the first one stores "body 1".
std::string second(const std::string& lines, const Seen& seen) {
  CaseFiles files;
  add_cases("case some.thing\nrfc 9111 4\n> GET\n< 200\n= fetch\n" + lines, "some.cases", files);
  REQUIRE(files.errors.empty());
  ScriptedPlayer player({passed_on(200, "body 1"), seen});
  const auto problems = play(files.cases.front(), player);
  return problems.empty() ? "" : problems.front();
}

}  // namespace

TEST_CASE("Each outcome holds for what it means, and for nothing else") {
  const std::vector<Line> condition{{"If-None-Match", "\"a\""}};
  const Seen hit = from_store(200, "body 1");
  const Seen fetched = passed_on(200, "body 2");
  const Seen validated = passed_on(200, "body 1", condition);
  Seen refreshed = hit;
  refreshed.asked.push_back({"GET", "/page", {}});
  Seen refused;
  refused.status = 504;

  const std::string is_hit = "> GET\n= hit\n";
  CHECK(second(is_hit, hit).empty());
  CHECK(second(is_hit, fetched) == "some.cases:6: not answered from the store");
  CHECK(second(is_hit, refreshed) == "some.cases:6: the upstream was asked 1 times, not 0");
  CHECK(second(is_hit, from_store(200, "else")) == "some.cases:6: the body is not a stored one: 'else'");
  CHECK(second(is_hit + "body else\n", from_store(200, "else")).empty());  // joined out of parts, say
  CHECK(second(is_hit, from_store(304, "")).empty());
  CHECK(second(is_hit, from_store(304, "body 1")) == "some.cases:6: a body where there is none: 'body 1'");

  const std::string is_stale = "> GET\n< 200\n= stale\n";
  CHECK(second(is_stale, refreshed).empty());
  CHECK(second(is_stale, hit) == "some.cases:6: the upstream was asked 0 times, not 1");

  const std::string is_fetch = "> GET\n< 200\n= fetch\n";
  CHECK(second(is_fetch, fetched).empty());
  CHECK(second(is_fetch, hit) == "some.cases:6: the upstream was asked 0 times, not 1");
  CHECK(second(is_fetch, passed_on(200, "body 1")) == "some.cases:6: the body is 'body 1', not 'body 2'");
  CHECK(second(is_fetch, passed_on(503, "body 2")) == "some.cases:6: the status is 503, not 200");
  CHECK(second(is_fetch, passed_on(200, "body 2", condition)) ==
        "some.cases:6: the upstream was asked with a condition of Larder's");
  CHECK(second("> GET\nIf-None-Match: \"a\"\n< 200\n= fetch\n", passed_on(200, "body 2", condition)).empty());

  const std::string is_validated = "> GET\n< 304\n= validate\n";
  CHECK(second(is_validated, validated).empty());
  CHECK(second(is_validated, passed_on(200, "body 1")) ==
        "some.cases:6: the upstream was asked without a condition");
  CHECK(second("> GET\n< 200\n= validate\n", passed_on(200, "body 2", condition)).empty());

  CHECK(second("> GET\n< 503\n= error\n", passed_on(200, "body 1")).empty());
  CHECK(second("> GET\n< 503\n= error\n", passed_on(503, "body 2")) ==
        "some.cases:6: the body is not a stored one: 'body 2'");
  CHECK(second("> GET\n< refuse\n= error\n", from_store(200, "body 1")).empty());

  CHECK(second("> GET\n< close\n= gone\n", passed_on(502, "sorry")).empty());
  CHECK(second("> GET\n< close\n= gone\n", passed_on(200, "body 1")) == "some.cases:6: the status is 200");

  CHECK(second("> GET\n= refuse\n", refused).empty());
  CHECK(second("> GET\n= refuse\n", hit) == "some.cases:6: answered from the store");
}

TEST_CASE("Each check names what it found and the line that wanted something else") {
  Seen seen = from_store(
      200, "body 1",
      {{"Age", "9"}, {"Cache-Status", "other; hit, larder; hit; ttl=5"}, {"vary", "a"}, {"Vary", "b"}});
  seen.interim.push_back({103, {{"Link", "</a>"}}});
  seen.trailers.push_back({"X-Sum", "5"});
  const auto check = [&seen](const std::string& line) {
    return second("> GET\n= hit\n" + line + "\n", seen);
  };

  for (const char* line :
       {"Age: 9", "Vary: a, b", "Vary ~ a", "!ETag", "body body 1", "body ~ ody", "status 200", "cs hit",
        "cs ttl=5", "cs !fwd", "interim 103", "interim 103 Link: </a>", "trailer X-Sum: 5"}) {
    CAPTURE(line);
    CHECK(check(line).empty());
  }
  CHECK(check("Age: 8") == "some.cases:8: Age is '9', not '8'");
  CHECK(check("Vary ~ c") == "some.cases:8: Vary is 'a, b', not with 'c'");
  CHECK(check("ETag: a") == "some.cases:8: ETag is absent, not 'a'");
  CHECK(check("!Age") == "some.cases:8: Age is '9', not absent");
  CHECK(check("!body") == "some.cases:8: the body is 'body 1', not ''");
  CHECK(check("status 404") == "some.cases:8: the status is '200', not '404'");
  CHECK(check("cs ttl=6") == "some.cases:8: Cache-Status ttl is '5', not '6'");
  CHECK(check("cs stored") == "some.cases:8: Cache-Status stored is absent, not ''");
  CHECK(check("cs !hit") == "some.cases:8: Cache-Status hit is '', not absent");
  CHECK(check("broken") == "some.cases:8: the response is whole");
  seen.is_broken = true;
  CHECK(check("broken").empty());
  CHECK(check("status 200") == "some.cases:6: the response broke off");
  seen.is_broken = false;
  CHECK(check("interim 100") == "some.cases:8: no interim response '100 ' came");
  CHECK(check("!interim") == "some.cases:8: an interim response came");
  CHECK(check("trailer X-Sum: 6") == "some.cases:8: trailer X-Sum is '5', not '6'");
}

TEST_CASE("Times in a case are those of its clock, in the three forms of a date") {
  const Instant now(std::chrono::seconds(784'111'777));  // RFC 9110 section 5.6.7
  CHECK(with_times("{now}", now) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(with_times("{now rfc850}", now) == "Sunday, 06-Nov-94 08:49:37 GMT");
  CHECK(with_times("{now asctime}", now) == "Sun Nov  6 08:49:37 1994");
  CHECK(with_times("a {now+1h} b {now-10s} c", now) ==
        "a Sun, 06 Nov 1994 09:49:37 GMT b Sun, 06 Nov 1994 08:49:27 GMT c");
  CHECK(with_times("{now-1d rfc850}", now) == "Saturday, 05-Nov-94 08:49:37 GMT");
}
