// The body's part of a flight: from the upstream into the growing stored response, to its end in the store.
#include <boost/asio/post.hpp>

#include "larder/obs/log.hpp"
#include "proxy/flight.hpp"
#include "proxy/head_writer.hpp"

namespace larder::proxy {
namespace {

namespace asio = net::asio;

// What a windowed body may hold beyond its fastest reader.
constexpr std::uint64_t read_ahead_max = 1024 * 1024;
// How far a reader may fall behind the fastest one.
constexpr std::uint64_t lag_max = 2 * 1024 * 1024;

}  // namespace

// Moves the body from the upstream into the growing stored response.
net::Task<void> Flight::pump(cache::StoredPtr response, Keeping keeping) {
  keeping_ = keeping;
  std::uint64_t charged = 0;
  cache::Reason failure = cache::Reason::none;
  bound_turn();
  try {
    if (!response->is_complete()) failure = co_await fill(response, charged);
  } catch (const std::exception& error) {
    obs::log_error(std::string("a body ended unexpectedly: ") + error.what());
    failure = cache::Reason::internal_error;
  }
  site_.store.subtract_in_flight(charged, plan_.key.is_private());
  // Not the flight's to keep: exchanges on other threads may hold it for longer than this worker lives.
  patience_.reset();
  turn_patience_.reset();
  if (failure != cache::Reason::none) {
    response->body()->fail(failure);
    if (keeping_ == Keeping::stored) site_.store.remove(response);
    if (keeping_ == Keeping::held) {
      land_failure(failure);
    } else {
      observer_.count_event(failure);
    }
    co_return;
  }
  if (!response->is_complete()) response->body()->finish();
  exchange_->finish();
  const bool is_part = response->status() == 206;
  if (keeping_ == Keeping::stored && is_part) keep_part(response);
  if (keeping_ == Keeping::stored && !is_part) {
    const cache::StoredPtr kept = as_kept(response);
    site_.store.replace(response, kept);
    share(kept);
  }
  if (keeping_ == Keeping::held) land_held(response);
}

// Until the end of the body: none, or why it broke off. It stops being kept when it grows too large.
net::Task<cache::Reason> Flight::fill(cache::StoredPtr response, std::uint64_t& charged) {
  cache::Body& body = *response->body();
  for (;;) {
    const upstream::Exchange::BodyStep step = co_await exchange_->read_body();
    if (step.is_done || step.failure != cache::Reason::none) co_return step.failure;
    if (keeping_ == Keeping::none && body.reader_count() == 0) co_return cache::Reason::client_gone;
    const std::uint64_t size = step.data.size();
    if (!body.is_windowed()) {
      const bool is_small = body.size() + size <= plan_.config->max_object;
      const bool fits = is_small && site_.store.add_in_flight(size, plan_.key.is_private());
      if (fits) {
        charged += size;
      } else {
        // Too large to keep: nobody joins any more, those who read share a window.
        const cache::Reason reason = is_small ? cache::Reason::in_flight_share : cache::Reason::too_large;
        if (keeping_ == Keeping::held) {
          release(response, reason);
        } else {
          observer_.count_event(reason);
        }
        if (keeping_ == Keeping::stored) site_.store.remove(response);
        keeping_ = Keeping::none;
        turn_ends_with_ = fleet::Handover::fetch_alone;
        end_turn();
        body.make_windowed(read_ahead_max, lag_max);
      }
    }
    body.append(step.data);
    if (keeping_ == Keeping::held) read_held(response, step.data);
    if (body.is_windowed()) {
      const bool is_read = co_await wait_for_readers(body);
      if (!is_read) co_return cache::Reason::client_gone;
    }
  }
}

// False when nobody reads any more. The notifier is this coroutine's, not the flight's: exchanges on other
// threads may hold the flight for longer than this worker lives.
net::Task<bool> Flight::wait_for_readers(cache::Body& body) {
  const auto notifier = std::make_shared<net::Notifier>(executor_);
  for (;;) {
    if (body.reader_count() == 0) co_return false;
    const bool may_continue =
        body.writer_may_continue([executor = executor_, waiting = std::weak_ptr(notifier)] {
          if (const auto found = waiting.lock()) asio::post(executor, [found] { found->notify(); });
        });
    if (may_continue) co_return true;
    co_await notifier->wait();
  }
}

bool Flight::wants_etag(std::string_view etag, int status) const {
  return plan_.policy->downstream.etag_auto && etag.empty() && status == 200;
}

// The stored response as it will be kept: its memory exact, or a file where it is large, and its entity tag
// generated where the route asks for one. The same one where nothing is to be changed.
cache::StoredPtr Flight::as_kept(const cache::StoredPtr& response) const {
  const std::shared_ptr<cache::Body>& body = response->body();
  const std::uint64_t size = response->body_size();
  // A small one is copied beside its head.
  const bool is_small = body && size <= cache::StoredResponse::own_body_max;
  const std::shared_ptr<cache::Body> compact = body && !is_small ? body->compacted() : nullptr;
  const bool is_to_have_etag = wants_etag(response->head().etag(), response->status());
  if (!is_small && !compact && !is_to_have_etag) return response;
  cache::ResponseDraft landed = cache::draft_of(*response);
  // What purges have said of it meanwhile, in the order in which PurgeLog::validity reads: the log may have
  // forgotten those lines.
  landed.checked_at = response->checked_at.load(std::memory_order_acquire);
  landed.is_soft_outdated = response->is_soft_outdated.load(std::memory_order_relaxed);
  landed.is_counted = response->is_counted.load(std::memory_order_relaxed);
  if (compact) landed.body = compact;
  if (is_to_have_etag) cache::add_etag(landed.head, entity_tag_of(landed.body->pieces()));
  return cache::freeze(landed);
}

}  // namespace larder::proxy
