// Does a request select a variant (RFC 9111 section 4.1)? For one request and one look-up, of which a thread
// has one at a time: the secondary key is computed once for each Vary in a row, and not at all where there is
// none.
#pragma once
#include <string_view>

#include "larder/cache/vary.hpp"

namespace larder::store {

class VariantMatch {
 public:
  VariantMatch(const http::Fields& request, const cache::CookieRule& cookies)
      : request_(request), cookies_(cookies) {}
  VariantMatch(const VariantMatch&) = delete;
  VariantMatch& operator=(const VariantMatch&) = delete;

  // `vary` must stay where it is between calls.
  bool selects(std::string_view vary, std::string_view secondary) {
    return vary.empty() ? secondary.empty() : secondary_under(vary) == secondary;
  }

 private:
  std::string_view secondary_under(std::string_view vary);

  const http::Fields& request_;
  const cache::CookieRule& cookies_;
  std::string_view vary_;  // what the secondary key was computed under; empty: nothing yet
};

}  // namespace larder::store
