// Which entry leaves next: S3-FIFO (Yang, Zhang, Qiu, Yue, Vigfusson: "FIFO queues are all you need for cache
// eviction", SOSP 2023, algorithm 1).
//
//   new -> small (a tenth of the bytes) --asked for--> main --not asked for--> gone, remembered by the ghost
//             `--else--> gone, remembered by the ghost; back while remembered -> main
//
// A hit only raises a two-bit counter; an entry of main with a count goes round again, for one less. Not
// synchronised: the shard's lock guards it.
//
// Three things differ from the paper, each measured (docs/decisions/0009-eviction.md): one hit in small is
// enough, where the paper asks for two; what main evicts is remembered, too; and the ghost remembers three
// quarters as many as are alive.
#pragma once
#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <vector>

#include "store/entry.hpp"
#include "store/ghost.hpp"

namespace larder::store {

class S3Fifo {
 public:
  // With its cost set.
  void insert(Entry& entry);
  static void touch(Entry& entry) noexcept {
    if (entry.hits < hits_max) ++entry.hits;
  }
  void remove(Entry& entry);
  void set_cost(Entry& entry, std::uint64_t cost);
  // Takes the next one out; null when there is none.
  Entry* evict();

  std::size_t size() const noexcept { return small_.size() + main_.size(); }
  std::uint64_t cost() const noexcept { return small_cost_ + main_cost_; }
  std::uint64_t ghost_bytes() const noexcept { return ghost_.bytes(); }

  // A walk over all entries, oldest first, that may pause between steps while entries come, move and go: none
  // that was there at its beginning and still is at its end is left out. Any number at once; each that was
  // begun must be ended.
  class Walk {
   private:
    friend class S3Fifo;
    Entry* next_ = nullptr;
    bool is_in_main_ = true;
  };
  void begin(Walk& walk);
  Entry* next_of(Walk& walk);
  void end(Walk& walk) noexcept { std::erase(walks_, &walk); }

 private:
  using Queue = boost::intrusive::list<Entry>;
  static constexpr std::uint8_t hits_max = 3;
  static constexpr std::uint64_t small_share = 10;  // one part in ten

  static std::uint64_t ghost_hash(const Entry& entry);
  std::size_t ghost_window() const noexcept { return size() / 4 * 3 + 1; }
  bool evicts_from_small() const;
  void unlink(Entry& entry);
  void push(Entry& entry, bool is_in_main);
  void step_past(Entry& entry, Walk& walk);

  Queue small_;  // newest first
  Queue main_;
  std::uint64_t small_cost_ = 0;
  std::uint64_t main_cost_ = 0;
  Ghost ghost_;
  std::vector<Walk*> walks_;  // under way
};

}  // namespace larder::store
