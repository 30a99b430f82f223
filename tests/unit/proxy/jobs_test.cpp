// What may wait in jobs. Nobody carries them out here: they have no workers.
#include "larder/proxy/jobs.hpp"

#include <catch2/catch.hpp>

#include "../store/store_fixture.hpp"
#include "larder/proxy/site.hpp"
#include "proxy/job.hpp"

namespace larder::proxy {
namespace {

config::ConfigPtr smallest_config() {
  auto config = std::make_shared<config::Config>();
  config::Upstream upstream;
  upstream.name = "default";
  upstream.servers.push_back({config::parse_address("127.0.0.1:9").value(), "http://127.0.0.1:9"});
  config->upstreams.push_back(std::move(upstream));
  return config;
}

// Pages whose URLs are `url_size` long.
JobOrder order_of(std::size_t pages, std::size_t url_size) {
  JobOrder order;
  order.cause = "a test";
  const std::string url = "http://www.example.com/";
  for (std::size_t i = 0; i < pages; ++i)
    order.errands.push_back(errand_for(url + std::string(url_size - url.size(), 'a'), false));
  return order;
}

constexpr std::size_t mebibyte = std::size_t{1024} * 1024;

TEST_CASE("pages that wait are bounded by the memory they take, in all jobs together") {
  Site site(smallest_config());
  const auto first = site.jobs->start(order_of(40, mebibyte));
  REQUIRE(first);
  CHECK_FALSE(site.jobs->start(order_of(24, mebibyte)));
  CHECK(site.jobs->start(order_of(23, mebibyte)));
  CHECK_FALSE(site.jobs->start(order_of(1, mebibyte)));
  CHECK(site.jobs->cancel(*first));
  CHECK(site.jobs->start(order_of(40, mebibyte)));
}

TEST_CASE("pages that wait are bounded by their number, in all jobs together") {
  Site site(smallest_config());
  CHECK_FALSE(site.jobs->start(order_of(Jobs::errands_max + 1, 30)));
  const auto first = site.jobs->start(order_of(Jobs::errands_max, 30));
  REQUIRE(first);
  CHECK_FALSE(site.jobs->start(order_of(1, 30)));
  CHECK(site.jobs->cancel(*first));
  CHECK(site.jobs->start(order_of(1, 30)));
}

TEST_CASE("a rate spreads what begins evenly over each second, and catches nothing up") {
  Pace pace(20);
  const Pace::Time start{std::chrono::seconds(100)};
  int in_first_second = 0;
  for (int i = 0; i < 100; ++i) in_first_second += pace.next(start) < start + std::chrono::seconds(1);
  CHECK(in_first_second == 20);
  // A hundred were asked for at once: the next has its turn after them.
  CHECK(pace.next(start) == start + std::chrono::seconds(5));
  const Pace::Time later = start + std::chrono::seconds(60);
  CHECK(pace.next(later) == later);
  CHECK(pace.next(later) == later + std::chrono::milliseconds(50));
}

TEST_CASE("the highest rate is no rate without a bound, and none is") {
  const Pace::Time start{std::chrono::seconds(100)};
  Pace highest(10'000);
  highest.next(start);
  CHECK(highest.next(start) == start + std::chrono::microseconds(100));
  Pace none(0);
  none.next(start);
  CHECK(none.next(start) == start);
}

// So many that each has been given out once.
void fill(Site& site, int pages) {
  namespace fixture = store::fixture;
  for (int i = 0; i < pages; ++i) {
    const cache::CacheKey key = fixture::key_of("/" + std::to_string(i) + "/");
    site.store.put(fixture::response_of(key));
    fixture::look_up(site.store, key);
  }
}

JobOrder hottest(std::uint32_t pages) {
  JobOrder order;
  order.cause = "a test";
  order.search = {pages, {}, 0};
  return order;
}

TEST_CASE("the search for the hottest pages may rest at each of them, as a sweep may") {
  Site site(smallest_config());
  fill(site, 200);
  REQUIRE(site.jobs->start(hottest(50)));
  std::size_t asked = 0;
  site.sweep([&asked] {
    ++asked;
    return true;
  });
  CHECK(asked >= 200);
  CHECK(site.jobs->list().front().counts.total == 50);
}

TEST_CASE("a search that is ended early leaves its job with what it has found, and nothing waits for it") {
  Site site(smallest_config());
  fill(site, 200);
  REQUIRE(site.jobs->start(hottest(50)));
  std::size_t asked = 0;
  CHECK_FALSE(site.jobs->search([&asked] { return ++asked < 10; }));
  CHECK(asked == 10);
  CHECK(site.jobs->list().front().counts.total == 10);
  CHECK_FALSE(site.jobs->is_search_announced());
}

}  // namespace
}  // namespace larder::proxy
