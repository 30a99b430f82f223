// Where a place in the log that replicas share lies in this process's own purge log, and back. Places are the
// numbers that Redis counts lines by, from 1 in each epoch; sequences are the purge log's.
//
// They differ, since this replica may have appended lines of its own that Redis has not confirmed yet. Each
// way errs on the safe side, and so each has its own sequence: what another replica fetched at place n knows
// nothing of those lines, whatever its time; and what was fetched here has seen line n only where it began
// after that had been applied, whatever holds here besides. Not synchronised.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>

namespace larder::fleet {

class Positions {
 public:
  // Lines up to `number` of the epoch count as known, at `sequence`, and are the oldest that can be told of.
  void begin(std::uint64_t number, std::uint64_t sequence);
  // Line `number`, the next one, has been applied, and `applied` is the newest sequence since. Who has seen
  // that line, elsewhere, has seen all up to `sequence`. Numbers and sequences only rise (these may stay).
  void note(std::uint64_t number, std::uint64_t sequence, std::uint64_t applied);

  std::uint64_t newest_number() const noexcept { return newest_; }
  // The sequence that a response has which was fetched at place `number`; nothing where lines since are not
  // known.
  std::optional<std::uint64_t> sequence_of(std::uint64_t number) const;
  // The last place that a response of `sequence` has certainly seen; nothing where it is older than the
  // epoch or what is remembered.
  std::optional<std::uint64_t> number_of(std::uint64_t sequence) const;

  // Runs of lines that follow each other in both: one for hours where this replica appends nothing itself.
  static constexpr std::size_t runs_max = 65'536;

 private:
  struct Run {
    std::uint64_t number;
    std::uint64_t sequence;
    std::uint64_t applied;
  };
  std::deque<Run> runs_;
  std::uint64_t newest_ = 0;
};

}  // namespace larder::fleet
