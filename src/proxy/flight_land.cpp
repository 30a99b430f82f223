// What becomes of a response that may be stored, once its head is here: with its body, or before that.
#include "larder/cache/landing.hpp"
#include "proxy/flight.hpp"
#include "proxy/head_writer.hpp"

namespace larder::proxy {

cache::StoredPtr Flight::make_response(const cache::Storability& storability,
                                       std::optional<std::string_view> whole_body) {
  cache::Landed landed = cache::land(fetch_of(), exchange_->head(), storability);
  if (!landed.response) return nullptr;
  const bool is_whole_after_all = !plan_.range.empty() && exchange_->head().status != 206;
  if (is_whole_after_all) landed.response->key = cache::key_of_whole(plan_.key);
  leaders_head_ = std::move(landed.leaders_head);
  const http::Framing& framing = exchange_->framing();
  if (framing.kind == http::BodyKind::none) {
    landed.response->body = cache::Body::complete({});
  } else if (whole_body) {
    if (wants_etag(landed.response->head.etag(), exchange_->head().status))
      cache::add_etag(landed.response->head, entity_tag_of({&*whole_body, 1}));
    return cache::freeze(*std::move(landed.response), *whole_body);
  } else {
    const bool is_known = framing.kind == http::BodyKind::length;
    landed.response->body = cache::Body::growing(is_known ? std::optional(framing.length) : std::nullopt);
  }
  return cache::freeze(*landed.response);
}

// What came whole, lands; of what did not, the body is to be pumped.
Flight::Growing Flight::land_storable(const cache::Storability& storability) {
  const bool is_part = exchange_->head().status == 206;
  const std::optional<std::string_view> whole_body = is_part ? std::nullopt : exchange_->take_whole_body();
  const cache::StoredPtr response = make_response(storability, whole_body);
  if (!response) {
    land_not_shareable(cache::Reason::unsafe_fields);
    return {};
  }
  const bool has_body = whole_body || !response->is_complete();
  const bool is_read = must_be_read(plan_.policy->refuse, exchange_->head()) ||
                       has_tags_in_body(*plan_.policy, exchange_->head());
  if (has_body && is_read) read_first();
  if (whole_body) {
    exchange_->finish();
    land_whole(response, *whole_body);
    return {};
  }
  if (has_body && is_read) {
    hold(response);
    return {response, Keeping::held};
  }
  Landing model;
  keep_unless_late(response, model);
  deliver_stored(response, model);
  return {response, model.is_in_store ? Keeping::stored : Keeping::none};
}

// Came with its head: nobody waits for it, and it is made once.
void Flight::land_whole(const cache::StoredPtr& response, std::string_view body) {
  const cache::Reason reason = reader_ ? reader_->read(body) : cache::Reason::none;
  if (reason != cache::Reason::none) {
    release(response, reason);
  } else if (reader_) {
    land_held(response);
  } else {
    land_as_kept(response);
  }
}

void Flight::land_as_kept(const cache::StoredPtr& response) {
  Landing model;
  keep_unless_late(response, model);
  if (model.is_in_store) share(response);
  deliver_stored(response, model);
}

void Flight::keep_unless_late(const cache::StoredPtr& response, Landing& model) {
  if (is_outdated(*response)) {
    model.reason = cache::Reason::outdated_in_flight;
  } else {
    keep(response, model);
  }
}

// That there is room for one more key was asked before the fetch began; who lands last may find none.
void Flight::keep(const cache::StoredPtr& response, Landing& model) {
  const store::Put put = site_.store.put_within(response, plan_.policy->query.max_variants);
  model.is_in_store = put == store::Put::kept;
  if (put != store::Put::too_many_keys) return;
  model.reason = cache::Reason::max_variants;
  observer_.count_event(model.reason);
  warn_of_max_variants(site_, *plan_.policy);
}

}  // namespace larder::proxy
