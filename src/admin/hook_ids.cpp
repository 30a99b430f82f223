#include "admin/hook_ids.hpp"

#include <algorithm>

#include "admin/signature.hpp"

namespace larder::admin {

HookIds::Claim::~Claim() {
  if (ids_ != nullptr && state_ == State::free) ids_->release(digest_);
}

bool HookIds::Claim::done() {
  HookIds* ids = std::exchange(ids_, nullptr);
  return ids != nullptr && ids->finish(digest_);
}

HookIds::Claim HookIds::claim(std::string_view hook, std::string_view once, base::WallTime until,
                              base::WallTime now) {
  if (once.empty()) return {nullptr, {}, Claim::State::free};
  // A hook's name has no line feed.
  std::string digest = sha256(std::string(hook) + "\n" + std::string(once));
  const std::scoped_lock lock(mutex_);
  forget_stale(now);
  const auto found = entries_.find(digest);
  if (found == entries_.end()) {
    entries_.emplace(digest, Entry{until, false});
    return {this, std::move(digest), Claim::State::free};
  }
  Entry& entry = found->second;
  if (!entry.is_done) {
    entry.until = std::max(entry.until, until);
    return {nullptr, {}, Claim::State::under_way};
  }
  // A sender that did not hear of its success signs the same id again, later: that one can be replayed
  // longer.
  if (until > entry.until) {
    by_time_.erase({entry.until, digest});
    entry.until = until;
    by_time_.emplace(until, digest);
  }
  return {nullptr, {}, Claim::State::done};
}

std::size_t HookIds::size() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

void HookIds::forget_stale(base::WallTime now) {
  while (!by_time_.empty() && by_time_.begin()->first < now) forget_nearest();
}

bool HookIds::forget_nearest() {
  if (by_time_.empty()) return false;
  entries_.erase(by_time_.begin()->second);
  by_time_.erase(by_time_.begin());
  return true;
}

void HookIds::release(const std::string& digest) {
  const std::scoped_lock lock(mutex_);
  entries_.erase(digest);
}

bool HookIds::finish(const std::string& digest) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_.at(digest);
  entry.is_done = true;
  // What is under way is as many as there are threads, and not counted.
  const bool is_full = by_time_.size() >= size_max_;
  if (is_full) forget_nearest();
  by_time_.emplace(entry.until, digest);
  return is_full;
}

}  // namespace larder::admin
