// Bytes on their way to a client: small ones copied together, large ones sent from where they are, all in one
// gathered write. What is only viewed is kept alive until it has been sent. One thread.
#pragma once
#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace larder::proxy {

class Output {
 public:
  using Owner = std::shared_ptr<const void>;

  void copy(std::string_view bytes);
  // Copied when small, or without an owner; else `owner` keeps the bytes alive.
  void view(std::string_view bytes, const Owner& owner);
  bool empty() const noexcept { return size_ == 0; }
  std::uint64_t size() const noexcept { return size_; }
  // The unsent bytes as at most `iovec_max` parts; valid until the next call that changes anything.
  std::span<const iovec> parts();
  void consume(std::uint64_t sent);
  void clear() noexcept;

  static constexpr std::size_t iovec_max = 256;

 private:
  struct Segment {
    const char* bytes;  // null: in copied_, at `offset`
    std::size_t offset;
    std::size_t size;
  };
  std::string copied_;
  std::vector<Segment> segments_;
  std::vector<Owner> owners_;
  std::vector<iovec> iovecs_;
  std::size_t first_ = 0;  // the first unsent segment
  std::uint64_t size_ = 0;
};

}  // namespace larder::proxy
