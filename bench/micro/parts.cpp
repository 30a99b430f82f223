// What single parts of an exchange take: bench_micro, of Google Benchmark, which bench/micro/run builds and
// starts.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "larder/cache/codec.hpp"
#include "larder/cache/purge_log.hpp"
#include "larder/store/memory_store.hpp"
#include "page.hpp"

namespace {

using namespace larder;
using bench::Request;
using bench::Reused;

constexpr std::size_t page_size = 1024;
const cache::RoutePolicy policy;

void parse_head(benchmark::State& state, std::string_view text) {
  http::RequestHead head;
  for (auto _ : state) benchmark::DoNotOptimize(http::parse_request_head(text, {}, head));
}
BENCHMARK_CAPTURE(parse_head, small, bench::small_head);
BENCHMARK_CAPTURE(parse_head, browser, bench::browser_head);

void make_key(benchmark::State& state, std::string_view text) {
  const Request request(text);
  Reused reused;
  for (auto _ : state) {
    bench::make_key(request.head(), policy, reused);
    benchmark::DoNotOptimize(reused.key.hash);
  }
}
BENCHMARK_CAPTURE(make_key, small, bench::small_head);
BENCHMARK_CAPTURE(make_key, browser, bench::browser_head);

void decide_fresh_hit(benchmark::State& state, std::string_view text) {
  const Request request(text);
  Reused reused;
  const cache::StoredPtr stored = bench::stored_page(request.head(), reused, policy, page_size);
  for (auto _ : state) {
    if (!bench::decide(request.head(), reused, policy, *stored)) state.SkipWithError("no fresh hit");
  }
}
BENCHMARK_CAPTURE(decide_fresh_hit, small, bench::small_head);
BENCHMARK_CAPTURE(decide_fresh_hit, browser, bench::browser_head);

// Pages that differ in a number of their path, so that neither table nor branches are those of one key.
std::string numbered(std::size_t number) {
  std::string text(bench::browser_head);
  const std::size_t place = text.find("/a-post") + 1;
  return text.replace(place, 1, std::to_string(number));
}

struct Filled {
  static constexpr std::size_t pages = 10'000;
  store::MemoryStore store{std::uint64_t{256} << 20};
  std::vector<cache::CacheKey> keys;
  Reused reused;

  Filled() {
    for (std::size_t i = 0; i < pages; ++i) {
      const Request request(numbered(i));
      store.put(bench::stored_page(request.head(), reused, policy, page_size));
      keys.push_back(reused.key);
    }
  }
};

void look_up_hit(benchmark::State& state) {
  Filled filled;
  const Request request(bench::browser_head);
  store::LookUp found;
  std::size_t next = 0;
  for (auto _ : state) {
    filled.store.look_up(filled.keys[next], request.head().fields, policy.cookies, bench::asked_at.mono,
                         found);
    next = (next + 7919) % Filled::pages;
    if (!found.response) state.SkipWithError("a look-up missed");
  }
}
BENCHMARK(look_up_hit);

void look_up_miss(benchmark::State& state) {
  Filled filled;
  const Request request(bench::browser_head);  // without a number
  bench::make_key(request.head(), policy, filled.reused);
  store::LookUp found;
  for (auto _ : state) {
    filled.store.look_up(filled.reused.key, request.head().fields, policy.cookies, bench::asked_at.mono,
                         found);
    if (found.response) state.SkipWithError("a look-up hit");
  }
}
BENCHMARK(look_up_miss);

// The variant that was stored first, so that all others are passed over.
void look_up_among_variants(benchmark::State& state) {
  constexpr std::array codings{
      "gzip, deflate, br, zstd", "gzip", "br", "zstd", "deflate", "gzip, br", "identity", "gzip, deflate"};
  store::MemoryStore store(std::uint64_t{16} << 20);
  Reused reused;
  for (const std::string_view coding : codings) {
    const Request request(std::string(bench::small_head.substr(0, bench::small_head.size() - 2)) +
                          "Accept-Encoding: " + std::string(coding) + "\r\n\r\n");
    store.put(bench::stored_page(request.head(), reused, policy, page_size));
  }
  const Request request(bench::browser_head);
  store::LookUp found;
  for (auto _ : state) {
    store.look_up(reused.key, request.head().fields, policy.cookies, bench::asked_at.mono, found);
    if (!found.response || !found.has_other_variants) state.SkipWithError("a look-up missed");
  }
}
BENCHMARK(look_up_among_variants);

void encode(benchmark::State& state) {
  const Request request(bench::browser_head);
  Reused reused;
  const cache::StoredPtr stored =
      bench::stored_page(request.head(), reused, policy, static_cast<std::size_t>(state.range()));
  for (auto _ : state) benchmark::DoNotOptimize(cache::encode(*stored, bench::asked_at));
}
BENCHMARK(encode)->Arg(1024)->Arg(65536);

void decode(benchmark::State& state) {
  const Request request(bench::browser_head);
  Reused reused;
  const std::string bytes = cache::encode(
      *bench::stored_page(request.head(), reused, policy, static_cast<std::size_t>(state.range())),
      bench::asked_at);
  for (auto _ : state) {
    if (!cache::decode(bytes, bench::asked_at)) state.SkipWithError("it cannot be read");
  }
}
BENCHMARK(decode)->Arg(1024)->Arg(65536);

void append_purges_of_others(cache::PurgeLog& log, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    cache::Selector selector;
    switch (i % 3) {
      case 0:
        selector = cache::purge_selector("www.example.com", "/other/" + number + "/");
        break;
      case 1:
        selector = {cache::SelectorKind::tag, "other-" + number, ""};
        break;
      default:
        selector = {cache::SelectorKind::prefix, "/others-" + number, ""};
    }
    log.append({selector}, cache::PurgeMode::hard, bench::stored_at.wall);
  }
}

// A page that was found valid at the newest line already: what nearly every hit pays.
void purges_checked_before(benchmark::State& state) {
  cache::PurgeLog log;
  append_purges_of_others(log, static_cast<std::size_t>(state.range()));
  const Request request(bench::browser_head);
  Reused reused;
  const cache::StoredPtr stored = bench::stored_page(request.head(), reused, policy, page_size);
  for (auto _ : state) {
    if (log.validity(*stored, log.newest()) != cache::Validity::valid) state.SkipWithError("it was purged");
  }
}
BENCHMARK(purges_checked_before)->Arg(10'000);

// The matcher itself, as for the first hit after a purge.
void purges_checked_anew(benchmark::State& state) {
  cache::PurgeLog log;
  append_purges_of_others(log, static_cast<std::size_t>(state.range()));
  const Request request(bench::browser_head);
  Reused reused;
  const cache::StoredPtr stored = bench::stored_page(request.head(), reused, policy, page_size);
  for (auto _ : state) {
    stored->checked_at.store(0, std::memory_order_relaxed);
    if (log.validity(*stored, log.newest()) != cache::Validity::valid) state.SkipWithError("it was purged");
  }
}
BENCHMARK(purges_checked_anew)->Arg(10)->Arg(10'000);

}  // namespace

BENCHMARK_MAIN();
