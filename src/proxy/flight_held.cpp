// A body that is read before anybody gets it: a page (`refuse: [csrf_token, user_bar]`), since what was made
// for one visitor must reach no other; or JSON (`tags_from`), since what is shared under tags that are not
// known would outlive their purge. And Cache-Status must tell the truth about it. The flight goes on boarding
// meanwhile.
//
// The wait is bounded, in bytes and in time. Past either the page is not shareable: a site sends a page at
// once when it has made it, and what takes longer is a stream. It is not stored at its end either, since
// purges that came after its landing may have been forgotten by then.
#include <mutex>

#include "proxy/flight.hpp"

namespace larder::proxy {
namespace {

// Pages are smaller by far; whoever asked waits for so much at most.
constexpr std::uint64_t held_size_max = std::uint64_t{1024} * 1024;
constexpr base::Duration held_time_max = std::chrono::seconds(1);

}  // namespace

void Flight::read_first() {
  if (has_tags_in_body(*plan_.policy, exchange_->head())) {
    auto reader = std::make_unique<TagReader>(plan_.policy->tags_from, exchange_->head());
    tag_reader_ = reader.get();
    reader_ = std::move(reader);
  } else {
    reader_ = std::make_unique<PageReader>(plan_.policy->refuse, exchange_->head());
  }
}

void Flight::hold(const cache::StoredPtr& response) {
  {
    const std::scoped_lock lock(mutex_);
    is_held_ = true;
  }
  patience_ = std::make_unique<net::Watchdog>(executor_);
  patience_->arm(held_time_max, [this, response] {
    release(response, reader_->unread());
    if (response->body()->reader_count() == 0) exchange_->abort();  // nobody is left to read what comes
  });
}

void Flight::read_held(const cache::StoredPtr& response, std::string_view bytes) {
  cache::Reason reason = reader_->read(bytes);
  if (reason == cache::Reason::none && response->body_size() > held_size_max) {
    reason = reader_->unread();
  }
  if (reason != cache::Reason::none) release(response, reason);
}

// Not shareable: the leader gets it as it comes, the others ask for themselves.
void Flight::release(const cache::StoredPtr& response, cache::Reason reason) {
  keeping_ = Keeping::none;
  turn_ends_with_ = fleet::Handover::fetch_alone;
  if (patience_) patience_->disarm();
  observer_.count_event(reason);
  note_refusal(reason);
  mark_hit_for_miss(response->vary(), response->secondary());
  // What the route tells the caches behind us is meant for what may be shared.
  cache::ResponseDraft draft = cache::draft_of(*response);
  draft.head = cache::make_head(exchange_->head(), *plan_.policy, response->freshness.is_given_by_route,
                                received_.wall, true);
  const cache::StoredPtr own = cache::freeze(draft);
  for (const auto& seat : close_boarding()) {
    Landing landing;
    landing.upstream_status = exchange_->head().status;
    landing.upstream_us = upstream_us_;
    landing.reason = reason;
    const bool is_mine = is_leader(seat);
    landing.kind = is_mine ? Landing::Kind::stored : Landing::Kind::alone;
    if (is_mine) {
      landing.response = own;
      landing.reader = own->reader();
    }
    seat->deliver(std::move(landing));
  }
}

// Whole, and nothing was found in it: it lands like any other.
void Flight::land_held(const cache::StoredPtr& response) {
  const cache::Reason reason = reader_->end();
  const cache::StoredPtr tagged = reason == cache::Reason::none ? with_body_tags(response) : nullptr;
  if (!tagged) {
    release(response, reason == cache::Reason::none ? reader_->unread() : reason);
    return;
  }
  land_as_kept(as_kept(tagged));
}

// Nothing where it has more tags than are kept: a purge could miss it.
cache::StoredPtr Flight::with_body_tags(const cache::StoredPtr& response) const {
  if (tag_reader_ == nullptr || tag_reader_->tags().empty()) return response;
  cache::ResponseDraft tagged = cache::draft_of(*response);
  if (!cache::add_body_tags(tagged, tag_reader_->tags())) return nullptr;
  return cache::freeze(tagged);
}

// What the route's `refuse` kept out of the store is said once: an operator may want to know, and cannot see
// it in the response's fields.
void Flight::note_refusal(cache::Reason reason) {
  const cache::RefuseRule& refuse = plan_.policy->refuse;
  const bool is_refusal = reason == cache::Reason::csrf_token || reason == cache::Reason::user_bar ||
                          reason == cache::Reason::unread_page || reason == cache::Reason::unread_tags ||
                          reason == cache::Reason::session_cookie ||
                          reason == cache::Reason::unkeyed_cookie ||
                          (reason == cache::Reason::response_set_cookie && refuse.set_cookie);
  if (is_refusal) site_.warnings.warn(plan_.policy->name, reason, "not stored");
}

}  // namespace larder::proxy
