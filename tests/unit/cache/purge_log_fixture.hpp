// Keys and stored responses for tests of the purge log.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "larder/base/hash.hpp"
#include "larder/cache/purge_log.hpp"

namespace larder::cache::fixture {

inline CacheKey key_of(std::string_view host, std::string_view path, std::string_view query = "") {
  CacheKey key;
  key.text = "http://";
  key.host_begin = 7;
  key.text += host;
  key.path_begin = static_cast<std::uint32_t>(key.text.size());
  key.text += path;
  key.path_end = static_cast<std::uint32_t>(key.text.size());
  key.text += query;
  key.url_end = static_cast<std::uint32_t>(key.text.size());
  key.hash = base::hash64(key.text);
  return key;
}

struct Labels {
  std::vector<std::string> tags;
  std::vector<std::string> captures;
};

inline StoredPtr response_of(CacheKey key, const Labels& labels = {}, std::uint64_t sequence = 0,
                             const Freshness& freshness = {}) {
  ResponseDraft response;
  response.key = std::move(key);
  response.tags = labels.tags;
  response.captures = labels.captures;
  response.sequence = sequence;
  response.freshness = freshness;
  return freeze(response);
}

inline Freshness with_grace() {
  Freshness freshness;
  freshness.stale_while_revalidate = freshness.stale_if_error = std::chrono::seconds(1);
  return freshness;
}

inline Selector selector_of(std::string_view text) {
  return std::get<Selector>(parse_selector(text));
}

inline std::uint64_t purge(PurgeLog& log, std::string_view text, PurgeMode mode = PurgeMode::hard) {
  return log.append({selector_of(text)}, mode, {});
}

}  // namespace larder::cache::fixture
