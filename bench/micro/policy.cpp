// What the pure part of a hit costs: the key, the secondary key, the decision and what is told of its age,
// for a browser's request of a fresh page. Prints decisions a second, and fails when anything of it
// allocates.
//
//   bench_policy [ROUNDS]        default: 2,000,000
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>

#include "larder/cache/delivery.hpp"
#include "larder/cache/key.hpp"
#include "larder/cache/landing.hpp"
#include "larder/cache/policy.hpp"
#include "larder/cache/vary.hpp"
#include "larder/http/message.hpp"
#include "larder/http/target.hpp"

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

namespace {

using namespace larder;

constexpr const char* browser =
    "GET /blog/2026/a-post-with-a-slug-of-usual-length/?page=2&tag=pantry HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://www.example.com/blog/\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: _ga=GA1.1.1234567890.1700000000; csrftoken=0123456789abcdef0123456789abcdef\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "If-None-Match: \"another\"\r\n"
    "\r\n";
constexpr const char* page =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Cache-Control: max-age=600, stale-while-revalidate=60\r\n"
    "Vary: Accept-Encoding\r\n"
    "ETag: \"0123456789abcdef\"\r\n"
    "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    "\r\n";

// What one exchange keeps between requests.
struct Reused {
  http::Target target;
  cache::CacheKey key;
  std::string secondary;
};

cache::StoredPtr stored_page(const http::RequestHead& request, Reused& reused,
                             const cache::RoutePolicy& policy, base::Now now) {
  http::ResponseHead response;
  http::parse_response_head(page, {}, response);
  const cache::FetchTimes times{now.mono, now};
  const std::vector<std::string> no_captures;
  http::request_target(request, "http", reused.target);
  cache::make_key(reused.target, request.fields, policy, reused.key);
  const cache::Storability storability = cache::storable(request, response, policy, times);
  auto landed =
      cache::land({reused.key, request, no_captures, policy, times, 0}, response, storability.freshness);
  landed.response->body = cache::Body::complete("page");
  return cache::freeze(*landed.response);
}

// As proxy::Exchange and the store do it. True: a fresh hit of that page.
bool decide(const http::RequestHead& request, Reused& reused, const cache::RoutePolicy& policy,
            const cache::StoredResponse& stored, base::Now now) {
  http::request_target(request, "http", reused.target);
  const http::RequestCacheControl control = http::parse_request_cache_control(request.fields);
  if (cache::pass_reason(request, control, policy)) return false;
  cache::make_key(reused.target, request.fields, policy, reused.key);
  if (reused.key.text != stored.key().text) return false;
  cache::make_secondary_key(stored.vary(), request.fields, policy.cookies, reused.secondary);
  if (reused.secondary != stored.secondary()) return false;
  const cache::Decision decision =
      cache::decide(control, &stored, false, cache::Validity::valid, policy, now.mono);
  const bool is_open =
      cache::with_credentials(request.fields, control, &stored) == cache::Credentials::heeded;
  const bool is_whole = !cache::is_not_modified(request.fields, stored.head(), now.wall);
  return decision.verdict == cache::Verdict::use && is_open && is_whole &&
         cache::age_to_send(stored.freshness, now.mono, true) == 30;
}

}  // namespace

int main(int count, char** arguments) {
  const long rounds = count > 1 ? std::strtol(arguments[1], nullptr, 10) : 2'000'000;
  http::RequestHead request;
  const std::string text = browser;
  http::parse_request_head(text, {}, request);
  const cache::RoutePolicy policy;
  const base::Now stored_at{base::WallTime(base::Seconds(784'111'777)), base::MonoTime(base::Seconds(1'000))};
  const base::Now now{stored_at.wall + base::Seconds(30), stored_at.mono + base::Seconds(30)};
  Reused reused;
  const cache::StoredPtr stored = stored_page(request, reused, policy, stored_at);
  if (!decide(request, reused, policy, *stored, now)) {
    std::puts("the page is no fresh hit");
    return 1;
  }
  allocations = 0;
  const auto begin = std::chrono::steady_clock::now();
  long hits = 0;
  for (long round = 0; round < rounds; ++round) hits += decide(request, reused, policy, *stored, now) ? 1 : 0;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%ld fresh hits decided, %.2f million a second, %zu allocations\n", hits,
              static_cast<double>(rounds) / took.count() / 1e6, allocations);
  return hits == rounds && allocations == 0 ? 0 : 1;
}
