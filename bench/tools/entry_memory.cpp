// What a stored response costs in memory, beyond its key, its head and its bytes:
//
//   bench_entry_memory [--count 1000000] [--body 1024] [--spread 0] [--budget-mib 4096]
//                      [--past-budget COUNT]
//
// Stores `count` pages in the memory store of Larder, with the allocator of the release build, and compares
// the process before and after: its resident set (VmRSS), what the allocator gave out (mallctl
// "stats.allocated"), and what the store counts against its budget. A page has a URL of some 50 bytes, a head
// of some 300 as a CMS sends it, and a body of `body` bytes, or of up to `spread` more or less. It is landed
// and frozen as a fetch does it. With --past-budget so many more are stored, so that the budget evicts, and
// the process is compared with the budget. Prints a table; exit code 1 where more was evicted than asked for.
#include <jemalloc/jemalloc.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <string_view>

#include "larder/cache/landing.hpp"
#include "larder/http/date.hpp"
#include "larder/http/target.hpp"
#include "larder/store/memory_store.hpp"

namespace {

using namespace larder;

struct Options {
  std::uint64_t count = 1'000'000;
  std::uint64_t body = 1024;
  std::uint64_t spread = 0;
  std::uint64_t budget_mib = 4096;
  std::uint64_t past_budget = 0;
};

Options options_of(int count, char** arguments) {
  Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = arguments[i];
    const std::uint64_t value = std::strtoull(arguments[i + 1], nullptr, 10);
    if (name == "--count") options.count = value;
    if (name == "--body") options.body = value;
    if (name == "--spread") options.spread = value;
    if (name == "--budget-mib") options.budget_mib = value;
    if (name == "--past-budget") options.past_budget = value;
  }
  return options;
}

std::uint64_t resident_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
  }
  return 0;
}

std::uint64_t allocated_bytes() {
  std::uint64_t epoch = 1;
  std::size_t size = sizeof(epoch);
  mallctl("epoch", &epoch, &size, &epoch, size);
  std::size_t allocated = 0;
  size = sizeof(allocated);
  mallctl("stats.allocated", &allocated, &size, nullptr, 0);
  return allocated;
}

// The pages of a site, one after the other.
class Pages {
 public:
  explicit Pages(const Options& options) : options_(options) {}

  cache::StoredPtr next() {
    const std::uint64_t number = number_++;
    http::RequestHead request;
    request.method = http::Method::get;
    cache::CacheKey key;
    make_key(number, key);
    const http::ResponseHead response = head_of(number);
    const cache::FetchTimes times{now_.mono, now_};
    const cache::Storability storability = cache::storable(request, response, policy_, times);
    auto landed = cache::land({key, request, captures_, policy_, times, 0}, response, storability).response;
    landed->body = cache::Body::complete(body_of());
    return cache::freeze(*landed);
  }

 private:
  void make_key(std::uint64_t number, cache::CacheKey& key) {
    http::Target target;
    target.scheme = "http";
    target.host = "www.example.com";
    const std::string path = "/blog/" + std::to_string(number) + "/a-post-of-ours/";
    target.path = path;
    cache::make_key(target, {}, policy_, key);
  }
  http::ResponseHead head_of(std::uint64_t number) {
    http::ResponseHead head;
    head.status = 200;
    head.reason = "OK";
    head.fields.add("Server", "nginx");
    head.fields.add("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
    head.fields.add("Content-Type", "text/html; charset=utf-8");
    head.fields.add("Last-Modified", "Sun, 06 Nov 1994 07:00:00 GMT");
    head.fields.add("ETag", "\"" + std::to_string(number * 7919) + "\"");
    head.fields.add("X-Frame-Options", "DENY");
    head.fields.add("Cache-Control", "public, max-age=600");
    head.fields.add("Link", "</" + std::string(random_() % 60, 'a') + ".css>; rel=preload");
    return head;
  }
  std::string body_of() {
    const std::uint64_t spread = options_.spread;
    const std::uint64_t size = options_.body + (spread > 0 ? random_() % (2 * spread) - spread : 0);
    return std::string(size, 'x');
  }

  const Options& options_;
  const cache::RoutePolicy policy_;
  const std::vector<std::string> captures_;
  const base::Now now_{base::WallTime(base::Seconds(784'111'777)), base::MonoTime(base::Seconds(1'000))};
  std::mt19937 random_{1};
  std::uint64_t number_ = 0;
};

struct Needed {
  std::uint64_t key = 0;
  std::uint64_t head = 0;
  std::uint64_t body = 0;
  std::uint64_t sum() const { return key + head + body; }
};

void fill(store::MemoryStore& store, Pages& pages, std::uint64_t count, Needed& needed) {
  for (std::uint64_t i = 0; i < count; ++i) {
    cache::StoredPtr page = pages.next();
    needed.key += page->key().text.size();
    needed.head += page->head_text().size();
    needed.body += page->body_size();
    store.put(std::move(page));
  }
}

void print(const char* name, std::uint64_t bytes, const Options& options, const Needed& needed) {
  const auto each = static_cast<double>(bytes) / static_cast<double>(options.count);
  const auto beyond = each - static_cast<double>(needed.sum()) / static_cast<double>(options.count);
  std::printf("%-12s %8.1f bytes each, %6.1f beyond key, head and body\n", name, each, beyond);
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = options_of(count, arguments);
  store::MemoryStore store(options.budget_mib * 1024 * 1024);
  Pages pages(options);
  Needed needed;
  fill(store, pages, 1, needed);  // what is made once is there
  const std::uint64_t resident_before = resident_bytes();
  const std::uint64_t allocated_before = allocated_bytes();
  const std::uint64_t counted_before = store.stats().bytes;
  needed = {};
  fill(store, pages, options.count, needed);
  const auto mean = [&](std::uint64_t sum) {
    return static_cast<double>(sum) / static_cast<double>(options.count);
  };
  std::printf("%llu pages: key %.1f, head %.1f, body %.1f bytes\n",
              static_cast<unsigned long long>(options.count), mean(needed.key), mean(needed.head),
              mean(needed.body));
  const std::uint64_t resident = resident_bytes() - resident_before;
  const std::uint64_t counted = store.stats().bytes - counted_before;
  print("resident", resident, options, needed);
  print("allocated", allocated_bytes() - allocated_before, options, needed);
  print("counted", counted, options, needed);
  std::printf("resident / counted: %.3f\n", static_cast<double>(resident) / static_cast<double>(counted));
  if (options.past_budget == 0) return store.stats().evictions == 0 ? 0 : 1;
  fill(store, pages, options.past_budget, needed);
  const store::StoreStats stats = store.stats();
  std::printf("past the budget: %llu evictions, counted %.3f of it, resident %.3f\n",
              static_cast<unsigned long long>(stats.evictions),
              static_cast<double>(stats.bytes) / static_cast<double>(stats.size_max),
              static_cast<double>(resident_bytes() - resident_before) / static_cast<double>(stats.size_max));
  return 0;
}
