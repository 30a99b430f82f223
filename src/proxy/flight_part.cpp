// What a fetch of one range brings: a part to be kept, and joined to what is stored of the same
// representation (cache/part.hpp).
#include <algorithm>

#include "larder/cache/part.hpp"
#include "proxy/flight.hpp"
#include "proxy/page_reader.hpp"

namespace larder::proxy {

// A 206 whose head tells exactly which bytes come, or the whole after all. What any other status says of a
// request with Range need not hold for one without.
void Flight::restrict_to_parts(cache::Storability& storability) const {
  if (!storability.is_storable) return;
  const http::ResponseHead& head = exchange_->head();
  if (head.status == 200) return;
  if (head.status != 206) {
    storability.refuse(cache::Reason::range);
    return;
  }
  const auto range = http::content_range_of(head.fields);
  const http::Framing& framing = exchange_->framing();
  const bool is_exact =
      range && framing.kind == http::BodyKind::length && framing.length == range->range.size;
  // What must be read first cannot be read in part.
  const bool is_read = must_be_read(plan_.policy->refuse, head) || has_tags_in_body(*plan_.policy, head);
  if (!is_exact || is_read) {
    storability.refuse(cache::Reason::partial_content);
  }
}

void Flight::keep_part(const cache::StoredPtr& response) {
  const cache::StoredPtr kept = as_kept(response);
  const cache::StoredPtr joined = joined_to_stored(kept);
  if (!joined) {
    site_.store.replace(response, kept);
  } else if (joined->status() == 206) {
    site_.store.replace(response, joined);
  } else {
    site_.store.remove(response);
    site_.store.put_within(joined, plan_.policy->query.max_variants);
  }
}

// Nothing where they are not of the same representation, do not touch, or are too much together.
cache::StoredPtr Flight::joined_to_stored(const cache::StoredPtr& response) const {
  const cache::StoredPtr& older = plan_.part;
  // Asked of both, since what is joined bears the tags of both: a purge that only the older one shows may
  // have been forgotten, in which case it is not valid either.
  const std::uint64_t newest = site_.purge_log.newest();
  const auto is_valid = [this, newest](const cache::StoredResponse& part) {
    return site_.purge_log.validity(part, newest) == cache::Validity::valid;
  };
  if (!is_valid(*response)) return nullptr;
  auto parts = cache::as_whole(*response);
  const bool is_alone = parts.has_value();
  if (!is_alone && older && is_valid(*older)) parts = cache::join(*older, *response);
  if (!parts || parts->range.size > plan_.config->max_object) return nullptr;
  const cache::Storability storability =
      cache::storable(plan_.asked, parts->head, *plan_.policy, {requested_at_, received_});
  if (!storability.is_storable) return nullptr;

  auto joined = cache::land(fetch_of(), parts->head, storability).response;
  if (!joined) return nullptr;
  if (parts->head.status == 200) joined->key = cache::key_of_whole(plan_.key);
  joined->body = cache::draft_of(*response).body;
  joined->checked_at = newest;
  joined->freshness.initial_age = response->freshness.initial_age;  // its Age is not in the head that is kept
  if (is_alone) return cache::freeze(*joined);
  joined->body = cache::joined_body(*older, *response, parts->range);
  for (const std::string_view tag : older->tags()) {
    if (std::find(joined->tags.begin(), joined->tags.end(), tag) == joined->tags.end()) {
      joined->tags.emplace_back(tag);
    }
  }
  if (joined->tags.size() > cache::tags_max) return nullptr;
  return cache::freeze(*joined);
}

}  // namespace larder::proxy
