// The stored pages that were given out most often lately: all of them, or those that some purge took.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "larder/cache/purge_log.hpp"
#include "larder/cache/selector_set.hpp"
#include "larder/proxy/errand.hpp"
#include "larder/store/memory_store.hpp"

namespace larder::proxy {

struct HotPage {
  cache::StoredPtr response;
  std::uint32_t uses = 0;
};

// Of what is shown to it, the hottest. Private copies and parts never are; nor is what nobody has used.
class Hottest {
 public:
  explicit Hottest(std::size_t pages_max) : pages_max_(pages_max) {}
  // What was fetched before the purge of this sequence, and is of its selectors.
  Hottest(std::size_t pages_max, cache::SelectorSet purged, std::uint64_t sequence)
      : pages_max_(pages_max), purged_(std::move(purged)), sequence_(sequence) {}

  bool seeks_purged() const noexcept { return purged_.has_value(); }
  void look_at(const cache::StoredPtr& response, std::uint32_t uses);
  // Hottest first.
  std::vector<HotPage> take();

 private:
  void keep_hottest();

  std::size_t pages_max_;
  std::optional<cache::SelectorSet> purged_;
  std::uint64_t sequence_ = 0;
  std::vector<HotPage> pages_;  // twice pages_max_ at most
};

// Shows the whole store to all of them in one walk: what a purge has outdated to those who seek that, the
// rest to the others. Takes as long as the store is large: `may_go_on` is asked at each response, without a
// lock; it may take a rest, and false ends the walk before its end, as the function then says.
bool look_through(const store::MemoryStore& store, const cache::PurgeLog& log, std::vector<Hottest>& seekers,
                  const std::function<bool()>& may_go_on);

// What asks for this variant of this page again: the fields that its Vary names, as they were, and the
// cookies of its key. Nothing where that would be somebody's own (credentials, other cookies, a private copy)
// or a part.
std::optional<Errand> errand_again(const cache::StoredResponse& stored);

}  // namespace larder::proxy
