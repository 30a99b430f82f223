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
// A landed body that holds this much more memory than bytes is copied into one exact piece.
constexpr std::uint64_t waste_shift = 3;  // an eighth

}  // namespace

// Moves the body from the upstream into the growing stored response.
net::Task<void> Flight::pump(cache::StoredPtr response, bool is_stored) {
  cache::Body& body = *response->body;
  if (body.state() == cache::Body::State::complete) {
    exchange_->finish();
    land_whole(response, is_stored);
    co_return;
  }
  std::uint64_t charged = 0;
  cache::Reason failure = cache::Reason::none;
  try {
    failure = co_await fill(response, is_stored, charged);
  } catch (const std::exception& error) {
    obs::log_error(std::string("a body ended unexpectedly: ") + error.what());
    failure = cache::Reason::internal_error;
  }
  site_.store.subtract_in_flight(charged);
  if (failure != cache::Reason::none) {
    body.fail(failure);
    observer_.count_event(failure);
    if (is_stored) site_.store.remove(response);
    co_return;
  }
  body.finish();
  exchange_->finish();
  land_whole(response, is_stored);
}

// Until the end of the body: none, or why it broke off. `is_stored` ends when it grows too large to keep.
net::Task<cache::Reason> Flight::fill(cache::StoredPtr response, bool& is_stored, std::uint64_t& charged) {
  cache::Body& body = *response->body;
  for (;;) {
    const upstream::Exchange::BodyStep step = co_await exchange_->read_body();
    if (step.is_done || step.failure != cache::Reason::none) co_return step.failure;
    if (!is_stored && body.reader_count() == 0) co_return cache::Reason::client_gone;
    const std::uint64_t size = step.data.size();
    const bool is_windowed = body.is_windowed();
    if (!is_windowed) {
      const bool is_small = body.size() + size <= plan_.config->max_object;
      const bool fits = is_small && site_.store.add_in_flight(size);
      if (fits) {
        charged += size;
      } else {
        // Too large to keep: nobody joins any more, those who read share a window.
        observer_.count_event(is_small ? cache::Reason::in_flight_share : cache::Reason::too_large);
        if (is_stored) site_.store.remove(response);
        is_stored = false;
        body.make_windowed(read_ahead_max, lag_max);
      }
    }
    body.append(step.data);
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

// The stored response as it will be kept: its memory exact, and its entity tag generated where the route asks
// for one.
void Flight::land_whole(const cache::StoredPtr& response, bool is_stored) {
  if (!is_stored) return;
  const cache::Body& body = *response->body;
  const std::uint64_t size = body.size();
  const bool is_wasteful = body.allocated() > size + (size >> waste_shift) + 64;
  const bool wants_etag =
      plan_.policy->downstream.etag_auto && response->head.etag().empty() && response->head.status == 200;
  if (!is_wasteful && !wants_etag) {
    site_.store.replace(response, response);  // counted again, at its full size
    return;
  }
  auto landed = copy_of(*response);
  // What purges have said of it meanwhile, in the order in which PurgeLog::validity reads: the log may have
  // forgotten those lines.
  landed->checked_at = response->checked_at.load(std::memory_order_acquire);
  landed->is_soft_outdated = response->is_soft_outdated.load(std::memory_order_relaxed);
  if (is_wasteful) landed->body = body.compacted();
  if (wants_etag) cache::add_etag(landed->head, entity_tag_of(landed->body->pieces()));
  site_.store.replace(response, landed);
}

}  // namespace larder::proxy
