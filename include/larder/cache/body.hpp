// A response body that may still be growing. One writer (the flight) appends; any number of readers, on any
// thread, read what is there and are called when there is more.
//
//   growing --finish--> complete         every reader gets all of it
//      |  \--fail-----> failed           readers get what is there, then the failure: they must not end it as
//      if whole
//      `---make_windowed---> windowed growing: too large to keep. The writer waits for the fastest reader (at
//      most
//                       `read_ahead_max` bytes beyond it); bytes that every reader has passed are freed, and
//                       a reader more than `lag_max` bytes behind the fastest is failed rather than let slow
//                       the others.
//
// Bytes stay at one address for the life of the Body (or until every reader has passed them, when windowed),
// so that they can be sent from where they are.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "larder/cache/reason.hpp"

namespace larder::cache {

class Body : public std::enable_shared_from_this<Body> {
 public:
  enum class State : std::uint8_t { growing, complete, failed };
  // Called once, from the thread that made it true, without a lock held. Must only post, never block.
  using Wake = std::function<void()>;

  // `expected_size`: Content-Length where known, to allocate once and exactly.
  static std::shared_ptr<Body> growing(std::optional<std::uint64_t> expected_size);
  // A body that has landed: one exact copy of `bytes`.
  static std::shared_ptr<Body> complete(std::string_view bytes);

  // Writer. After finish or fail none of these may be called.
  void append(std::string_view bytes);
  void finish();
  void fail(Reason reason);
  void make_windowed(std::uint64_t read_ahead_max, std::uint64_t lag_max);
  // Windowed only: true when the writer may read on; else `wake` is called once it may, or once no reader is
  // left.
  bool writer_may_continue(Wake wake);
  std::size_t reader_count() const;

  State state() const noexcept;
  Reason failure() const;
  std::uint64_t size() const noexcept;  // bytes so far; the final size once complete
  bool is_windowed() const;
  std::uint64_t allocated() const;  // bytes of memory held now, allocator waste included
  // Once complete and not windowed: the pieces, in order, at their final addresses. Lock-free.
  std::span<const std::string_view> pieces() const noexcept;

  // One reader's place. Destroying it lets go of its claim. Used by one thread at a time.
  class Reader {
   public:
    Reader() = default;
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) noexcept;
    ~Reader();

    // Up to `out.size()` pieces from the place on, at most `bytes_max`; returns how many pieces. They stay
    // valid until consume() or destruction.
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
  // Starts at `offset`, which must not be freed yet: nothing when it is (windowed and trimmed).
  std::optional<Reader> read_from(std::uint64_t offset);

  ~Body();

 private:
  Body();
  struct State_;
  std::unique_ptr<State_> state_;
};

}  // namespace larder::cache
