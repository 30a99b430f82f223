#include "larder/proxy/flight_table.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "proxy/flight.hpp"

namespace larder::proxy {

// Lock order: the table's, then a flight's, then a store shard's or the purge log's.
struct FlightTable::State {
  mutable std::mutex mutex;
  // By their ids, which they hold themselves.
  using Flights = std::unordered_map<std::string_view, std::shared_ptr<Flight>>;
  Flights joinable;
  Flights waiting;                      // each behind the joinable one of its id
  std::unordered_set<Flight*> running;  // joinable or not
  FlightStats stats;

  // In place of another of that id, whose own id was the key.
  static void put(const std::shared_ptr<Flight>& flight, Flights& flights) {
    flights.erase(flight->id());
    flights.emplace(flight->id(), flight);
  }
  void forget(const Flight& flight) {
    const auto waits = waiting.find(flight.id());
    if (waits != waiting.end() && waits->second.get() == &flight) waiting.erase(waits);
    const auto found = joinable.find(flight.id());
    if (found == joinable.end() || found->second.get() != &flight) return;
    joinable.erase(found);
    if (!waiting.empty()) promote(flight.id());
  }
  void begin(Flight& flight) {
    running.insert(&flight);
    ++stats.started;
  }
  // Begins what waited. Its fetch starts by a message, since the lock is held.
  void promote(std::string_view id) {
    auto node = waiting.extract(id);
    if (node.empty()) return;
    const std::shared_ptr<Flight> flight = node.mapped();
    flight->begin_late();
    joinable.insert(std::move(node));
    begin(*flight);
    net::asio::post(flight->executor_, [flight] { flight->start(); });
  }
  // Null where none waits, or it has been given up meanwhile.
  std::shared_ptr<Flight> take_seat_in_next(std::string_view id, const std::shared_ptr<Seat>& seat) {
    const auto found = waiting.find(id);
    if (found == waiting.end()) return nullptr;
    const std::scoped_lock lock(found->second->mutex_);
    if (found->second->phase_ != Flight::Phase::boarding) return nullptr;
    if (seat) {
      found->second->seats_.push_back(seat);
      ++stats.joined;
    }
    return found->second;
  }
};

FlightTable::FlightTable() : state_(std::make_unique<State>()) {}
FlightTable::~FlightTable() = default;

FlightTable::Boarded FlightTable::board(const std::string& id, const cache::Identity& identity,
                                        const cache::PurgeLog& log, Joinable joinable,
                                        const std::shared_ptr<Seat>& seat,
                                        const std::function<bool()>& has_changed,
                                        const std::function<std::shared_ptr<Flight>()>& make,
                                        std::shared_ptr<Flight>& flight) {
  const std::scoped_lock lock(state_->mutex);
  const auto found = state_->joinable.find(id);
  if (found != state_->joinable.end() && joinable == Joinable::not_begun) {
    flight = state_->take_seat_in_next(id, seat);
    if (flight) return Boarded::joined;
    flight = make();
    flight->lead(seat);
    State::put(flight, state_->waiting);
    return Boarded::waits;
  }
  if (found != state_->joinable.end()) {
    Flight& running = *found->second;
    const std::scoped_lock flight_lock(running.mutex_);
    if (!log.may_join(identity, running.sequence())) {
      ++state_->stats.sealed;
    } else if (running.phase_ == Flight::Phase::boarding) {
      if (seat) {
        running.seats_.push_back(seat);
        ++state_->stats.joined;
      }
      flight = found->second;
      return Boarded::joined;
    }
  }
  if (has_changed()) return Boarded::changed;
  flight = make();
  flight->lead(seat);
  State::put(flight, state_->joinable);
  state_->begin(*flight);
  return Boarded::led;
}

void FlightTable::register_alone(const std::shared_ptr<Flight>& flight, const std::shared_ptr<Seat>& seat) {
  const std::scoped_lock lock(state_->mutex);
  flight->lead(seat);
  state_->begin(*flight);
}

void FlightTable::leave(const std::shared_ptr<Flight>& flight, const std::shared_ptr<Seat>& seat) {
  const std::scoped_lock lock(state_->mutex);
  const std::scoped_lock flight_lock(flight->mutex_);
  std::erase(flight->seats_, seat);
  const bool is_wanted =
      !flight->seats_.empty() || flight->plan().kind == FlightKind::background || flight->is_held_;
  if (is_wanted || flight->phase_ != Flight::Phase::boarding) return;
  flight->phase_ = Flight::Phase::cancelled;
  state_->forget(*flight);
  net::asio::post(flight->executor_, [flight] {
    {
      // It may have landed before this word reached it.
      const std::scoped_lock still(flight->mutex_);
      if (flight->phase_ != Flight::Phase::cancelled) return;
    }
    if (flight->exchange_) flight->exchange_->abort();
    flight->withdraw();
  });
}

void FlightTable::begin_again(Flight& flight) {
  const std::scoped_lock lock(state_->mutex);
  flight.begin_late();
}

void FlightTable::close(Flight& flight) {
  const std::scoped_lock lock(state_->mutex);
  state_->forget(flight);
  flight.is_closed_ = true;
}

void FlightTable::end(Flight& flight) {
  const std::scoped_lock lock(state_->mutex);
  state_->forget(flight);
  state_->running.erase(&flight);
}

void FlightTable::abandon() {
  const std::scoped_lock lock(state_->mutex);
  for (Flight* flight : state_->running) flight->abandon();
  for (const auto& [id, flight] : state_->waiting) flight->abandon();
  state_->waiting.clear();
  state_->joinable.clear();
  state_->running.clear();
}

FlightStats FlightTable::stats() const {
  const std::scoped_lock lock(state_->mutex);
  FlightStats stats = state_->stats;
  stats.running = state_->running.size();
  return stats;
}

std::uint64_t FlightTable::oldest_sequence(std::uint64_t none) const {
  const std::scoped_lock lock(state_->mutex);
  for (const Flight* flight : state_->running) {
    if (!flight->is_closed_) none = std::min(none, flight->sequence());
  }
  return none;
}

bool FlightTable::holds_url(const cache::CacheKey& key) const {
  const std::scoped_lock lock(state_->mutex);
  return std::any_of(state_->running.begin(), state_->running.end(), [&](const Flight* flight) {
    const cache::CacheKey& other = flight->plan().key;
    return other.host() == key.host() && other.path() == key.path();
  });
}

bool FlightTable::holds_host(std::string_view host) const {
  const std::scoped_lock lock(state_->mutex);
  return std::any_of(state_->running.begin(), state_->running.end(),
                     [host](const Flight* flight) { return flight->plan().key.host() == host; });
}

bool FlightTable::holds_session(std::string_view digest, const Flight* except) const {
  const std::scoped_lock lock(state_->mutex);
  return std::any_of(state_->running.begin(), state_->running.end(), [&](const Flight* flight) {
    return flight != except && !flight->is_closed_ && flight->plan().key.session() == digest;
  });
}

}  // namespace larder::proxy
