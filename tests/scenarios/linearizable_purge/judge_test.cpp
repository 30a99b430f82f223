// The judge finds what breaks the promise of purges, and nothing else.
#include "judge.hpp"

#include <catch2/catch.hpp>

#include "pages.hpp"

using namespace linearizable;

namespace {

const std::size_t post = page_of("a.example", "/blog/post-1/");  // no grace
const std::size_t news = page_of("a.example", "/news/1/");       // grace

// Version 2 of a page was published at 10 and purged from 20 to 30; fetch 1 began at 5 with version 1, fetch
// 2 at 25 with version 2.
struct Course {
  explicit Course(std::size_t its_page, bool is_soft = false) : page(its_page) {
    history.publishes.push_back({page, 2, 8, 10});
    Purge purge;
    purge.is_soft = is_soft;
    purge.by = "api";
    purge.selectors = {"path:" + pages()[page].path};
    purge.invoke = 20;
    purge.ack = 30;
    history.purges.push_back(purge);
    history.fetches.push_back({1, page, 5, 6, 1, "200", 50});
    history.fetches.push_back({2, page, 25, 26, 2, "200", 60});
  }
  void read(Nanoseconds sent, std::uint64_t version, std::uint64_t fetch,
            const std::string& cache_status = "larder; hit; ttl=50") {
    Read event;
    event.page = page;
    event.invoke = sent;
    event.complete = sent + 5;
    event.manner = "GET";
    event.status = 200;
    event.version = version;
    event.fetch = fetch;
    event.cache_status = cache_status;
    history.reads.push_back(event);
  }
  std::vector<Violation> violations() const { return judge(history).violations; }

  std::size_t page;
  History history;
};

}  // namespace

TEST_CASE("A history in which every read is new enough is accepted") {
  Course course(post);
  course.read(31, 2, 2);
  course.read(15, 1, 1);  // before the purge
  const Verdict verdict = judge(course.history);
  CHECK(verdict.violations.empty());
  CHECK(verdict.reads == 2);
  CHECK(verdict.hits == 2);
  CHECK(verdict.bound == 1);
  CHECK(verdict.purges == 1);
  CHECK(verdict.purges_in_flight == 1);
}

TEST_CASE("An old version after the acknowledgement is found, and its story told") {
  Course course(post);
  course.read(31, 1, 1);
  const auto found = course.violations();
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == Violation::Kind::old_version);
  CHECK(found[0].expected == 2);
  const std::string story = story_of(found[0], course.history);
  for (const char* line :
       {"version 2 is published", "is called", "is acknowledged", "reads version 1", "has 200"}) {
    CHECK(story.find(line) != std::string::npos);
  }
}

TEST_CASE("A read that was sent before the acknowledgement may bring the old version") {
  Course course(post);
  course.read(25, 1, 1);
  course.read(30, 1, 1);  // at the same moment: not after it
  CHECK(course.violations().empty());
}

TEST_CASE("A purge that was never acknowledged binds nobody") {
  Course course(post);
  course.history.purges[0].ack = 0;
  course.read(31, 1, 1);
  CHECK(course.violations().empty());
}

TEST_CASE("A purge of another page binds nobody here") {
  Course course(post);
  course.history.purges[0].selectors = {"path:/blog/post-2/", "slug:post-3", "host:b.example"};
  course.read(31, 1, 1);
  CHECK(course.violations().empty());
}

TEST_CASE("A version that was published after the purge was called is not owed") {
  Course course(post);
  course.history.publishes[0].end = 21;
  course.read(31, 1, 3);
  CHECK(course.violations().empty());
}

TEST_CASE("A fetch that began before the purge is found, whatever version it brings") {
  Course course(post);
  course.history.fetches[0].version = 2;
  course.read(31, 2, 1);
  const auto found = course.violations();
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == Violation::Kind::old_fetch);
}

TEST_CASE("After a soft purge the old version is accepted where Cache-Status says stale") {
  Course course(news, true);
  course.read(31, 1, 1, "larder; hit; ttl=-3; detail=stale-while-revalidate");
  course.read(31, 1, 1, "larder; hit; ttl=0; detail=soft-purged");
  course.read(31, 1, 1, "larder; fwd=stale; ttl=0; detail=connect-failed");
  CHECK(course.violations().empty());
  course.read(31, 1, 1, "larder; hit; ttl=50");
  const auto found = course.violations();
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == Violation::Kind::unsaid_stale);
}

TEST_CASE("Without grace a soft purge is as hard as a hard one") {
  Course course(post, true);
  course.read(31, 1, 1, "larder; hit; ttl=-3; detail=stale-while-revalidate");
  CHECK(course.violations().size() == 1);
}

TEST_CASE("A later purge of less does not lift an earlier one") {
  Course course(post);
  Purge later = course.history.purges[0];
  later.invoke = 35;
  later.ack = 40;
  later.is_soft = true;
  course.history.purges.push_back(later);
  course.read(50, 1, 1);
  CHECK(course.violations().size() == 1);
}

TEST_CASE("A torn body and a version from nowhere are found") {
  Course course(post);
  course.read(31, 2, 2);
  course.history.reads.back().problem = "torn";
  course.read(31, 3, 2);
  const auto found = course.violations();
  REQUIRE(found.size() == 2);
  CHECK(found[0].kind == Violation::Kind::torn);
  CHECK(found[1].kind == Violation::Kind::from_nowhere);
}

TEST_CASE("Each kind of selector names the pages that it says") {
  const Page& page = pages()[post];
  for (const char* selector :
       {"all", "url:http://a.example/blog/post-1/", "url:/blog/post-1/", "path:/blog/post-1/",
        "path:/blog/post-1", "path:http://a.example/blog/post-1/", "prefix:/blog/",
        "prefix:http://a.example/blog/post-", "host:a.example", "tag:blog", "tag:post-*", "slug:post-1",
        "tag:slug:post-1"}) {
    CAPTURE(selector);
    CHECK(covers(selector, page));
  }
  for (const char* selector :
       {"url:http://b.example/blog/post-1/", "path:/blog/", "path:http://b.example/blog/post-1/",
        "prefix:/news", "host:b.example", "tag:bl", "tag:post-2*", "slug:post-11"}) {
    CAPTURE(selector);
    CHECK_FALSE(covers(selector, page));
  }
  const Page& list = pages()[page_of("a.example", "/list/?page=2")];
  CHECK(covers("path:/list/", list));
  CHECK(covers("url:/list/?page=2", list));
  CHECK_FALSE(covers("url:/list/?page=1", list));
  CHECK_FALSE(covers("url:/list/", list));
}

TEST_CASE("A history is read as it was written") {
  Course course(news, true);
  course.history.purges[0].is_refreshing = true;
  course.read(31, 1, 1, "larder; hit; ttl=-3");
  course.history.reads[0].problem = "left";
  History again;
  read_line(text_of(course.history.publishes[0]), again);
  read_line(text_of(course.history.purges[0]), again);
  read_line(text_of(course.history.fetches[0]), again);
  read_line(text_of(course.history.reads[0]), again);
  CHECK(text_of(again.publishes[0]) == text_of(course.history.publishes[0]));
  CHECK(text_of(again.purges[0]) == text_of(course.history.purges[0]));
  CHECK(text_of(again.fetches[0]) == text_of(course.history.fetches[0]));
  CHECK(text_of(again.reads[0]) == text_of(course.history.reads[0]));
  CHECK_THROWS(read_line("read 1 2", again));
  CHECK_THROWS(read_line("nothing", again));
}
