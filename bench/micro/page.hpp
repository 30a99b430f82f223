// What the measurements of single parts share: a browser's request, the page that it asks for, and the pure
// part of a hit of it.
#pragma once
#include <string>
#include <string_view>

#include "larder/base/time.hpp"
#include "larder/cache/key.hpp"
#include "larder/cache/policy.hpp"
#include "larder/cache/stored_response.hpp"
#include "larder/http/message.hpp"
#include "larder/http/target.hpp"

namespace larder::bench {

extern const std::string_view small_head;    // a request line and a Host
extern const std::string_view browser_head;  // Firefox's, of the same page, from within the site

// A request whose head views its own text.
class Request {
 public:
  explicit Request(std::string_view text);
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  const http::RequestHead& head() const noexcept { return head_; }

 private:
  std::string text_;
  http::RequestHead head_;
};

// What one exchange keeps between requests.
struct Reused {
  http::Target target;
  cache::CacheKey key;
  std::string secondary;
};

// The page was stored at the one instant, and is asked for 30 s later, while it is fresh.
extern const base::Now stored_at;
extern const base::Now asked_at;

// The page as an answer to this request is stored, with a body of so many bytes; it varies on
// Accept-Encoding.
cache::StoredPtr stored_page(const http::RequestHead& request, Reused& reused,
                             const cache::RoutePolicy& policy, std::size_t body_size);

// Target and key, as proxy::Exchange makes them.
void make_key(const http::RequestHead& request, const cache::RoutePolicy& policy, Reused& reused);
// Key, variant, decision, conditions and age, as proxy::Exchange and the store do it. True: a fresh hit of
// that page.
bool decide(const http::RequestHead& request, Reused& reused, const cache::RoutePolicy& policy,
            const cache::StoredResponse& stored);

}  // namespace larder::bench
