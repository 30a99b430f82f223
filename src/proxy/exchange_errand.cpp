// What is different where the sidecar itself asks (errand.hpp): nothing but what must be fetched is, and what
// came of it is noted instead of recorded.
#include "larder/cache/validation.hpp"
#include "proxy/exchange.hpp"

namespace larder::proxy {

// A visitor would take what is stale within grace; an errand is there to replace it. `may_force`: not once a
// flight has landed, which is as new as can be asked for.
void Exchange::decide_for_errand(bool may_force) {
  if (!errand_) return;
  const bool is_forced = may_force && errand_->is_forced;
  using cache::Verdict;
  const bool is_usable =
      decision_.verdict == Verdict::use || decision_.verdict == Verdict::use_stale_and_refresh;
  const bool is_enough = decision_.verdict == Verdict::use && !decision_.is_stale;
  if (is_forced) decision_.verdict = Verdict::fetch;
  if (!is_usable || is_forced || is_enough) return;
  const bool is_checkable = cache::has_own_validator(found_.response->head());
  decision_.verdict = is_checkable ? Verdict::revalidate : Verdict::fetch;
}

// True: nothing is to be asked of the upstream.
bool Exchange::is_errand_over() {
  if (!leaves_unread()) return false;
  if (rest_ == Rest::pass || rest_ == Rest::hook) {
    if (rest_ == Rest::hook) record_.reason = cache::Reason::method;
    end_errand(ErrandNote::End::left_alone, 0);
    return true;
  }
  if (decision_.verdict == cache::Verdict::use) {
    end_errand(ErrandNote::End::fresh, found_.response->status());
    return true;
  }
  if (errand_->is_forced || !is_hit_for_miss()) return false;
  record_.reason = cache::Reason::hit_for_miss;
  end_errand(ErrandNote::End::left_alone, 0);
  return true;
}

// A page that was in use is so again once it has been fetched anew: else a second purge, before anybody has
// come, would find a page that nobody uses.
void Exchange::hand_on_uses(const cache::StoredPtr& response) {
  if (errand_ && errand_->uses > 0 && response) site_.store.raise_uses(*response, errand_->uses);
}

void Exchange::end_errand(ErrandNote::End end, int status) {
  if (end == ErrandNote::End::fresh || end == ErrandNote::End::landed) hand_on_uses(found_.response);
  errand_->end = end;
  finish_record(status);
}

}  // namespace larder::proxy
