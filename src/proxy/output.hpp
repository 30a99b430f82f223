// Bytes on their way to a client: small ones copied together, large ones sent from where they are, all in one
// gathered write. What is only viewed is kept alive until it has been sent. One thread.
#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "larder/base/text_buffer.hpp"

namespace larder::proxy {

// Who keeps bytes alive: a shared_ptr of any type, of which a reference is taken only where one is needed. An
// empty one is nobody: small bodies lie in their response, and have no owner of their own.
class Owner {
 public:
  using Kept = std::shared_ptr<const void>;

  Owner(std::nullptr_t) noexcept {}  // NOLINT(google-explicit-constructor)
  template <typename T>
  Owner(const std::shared_ptr<T>& owner) noexcept  // NOLINT(google-explicit-constructor)
      : owner_(owner ? &owner : nullptr),
        keep_([](const void* shared) { return Kept(*static_cast<const std::shared_ptr<T>*>(shared)); }) {}
  // False: nobody, the bytes are to be copied.
  explicit operator bool() const noexcept { return owner_ != nullptr; }
  Kept keep() const { return keep_(owner_); }

 private:
  const void* owner_ = nullptr;
  Kept (*keep_)(const void*) = nullptr;
};

class Output {
 public:
  [[gnu::always_inline]] void copy(std::string_view bytes) {
    if (bytes.empty()) return;
    if (segments_.size() > first_ && segments_.back().bytes == nullptr) {
      segments_.back().size += bytes.size();
    } else {
      segments_.push_back({nullptr, copied_.size(), bytes.size()});
    }
    copied_.append(bytes);
    size_ += bytes.size();
  }
  // Copied when small, or without an owner; else `owner` keeps the bytes alive.
  void view(std::string_view bytes, Owner owner);
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
  base::TextBuffer copied_;
  std::vector<Segment> segments_;
  std::vector<Owner::Kept> owners_;
  std::vector<iovec> iovecs_;
  std::size_t first_ = 0;  // the first unsent segment
  std::uint64_t size_ = 0;
};

}  // namespace larder::proxy
