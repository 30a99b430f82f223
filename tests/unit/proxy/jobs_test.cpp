// What may wait in jobs. Nobody carries them out here: they have no workers.
#include "larder/proxy/jobs.hpp"

#include <catch2/catch.hpp>

#include "../store/store_fixture.hpp"
#include "larder/proxy/site.hpp"

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
