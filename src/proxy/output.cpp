#include "proxy/output.hpp"

#include <utility>

namespace larder::proxy {
namespace {

// From here on sendfile() costs less than a copy, the call of its own included.
constexpr std::size_t sent_from_file_min = base::MemoryFile::size_min;
// A buffer that one large batch has blown up is not kept.
constexpr std::size_t capacity_kept_max = 64 * 1024;

}  // namespace

void Output::begin_copied(std::size_t offset) {
  segments_.push_back({nullptr, offset, 0, -1});
}

void Output::keep(std::string_view bytes, Owner owner) {
  Owner::Kept kept = owner.keep();
  if (owners_.empty() || owners_.back() != kept) owners_.push_back(std::move(kept));
  const base::MemoryFile* const file = bytes.size() >= sent_from_file_min ? owner.file() : nullptr;
  const std::size_t offset = file ? static_cast<std::size_t>(bytes.data() - file->bytes().data()) : 0;
  segments_.push_back({bytes.data(), offset, bytes.size(), file ? file->descriptor() : -1});
  size_ += bytes.size();
}

std::span<const iovec> Output::parts() {
  iovecs_.clear();
  for (std::size_t i = first_; i < segments_.size() && iovecs_.size() < iovec_max; ++i) {
    const Segment& segment = segments_[i];
    if (segment.descriptor >= 0) break;
    const char* bytes = segment.bytes ? segment.bytes : copied_.data() + segment.offset;
    iovecs_.push_back({const_cast<char*>(bytes), segment.size});
  }
  return iovecs_;
}

Output::FilePart Output::file_part() const noexcept {
  const Segment& segment = segments_[first_];
  return {segment.descriptor, segment.offset, segment.size};
}

void Output::consume(std::uint64_t sent) {
  size_ -= sent;
  while (sent > 0) {
    Segment& segment = segments_[first_];
    const std::size_t part = sent < segment.size ? static_cast<std::size_t>(sent) : segment.size;
    if (segment.bytes) segment.bytes += part;
    segment.offset += part;
    segment.size -= part;
    sent -= part;
    if (segment.size == 0) ++first_;
  }
  if (size_ == 0) clear();
}

void Output::clear() noexcept {
  segments_.clear();
  owners_.clear();
  copied_.clear();
  if (copied_.capacity() > capacity_kept_max) copied_.release();
  first_ = 0;
  size_ = 0;
}

}  // namespace larder::proxy
