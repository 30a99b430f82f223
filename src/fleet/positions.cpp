#include "larder/fleet/positions.hpp"

#include <algorithm>

namespace larder::fleet {

void Positions::begin(std::uint64_t number, std::uint64_t sequence) {
  runs_.assign(1, {number, sequence, sequence});
  newest_ = number;
}

void Positions::note(std::uint64_t number, std::uint64_t sequence, std::uint64_t applied) {
  const Run& last = runs_.back();
  const std::uint64_t since = number - last.number;
  const bool goes_on = sequence == last.sequence + since && applied == last.applied + since;
  newest_ = number;
  if (goes_on) return;
  runs_.push_back({number, sequence, applied});
  if (runs_.size() > runs_max) runs_.pop_front();
}

std::optional<std::uint64_t> Positions::sequence_of(std::uint64_t number) const {
  if (runs_.empty() || number < runs_.front().number || number > newest_) return std::nullopt;
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), number,
                                      [](std::uint64_t value, const Run& run) { return value < run.number; });
  const Run& run = *std::prev(after);
  return run.sequence + (number - run.number);
}

std::optional<std::uint64_t> Positions::number_of(std::uint64_t sequence) const {
  if (runs_.empty() || sequence < runs_.front().applied) return std::nullopt;
  const auto after =
      std::upper_bound(runs_.begin(), runs_.end(), sequence,
                       [](std::uint64_t value, const Run& run) { return value < run.applied; });
  const Run& run = *std::prev(after);
  const std::uint64_t last = after == runs_.end() ? newest_ : after->number - 1;
  return std::min(run.number + (sequence - run.applied), last);
}

}  // namespace larder::fleet
