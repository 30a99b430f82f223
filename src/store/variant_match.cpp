#include "store/variant_match.hpp"

namespace larder::store {
namespace {

// A site has few different Vary texts, and a key mostly one: each thread keeps the last one parsed.
const cache::VarySpec& spec_of(std::string_view vary) {
  thread_local std::string text;
  thread_local cache::VarySpec spec;
  if (text != vary) {
    spec = cache::vary_from_text(vary);
    text = vary;
  }
  return spec;
}

}  // namespace

const std::string& VariantMatch::secondary_under(std::string_view vary) {
  if (vary_ != vary) {
    secondary_ = cache::secondary_key(spec_of(vary), request_, cookies_);
    vary_ = vary;
  }
  return secondary_;
}

}  // namespace larder::store
