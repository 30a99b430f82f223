// One fetch in progress and the exchanges that wait for what it brings (collapsed requests). It owns the
// fetch; they subscribe by a Seat and are woken on their own thread, so that no client's going away can harm
// it.
//
//   boarding --head, shareable-----> landed: stored, body growing --> whole: compacted in the store
//      |                                  |-- broken off: removed from the store, every reader is failed
//      |                                  `-- too large to keep: removed, streamed through a window
//      |------head and body in one-----> landed, as it is kept
//      |------head of what must be read first--> held: boarding goes on while the body arrives
//      |                                  |-- whole, nothing found: stored, landed
//      |                                  `-- something found, or too long: landed as not shareable
//      |------head, not shareable-> landed: the leader gets the response itself, the others go alone, at once
//      |------failed--------------> landed: stale where grace allows, else the reason
//      `------nobody left---------> cancelled
//
// Where replicas share a Redis it looks there first, and waits for its turn to fetch (flight_shared.cpp).
//
// The fence: `sequence` is the purge log's newest before the fetch connects. Whoever asks after a later purge
// that could match is not seated here (FlightTable::board), and what lands carries the sequence for life.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "larder/cache/body.hpp"
#include "larder/cache/landing.hpp"
#include "larder/cache/policy.hpp"
#include "larder/cache/stored_response.hpp"
#include "larder/cache/validation.hpp"
#include "larder/config/config.hpp"
#include "larder/net/notifier.hpp"
#include "larder/net/watchdog.hpp"
#include "larder/proxy/site.hpp"
#include "larder/proxy/worker.hpp"
#include "larder/upstream/exchange.hpp"
#include "proxy/page_reader.hpp"
#include "proxy/tag_reader.hpp"

namespace larder::proxy {

class Flight;

// Whom a flight is for.
enum class FlightKind : std::uint8_t {
  shared,      // whoever wants the same takes a seat
  alone,       // one exchange that cannot share: nobody joins, and it waits for no other replica
  background,  // a refresh: goes on without anybody waiting
};

// What a flight fetches, owned.
struct FlightPlan {
  config::ConfigPtr config;
  const cache::RoutePolicy* policy = nullptr;  // of `config`
  cache::CacheKey key;
  std::string vary;  // under which `secondary` tells this flight from its siblings
  std::string secondary;
  // Of a fetch of one range (cache/part.hpp); `key` is then that of parts. Empty: the whole is fetched.
  std::string range;
  cache::StoredPtr part;  // what is stored of it already, to be joined to what comes
  std::vector<std::string> captures;
  http::RequestHead asked;  // GET, with the leader's fields
  upstream::OutgoingRequest request;
  upstream::OutgoingRequest unconditional;  // the same without validators, where `validation` has any
  cache::Validation validation;             // whose validators are in `request`
  cache::StoredPtr stale;  // may stand in for an error, when the log and the grace allow it then
  FlightKind kind = FlightKind::shared;
  bool is_forced = false;      // the upstream itself shall be asked, whatever is stored anywhere
  bool is_unverified = false;  // `stale` may be outdated by a purge that was missed: it stands in for nothing
};

struct Landing {
  enum class Kind : std::uint8_t {
    stored,  // `response`, readable through `reader` where it is not whole
    mine,    // not shareable, and this seat's own: `exchange` has the head, and the body to be read
    alone,   // not shareable: fetch for yourself, reason tells why
    again,   // a purge that this seat asked after has outdated it: look again
    failed,
  };
  Kind kind = Kind::failed;
  cache::StoredPtr response;
  std::optional<cache::Body::Reader> reader;
  std::unique_ptr<upstream::Exchange> exchange;
  cache::Reason reason = cache::Reason::none;  // why not stored, why stale, or what failed
  bool is_in_store = false;
  bool is_revalidated = false;    // by a 304
  bool is_stale = false;          // stands in for an error
  int upstream_status = 0;        // 0: none came
  std::uint64_t upstream_us = 0;  // to the head
};

// An exchange's place in a flight. The exchange's thread owns all of it; the flight posts.
class Seat : public std::enable_shared_from_this<Seat> {
 public:
  // `asked_at`: the purge log's newest once the request's head was read.
  Seat(const net::Executor& executor, std::uint64_t asked_at, bool wants_interim)
      : executor_(executor), notifier_(executor), asked_at_(asked_at), wants_interim_(wants_interim) {}

  net::Notifier& notifier() noexcept { return notifier_; }
  net::Executor executor() const noexcept { return executor_; }
  std::uint64_t asked_at() const noexcept { return asked_at_; }
  bool wants_interim() const noexcept { return wants_interim_; }

  std::optional<Landing> landing;
  std::deque<std::string>
      interim_heads;  // serialised 1xx responses to pass on; bounded by Exchange::interim_max

  // Called by the flight, from its thread: hands over on this seat's thread, at once where that is the same.
  void deliver(Landing result);
  void deliver_interim(std::string head);

 private:
  net::Executor executor_;
  net::Notifier notifier_;
  std::uint64_t asked_at_;
  bool wants_interim_;
};

// Says once for each route that queries beyond `query.max_variants` are not stored.
void warn_of_max_variants(Site& site, const cache::RoutePolicy& policy);

class Flight : public std::enable_shared_from_this<Flight> {
 public:
  // `sequence` was loaded from the purge log before; nothing has connected yet.
  Flight(Worker& worker, FlightPlan plan, std::uint64_t sequence);
  ~Flight();

  // Seats its leader; null for a refresh. Before start(), by the flight table.
  void lead(const std::shared_ptr<Seat>& seat);
  // Starts the fetch on the flight's executor. Called once.
  void start();
  // Before the fetch, of one that was made long before: what purges have outdated since it lends nothing to
  // the fetch, whose sequence is read now. By the flight table, under its lock.
  void begin_late();

  std::uint64_t sequence() const noexcept { return sequence_; }
  const FlightPlan& plan() const noexcept { return plan_; }
  const std::string& id() const noexcept { return id_; }
  // "key, vary, secondary": what flights are told apart by.
  static std::string id_of(const cache::CacheKey& key, std::string_view vary, std::string_view secondary);

 private:
  friend class FlightTable;
  enum class Phase : std::uint8_t { boarding, landed, cancelled };

  // Of other replicas (flight_shared.cpp).
  bool may_be_shared() const;
  bool is_cancelled();
  bool asks_others() const;
  net::Task<bool> land_from_others();
  net::Task<store::RedisStore::Found> look_in_redis();
  net::Task<fleet::Turn> take_turn(base::Duration wait_max);
  bool land_found(const store::RedisStore::Found& found);
  bool keep_found(const cache::StoredPtr& response);
  void share(const cache::StoredPtr& response);
  void share_mark(std::string_view vary, std::string_view secondary, base::MonoTime expires_at);
  std::function<void(bool)> handing_over();
  void bound_turn();
  void withdraw();
  void end_turn();

  bool is_leader(const std::shared_ptr<Seat>& seat) const {
    return !leader_.owner_before(seat) && !seat.owner_before(leader_);
  }
  void abandon();
  net::Task<void> run();
  net::Task<void> fetch();
  net::Task<cache::Reason> await_final_head();
  void pass_interim_on();
  net::Task<void> land_head();
  net::Task<void> land_not_modified();
  net::Task<void> fetch_unconditionally();
  // What becomes of a body that arrives.
  enum class Keeping : std::uint8_t {
    held,    // it is read first; nobody has it yet
    stored,  // in the store already
    none,    // for its readers alone
  };
  struct Growing {
    cache::StoredPtr response;  // null: nothing more comes
    Keeping keeping = Keeping::none;
  };
  Growing land_storable(const cache::Storability& storability);
  void land_whole(const cache::StoredPtr& response, std::string_view body);
  void land_as_kept(const cache::StoredPtr& response);
  void keep_unless_late(const cache::StoredPtr& response, Landing& model);
  void keep(const cache::StoredPtr& response, Landing& model);
  void restrict_to_parts(cache::Storability& storability) const;
  void keep_part(const cache::StoredPtr& response);
  cache::StoredPtr joined_to_stored(const cache::StoredPtr& response) const;
  void land_not_shareable(cache::Reason reason);
  void land_failure(cache::Reason reason, cache::Failure failure = cache::Failure::answered_badly);
  bool land_stale(cache::Reason reason, cache::Failure failure);
  cache::StoredPtr make_response(const cache::Storability& storability,
                                 std::optional<std::string_view> whole_body);
  bool wants_etag(std::string_view etag, int status) const;
  cache::FetchOf fetch_of() const;
  void renew_others(const cache::StoredPtr& confirmed);
  net::Task<void> pump(cache::StoredPtr response, Keeping keeping);
  net::Task<cache::Reason> fill(cache::StoredPtr response, std::uint64_t& charged);
  void read_first();
  void hold(const cache::StoredPtr& response);
  void read_held(const cache::StoredPtr& response, std::string_view bytes);
  void release(const cache::StoredPtr& response, cache::Reason reason);
  void land_held(const cache::StoredPtr& response);
  cache::StoredPtr with_body_tags(const cache::StoredPtr& response) const;
  void note_refusal(cache::Reason reason);
  net::Task<bool> wait_for_readers(cache::Body& body);
  cache::StoredPtr as_kept(const cache::StoredPtr& response) const;
  bool is_outdated(const cache::StoredResponse& response) const;
  std::vector<std::shared_ptr<Seat>> close_boarding();
  cache::StoredPtr for_leader(const cache::StoredPtr& response) const;
  void deliver_stored(const cache::StoredPtr& response, const Landing& model);
  bool speaks_for_others(std::string_view vary) const;
  void mark_hit_for_miss(std::string_view vary, std::string_view secondary);

  Site& site_;
  obs::Observer& observer_;
  net::Executor executor_;
  FlightPlan plan_;
  std::uint64_t sequence_;  // changed by begin_late() alone; others read it under the table's lock
  const std::string id_;
  std::unique_ptr<upstream::Exchange> exchange_;
  base::MonoTime requested_at_{};
  base::Now received_{};
  std::uint64_t upstream_us_ = 0;
  // With the fields that are for the leader alone, where there are any.
  std::optional<cache::StoredHead> leaders_head_;

  // While the body arrives; of the flight's thread.
  Keeping keeping_ = Keeping::none;
  std::unique_ptr<BodyReader> reader_;  // while it is held
  TagReader* tag_reader_ = nullptr;     // the same, where its tags are read
  std::unique_ptr<net::Watchdog> patience_;

  // The turn to fetch this, among the replicas, while it is ours, and the ticket while it is waited for; of
  // the flight's thread.
  std::string turn_;
  std::string ticket_;
  fleet::Handover turn_ends_with_ = fleet::Handover::look_again;
  std::unique_ptr<net::Watchdog> turn_patience_;

  bool is_closed_ = false;  // FlightTable::close(); the table's mutex guards it

  std::mutex mutex_;  // guards what follows
  Phase phase_ = Phase::boarding;
  bool is_held_ = false;  // what is held will be stored: nobody's going away cancels it
  std::vector<std::shared_ptr<Seat>> seats_;
  // Whose request is sent upstream; null for a refresh. Compared only: what is not shareable is nobody
  // else's, also when the leader has gone.
  // Weak, not a bare pointer: it keeps the seat's address from being used again.
  std::weak_ptr<const Seat> leader_;
};

}  // namespace larder::proxy
