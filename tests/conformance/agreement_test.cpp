// Stories that nobody thought of: the running server does what its pure functions do.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "conformance/policy_player.hpp"
#include "conformance/server_stand.hpp"
#include "conformance/socket_player.hpp"

using namespace conformance;

namespace {

class Storyteller {
 public:
  explicit Storyteller(unsigned seed) : random_(seed), is_invalidated_(seed % 2 == 0) {}

  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }
  bool one_in(std::size_t count) { return below(count) == 0; }
  std::string one_of(const std::vector<std::string>& values) { return values[below(values.size())]; }
  void maybe(std::size_t count, const std::string& name, const std::vector<std::string>& values,
             std::vector<Line>& fields) {
    if (one_in(count)) fields.push_back({name, one_of(values)});
  }

  Step step(int number) {
    Step step;
    step.pause = std::chrono::seconds(one_in(2) ? 0 : below(40));
    step.method = one_in(8) ? one_of({"HEAD", "OPTIONS"}) : "GET";
    if (is_invalidated_ && one_in(6)) step.method = one_of({"POST", "PUT", "DELETE", "FROB"});
    step.target = one_of({"/a", "/a", "/a", "/a?x", "/dir/b"});
    maybe(6, "Cache-Control",
          {"no-cache", "no-store", "max-age=5", "max-age=0", "min-fresh=5", "max-stale", "max-stale=9",
           "only-if-cached", "only-if-cached, max-stale"},
          step.fields);
    if (!is_invalidated_) {
      maybe(8, "If-None-Match", {"\"a\"", "\"b\"", "W/\"a\"", "*", "a"}, step.fields);
      maybe(12, "If-Modified-Since", {"{now}", "{now-1h}", "{now-1d rfc850}", "yesterday"}, step.fields);
    }
    // One range alone may be kept as a part, which the policy player leaves to the sockets.
    maybe(14, "Range", {"bytes=0-0,2-2", "bytes=90-91,-0", "lines=1"}, step.fields);
    if (one_in(14)) {
      step.fields.push_back({"Range", one_of({"bytes=0-1", "bytes=2-", "bytes=-1", "bytes=90-"})});
      step.fields.push_back({"If-Range", one_of({"\"a\"", "\"b\"", "{now-1d}"})});
    }
    maybe(15, "Authorization", {"Basic eA==", "Basic eQ=="}, step.fields);
    maybe(3, "Accept-Encoding", {"gzip", "br, gzip", "gzip;q=1", "identity"}, step.fields);
    maybe(6, "Foo", {"1", "2", ""}, step.fields);
    // Behind one that closes nothing is asked, but over sockets by who had found the connection idle.
    do {
      step.answers.push_back(answer(number, static_cast<int>(step.answers.size())));
    } while (step.answers.size() < 3 && step.answers.back().kind == Answer::Kind::response);
    return step;
  }

 private:
  Answer answer(int number, int again) {
    Answer answer;
    answer.body = "body " + std::to_string(number) + "." + std::to_string(again);
    if (one_in(15)) {
      answer.kind = Answer::Kind::close;
      return answer;
    }
    answer.status =
        one_in(2) ? 200 : std::stoi(one_of({"200", "304", "404", "503", "500", "302", "203", "599", "204"}));
    std::vector<Line>& fields = answer.fields;
    maybe(2, "Cache-Control",
          {"max-age=10", "max-age=20, stale-while-revalidate=20", "s-maxage=15", "max-age=0", "no-cache",
           "no-store", "private", "public", "max-age=10, must-revalidate", "max-age=10, stale-if-error=30",
           "no-cache=\"X-One\", max-age=9", "private=\"Set-Cookie, X-One\", max-age=30", "max-age=x",
           "must-understand, no-store, max-age=10"},
          fields);
    maybe(12, "CDN-Cache-Control", {"max-age=30", "no-store", "max-age=\"x\"", ""}, fields);
    maybe(2, "ETag", {"\"a\"", "\"b\"", "W/\"a\"", "a"}, fields);
    maybe(4, "Last-Modified", {"{now-1d}", "{now-1h}", "{now+1h}", "never"}, fields);
    maybe(4, "Expires", {"{now+20s}", "{now-20s}", "0", "{now+1m asctime}"}, fields);
    maybe(2, "Date", {"{now}", "{now-5s}", "{now+5s}", "today"}, fields);
    maybe(8, "Age", {"5", "x", "-1", "3, 4"}, fields);
    if (!is_invalidated_)
      maybe(3, "Vary", {"Foo", "Accept-Encoding", "*", "Foo, Accept-Encoding", ""}, fields);
    maybe(10, "Set-Cookie", {"a=b", "sessionid=1"}, fields);
    maybe(6, "X-One", {"1", "2"}, fields);
    maybe(15, "Location", {"/a", "b", "http://www.example.com/dir/b", "http://other/a"}, fields);
    maybe(8, "Cache-Groups", {"\"g\"", "\"g\", \"h\"", "g"}, fields);
    maybe(25, "Cache-Group-Invalidation", {"\"g\"", "\"h\""}, fields);
    maybe(25, "Content-Location", {"/a", "/dir/b", "/a?x"}, fields);
    maybe(15, "Content-Encoding", {"gzip"}, fields);
    return answer;
  }

  std::mt19937 random_;
  // What is outdated stays in the store until it is swept, a second later in real time: it can stand before
  // another variant, and keeps alive what is known of a page. Such stories have neither variants nor
  // conditions.
  bool is_invalidated_;
};

// The fields of a response or a request that both show, in a form to compare.
std::string shown(const std::vector<Line>& fields, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (const auto value = find(fields, name)) text += "\n  " + name + ": " + *value;
  }
  return text;
}

std::string shown(const Seen& seen) {
  const bool is_own = !find(seen.fields, "Via") || seen.status == 502 || seen.status == 504;
  std::string text = std::to_string(seen.status);
  // The words of Larder's own errors are not the policy's, nor the boundary of its parts.
  const auto type = find(seen.fields, "Content-Type").value_or("");
  if (!is_own && seen.status != 416 && !type.starts_with("multipart/")) {
    text += " '" + seen.body + "'" +
            shown(seen.fields, {"Cache-Control", "ETag", "Last-Modified", "Expires", "Date", "Age", "Vary",
                                "Set-Cookie", "X-One", "Location", "Via", "Content-Range"});
  }
  for (const Asked& asked : seen.asked) {
    text += "\nasked " + asked.method + " " + asked.target +
            shown(asked.fields,
                  {"If-None-Match", "If-Modified-Since", "Range", "If-Range", "Cache-Control", "Via"});
  }
  return text;
}

std::string told(const Step& step) {
  std::string text = "\n+" + std::to_string(step.pause.count()) + "s\n> " + step.method + " " + step.target;
  for (const Line& line : step.fields) text += "\n  " + line.name + ": " + line.value;
  for (const Answer& answer : step.answers) {
    text += answer.kind == Answer::Kind::close ? "\n< close" : "\n< " + std::to_string(answer.status);
    for (const Line& line : answer.fields) text += "\n  " + line.name + ": " + line.value;
  }
  return text;
}

}  // namespace

TEST_CASE("Random stories go over sockets as they go through the policy") {
  // LARDER_STORIES=6000 for more of them.
  const char* wanted = std::getenv("LARDER_STORIES");
  const unsigned long stories = wanted != nullptr ? std::stoul(wanted) : 400;
  for (unsigned seed = 1; seed <= stories; ++seed) {
    Storyteller storyteller(seed);
    PolicyPlayer policy([](const larder::cache::StoredPtr& stored, larder::base::Now) { return stored; });
    SocketPlayer sockets(
        [](const scenario::Upstream& upstream) { return std::make_unique<ServerStand>(upstream); });
    std::string story;
    for (int number = 1; number <= 6; ++number) {
      const Step written = storyteller.step(number);
      story += told(written);
      policy.advance(written.pause);
      sockets.advance(written.pause);
      const std::string by_policy = shown(policy.exchange(at_time(written, policy.now())));
      const std::string over_sockets = shown(sockets.exchange(at_time(written, sockets.now())));
      if (by_policy != over_sockets) {
        CAPTURE(seed, story);
        CHECK(over_sockets == by_policy);
        return;
      }
      policy.advance(std::chrono::milliseconds(10));
      sockets.advance(std::chrono::milliseconds(10));
    }
  }
  SUCCEED();
}
