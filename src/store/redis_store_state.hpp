// What the shared store does on its threads: one answers look-ups, any number at a time, the other writes,
// one response after the other. redis_store.cpp is its door, which any thread may stand at.
//
// Each has a connection of its own, so that no look-up waits while a large response is compressed or sent.
#pragma once
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "larder/net/notifier.hpp"
#include "larder/redis/client.hpp"
#include "larder/store/redis_store.hpp"
#include "store/redis_frame.hpp"

namespace larder::store {

// A stranger's value under the key of a Vary is not taken for one.
inline constexpr std::size_t vary_size_max = 4096;

// Whose answer it is.
struct Variant {
  std::string key;  // its text
  std::string vary;
  std::string secondary;
};

// The names of what stands in Redis.
class RedisKeys {
 public:
  explicit RedisKeys(const std::string& name_space) : prefix_("larder:" + name_space + ":") {}
  std::string of_vary(std::string_view space, std::string_view key) const;
  std::string of_variant(std::string_view space, const Variant& variant) const;
  std::string of_pieces() const { return prefix_ + "c:"; }  // then an id, a colon and a number
  std::string of_piece(const std::string& id, std::size_t index) const;

 private:
  std::string prefix_;
};

// Its coroutines end with stop(), which joins the threads.
struct RedisStore::State {
  using SteadyTime = std::chrono::steady_clock::time_point;
  using Counter = std::atomic<std::uint64_t>;

  struct Asked {
    Question question;
    std::function<void(Found)> done;
    SteadyTime deadline;
  };
  enum class Answer : std::uint8_t { hit, miss, corrupt, timeout, unavailable };
  // The values of some keys, in order; with an answer other than hit none.
  struct Values {
    Answer answer = Answer::hit;
    std::vector<redis::Reply> replies;
  };

  struct Write {
    std::string space;
    Variant variant;
    cache::StoredPtr response;    // null: a mark
    base::MonoTime expires_at{};  // of a mark
    base::MonoTime received_at{};
    cache::Place place;
    std::function<void(bool)> done;
    std::uint64_t bytes = 0;
    SteadyTime accepted_at{};
  };
  enum class Written : std::uint8_t { written, superseded, dropped, failed };

  State(const config::Redis& its_redis, const net::Clock& its_clock)
      : redis(its_redis), clock(its_clock), keys(its_redis.name_space) {}

  void run_reads();
  void run_writes();

  // Any thread. False: it cannot be asked.
  bool begin_look_up(Asked asked);
  void accept(Write write);

  static net::Task<void> answer(State& state, Asked asked);
  net::Task<Answer> read(const Asked& asked, Found& found);
  net::Task<Values> get(std::vector<std::string> names, SteadyTime deadline);
  net::Task<Answer> take(const Asked& asked, const Variant& variant, std::string value, Found& found);
  net::Task<Answer> get_pieces(const Frame& frame, SteadyTime deadline, std::string& stored);
  Answer take_entry(const Variant& variant, const std::string& payload, Found& found) const;
  Answer take_mark(const Variant& variant, const std::string& payload, Found& found) const;

  net::Task<void> write_all();
  std::optional<Write> next_write();
  net::Task<Written> write(const Write& wanted);
  net::Task<bool> write_pieces(const WrittenFrame& frame);
  net::Task<Written> write_frame_of(const Write& wanted, WrittenFrame frame, base::Duration left);
  std::optional<WrittenFrame> frame_of(const Write& wanted, base::Now now) const;
  void end_write(Write& done, Written result);
  // `last_refusal`: the thread's, told once while it stays the same.
  static bool is_ok(const redis::Outcome& outcome, std::string& last_refusal);
  Counter& counter_of(Answer answer);
  Counter& counter_of(Written written);

  const config::Redis redis;
  const net::Clock& clock;
  const RedisKeys keys;

  Counter look_ups{0};
  Counter hits{0};
  Counter misses{0};
  Counter corrupt{0};
  Counter timeouts{0};
  Counter unavailable{0};
  Counter writes{0};
  Counter superseded{0};
  Counter dropped{0};
  Counter failed_writes{0};
  Counter waiting_bytes{0};  // changed with the mutex

  std::mutex mutex;
  bool is_running = false;             // mutex: nothing is posted any more where it is not
  std::size_t look_ups_under_way = 0;  // mutex
  std::size_t waiting_count = 0;       // mutex: with the one that is being written
  std::deque<Write> waiting;           // mutex
  std::atomic<bool> is_stopping{false};

  net::asio::io_context reads{1};
  std::optional<redis::Client> reader;
  std::uint64_t bytes_under_way = 0;  // of large responses that are being read; the reads' thread
  std::string read_refusal;
  std::thread read_thread;

  net::asio::io_context writing{1};
  std::optional<redis::Client> writer;
  net::Notifier has_writes{writing.get_executor()};
  std::string write_refusal;
  std::thread write_thread;
};

inline void count(std::atomic<std::uint64_t>& counter) {
  counter.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace larder::store
