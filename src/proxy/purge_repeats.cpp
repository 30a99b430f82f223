#include "larder/proxy/purge_repeats.hpp"

#include "larder/obs/log.hpp"

namespace larder::proxy {
namespace {

base::MonoTime rounded_up(base::MonoTime time) {
  const auto since = time.time_since_epoch();
  return base::MonoTime((since + PurgeRepeats::step - base::Duration(1)) / PurgeRepeats::step *
                        PurgeRepeats::step);
}

std::string text_of(const PurgeRepeat& repeat) {
  std::string text = repeat.mode == cache::PurgeMode::hard ? "hard" : "soft";
  for (const cache::Selector& selector : repeat.selectors) text += "\n" + cache::text_of(selector);
  return text;
}

// The selectors hold about what their text does.
std::size_t bytes_of(const std::string& text) {
  return 2 * text.size() + sizeof(PurgeRepeat);
}

}  // namespace

void PurgeRepeats::add(const PurgeRepeat& repeat, base::MonoTime due) {
  Place place{rounded_up(due), text_of(repeat)};
  const std::scoped_lock lock(mutex_);
  if (pending_.contains(place)) return;
  const bool has_room = pending_.size() < pending_max && bytes_ + bytes_of(place.second) <= bytes_max;
  if (has_room) {
    bytes_ += bytes_of(place.second);
    pending_.emplace(std::move(place), repeat);
    return;
  }
  if (widened_++ == 0) obs::log_warning("too many purges wait for their repeat: everything is purged then");
  const PurgeRepeat all{{cache::Selector{}}, cache::PurgeMode::hard, repeat.origin};
  place.second = text_of(all);
  const std::size_t bytes = bytes_of(place.second);
  if (pending_.try_emplace(std::move(place), all).second) bytes_ += bytes;
}

std::vector<PurgeRepeat> PurgeRepeats::take_due(base::MonoTime now, std::size_t most) {
  std::vector<PurgeRepeat> due;
  const std::scoped_lock lock(mutex_);
  while (!pending_.empty() && pending_.begin()->first.first <= now && due.size() < most) {
    bytes_ -= bytes_of(pending_.begin()->first.second);
    due.push_back(std::move(pending_.extract(pending_.begin()).mapped()));
  }
  return due;
}

RepeatStats PurgeRepeats::stats() const {
  const std::scoped_lock lock(mutex_);
  return {pending_.size(), widened_};
}

}  // namespace larder::proxy
