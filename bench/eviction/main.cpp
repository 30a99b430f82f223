// Hit ratios of the memory store beside LRU's, and what a look-up costs; started by bench/eviction/eviction,
// whose head tells the options.
#include <algorithm>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/eviction/rivals.hpp"
#include "unit/store/store_fixture.hpp"

namespace {

using namespace larder;
using namespace larder::eviction;

struct Options {
  std::size_t objects = 20'000;
  std::size_t visits = 400'000;
  std::uint64_t seed = 1;
  std::size_t look_ups = 6'000'000;
  std::size_t shards = 0;
};

struct Named {
  std::string name;
  Plan plan;
};

constexpr double shares[] = {0.01, 0.02, 0.05, 0.10, 0.20};
constexpr std::size_t page_size = 1024;

std::string with_skew(std::string_view name, double skew) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*s, skew %.1f", static_cast<int>(name.size()), name.data(), skew);
  return text;
}

// What a policy is good at, and what it is bad at.
std::vector<Named> traces(const Options& options) {
  const Plan plain{.objects = options.objects, .visits = options.visits, .seed = options.seed};
  std::vector<Named> made;
  for (const double skew : {0.7, 0.8, 0.9, 1.0, 1.1}) {
    Plan plan = plain;
    plan.skew = skew;
    made.push_back({with_skew("Zipf", skew), plan});
  }
  for (const double skew : {0.7, 0.9, 1.1}) {
    Plan plan = plain;
    plan.skew = skew;
    plan.scans = 0.2;
    made.push_back({with_skew("Zipf and 20 % one-time keys", skew), plan});
    plan.scan_length = options.objects / 5;
    made.push_back({with_skew("Zipf and 20 % in long scans", skew), plan});
  }
  for (const double skew : {0.7, 0.9, 1.1}) {
    Plan plan = plain;
    plan.skew = skew;
    plan.change = 0.02;
    made.push_back({with_skew("Zipf, 2 % of visits bring a new page", skew), plan});
  }
  Plan fast = plain;
  fast.change = 0.2;
  made.push_back({"Zipf, 20 % of visits bring a new page, skew 0.9", fast});
  for (const std::size_t times : {2, 3}) {
    Plan plan = plain;
    plan.bursts = 0.2;
    plan.burst_visits = times;
    plan.burst_distance = options.objects / 50;
    made.push_back({"Zipf and 20 % that is asked for " + std::to_string(times) + " times", plan});
  }
  for (const double share : {0.1, 0.5}) {
    Plan plan = plain;
    plan.bursts = share;
    plan.burst_tail = 1.5;
    plan.burst_distance = options.objects;
    made.push_back({"Zipf and short-lived pages, a new one with " + std::to_string(std::lround(share * 100)) +
                        " % of visits",
                    plan});
  }
  return made;
}

void print_ratios(const Options& options, const char* title, const SizeOf& size_of) {
  std::printf("%s; %zu objects, %zu visits, the first quarter of which warms up.\n\n", title, options.objects,
              options.visits);
  std::puts("| trace | room for | LRU % | Larder % | points | best fixed set % |");
  std::puts("|---|---:|---:|---:|---:|---:|");
  for (const Named& each : traces(options)) {
    const Trace trace = make_trace(each.plan);
    for (const double share : shares) {
      const Result result =
          compare(trace, budget_for(options.objects, share, size_of), size_of, options.shards);
      std::printf("| %s | %.0f %% | %.2f | %.2f | %+.2f | %.2f |\n", each.name.c_str(), share * 100,
                  result.percent(result.lru_hits), result.percent(result.store_hits), result.gain_points(),
                  result.percent(result.fixed_hits));
      std::fflush(stdout);
    }
  }
  std::puts("");
}

// What LRU does besides at each hit, under the same lock: the entry's node goes to the front of a list.
struct Node : boost::intrusive::list_base_hook<> {};

class Recency {
 public:
  explicit Recency(std::size_t count) : nodes_(count) { order_.assign(nodes_.begin(), nodes_.end()); }
  Recency(const Recency&) = delete;
  Recency& operator=(const Recency&) = delete;
  void touch(std::size_t place) { order_.splice(order_.begin(), order_, order_.iterator_to(nodes_[place])); }

 private:
  std::vector<Node> nodes_;
  boost::intrusive::list<Node> order_;
};

// Nanoseconds for one look-up that hits. With `recency`, LRU's work is added to it; what S3-FIFO does
// instead, one more in a byte of the entry, is in both.
double look_up_ns(store::MemoryStore& store, const std::vector<cache::CacheKey>& keys,
                  const std::vector<std::uint32_t>& order, Recency* recency) {
  const http::Fields no_fields;
  store::LookUp found;
  std::size_t hits = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (const std::uint32_t place : order) {
    store.look_up(keys[place], no_fields, store::fixture::no_cookie_rule, {}, found);
    hits += found.response ? 1 : 0;
    if (recency) recency->touch(place);
  }
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  if (hits != order.size()) {
    std::fputs("eviction: a look-up missed\n", stderr);
    std::exit(1);
  }
  return took.count() / static_cast<double>(order.size());
}

void print_look_ups(const Options& options) {
  constexpr int rounds = 15;
  store::MemoryStore store(std::uint64_t{4} << 30);
  std::vector<cache::CacheKey> keys;
  for (Object object = 0; object < options.objects; ++object) {
    keys.push_back(key_of(object));
    store.put(response_of(object, page_size));
  }
  std::mt19937_64 random(options.seed);
  std::vector<std::uint32_t> order(options.look_ups / rounds);
  for (auto& place : order) place = static_cast<std::uint32_t>(random() % options.objects);
  Recency recency(options.objects);
  // The fastest of the rounds: whatever else the machine does only adds.
  double plain = std::numeric_limits<double>::max();
  double with_lru = plain;
  for (int round = 0; round < rounds; ++round) {
    plain = std::min(plain, look_up_ns(store, keys, order, nullptr));
    with_lru = std::min(with_lru, look_up_ns(store, keys, order, &recency));
  }
  std::printf(
      "A look-up that hits, of %zu objects at random: %.0f ns; with LRU's move to the front besides: %.0f "
      "ns.\n\n",
      options.objects, plain, with_lru);
}

[[noreturn]] void refuse(std::string_view argument) {
  std::fprintf(stderr, "eviction: what is '%.*s'?\n", static_cast<int>(argument.size()), argument.data());
  std::exit(2);
}

Options read_options(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = arguments[i];
    if (i + 1 >= count) refuse(name);
    char* end = nullptr;
    const std::uint64_t value = std::strtoull(arguments[i + 1], &end, 10);
    if (*end != '\0') refuse(arguments[i + 1]);
    if (name == "--objects" && value >= 1000) {
      options.objects = value;
    } else if (name == "--visits" && value >= 1000) {
      options.visits = value;
    } else if (name == "--seed") {
      options.seed = value;
    } else if (name == "--shards") {
      options.shards = value;
    } else if (name == "--look-ups") {
      options.look_ups = value;
    } else {
      refuse(name);
    }
  }
  return options;
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = read_options(count, arguments);
  if (options.look_ups > 0) print_look_ups(options);
  print_ratios(options, "Bodies of 1 KiB", [](Object) { return page_size; });
  print_ratios(options, "Bodies of 64 B to 64 KiB, log-normal around 1 KiB",
               [](Object object) { return varied_size(object, page_size); });
}
