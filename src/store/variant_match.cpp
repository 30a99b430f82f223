#include "store/variant_match.hpp"

#include <string>

namespace larder::store {

std::string_view VariantMatch::secondary_under(std::string_view vary) {
  // Each thread keeps its room.
  thread_local std::string secondary;
  if (vary_ != vary) {
    cache::make_secondary_key(vary, request_, cookies_, secondary);
    vary_ = vary;
  }
  return secondary;
}

}  // namespace larder::store
