#include <cassert>
#include <utility>

#include "cache/body_growth.hpp"
#include "larder/cache/body.hpp"

namespace larder::cache {

Body::Reader::Reader(Reader&& other) noexcept
    : body_(std::move(other.body_)), offset_(other.offset_), id_(std::exchange(other.id_, 0)) {}

Body::Reader& Body::Reader::operator=(Reader&& other) noexcept {
  if (this != &other) {
    if (id_ != 0) body_->drop_reader(id_);
    body_ = std::move(other.body_);
    offset_ = other.offset_;
    id_ = std::exchange(other.id_, 0);
  }
  return *this;
}

// A reader of a landed body has no claim (id 0): nobody needs to know when it goes.
Body::Reader::~Reader() {
  if (id_ != 0) body_->drop_reader(id_);
}

std::size_t Body::Reader::peek(std::span<std::string_view> out, std::uint64_t bytes_max) const {
  if (body_->is_landed()) return body_->views_from(offset_, bytes_max, out);
  Growth& growth = *body_->growth_;
  const std::lock_guard lock(growth.mutex);
  Growth::Claim& claim = growth.claims.at(id_);
  if (claim.is_too_slow) return 0;
  const std::size_t count = body_->views_from(offset_, bytes_max, out);
  std::uint64_t end = offset_;
  for (const std::string_view view : out.first(count)) end += view.size();
  claim.peeked_end = std::max(claim.peeked_end, end);
  return count;
}

void Body::Reader::consume(std::uint64_t bytes) {
  offset_ += bytes;
  assert(offset_ <= body_->size());
  if (body_->is_landed()) return;
  Wakes wakes;
  Growth& growth = *body_->growth_;
  {
    const std::lock_guard lock(growth.mutex);
    Growth::Claim& claim = growth.claims.at(id_);
    claim.offset = offset_;
    claim.peeked_end = offset_;
    claim.pinned.clear();
    if (body_->is_windowed_.load(std::memory_order_relaxed)) {
      body_->trim(wakes);
      growth.collect_writer(body_->size(), wakes);
    }
  }
  for (Wake& wake : wakes) wake();
}

bool Body::Reader::is_done() const {
  if (body_->state() != State::complete || offset_ != body_->size()) return false;
  return !failure();
}

std::optional<Reason> Body::Reader::failure() const {
  if (body_->is_landed()) return std::nullopt;
  const std::lock_guard lock(body_->growth_->mutex);
  if (body_->growth_->claims.at(id_).is_too_slow) return Reason::reader_too_slow;
  if (body_->state() == State::failed && offset_ == body_->size()) return body_->failure_;
  return std::nullopt;
}

bool Body::Reader::wait(Wake wake) {
  if (body_->is_landed()) return false;
  const std::lock_guard lock(body_->growth_->mutex);
  Growth::Claim& claim = body_->growth_->claims.at(id_);
  const bool is_ended = body_->state() != State::growing;
  if (is_ended || claim.is_too_slow || offset_ < body_->size()) return false;
  claim.wake = std::move(wake);
  return true;
}

void Body::Reader::cancel_wait() {
  if (id_ == 0) return;
  const std::lock_guard lock(body_->growth_->mutex);
  body_->growth_->claims.at(id_).wake = nullptr;
}

}  // namespace larder::cache
