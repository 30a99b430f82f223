// Responses, keys and requests for tests of stores.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "larder/base/hash.hpp"
#include "larder/cache/stored_response.hpp"
#include "larder/store/memory_store.hpp"

namespace larder::store::fixture {

inline cache::CacheKey key_of(std::string_view path_and_query) {
  cache::CacheKey key;
  key.text = "http://example.com";
  key.host_begin = 7;
  key.path_begin = static_cast<std::uint32_t>(key.text.size());
  key.text += path_and_query;
  const std::size_t question = std::min(path_and_query.find('?'), path_and_query.size());
  key.path_end = key.path_begin + static_cast<std::uint32_t>(question);
  key.url_end = static_cast<std::uint32_t>(key.text.size());
  key.hash = base::hash64(key.text);
  return key;
}

// A private copy's key: that of this session.
inline cache::CacheKey private_key_of(std::string_view path, std::string_view session) {
  cache::CacheKey key = key_of(path);
  key.text += "\n\nsessionid=#";
  key.session_begin = static_cast<std::uint32_t>(key.text.size());
  const base::DigestText digest = base::digest256(session);
  key.text.append(digest.begin(), digest.end());
  key.hash = base::hash64(key.text);
  return key;
}

inline http::Fields request_of(std::optional<std::string_view> language = std::nullopt) {
  http::Fields request;
  if (language) request.add("Accept-Language", *language);
  return request;
}

struct Made {
  std::uint64_t sequence = 0;
  std::size_t body_size = 100;
  std::optional<std::string_view> language = std::nullopt;  // with it, the response varies on Accept-Language
};

inline cache::ResponseDraft draft(cache::CacheKey key, const Made& made = {}) {
  cache::ResponseDraft response;
  response.key = std::move(key);
  response.head.text = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
  response.body = cache::Body::complete(std::string(made.body_size, 'x'));
  response.sequence = made.sequence;
  if (made.language) {
    response.vary = "accept-language";
    response.secondary = cache::secondary_key(cache::vary_from_text(response.vary), request_of(made.language),
                                              cache::CookieRule{});
  }
  return response;
}
inline cache::StoredPtr response_of(cache::CacheKey key, const Made& made = {}) {
  return cache::freeze(draft(std::move(key), made));
}

inline cache::CacheKey key_in(const cache::StoredPtr& response) {
  return cache::draft_of(*response).key;
}

// Not a temporary in the templates: GCC 12 breaks off at one there, for its member initialisers.
inline const cache::CookieRule no_cookie_rule;

template <typename Store>
LookUp look_up(Store& store, const cache::CacheKey& key, const http::Fields& request = request_of(),
               base::MonoTime now = base::MonoTime{}) {
  LookUp result;
  store.look_up(key, request, no_cookie_rule, now, result);
  return result;
}

inline HitForMiss mark_of(std::uint64_t sequence = 0) {
  return {sequence, base::MonoTime{} + hit_for_miss_lifetime};
}

}  // namespace larder::store::fixture
