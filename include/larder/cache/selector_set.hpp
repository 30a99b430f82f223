// Which stored responses some selectors name, decided by the same code as the purge log decides it. For those
// who ask before or beside a purge: what would go, what is to be fetched again. Immutable once made; any
// thread.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "larder/cache/key.hpp"
#include "larder/cache/selector.hpp"
#include "larder/cache/stored_response.hpp"

namespace larder::cache {

class PurgeMatcher;

class SelectorSet {
 public:
  // Selectors as the purge log gets them: canonical (proxy::Site::canonical).
  explicit SelectorSet(std::span<const Selector> selectors);
  ~SelectorSet();
  SelectorSet(SelectorSet&&) noexcept;
  SelectorSet& operator=(SelectorSet&&) noexcept;

  // The first of the selectors that names it, by its place; nothing where none does. Of equal ones the first.
  std::optional<std::size_t> first_match(const StoredResponse& stored) const;
  bool names(const StoredResponse& stored) const { return first_match(stored).has_value(); }

 private:
  std::size_t count_;
  std::unique_ptr<PurgeMatcher> matcher_;
};

}  // namespace larder::cache
