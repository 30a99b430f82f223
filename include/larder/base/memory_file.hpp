// Large bytes that never change, in a file that only memory holds (memfd_create), so that sendfile() gives
// the kernel's own pages to a socket without copying them. Who reads them as memory reads the mapping.
//
// A file is written once, before anybody has it, and serves nothing else afterwards: pages that a socket
// still holds stay what they were when the file is gone, as nobody can write into them any more.
//
// Any thread; one that exists is only read.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace larder::base {

class MemoryFile {
 public:
  // Below this a copy costs no more than what a file takes: a descriptor, a mapping, an inode.
  static constexpr std::uint64_t size_min = std::uint64_t{64} * 1024;
  // However many descriptors there may be: a quarter of the mappings that Linux lets a process have by
  // default (vm.max_map_count), which the allocator needs too.
  static constexpr std::size_t count_max = std::size_t{16} * 1024;

  // A copy of the pieces, one behind the other. Null where they are too few bytes, where files hold their
  // share of descriptors already (a quarter of the soft limit: connections must not starve), or where the
  // system has no memory, descriptor or mapping to give: the caller takes ordinary memory then.
  static std::unique_ptr<const MemoryFile> of(std::span<const std::string_view> pieces);
  // Of this process: files that exist, and how often of() had enough bytes and could not make one.
  static std::size_t count() noexcept;
  static std::uint64_t refusals() noexcept;

  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile();

  // Valid as long as this object.
  int descriptor() const noexcept { return descriptor_; }
  std::string_view bytes() const noexcept { return bytes_; }
  // Bytes of memory that a file of so many takes, without this object: whole pages, and one for what the
  // kernel keeps beside them (inode, descriptor, mapping, the tree of its pages: some 2 KiB).
  static constexpr std::uint64_t allocated(std::uint64_t size) noexcept {
    constexpr std::uint64_t page_size = 4096;
    return (size + page_size - 1) / page_size * page_size + page_size;
  }

 private:
  MemoryFile() noexcept;
  bool is_filled_with(std::span<const std::string_view> pieces, std::size_t size) noexcept;

  int descriptor_ = -1;
  std::string_view bytes_;
};

}  // namespace larder::base
