#include "larder/cache/body.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "cache/body_growth.hpp"
#include "larder/cache/allocation.hpp"

namespace larder::cache {
namespace {

// A body of an ordinary page's size is in pieces that the allocator gives out without a page more: 16 KiB in
// one piece would take 20. So many parts of a gathered write cost less than the memory that they save.
constexpr std::size_t page_pieces_max = 4;
// A landed body that holds this much more memory than bytes is copied into exact pieces.
constexpr std::uint64_t waste_shift = 3;  // an eighth

void call_all(std::vector<Body::Wake>& wakes) {
  for (Body::Wake& wake : wakes) wake();
}

}  // namespace

Body::Body(Passkey) {}
Body::~Body() = default;

std::shared_ptr<Body> Body::growing(std::optional<std::uint64_t> expected_size) {
  auto body = std::make_shared<Body>(Passkey{});
  body->growth_ = std::make_unique<Growth>();
  body->expected_size_ = expected_size;
  return body;
}

std::shared_ptr<Body> Body::complete(std::string_view bytes) {
  auto file = base::MemoryFile::of({&bytes, 1});
  return file ? in_file(std::move(file)) : in_pieces(bytes);
}

std::shared_ptr<Body> Body::in_file(std::unique_ptr<const base::MemoryFile> file) {
  auto body = std::make_shared<Body>(Passkey{});
  body->file_ = std::move(file);
  body->pieces_.push_back(body->file_->bytes());
  body->size_ = body->pieces_[0].size();
  body->allocated_ =
      base::MemoryFile::allocated(body->pieces_[0].size()) + allocated_size(sizeof(base::MemoryFile));
  body->state_.store(State::complete, std::memory_order_release);
  return body;
}

std::shared_ptr<Body> Body::in_pieces(std::string_view bytes) {
  auto body = std::make_shared<Body>(Passkey{});
  const std::size_t piece_size =
      bytes.size() <= page_pieces_max * slab_size_max ? slab_size_max : piece_size_max;
  const std::size_t count = (bytes.size() + piece_size - 1) / piece_size;
  body->pieces_.reserve(count);
  body->chunks_.reserve(count);
  body->size_ = bytes.size();
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, piece_size);
    body->add_piece(part.size());
    std::memcpy(body->chunks_.back().get(), part.data(), part.size());
    bytes.remove_prefix(part.size());
  }
  body->state_.store(State::complete, std::memory_order_release);
  return body;
}

void Body::add_piece(std::size_t size) {
  chunks_.emplace_back(new char[size]);
  pieces_.emplace_back(chunks_.back().get(), size);
  allocated_ += allocated_size(size);
}

std::shared_ptr<Body> Body::compacted() const {
  assert(is_landed());
  if (file_) return nullptr;
  if (auto file = base::MemoryFile::of(pieces_)) return in_file(std::move(file));
  if (allocated() <= size() + (size() >> waste_shift) + 64) return nullptr;
  std::string bytes;
  bytes.reserve(size());
  for (const std::string_view piece : pieces_) bytes.append(piece);
  return in_pieces(bytes);
}

// Writing.
//
// The writer copies without the lock: no reader looks beyond size_, and a last piece that is not full is
// never freed. Then it publishes under the lock, so that a reader which finds nothing new and leaves its wake
// (also under the lock) is either before the publication, and is woken by it, or after it, and does not wait.

void Body::append(std::string_view bytes) {
  assert(state() == State::growing);
  Growth& growth = *growth_;
  while (!bytes.empty()) {
    if (growth.tail_room == 0) {
      const std::uint64_t left = expected_size_.value_or(0) - std::min(size(), expected_size_.value_or(0));
      std::uint64_t room = std::min<std::uint64_t>(left, piece_size_max);
      if (room == 0) {  // not known, or the upstream sends more than it said
        room = growth.next_piece_size;
        growth.next_piece_size = std::min(growth.next_piece_size * 2, piece_size_max);
      }
      growth.fresh.reset(new char[room]);
      growth.tail = growth.fresh.get();
      growth.tail_room = room;
    }
    const std::size_t count = std::min(growth.tail_room, bytes.size());
    std::memcpy(growth.tail, bytes.data(), count);
    publish(count);
    bytes.remove_prefix(count);
  }
  Wakes wakes;
  {
    const std::lock_guard lock(growth.mutex);
    growth.collect_waiters(wakes);
    if (is_windowed_.load(std::memory_order_relaxed)) trim(wakes);
  }
  call_all(wakes);
}

void Body::publish(std::size_t bytes) {
  Growth& growth = *growth_;
  const std::lock_guard lock(growth.mutex);
  if (growth.fresh) {
    allocated_ += allocated_size(growth.tail_room);
    pieces_.emplace_back(growth.tail, 0);
    chunks_.push_back(std::move(growth.fresh));
  }
  pieces_.back() = {pieces_.back().data(), pieces_.back().size() + bytes};
  growth.tail += bytes;
  growth.tail_room -= bytes;
  growth.is_tail_full = growth.tail_room == 0;
  size_.store(size_.load(std::memory_order_relaxed) + bytes, std::memory_order_release);
}

void Body::end(State state) {
  assert(this->state() == State::growing);
  Wakes wakes;
  {
    const std::lock_guard lock(growth_->mutex);
    growth_->is_tail_full = true;  // nobody fills it any more
    state_.store(state, std::memory_order_release);
    growth_->writer_wake = nullptr;
    growth_->collect_waiters(wakes);
  }
  call_all(wakes);
}

void Body::finish() {
  end(State::complete);
}

void Body::fail(Reason reason) {
  failure_ = reason;
  end(State::failed);
}

void Body::make_windowed(std::uint64_t read_ahead_max, std::uint64_t lag_max) {
  Wakes wakes;
  {
    const std::lock_guard lock(growth_->mutex);
    growth_->read_ahead_max = read_ahead_max;
    growth_->lag_max = lag_max;
    is_windowed_.store(true, std::memory_order_relaxed);
    trim(wakes);
  }
  call_all(wakes);
}

bool Body::writer_may_continue(Wake wake) {
  const std::lock_guard lock(growth_->mutex);
  if (!is_windowed_.load(std::memory_order_relaxed) || growth_->may_write(size())) return true;
  growth_->writer_wake = std::move(wake);
  return false;
}

// The lock is held. Fails who is too far behind, frees what the others have passed.
void Body::trim(Wakes& wakes) {
  Growth& growth = *growth_;
  growth.fail_laggards(wakes);
  if (!growth.had_reader) return;
  const std::uint64_t passed = growth.slowest().value_or(size());
  std::size_t count = 0;
  while (count < pieces_.size() && growth.begin + pieces_[count].size() <= passed) {
    const bool is_tail = count + 1 == pieces_.size();
    if (is_tail && !growth.is_tail_full) break;
    const std::uint64_t end = growth.begin + pieces_[count].size();
    growth.release_chunk(std::move(chunks_[count]), growth.begin, end);
    growth.begin = end;
    ++count;
  }
  pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(count));
  chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(count));
  std::uint64_t held = 0;
  for (const std::string_view piece : pieces_) held += allocated_size(piece.size());
  if (!growth.is_tail_full && !pieces_.empty()) held += growth.tail_room;
  allocated_ = held;
}

std::size_t Body::reader_count() const {
  if (!growth_) return 0;
  const std::lock_guard lock(growth_->mutex);
  return growth_->live_count();
}

Body::State Body::state() const noexcept {
  return state_.load(std::memory_order_acquire);
}

Reason Body::failure() const {
  return state() == State::failed ? failure_ : Reason::none;
}

std::uint64_t Body::size() const noexcept {
  return size_.load(std::memory_order_acquire);
}

bool Body::is_windowed() const {
  return is_windowed_.load(std::memory_order_relaxed);
}

std::uint64_t Body::allocated() const {
  static constexpr std::uint64_t shared_counts = 16;       // make_shared's, in front of the object
  const std::uint64_t count = 1 + size() / slab_size_max;  // the most that it may have
  return allocated_.load(std::memory_order_relaxed) + allocated_size(sizeof(Body) + shared_counts) +
         allocated_size(count * sizeof(std::string_view)) + allocated_size(count * sizeof(chunks_[0])) +
         (growth_ ? allocated_size(sizeof(Growth)) : 0);
}

std::span<const std::string_view> Body::pieces() const noexcept {
  assert(is_landed());
  return pieces_;
}

// Landed, or the lock is held.
std::size_t Body::views_from(std::uint64_t offset, std::uint64_t bytes_max,
                             std::span<std::string_view> out) const {
  std::uint64_t skip = offset - (growth_ ? growth_->begin : 0);
  std::size_t count = 0;
  for (const std::string_view piece : pieces_) {
    if (count == out.size() || bytes_max == 0) break;
    if (skip >= piece.size()) {
      skip -= piece.size();
      continue;
    }
    const std::string_view view = piece.substr(skip, bytes_max);
    skip = 0;
    bytes_max -= view.size();
    out[count++] = view;
  }
  return count;
}

std::optional<Body::Reader> Body::read_from(std::uint64_t offset) {
  Reader reader;
  reader.offset_ = offset;
  if (!is_landed()) {
    const std::lock_guard lock(growth_->mutex);
    if (offset < growth_->begin || offset > size()) return std::nullopt;
    reader.id_ = growth_->next_id++;
    Growth::Claim& claim = growth_->claims[reader.id_];
    claim.offset = offset;
    claim.peeked_end = offset;
    growth_->had_reader = true;
  } else if (offset > size()) {
    return std::nullopt;
  }
  reader.body_ = shared_from_this();
  return reader;
}

void Body::drop_reader(std::uint64_t id) noexcept {
  Wakes wakes;
  {
    const std::lock_guard lock(growth_->mutex);
    growth_->claims.erase(id);
    if (is_windowed_.load(std::memory_order_relaxed)) {
      trim(wakes);
      growth_->collect_writer(size(), wakes);
    }
  }
  call_all(wakes);
}

}  // namespace larder::cache
