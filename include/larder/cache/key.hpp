// The cache key (RFC 9111 section 2): scheme, host, path, normalised query, and the cookies a route varies
// on.
//
// Its text is "http://host/path?query", and for cookies that the route varies on a line feed and "name=value"
// pairs after it (no other part can hold a line feed); of a session's cookie it has "name=#digest", never the
// value (private_copy.hpp). That of a part ends in a line of its own. Two keys are equal when their texts
// are: the hash only finds the place.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "larder/base/hash.hpp"
#include "larder/cache/route_policy.hpp"
#include "larder/http/target.hpp"

namespace larder::cache {

// Where the places of a key's text are, so that purges can be matched, and its hash.
struct KeyPlaces {
  std::uint64_t hash = 0;
  // Offsets into the text: host is [host_begin, path_begin), path [path_begin, path_end).
  std::uint32_t host_begin = 0;
  std::uint32_t path_begin = 0;
  std::uint32_t path_end = 0;
  std::uint32_t url_end = 0;  // without the cookie line
  // The digest of the session whose private copy this is; 0: a copy for everybody.
  std::uint32_t session_begin = 0;

  bool is_private() const noexcept { return session_begin != 0; }
};

// A key whose text stands elsewhere, as that of a stored response does.
struct KeyView : KeyPlaces {
  std::string_view text;

  std::string_view host() const noexcept { return text.substr(host_begin, path_begin - host_begin); }
  std::string_view path() const noexcept { return text.substr(path_begin, path_end - path_begin); }
  // "host/path?query": what a `url:` selector names, since the scheme does not matter to a purge.
  std::string_view url() const noexcept { return text.substr(host_begin, url_end - host_begin); }
  // Empty for a copy for everybody.
  std::string_view session() const noexcept {
    constexpr std::size_t digest_size = std::tuple_size_v<base::DigestText>;
    return is_private() ? text.substr(session_begin, digest_size) : std::string_view();
  }
};

struct CacheKey : KeyPlaces {
  std::string text;

  KeyView view() const noexcept { return {*this, text}; }
  operator KeyView() const noexcept { return view(); }
  std::string_view host() const noexcept { return view().host(); }
  std::string_view path() const noexcept { return view().path(); }
  std::string_view url() const noexcept { return view().url(); }
  std::string_view session() const noexcept { return view().session(); }
};

// Overwrites `key`, whose text keeps its capacity. `target.host` is canonical already (aliases resolved).
// `may_vary_by_cookie`: false where it is known that the request has no cookie that the route varies on.
void make_key(const http::Target& target, const http::Fields& request, const RoutePolicy& policy,
              CacheKey& key, bool may_vary_by_cookie = true);

// The key of what is stored of the same resource in part (part.hpp), which purges match alike; and back.
CacheKey key_of_part(CacheKey whole);
CacheKey key_of_whole(CacheKey part);

// The query as the key has it: filtered, defaulted, sorted by name (stable for equal names).
std::string normalise_query(std::string_view query, const QueryRule& rule);
// The query of a fetch that may be stored: spelt and ordered as the key has it, so that what is stored does
// not depend on who asked first, but without the defaults that were not sent. As sent with forward_ignored.
std::string forwarded_query(std::string_view query, const QueryRule& rule);

}  // namespace larder::cache
