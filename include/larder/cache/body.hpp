// A response body that may still be growing. One writer (the flight) appends; any number of readers, on any
// thread, read what is there and are called when there is more.
//
//   growing --finish--> complete   every reader gets all of it
//      |  |
//      |  `----fail---> failed     readers get what is there, then the failure: they must not end it as if
//      whole
//      |
//      `--make_windowed--> windowed growing: too large to keep. The writer waits for the fastest reader (at
//                          most `read_ahead_max` bytes beyond it); bytes that every reader has passed are
//                          freed, and a reader more than `lag_max` bytes behind the fastest is failed rather
//                          than let slow the others. It then finishes or fails as above.
//
// Bytes stay at one address for the life of the Body (or until every reader has passed them, when windowed),
// so that they can be sent from where they are. Once complete and not windowed, reading takes no lock.
//
// A large one that has landed is kept in a file of memory, where there is one to be had: it is sent without
// being copied.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "larder/base/memory_file.hpp"
#include "larder/cache/reason.hpp"

namespace larder::cache {

class Body : public std::enable_shared_from_this<Body> {
 public:
  enum class State : std::uint8_t { growing, complete, failed };
  // Called once, from the thread that made it true, without a lock held. Must only post, never block. One
  // that is already on its way still arrives after cancel_wait(), or after the reader's destruction.
  using Wake = std::function<void()>;

  // `expected_size`: Content-Length where known, to allocate once and exactly.
  static std::shared_ptr<Body> growing(std::optional<std::uint64_t> expected_size);
  // A body that has landed: one copy of `bytes`, in one piece where it is in a file, else in pieces of
  // `piece_size_max` and an exact last one.
  static std::shared_ptr<Body> complete(std::string_view bytes);

  // What a landed body is better kept as: a copy in a file where it is large and not in one yet, or an exact
  // copy where it wastes an eighth of its memory, as one that grew without a known size may. Null: as it is.
  std::shared_ptr<Body> compacted() const;

  // Writer. After finish or fail none of these may be called.
  void append(std::string_view bytes);
  void finish();
  void fail(Reason reason);
  void make_windowed(std::uint64_t read_ahead_max, std::uint64_t lag_max);
  // True when the writer may read on, as it always may when not windowed, and when every reader has gone
  // (reader_count() tells); else `wake` is called once it may. Until the first reader has come, a windowed
  // body keeps its bytes and counts as if one stood at its beginning.
  bool writer_may_continue(Wake wake);
  // Readers that came while it grew and have neither gone nor been failed.
  std::size_t reader_count() const;

  State state() const noexcept;
  Reason failure() const;
  std::uint64_t size() const noexcept;  // bytes so far; the final size once complete
  // The size that the upstream announced, if it did; set once, at the beginning.
  std::optional<std::uint64_t> expected_size() const noexcept { return expected_size_; }
  bool is_windowed() const;
  // Bytes of memory held now, this object and allocator waste included.
  std::uint64_t allocated() const;
  // Once complete and not windowed: the pieces, in order, at their final addresses. Lock-free.
  std::span<const std::string_view> pieces() const noexcept;
  // What holds all of a landed body; null where it is in ordinary memory. Lives as long as the body.
  const base::MemoryFile* file() const noexcept { return file_.get(); }

  // One reader's place. Destroying it lets go of its claim. Used by one thread at a time.
  class Reader {
   public:
    Reader() = default;
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) noexcept;
    ~Reader();

    // Up to `out.size()` pieces from the place on, at most `bytes_max`; returns how many pieces. They stay
    // valid until consume() or destruction, also when the reader is failed meanwhile.
    std::size_t peek(std::span<std::string_view> out, std::uint64_t bytes_max) const;
    void consume(std::uint64_t bytes);
    std::uint64_t offset() const noexcept { return offset_; }
    // True at the end of a complete body.
    bool is_done() const;
    // The failure, once everything before it has been consumed; also reader_too_slow.
    std::optional<Reason> failure() const;
    // False when there is something to do at once (bytes, end, failure); else `wake` is called when there is.
    // A second call replaces the first.
    bool wait(Wake wake);
    void cancel_wait();

   private:
    friend class Body;
    std::shared_ptr<Body> body_;
    std::uint64_t offset_ = 0;
    std::uint64_t id_ = 0;
  };
  // Starts at `offset`, which must not be freed yet: nothing when it is (windowed and trimmed). Readers that
  // must not miss the beginning are made before make_windowed().
  std::optional<Reader> read_from(std::uint64_t offset);

  // Of a body of unknown size the first piece has the least, each next one twice as much up to the most.
  static constexpr std::size_t piece_size_min = std::size_t{4} * 1024;
  static constexpr std::size_t piece_size_max = std::size_t{64} * 1024;

  ~Body();

 private:
  struct Growth;  // what a body needs only while it grows
  using Wakes = std::vector<Wake>;
  struct Passkey {};

 public:
  explicit Body(Passkey);  // for make_shared; use growing() and complete()

 private:
  bool is_landed() const noexcept {
    return state_.load(std::memory_order_acquire) == State::complete &&
           !is_windowed_.load(std::memory_order_relaxed);
  }
  static std::shared_ptr<Body> in_file(std::unique_ptr<const base::MemoryFile> file);
  static std::shared_ptr<Body> in_pieces(std::string_view bytes);
  void end(State state);
  void add_piece(std::size_t size);
  void publish(std::size_t bytes);
  std::size_t views_from(std::uint64_t offset, std::uint64_t bytes_max,
                         std::span<std::string_view> out) const;
  void trim(Wakes& wakes);
  void drop_reader(std::uint64_t id) noexcept;

  std::optional<std::uint64_t> expected_size_;
  std::atomic<State> state_{State::growing};
  std::atomic<bool> is_windowed_{false};
  Reason failure_ = Reason::none;  // written before state_ says failed
  std::atomic<std::uint64_t> size_{0};
  std::atomic<std::uint64_t> allocated_{0};
  // Of one order and number; changed under the lock only, and never again once landed.
  std::vector<std::string_view> pieces_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::unique_ptr<const base::MemoryFile> file_;  // else chunks_ own the pieces; set before anybody reads
  std::unique_ptr<Growth> growth_;                // null in a body made by complete()
};

}  // namespace larder::cache
