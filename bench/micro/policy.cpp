// What the pure part of a hit costs: the key, the secondary key, the decision and what is told of its age,
// for a browser's request of a fresh page. Prints decisions a second, and fails when anything of it
// allocates.
//
//   bench_policy [ROUNDS]        default: 2,000,000
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "page.hpp"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

int main(int count, char** arguments) {
  using namespace larder;
  const long rounds = count > 1 ? std::strtol(arguments[1], nullptr, 10) : 2'000'000;
  const bench::Request request(bench::browser_head);
  const cache::RoutePolicy policy;
  bench::Reused reused;
  const cache::StoredPtr stored = bench::stored_page(request.head(), reused, policy, 1024);
  if (!bench::decide(request.head(), reused, policy, *stored)) {
    std::puts("the page is no fresh hit");
    return 1;
  }
  allocations = 0;
  const auto begin = std::chrono::steady_clock::now();
  long hits = 0;
  for (long round = 0; round < rounds; ++round)
    hits += bench::decide(request.head(), reused, policy, *stored) ? 1 : 0;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%ld fresh hits decided, %.2f million a second, %zu allocations\n", hits,
              static_cast<double>(rounds) / took.count() / 1e6, allocations);
  return hits == rounds && allocations == 0 ? 0 : 1;
}
