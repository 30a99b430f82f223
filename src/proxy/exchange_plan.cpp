// What a fetch asks of the upstream, and by which of the stored responses' validators.
#include "larder/cache/request_cookies.hpp"
#include "larder/cache/validation.hpp"
#include "proxy/exchange.hpp"

namespace larder::proxy {

using cache::Verdict;

// The sequence is read here, before anything connects.
std::shared_ptr<Flight> Exchange::new_flight(FlightKind kind) {
  const std::uint64_t sequence = site_.purge_log.newest();
  return std::make_shared<Flight>(worker_, make_plan(kind, sequence), sequence);
}

FlightPlan Exchange::make_plan(FlightKind kind, std::uint64_t sequence) {
  const bool is_background = kind == FlightKind::background;
  FlightPlan plan;
  plan.config = config_ ? config_ : worker_.config();  // the one that policy_ belongs to
  plan.policy = policy_;
  plan.key = key_;
  plan.vary = found_.last_vary;
  plan.secondary = sibling();
  plan.captures = captures();
  plan.asked.method = http::Method::get;
  plan.asked.fields = request_->fields;
  plan.kind = kind;
  plan.is_forced = errand_ && errand_->is_forced;
  if (is_background && (sends_unkeyed_cookie() || sends_unkeyed_session()))
    cache::remove_unkeyed_cookies(plan.asked.fields, policy_->cookies);
  if (!range_.empty()) {
    plan_part(sequence, plan);
    return plan;
  }
  plan.asked.fields.remove(http::FieldId::range);  // it is the whole that is asked for
  const cache::StoredPtr& stored = found_.response;
  const bool is_whole = stored && stored->is_complete();
  // Asked again at the flight's own sequence: a purge may have come since the look-up, and what it outdated
  // must lend the flight neither validators nor a body.
  const cache::Validity validity = is_whole ? validity_of(*stored, sequence) : cache::Validity::outdated;
  plan.is_unverified = validity == cache::Validity::unverified;
  if (validity != cache::Validity::outdated) plan.stale = stored;
  plan.validation = make_validation(plan, sequence);
  const Purpose purpose = is_background ? Purpose::refresh : Purpose::fetch;
  plan.request = outgoing(purpose, plan.validation);
  if (!plan.validation.is_empty()) plan.unconditional = outgoing(purpose, {});
  return plan;
}

// Asked at the flight's own sequence, as `plan.stale` was.
cache::Validation Exchange::make_validation(const FlightPlan& plan, std::uint64_t sequence) const {
  if (errand_ && errand_->is_forced) return {};
  const bool is_to_be_validated =
      decision_.verdict == Verdict::revalidate || plan.kind == FlightKind::background;
  std::vector<cache::StoredPtr> variants;
  if (found_.has_other_variants) variants = site_.store.variants(plan.key);
  std::erase_if(variants, [&](const cache::StoredPtr& variant) {
    return site_.purge_log.validity(*variant, sequence) == cache::Validity::outdated;
  });
  cache::Validation validation =
      cache::validation_of(plan.stale, is_to_be_validated, variants, request_->fields);
  validation.is_by_strong_tag = plan.is_unverified;
  const bool is_weak = validation.selected && !cache::has_strong_validator(validation.selected->head());
  if (plan.is_unverified && is_weak) validation.selected.reset();
  return validation;
}

}  // namespace larder::proxy
