// What keeps a request that may use the cache from what is stored, or from being fetched for others too.
#include "larder/cache/delivery.hpp"
#include "larder/cache/private_copy.hpp"
#include "larder/cache/request_cookies.hpp"
#include "larder/cache/validation.hpp"
#include "proxy/exchange.hpp"

namespace larder::proxy {

using cache::Reason;

// A replica that is cut off may have missed a purge: what it holds is used once the upstream has confirmed
// it.
cache::Validity Exchange::validity_of(const cache::StoredResponse& stored, std::uint64_t newest) const {
  const cache::Validity validity = site_.purge_log.validity(stored, newest);
  const bool may_be_outdated =
      standing_ == fleet::Standing::revalidate && validity != cache::Validity::outdated;
  return may_be_outdated ? cache::Validity::unverified : validity;
}

// What a purge has outdated is as good as absent, whether the sweep has freed it or not.
bool Exchange::has_stored() const {
  return found_.response && validity_ != cache::Validity::outdated;
}

// Credentials rarely get a shareable answer: who has some waits behind nobody. And they may show more than
// others see (a draft, say): what is stored answers them only where its origin allows the reverse.
void Exchange::heed_credentials() {
  is_alone_ = true;
  switch (
      cache::with_credentials(request_->fields, control_, has_stored() ? found_.response.get() : nullptr)) {
    case cache::Credentials::heeded:
      break;
    case cache::Credentials::refuse:
      decision_.verdict = cache::Verdict::refuse;
      break;
    case cache::Credentials::pass:
      record_.reason = Reason::authorization;
      rest_ = Rest::pass;
      break;
  }
}

// A page made from a cookie that no key knows is stored only where it says `Vary: Cookie`. Where the last one
// did not, who has such a cookie waits behind nobody, and nobody behind him.
bool Exchange::sends_unkeyed_cookie() const {
  return policy_->refuse.unkeyed_cookie && cache::has_unkeyed_cookie(request_->fields, policy_->cookies) &&
         !cache::names_cookie(cache::vary_from_text(found_.last_vary));
}

// Its answer will not be stored: nobody is to wait for it.
bool Exchange::sends_unkeyed_session() const {
  return policy_->refuse.session && cache::has_unkeyed_session(request_->fields, policy_->cookies);
}

// A fetch for this visitor alone, with nothing stored to validate, may as well ask about his own copy: he is
// passed, so that a 304 comes to him and is nobody else's. That stores nothing; who comes without a copy
// does, once the page may be stored, and the memory that it may not ends after 120 s whoever comes.
bool Exchange::asks_about_own_copy() const {
  return (is_alone_ || is_hit_for_miss()) && !has_stored() && cache::has_own_copy(request_->fields);
}

// Why the upstream is to answer this request itself, although it may use the cache. Whether it may share the
// answer is found out on the way.
std::optional<Reason> Exchange::reason_to_pass_miss() {
  is_alone_ = is_alone_ || sends_unkeyed_cookie() || sends_unkeyed_session();
  // Ranges of what is not stored are the upstream's to answer, but for the one that may be kept. What is
  // stored whole and has a validator is validated whole, which costs a 304.
  const bool is_known = !range_.empty() || decision_.verdict == cache::Verdict::revalidate;
  if (request_->fields.has(http::FieldId::range) && !is_known) return Reason::range;
  if (cache::has_condition_for_origin(request_->fields)) return Reason::precondition;
  if (asks_about_own_copy()) return is_hit_for_miss() ? Reason::hit_for_miss : record_.reason;
  const std::uint32_t keys_max = policy_->query.max_variants;
  const bool is_new_key = !found_.response && !found_.has_other_variants;
  if (keys_max == 0 || !is_new_key || site_.store.has_place(key_, keys_max)) return std::nullopt;
  warn_of_max_variants(site_, *policy_);
  return Reason::max_variants;
}

}  // namespace larder::proxy
