#include "larder/base/memory_file.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace larder::base {
namespace {

std::atomic<std::size_t> file_count{0};
std::atomic<std::uint64_t> refusal_count{0};

std::uint64_t limit_of(int resource) noexcept {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return 0;
  return limit.rlim_cur;
}

std::size_t share() noexcept {
  return std::min<std::uint64_t>(limit_of(RLIMIT_NOFILE) / 4, MemoryFile::count_max);
}

std::size_t size_of(std::span<const std::string_view> pieces) noexcept {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  return size;
}

// Where memory is short a write says so; a mapping that is written to would end the process.
bool is_written(int descriptor, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::unique_ptr<const MemoryFile> MemoryFile::of(std::span<const std::string_view> pieces) {
  const std::size_t size = size_of(pieces);
  if (size < size_min) return nullptr;
  std::unique_ptr<MemoryFile> file(new MemoryFile);
  if (file->is_filled_with(pieces, size)) return file;
  refusal_count.fetch_add(1, std::memory_order_relaxed);
  return nullptr;
}

std::size_t MemoryFile::count() noexcept {
  return file_count.load(std::memory_order_relaxed);
}

std::uint64_t MemoryFile::refusals() noexcept {
  return refusal_count.load(std::memory_order_relaxed);
}

// Counted before it has a descriptor, so that threads together do not take more than the share.
MemoryFile::MemoryFile() noexcept {
  file_count.fetch_add(1, std::memory_order_relaxed);
}

bool MemoryFile::is_filled_with(std::span<const std::string_view> pieces, std::size_t size) noexcept {
  // Beyond RLIMIT_FSIZE a write would not only fail, but raise SIGXFSZ.
  if (count() > share() || size > limit_of(RLIMIT_FSIZE)) return false;
  descriptor_ = ::memfd_create("larder-body", MFD_CLOEXEC);
  if (descriptor_ < 0) return false;
  for (const std::string_view piece : pieces)
    if (!is_written(descriptor_, piece)) return false;
  void* const bytes = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor_, 0);
  if (bytes == MAP_FAILED) return false;
  bytes_ = {static_cast<const char*>(bytes), size};
  return true;
}

MemoryFile::~MemoryFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  if (descriptor_ >= 0) ::close(descriptor_);
  file_count.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace larder::base
