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

inline std::shared_ptr<StoredResponse> response_of(CacheKey key, const Labels& labels = {},
                                                   std::uint64_t sequence = 0) {
  auto response = std::make_shared<StoredResponse>();
  response->key = std::move(key);
  response->tags = labels.tags;
  response->captures = labels.captures;
  response->sequence = sequence;
  return response;
}

inline Selector selector_of(std::string_view text) {
  return std::get<Selector>(parse_selector(text));
}

inline std::uint64_t purge(PurgeLog& log, std::string_view text, PurgeMode mode = PurgeMode::hard) {
  return log.append({selector_of(text)}, mode, {});
}

}  // namespace larder::cache::fixture
