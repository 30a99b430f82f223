#include "larder/obs/metrics.hpp"

#include <catch2/catch.hpp>

namespace larder::obs {
namespace {

using Catch::Contains;
using Observers = std::vector<std::unique_ptr<Observer>>;

config::Config config_with(const std::vector<std::string>& patterns) {
  config::Config config;
  config.log.access = config::AccessLog::off;
  for (const std::string& text : patterns) {
    auto pattern = std::get<config::Pattern>(config::Pattern::parse(text));
    cache::RoutePolicy policy;
    policy.name = text;
    config.routes.push_back({std::move(pattern), std::move(policy)});
  }
  return config;
}

ExchangeRecord record_of(Result result, cache::Reason reason, std::uint32_t route,
                         std::uint64_t duration_us) {
  ExchangeRecord record;
  record.result = result;
  record.reason = reason;
  record.route = route;
  record.duration_us = duration_us;
  record.status = 200;
  record.bytes_sent = 10;
  return record;
}

std::string page_of(const Totals& totals) {
  MetricPage page;
  add_build_info(page);
  add_exchange_metrics(page, totals);
  return page.text();
}

TEST_CASE("totals are the sums over all workers") {
  const config::Config config = config_with({"/blog/{slug}/"});
  Observers observers;
  observers.push_back(std::make_unique<Observer>(config));
  observers.push_back(std::make_unique<Observer>(config));
  observers[0]->record(record_of(Result::hit, cache::Reason::fresh, 0, 40));
  observers[1]->record(record_of(Result::hit, cache::Reason::fresh, 0, 60));
  observers[1]->record(record_of(Result::miss, cache::Reason::absent, 1, 300'000));
  observers[1]->count_connection_opened();
  observers[1]->count_event(cache::Reason::too_large);
  const Totals totals = totals_of(observers, config);
  CHECK(totals.request_count() == 3);
  CHECK(totals.requests_of(Result::hit) == 2);
  CHECK(totals.hit_ratio() == Approx(2.0 / 3.0));
  CHECK(totals.status_classes[2] == 3);
  CHECK(totals.connections_opened == 1);
  CHECK(totals.routes.at("/blog/{slug}/")[static_cast<std::size_t>(Result::hit)] == 2);
  CHECK(totals.routes.at("(none)")[static_cast<std::size_t>(Result::miss)] == 1);

  const std::string page = page_of(totals);
  CHECK_THAT(page, Contains("larder_requests_total{result=\"hit\",reason=\"fresh\"} 2\n"));
  CHECK_THAT(page, Contains("larder_route_requests_total{route=\"/blog/{slug}/\",result=\"hit\"} 2\n"));
  CHECK_THAT(page, Contains("larder_events_total{reason=\"too-large\"} 1\n"));
  CHECK_THAT(page, Contains("larder_responses_total{status=\"2xx\"} 3\n"));
  CHECK_THAT(page, Contains("larder_connections 1\n"));
  CHECK_THAT(page, Contains("larder_build_info{version=\"" LARDER_VERSION "\"} 1\n"));
}

TEST_CASE("histograms are cumulative and end in +Inf") {
  const config::Config config = config_with({});
  Observers observers;
  observers.push_back(std::make_unique<Observer>(config));
  for (const std::uint64_t duration : {50, 51, 100'000'000}) {
    observers[0]->record(record_of(Result::hit, cache::Reason::fresh, 0, duration));
  }
  const std::string page = page_of(totals_of(observers, config));
  const std::string name = "larder_request_duration_seconds";
  CHECK_THAT(page, Contains("# TYPE " + name + " histogram\n"));
  CHECK_THAT(page, Contains(name + "_bucket{result=\"hit\",le=\"5e-05\"} 1\n") ||
                       Contains(name + "_bucket{result=\"hit\",le=\"5.0000000000000002e-05\"} 1\n"));
  CHECK_THAT(page, Contains(name + "_bucket{result=\"hit\",le=\"+Inf\"} 3\n"));
  CHECK_THAT(page, Contains(name + "_count{result=\"hit\"} 3\n"));
}

TEST_CASE("a reload keeps what was counted under its old name") {
  const config::Config before = config_with({"/a/**", "/b/**"});
  const config::Config after = config_with({"/b/**"});
  Observers observers;
  observers.push_back(std::make_unique<Observer>(before));
  observers[0]->record(record_of(Result::hit, cache::Reason::fresh, 0, 1));
  observers[0]->record(record_of(Result::hit, cache::Reason::fresh, 1, 1));
  observers[0]->use_routes(after);
  observers[0]->record(record_of(Result::hit, cache::Reason::fresh, 0, 1));
  const Totals totals = totals_of(observers, after);
  const auto hits = static_cast<std::size_t>(Result::hit);
  CHECK(totals.routes.at("/a/**")[hits] == 1);
  CHECK(totals.routes.at("/b/**")[hits] == 2);
}

TEST_CASE("an observer without names takes them from the configuration") {
  const config::Config config = config_with({"/a/**"});
  Observers observers;
  observers.push_back(std::make_unique<Observer>(1, config::AccessLog::off));
  observers[0]->record(record_of(Result::hit, cache::Reason::fresh, 0, 1));
  observers[0]->record(record_of(Result::pass, cache::Reason::method, 7, 1));
  const Totals totals = totals_of(observers, config);
  CHECK(totals.routes.at("/a/**")[static_cast<std::size_t>(Result::hit)] == 1);
  CHECK(totals.routes.at("(none)")[static_cast<std::size_t>(Result::pass)] == 1);
}

TEST_CASE("two routes of one pattern are one series") {
  const config::Config config = config_with({"/a/**", "/a/**"});
  Observers observers;
  observers.push_back(std::make_unique<Observer>(config));
  observers[0]->record(record_of(Result::hit, cache::Reason::fresh, 0, 1));
  observers[0]->record(record_of(Result::hit, cache::Reason::fresh, 1, 1));
  CHECK_THAT(page_of(totals_of(observers, config)),
             Contains("larder_route_requests_total{route=\"/a/**\",result=\"hit\"} 2\n"));
}

TEST_CASE("quantiles are estimated within their bucket") {
  DurationTotals durations;
  CHECK(quantile_us(durations, 0.5) == 0);
  durations.buckets[2] = 100;  // 100 to 250 us
  CHECK(quantile_us(durations, 0.5) == 175);
  CHECK(quantile_us(durations, 1.0) == 250);
  durations.buckets.back() = 900;
  CHECK(quantile_us(durations, 0.5) == 30'000'000);
}

}  // namespace
}  // namespace larder::obs
