// Files of memory: what they hold, what they cost, and that there are never too many.
#include "larder/base/memory_file.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/lowered_limit.hpp"

namespace larder::base {
namespace {

constexpr std::size_t large = MemoryFile::size_min;

std::unique_ptr<const MemoryFile> file_of(std::string_view bytes) {
  return MemoryFile::of({&bytes, 1});
}

std::string bytes_in(int descriptor, std::size_t size) {
  std::string bytes(size, '\0');
  const ssize_t count = ::pread(descriptor, bytes.data(), size, 0);
  bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return bytes;
}

TEST_CASE("a file holds its pieces one behind the other, as memory and as a descriptor") {
  const std::string first(large - 1, 'a');
  const std::string second(5000, 'b');
  const std::array<std::string_view, 3> pieces{first, "", second};
  const std::size_t before = MemoryFile::count();
  auto file = MemoryFile::of(pieces);
  REQUIRE(file);
  CHECK(MemoryFile::count() == before + 1);
  CHECK(file->bytes() == first + second);
  CHECK(bytes_in(file->descriptor(), 2 * large) == first + second);
  const int descriptor = file->descriptor();
  CHECK((::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
  file.reset();
  CHECK(::fcntl(descriptor, F_GETFD) == -1);
  CHECK(MemoryFile::count() == before);
}

TEST_CASE("a file takes whole pages, and one more") {
  CHECK(MemoryFile::allocated(large) == large + 4096);
  CHECK(MemoryFile::allocated(large + 1) == large + 2 * 4096);
  CHECK(MemoryFile::allocated(large + 4096) == large + 2 * 4096);
}

TEST_CASE("few bytes get no file, and are no refusal") {
  const std::uint64_t before = MemoryFile::refusals();
  CHECK_FALSE(file_of(std::string(large - 1, 'a')));
  CHECK_FALSE(file_of(""));
  CHECK(MemoryFile::refusals() == before);
}

TEST_CASE("files have a quarter of the descriptors and no more") {
  constexpr std::size_t descriptors = 128;
  const LoweredLimit limit(RLIMIT_NOFILE, descriptors);
  const std::string bytes(large, 'a');
  std::vector<std::unique_ptr<const MemoryFile>> files;
  const std::size_t before = MemoryFile::count();
  while (auto file = file_of(bytes)) files.push_back(std::move(file));
  CHECK(before + files.size() == descriptors / 4);
  const std::uint64_t refusals = MemoryFile::refusals();
  CHECK_FALSE(file_of(bytes));
  CHECK(MemoryFile::refusals() == refusals + 1);
  CHECK(MemoryFile::count() == descriptors / 4);
  files.pop_back();
  CHECK(file_of(bytes));
}

TEST_CASE("where the system gives no file there is none, and nothing is left of it") {
  const std::size_t before = MemoryFile::count();
  const std::uint64_t refusals = MemoryFile::refusals();
  const std::string bytes(large, 'a');
  std::vector<int> taken;
  SECTION("for want of descriptors") {
    const LoweredLimit limit(RLIMIT_NOFILE, 128);
    for (int next = ::dup(0); next >= 0; next = ::dup(0)) taken.push_back(next);
    CHECK_FALSE(file_of(bytes));
    for (const int descriptor : taken) ::close(descriptor);
  }
  SECTION("of such a size") {
    const LoweredLimit limit(RLIMIT_FSIZE, large - 1);
    CHECK_FALSE(file_of(bytes));
  }
  CHECK(MemoryFile::count() == before);
  CHECK(MemoryFile::refusals() == refusals + 1);
  CHECK(file_of(bytes));
}

TEST_CASE("what a socket has taken stays what it was when the file is gone") {
  std::array<int, 2> sockets{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()) == 0);
  const std::string bytes(large, 'a');
  auto file = file_of(bytes);
  REQUIRE(file);
  off_t offset = 0;
  const ssize_t sent = ::sendfile(sockets[0], file->descriptor(), &offset, large / 2);
  REQUIRE(sent > 0);
  file.reset();
  const auto other = file_of(std::string(large, 'b'));
  std::string received(static_cast<std::size_t>(sent), '\0');
  CHECK(::recv(sockets[1], received.data(), received.size(), MSG_WAITALL) == sent);
  CHECK(received == bytes.substr(0, received.size()));
  for (const int socket : sockets) ::close(socket);
}

}  // namespace
}  // namespace larder::base
