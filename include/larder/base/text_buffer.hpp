// Text that is put together for each request: what std::string is for, but that an append is a few stores
// where it is written instead of a call, and clear() always keeps the memory. One thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "larder/base/put.hpp"

namespace larder::base {

class TextBuffer {
 public:
  // Of a literal, whose size the compiler knows. `text` ends in the literal's NUL, which is not appended.
  template <std::size_t size>
  TextBuffer& append(const char (&text)[size]) {
    return append_bytes(text, size - 1);
  }
  TextBuffer& append(std::string_view text) {
    return text.empty() ? *this : append_bytes(text.data(), text.size());
  }
  TextBuffer& append(char byte) { return append_bytes(&byte, 1); }
  // In decimal.
  TextBuffer& append_number(std::int64_t number) {
    return extend_to(put_signed(room(number_size_max), number));
  }

  // Room for so many bytes behind what is here, for those that write several pieces in one go; extend_to()
  // says where they have ended.
  char* room(std::size_t size) {
    make_room(size);
    return bytes_.get() + size_;
  }
  TextBuffer& extend_to(const char* end) noexcept {
    size_ = static_cast<std::size_t>(end - bytes_.get());
    return *this;
  }

  void clear() noexcept { size_ = 0; }
  // Gives the memory back as well.
  void release() noexcept {
    bytes_.reset();
    size_ = capacity_ = 0;
  }
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  const char* data() const noexcept { return bytes_.get(); }
  std::string_view view() const noexcept { return {bytes_.get(), size_}; }

 private:
  static constexpr std::size_t capacity_min = 256;

  [[gnu::always_inline]] TextBuffer& append_bytes(const char* bytes, std::size_t size) {
    make_room(size);
    std::memcpy(bytes_.get() + size_, bytes, size);
    size_ += size;
    return *this;
  }
  void make_room(std::size_t more) {
    if (capacity_ - size_ < more) grow(more);
  }
  [[gnu::noinline]] void grow(std::size_t more) {  // seldom: apart, an append stays short
    std::size_t capacity = capacity_ == 0 ? capacity_min : capacity_;
    while (capacity - size_ < more) capacity *= 2;
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace larder::base
