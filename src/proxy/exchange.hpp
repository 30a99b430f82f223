// One request and its response, from the head read to the last byte handed to the wire: what part 4 of
// docs/design.md draws, in the order in which it happens. exchange.cpp reads from top to bottom; what
// it refuses at once is in exchange_refuse.cpp, what keeps a request from what is stored in
// exchange_admit.cpp, what an exchange sends in exchange_deliver.cpp, what it passes through in
// exchange_pass.cpp, what of that is kept in exchange_keep.cpp, and what is different for the sidecar's own
// errands in exchange_errand.cpp.
//
//   answer():        refuse? -> route -> may it use the cache? -> key -> look up -> decide -> from memory, or
//   finish_answer(): pass  |  share a flight (perhaps several, one after another)  |  stream a body that
//   still grows
//
// Belongs to a session and is used again for each of its requests, so that a hit allocates nothing. One
// thread.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "larder/base/text_buffer.hpp"
#include "larder/cache/key.hpp"
#include "larder/cache/policy.hpp"
#include "larder/config/config.hpp"
#include "larder/http/cache_control.hpp"
#include "larder/http/framing.hpp"
#include "larder/http/range.hpp"
#include "larder/http/target.hpp"
#include "larder/obs/exchange_record.hpp"
#include "larder/proxy/worker.hpp"
#include "larder/store/memory_store.hpp"
#include "proxy/errand_note.hpp"
#include "proxy/flight.hpp"
#include "proxy/head_writer.hpp"
#include "proxy/wire.hpp"

namespace larder::proxy {

class Exchange {
 public:
  // `errand`: the sidecar itself asks; outlives the exchange.
  Exchange(Worker& worker, Wire& wire, ErrandNote* errand = nullptr);

  // True: answered, into the wire's output. False: finish_answer() has to wait for something.
  bool answer(const http::RequestHead& request, const http::Framing& framing);
  // The rest, once: done when the response has been handed to the wire, or broken off.
  net::Task<void> finish_answer();
  // Instead of finish_answer(), when the client is gone already.
  void give_up();
  // What has been waited with is nobody's any more: behind either of them.
  void let_go();
  // Answers a head that could not be read, and counts it.
  void refuse_head(int status, std::string_view why);
  void refuse_timeout();

 private:
  // What finish_answer() has to do.
  enum class Rest : std::uint8_t { none, pass, share, stream, hook, purge };

  // exchange.cpp
  void reset(const http::RequestHead& request);
  bool read_target();
  void resolve_origin();
  std::optional<cache::Reason> reason_to_pass();
  void make_key();
  const std::vector<std::string>& captures() const;
  void look_up();
  void decide();
  void note_what_is_stored();
  bool act();
  void refresh_behind();
  net::Task<void> share();
  std::shared_ptr<Flight> take_seat(const std::shared_ptr<Seat>& seat, unsigned boarding);
  net::Task<std::optional<Landing>> await_landing(const std::shared_ptr<Flight>& flight,
                                                  const std::shared_ptr<Seat>& seat);
  net::Task<void> write_interim_heads(Seat& seat);
  bool is_mine(const cache::StoredResponse& response) const;
  std::shared_ptr<Flight> new_flight(FlightKind kind);
  FlightPlan make_plan(FlightKind kind, std::uint64_t sequence);
  cache::Validation make_validation(const FlightPlan& plan, std::uint64_t sequence) const;
  bool is_hit_for_miss() const;

  // exchange_refuse.cpp
  bool is_refused(const http::Framing& framing);
  bool is_purge_refused();
  net::Task<void> purge();
  bool is_last_hop();

  // exchange_admit.cpp
  cache::Validity validity_of(const cache::StoredResponse& stored, std::uint64_t newest) const;
  bool has_stored() const;
  void heed_credentials();
  std::optional<cache::Reason> reason_to_pass_miss();
  bool asks_about_own_copy() const;
  bool sends_unkeyed_cookie() const;
  bool sends_unkeyed_session() const;

  // exchange_part.cpp
  bool wants_part() const;
  void turn_to_part();
  void decide_part();
  bool has_part_of_whole() const;
  std::string sibling() const;
  void plan_part(std::uint64_t sequence, FlightPlan& plan) const;
  bool deliver_part();

  // exchange_deliver.cpp
  void refuse(int status, cache::Reason reason, std::string_view why);
  void respond_error(cache::Reason reason);
  void respond(int status, std::string_view content_type, std::string_view body, std::string_view more = {});
  void respond_text(int status, std::string_view text, std::string_view more = {});
  bool deliver_from_memory();
  bool deliver_whole(const cache::StoredPtr& response);
  bool deliver_range(const cache::StoredPtr& response);
  void send_bytes(const cache::StoredResponse& response, const http::ByteRange& range);
  void begin_stored(const cache::StoredResponse& response, BodySize size);
  void begin_not_modified(const cache::StoredPtr& response);
  bool deliver_landing(const Landing& landing);
  net::Task<void> deliver_rest(Landing& landing);
  net::Task<void> stream(cache::StoredPtr response, cache::Body::Reader reader);
  bool relay(upstream::Exchange& upstream);
  net::Task<void> relay_rest(upstream::Exchange& upstream);
  net::Task<bool> relay_body(upstream::Exchange& upstream);
  void end_relay(upstream::Exchange& upstream, bool is_whole);
  void describe(const cache::StoredResponse* response);
  bool is_from_store() const noexcept;
  char* put_way(char* out) const;
  bool may_see_key() const;
  void finish_record(int status);
  void record_client_gone();

  // exchange_pass.cpp
  net::Task<void> pass();
  struct Upload;
  static net::Task<void> upload(std::shared_ptr<Upload> upload);
  static net::Task<void> send_body(Upload& upload);
  net::Task<void> answer_hook();
  std::optional<std::uint64_t> invalidate_after_unsafe(const http::ResponseHead& response);

  // exchange_errand.cpp
  void decide_for_errand(bool may_force);
  bool is_errand_over();
  void end_errand(ErrandNote::End end, int status);
  void hand_on_uses(const cache::StoredPtr& response);
  bool leaves_unread() const noexcept { return errand_ && !errand_->reads; }

  // exchange_keep.cpp
  struct Kept;
  bool was_sent_as_fetched() const;
  void heed_head(const http::ResponseHead& response, base::MonoTime requested_at);
  void keep_answer_to_post(const http::ResponseHead& response, const http::Framing& framing,
                           base::MonoTime requested_at, std::optional<std::uint64_t> own_line);
  void keep_piece(std::string_view data, const http::Framing& framing);
  void describe_kept();
  void keep_whole();
  cache::FetchOf fetch_as_get(const http::RequestHead& as_get, base::MonoTime requested_at) const;
  enum class Purpose : std::uint8_t {
    pass,
    fetch,    // to be stored, if it may be
    refresh,  // the same, on behalf of others
  };
  upstream::OutgoingRequest outgoing(Purpose purpose, const cache::Validation& validation) const;

  Worker& worker_;
  Site& site_;
  Wire& wire_;
  ErrandNote* const errand_;  // null for a visitor's

  // Of the request under way.
  const http::RequestHead* request_ = nullptr;
  http::Framing framing_;
  config::ConfigPtr config_;                  // pinned while the exchange waits
  const config::Config* snapshot_ = nullptr;  // the same, for the part that never waits
  http::Target target_;
  http::HostMemo host_memo_;  // of the connection
  Origin origin_;
  const cache::RoutePolicy* policy_ = nullptr;
  config::RouteMatch route_;
  mutable std::optional<std::vector<std::string>> captures_;  // what captures() has made
  http::RequestCacheControl control_;
  cache::CookieFacts cookies_;
  cache::CacheKey key_;
  store::LookUp found_;
  // Once nothing of the whole was found: the one range that is asked for, as it is sent upstream. key_ is
  // then that of parts.
  std::string range_;
  std::optional<http::ByteRange> part_;  // the same, where what is stored has it
  cache::Decision decision_;
  std::optional<cache::Decision> looked_up_;  // what the first look-up came to; nothing: there was none
  cache::Validity validity_ = cache::Validity::valid;
  // What may be used of what is stored, once the head was read; then the purge log's newest.
  fleet::Standing standing_ = fleet::Standing::member;
  std::uint64_t newest_ = 0;
  base::Now now_{};
  Rest rest_ = Rest::none;
  const config::Webhook* hook_ = nullptr;
  bool is_upgrade_ = false;
  unsigned larders_before_ = 0;
  bool is_alone_ = false;  // the key is known not to be shareable
  bool is_gone_ = false;
  std::uint64_t unsafe_answers_ = 0;  // of the site, before the request went upstream
  std::shared_ptr<Kept> kept_;        // the answer to a POST, while it is relayed

  // For Cache-Status, the access log and the metrics.
  base::TextBuffer head_;   // of what is not sent as it is stored
  base::TextBuffer extra_;  // the field lines that delivery adds
  obs::ExchangeRecord record_;
  std::chrono::microseconds started_{};
  bool joined_ = false;
  bool stands_in_ = false;  // a stale response for a fetch that failed
  bool is_in_store_ = false;
  int upstream_status_ = 0;
  cache::Reason detail_ = cache::Reason::none;  // why not stored
};

}  // namespace larder::proxy
