#include "page.hpp"

#include "larder/cache/delivery.hpp"
#include "larder/cache/landing.hpp"
#include "larder/cache/vary.hpp"

namespace larder::bench {
namespace {

constexpr std::string_view page_head =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Cache-Control: max-age=600, stale-while-revalidate=60\r\n"
    "Vary: Accept-Encoding\r\n"
    "ETag: \"0123456789abcdef\"\r\n"
    "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    "\r\n";

}  // namespace

const std::string_view small_head =
    "GET /blog/2026/a-post-with-a-slug-of-usual-length/?page=2&tag=pantry HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "\r\n";
const std::string_view browser_head =
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

const base::Now stored_at{base::WallTime(base::Seconds(784'111'777)), base::MonoTime(base::Seconds(1'000))};
const base::Now asked_at{stored_at.wall + base::Seconds(30), stored_at.mono + base::Seconds(30)};

Request::Request(std::string_view text) : text_(text) {
  http::parse_request_head(text_, {}, head_);
}

void make_key(const http::RequestHead& request, const cache::RoutePolicy& policy, Reused& reused) {
  http::request_target(request, "http", reused.target);
  cache::make_key(reused.target, request.fields, policy, reused.key);
}

cache::StoredPtr stored_page(const http::RequestHead& request, Reused& reused,
                             const cache::RoutePolicy& policy, std::size_t body_size) {
  http::ResponseHead response;
  http::parse_response_head(page_head, {}, response);
  const cache::FetchTimes times{stored_at.mono, stored_at};
  const std::vector<std::string> no_captures;
  make_key(request, policy, reused);
  const cache::Storability storability = cache::storable(request, response, policy, times);
  auto landed = cache::land({reused.key, request, no_captures, policy, times, 0}, response, storability);
  landed.response->body = cache::Body::complete(std::string(body_size, 'x'));
  return cache::freeze(*landed.response);
}

bool decide(const http::RequestHead& request, Reused& reused, const cache::RoutePolicy& policy,
            const cache::StoredResponse& stored) {
  const http::RequestCacheControl control = http::parse_request_cache_control(request.fields);
  if (cache::pass_reason(request, control, policy)) return false;
  make_key(request, policy, reused);
  if (reused.key.text != stored.key().text) return false;
  cache::make_secondary_key(stored.vary(), request.fields, policy.cookies, reused.secondary);
  if (reused.secondary != stored.secondary()) return false;
  const cache::Decision decision =
      cache::decide(control, &stored, false, cache::Validity::valid, policy, asked_at.mono);
  const bool is_open =
      cache::with_credentials(request.fields, control, &stored) == cache::Credentials::heeded;
  const bool is_whole = !cache::is_not_modified(request.fields, stored.head(), asked_at.wall);
  return decision.verdict == cache::Verdict::use && is_open && is_whole &&
         cache::age_to_send(stored.freshness, asked_at.mono, true) == 30;
}

}  // namespace larder::bench
