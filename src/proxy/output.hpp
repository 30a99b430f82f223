// Bytes on their way to a client: small ones copied together, large ones sent from where they are, all in one
// gathered write; what lies in a file of memory is sent out of that instead, which copies nothing. What is
// only viewed is kept alive until it has been sent. One thread.
#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "larder/base/text_buffer.hpp"
#include "larder/cache/body.hpp"

namespace larder::proxy {

// Who keeps bytes alive: a shared_ptr of any type, of which a reference is taken only where one is needed. An
// empty one is nobody: small bodies lie in their response, and have no owner of their own.
class Owner {
 public:
  using Kept = std::shared_ptr<const void>;

  Owner(std::nullptr_t) noexcept {}  // NOLINT(google-explicit-constructor)
  template <typename T>
  Owner(const std::shared_ptr<T>& owner) noexcept  // NOLINT(google-explicit-constructor)
      : owner_(owner ? &owner : nullptr), handling_(&handling_of<T>) {}
  // False: nobody, the bytes are to be copied.
  explicit operator bool() const noexcept { return owner_ != nullptr; }
  Kept keep() const { return handling_->keep(owner_); }
  // Where all of its bytes are; null: in ordinary memory.
  const base::MemoryFile* file() const noexcept { return handling_->file(owner_); }

 private:
  struct Handling {
    Kept (*keep)(const void*);
    const base::MemoryFile* (*file)(const void*);
  };
  template <typename T>
  static const T& shared(const void* owner) {
    return *static_cast<const T*>(owner);
  }
  template <typename T>
  static constexpr Handling handling_of{
      [](const void* owner) { return Kept(shared<std::shared_ptr<T>>(owner)); },
      [](const void* owner) -> const base::MemoryFile* {
        if constexpr (std::is_same_v<T, cache::Body>) return shared<std::shared_ptr<T>>(owner)->file();
        return nullptr;
      }};

  const void* owner_ = nullptr;
  const Handling* handling_ = nullptr;
};

class Output {
 public:
  [[gnu::always_inline]] void copy(std::string_view bytes) {
    if (bytes.empty()) return;
    char* const out = room(bytes.size());
    std::memcpy(out, bytes.data(), bytes.size());
    extend_to(out + bytes.size());
  }
  // Room for so many bytes behind the last, for those that write several pieces in one go; extend_to() says
  // where they have ended.
  char* room(std::size_t size) { return copied_.room(size); }
  void extend_to(const char* end) {
    const std::size_t offset = copied_.size();
    const std::size_t size = copied_.extend_to(end).size() - offset;
    const bool is_next = segments_.size() > first_ && segments_.back().bytes == nullptr;
    if (!is_next) begin_copied(offset);
    segments_.back().size += size;
    size_ += size;
  }
  // Copied when small, or without an owner; else `owner` keeps the bytes alive.
  [[gnu::always_inline]] void view(std::string_view bytes, Owner owner) {
    if (bytes.size() <= copied_max || !owner) {
      copy(bytes);
    } else {
      keep(bytes, owner);
    }
  }
  bool empty() const noexcept { return size_ == 0; }
  std::uint64_t size() const noexcept { return size_; }
  // The unsent bytes up to the first that a file holds, as at most `iovec_max` parts; valid until the next
  // call that changes anything.
  std::span<const iovec> parts();
  // Whether unsent bytes are behind these parts.
  bool has_more() const noexcept { return first_ + iovecs_.size() < segments_.size(); }
  // What is to be sent next where parts() gives none and the output is not empty.
  struct FilePart {
    int descriptor;
    std::size_t offset;
    std::size_t size;
  };
  FilePart file_part() const noexcept;
  void consume(std::uint64_t sent);
  void clear() noexcept;

  static constexpr std::size_t iovec_max = 256;

 private:
  // Below this a copy costs less than a part of a gathered write and a reference.
  static constexpr std::size_t copied_max = 4096;

  struct Segment {
    const char* bytes;  // null: in copied_, at `offset`
    std::size_t offset;
    std::size_t size;
    int descriptor;  // of the file that has the bytes, at `offset`; else -1
  };
  // Apart, since a batch of answers has few of them: so the ways above stay short.
  [[gnu::noinline]] void begin_copied(std::size_t offset);
  void keep(std::string_view bytes, Owner owner);

  base::TextBuffer copied_;
  std::vector<Segment> segments_;
  std::vector<Owner::Kept> owners_;
  std::vector<iovec> iovecs_;
  std::size_t first_ = 0;  // the first unsent segment
  std::uint64_t size_ = 0;
};

}  // namespace larder::proxy
