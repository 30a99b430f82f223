#include "larder/cache/selector_set.hpp"

#include "cache/purge_matcher.hpp"

namespace larder::cache {

// As so many lines of a log, the last selector first: the newest line that matches is the first selector.
SelectorSet::SelectorSet(std::span<const Selector> selectors)
    : count_(selectors.size()), matcher_(std::make_unique<PurgeMatcher>()) {
  for (std::size_t i = 0; i < count_; ++i) matcher_->add(selectors[i], Newest{count_ - i, 0});
}

SelectorSet::~SelectorSet() = default;
SelectorSet::SelectorSet(SelectorSet&&) noexcept = default;
SelectorSet& SelectorSet::operator=(SelectorSet&&) noexcept = default;

std::optional<std::size_t> SelectorSet::first_match(const StoredResponse& stored) const {
  const Newest match = matcher_->of_stored(stored);
  if (match.hard == 0) return std::nullopt;
  return count_ - static_cast<std::size_t>(match.hard);
}

}  // namespace larder::cache
