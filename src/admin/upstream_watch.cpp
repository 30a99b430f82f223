#include "admin/upstream_watch.hpp"

#include <array>
#include <utility>

namespace larder::admin {
namespace {

using cache::Reason;

constexpr std::array upstream_failures = {
    Reason::connect_failed,        Reason::connect_timeout,       Reason::first_byte_timeout,
    Reason::between_bytes_timeout, Reason::upstream_closed_early, Reason::upstream_bad_head,
    Reason::upstream_bad_framing,  Reason::upstream_reset,        Reason::stale_if_error};

std::uint64_t failures_of(const obs::Totals& totals) noexcept {
  std::uint64_t count = 0;
  for (const Reason reason : upstream_failures) {
    const auto index = static_cast<std::size_t>(reason);
    count += totals.events[index];
    for (const auto& by_reason : totals.requests) count += by_reason[index];
  }
  return count;
}

std::uint64_t answers_of(const obs::Totals& totals) noexcept {
  std::uint64_t count = 0;
  for (const obs::DurationTotals& durations : totals.upstream) count += obs::count_of(durations);
  return count;
}

}  // namespace

std::string_view UpstreamWatch::state(const obs::Totals& totals) noexcept {
  const std::uint64_t answers = answers_of(totals);
  const std::uint64_t failures = failures_of(totals);
  const bool has_answered = answers > std::exchange(answers_, answers);
  const bool has_failed = failures > std::exchange(failures_, failures);
  if (has_answered) {
    state_ = has_failed ? "failing" : "up";
  } else if (has_failed) {
    state_ = "down";
  }
  return state_;
}

}  // namespace larder::admin
