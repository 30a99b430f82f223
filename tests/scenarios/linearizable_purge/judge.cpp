// The judge of the purge checker: what a history may not hold.
#include "judge.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <unordered_map>

#include "pages.hpp"

namespace linearizable {
namespace {

// What a page owes to every read that is sent after `since`: the strictest of all purges up to then.
struct Obligation {
  Nanoseconds since = 0;
  std::uint64_t version = 0;
  std::size_t version_by = 0;  // the purge that demands it
  Nanoseconds fetched_after = 0;
  std::size_t fetch_by = 0;
};

class Obligations {
 public:
  void add(const Obligation& obligation) { list_.push_back(obligation); }

  // Each becomes the strictest of those up to it.
  void close() {
    std::sort(list_.begin(), list_.end(),
              [](const Obligation& a, const Obligation& b) { return a.since < b.since; });
    for (std::size_t i = 1; i < list_.size(); ++i) {
      const Obligation& before = list_[i - 1];
      Obligation& each = list_[i];
      if (before.version > each.version) {
        each.version = before.version;
        each.version_by = before.version_by;
      }
      if (before.fetched_after > each.fetched_after) {
        each.fetched_after = before.fetched_after;
        each.fetch_by = before.fetch_by;
      }
    }
  }

  // Null when nothing was acknowledged before `sent`.
  const Obligation* at(Nanoseconds sent) const {
    const auto found =
        std::lower_bound(list_.begin(), list_.end(), sent,
                         [](const Obligation& each, Nanoseconds time) { return each.since < time; });
    return found == list_.begin() ? nullptr : &*std::prev(found);
  }

 private:
  std::vector<Obligation> list_;
};

struct Published {
  Nanoseconds at = 0;
  std::uint64_t version = 0;
};

class Judge {
 public:
  explicit Judge(const History& history) : history_(history) {}
  Verdict judge();

 private:
  void note_publishes();
  void note_purges();
  void note_fetches();
  void count(const Read& read);
  void look_at(std::size_t index);
  bool is_bound(std::size_t index, const Obligations& obligations, bool is_soft);
  std::uint64_t newest_published(std::size_t page, Nanoseconds before) const;
  void accuse(Violation::Kind kind, std::size_t read, std::size_t purge, std::uint64_t expected) {
    verdict_.violations.push_back({kind, read, purge, expected});
  }

  const History& history_;
  Verdict verdict_;
  std::vector<std::vector<Published>> publishes_;  // by page; versions running upwards
  std::vector<std::uint64_t> highest_;             // by page, with those whose word never came
  std::vector<Obligations> hard_;
  std::vector<Obligations> soft_;
  std::vector<std::vector<const Fetch*>> fetches_;
  std::unordered_map<std::uint64_t, const Fetch*> fetch_by_id_;
};

void Judge::note_publishes() {
  publishes_.resize(pages().size());
  highest_.resize(pages().size(), 1);
  for (const Publish& each : history_.publishes) publishes_[each.page].push_back({each.end, each.version});
  for (std::size_t page = 0; page < publishes_.size(); ++page) {
    auto& list = publishes_[page];
    std::sort(list.begin(), list.end(), [](const Published& a, const Published& b) { return a.at < b.at; });
    std::uint64_t newest = 1;
    for (Published& each : list) newest = each.version = std::max(newest, each.version);
    highest_[page] = newest;
  }
}

// Every page begins with version 1.
std::uint64_t Judge::newest_published(std::size_t page, Nanoseconds before) const {
  const auto& list = publishes_[page];
  const auto found = std::lower_bound(list.begin(), list.end(), before,
                                      [](const Published& each, Nanoseconds time) { return each.at < time; });
  return found == list.begin() ? 1 : std::prev(found)->version;
}

void Judge::note_purges() {
  hard_.resize(pages().size());
  soft_.resize(pages().size());
  for (std::size_t index = 0; index < history_.purges.size(); ++index) {
    const Purge& purge = history_.purges[index];
    if (purge.ack == 0) continue;
    ++verdict_.purges;
    bool was_in_flight = false;
    for (std::size_t page = 0; page < pages().size(); ++page) {
      const bool is_named = std::any_of(purge.selectors.begin(), purge.selectors.end(),
                                        [&](const auto& text) { return covers(text, pages()[page]); });
      if (!is_named) continue;
      const bool may_be_stale = purge.is_soft && pages()[page].has_grace;
      const std::uint64_t version = newest_published(page, purge.invoke);
      (may_be_stale ? soft_ : hard_)[page].add({purge.ack, version, index, purge.invoke, index});
      was_in_flight =
          was_in_flight || std::any_of(fetches_[page].begin(), fetches_[page].end(), [&](const Fetch* f) {
            return f->arrival < purge.ack && f->end > purge.invoke;
          });
    }
    verdict_.purges_in_flight += was_in_flight ? 1 : 0;
  }
  for (Obligations& each : hard_) each.close();
  for (Obligations& each : soft_) each.close();
}

void Judge::note_fetches() {
  fetches_.resize(pages().size());
  for (const Fetch& each : history_.fetches) {
    fetches_[each.page].push_back(&each);
    fetch_by_id_[each.id] = &each;
    verdict_.revalidations += each.outcome == "304" ? 1 : 0;
  }
  verdict_.fetches = history_.fetches.size();
}

void Judge::count(const Read& read) {
  const auto has = [&](const char* text) { return read.cache_status.find(text) != std::string::npos; };
  ++verdict_.reads;
  verdict_.judged += read.version > 0 ? 1 : 0;
  verdict_.hits += has("; hit") ? 1 : 0;
  verdict_.collapsed += has("; collapsed") ? 1 : 0;
  verdict_.stale += read.version > 0 && says_stale(read.cache_status) ? 1 : 0;
  verdict_.not_modified += read.status == 304 ? 1 : 0;
  verdict_.failed += read.status == 0 || read.status >= 500 || read.problem == "broken" ? 1 : 0;
}

// Accuses where a purge that was acknowledged before forbids what the read brought; true where one speaks of
// it.
bool Judge::is_bound(std::size_t index, const Obligations& obligations, bool is_soft) {
  const Read& read = history_.reads[index];
  const Obligation* owed = obligations.at(read.invoke);
  if (owed == nullptr) return false;
  const auto fetch = fetch_by_id_.find(read.fetch);
  const bool is_old_fetch = fetch != fetch_by_id_.end() && fetch->second->arrival < owed->fetched_after;
  if (is_soft) {
    const bool is_old = read.version < owed->version || is_old_fetch;
    const std::size_t by = read.version < owed->version ? owed->version_by : owed->fetch_by;
    if (is_old && !says_stale(read.cache_status))
      accuse(Violation::Kind::unsaid_stale, index, by, owed->version);
  } else if (read.version < owed->version) {
    accuse(Violation::Kind::old_version, index, owed->version_by, owed->version);
  } else if (is_old_fetch) {
    accuse(Violation::Kind::old_fetch, index, owed->fetch_by, owed->version);
  }
  return true;
}

void Judge::look_at(std::size_t index) {
  const Read& read = history_.reads[index];
  count(read);
  if (read.problem == "torn") accuse(Violation::Kind::torn, index, 0, read.version);
  if (read.version == 0) return;
  if (read.version > highest_[read.page])
    accuse(Violation::Kind::from_nowhere, index, 0, highest_[read.page]);
  const bool by_hard = is_bound(index, hard_[read.page], false);
  const bool by_soft = is_bound(index, soft_[read.page], true);
  verdict_.bound += by_hard || by_soft ? 1 : 0;
}

Verdict Judge::judge() {
  note_publishes();
  note_fetches();
  note_purges();
  for (std::size_t index = 0; index < history_.reads.size(); ++index) look_at(index);
  return std::move(verdict_);
}

const char* text_of(Violation::Kind kind) {
  switch (kind) {
    case Violation::Kind::old_version:
      return "a version that an acknowledged purge had outdated";
    case Violation::Kind::old_fetch:
      return "a response whose fetch had begun before an acknowledged purge";
    case Violation::Kind::unsaid_stale:
      return "softly purged, served, and not said to be stale";
    case Violation::Kind::torn:
      return "a body of more than one version or language";
    case Violation::Kind::from_nowhere:
      return "a version that nobody published";
  }
  return "";
}

// Lines of a story, by time.
class Story {
 public:
  explicit Story(Nanoseconds zero) : zero_(zero) {}
  void add(Nanoseconds at, const std::string& text) { lines_.emplace(at, text); }
  std::string text() const {
    std::string all;
    for (const auto& [at, line] : lines_) {
      std::array<char, 32> time{};
      std::snprintf(time.data(), time.size(), "%+10.3f ms  ", static_cast<double>(at - zero_) / 1e6);
      all += "  " + std::string(time.data()) + line + "\n";
    }
    return all;
  }

 private:
  Nanoseconds zero_;
  std::multimap<Nanoseconds, std::string> lines_;
};

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& each : texts) all += " " + each;
  return all;
}

std::string named(const Read& read) {
  return "reader " + std::to_string(read.reader) + " (" + read.manner + ")";
}

void tell_read(const Read& read, Story& story) {
  story.add(read.invoke, named(read) + " asks");
  story.add(read.complete, named(read) + " has " + std::to_string(read.status) + ", version " +
                               std::to_string(read.version) + " of fetch " + std::to_string(read.fetch) +
                               " " + read.problem + ": " + read.cache_status);
}

void tell_fetch(const Fetch& fetch, Story& story) {
  const std::string name = "fetch " + std::to_string(fetch.id);
  story.add(fetch.arrival, name + " arrives at the upstream");
  story.add(fetch.read_at, name + " reads version " + std::to_string(fetch.version));
  story.add(fetch.end, name + " is answered: " + fetch.outcome);
}

}  // namespace

Verdict judge(const History& history) {
  return Judge(history).judge();
}

// docs/operations.md "Cache-Status": a negative ttl, or 0 where a soft purge ended it early.
bool says_stale(const std::string& cache_status) {
  const auto has = [&](const char* text) { return cache_status.find(text) != std::string::npos; };
  return has("ttl=-") || has("detail=soft-purged") || has("detail=stale-while-revalidate") ||
         has("detail=stale-if-error") || cache_status.ends_with("ttl=0") || has("ttl=0;");
}

std::string story_of(const Violation& violation, const History& history) {
  const Read& read = history.reads[violation.read];
  const Page& page = pages()[read.page];
  const bool has_purge =
      violation.kind != Violation::Kind::torn && violation.kind != Violation::Kind::from_nowhere;
  const Nanoseconds zero = has_purge ? history.purges[violation.purge].invoke : read.invoke;
  Story story(zero);
  for (const Publish& each : history.publishes) {
    const bool is_near = each.end > zero - 200'000'000 && each.begin < read.complete;
    if (each.page == read.page && (is_near || each.version == violation.expected))
      story.add(each.end, "version " + std::to_string(each.version) + " is published");
  }
  for (const Purge& each : history.purges) {
    const bool names_it = std::any_of(each.selectors.begin(), each.selectors.end(),
                                      [&](const auto& text) { return covers(text, page); });
    if (!names_it || each.invoke > read.complete || each.invoke < zero - 50'000'000) continue;
    const std::string what =
        std::string(each.is_soft ? "soft" : "hard") + " purge by " + each.by + " of" + joined(each.selectors);
    story.add(each.invoke, what + " is called");
    if (each.ack > 0) story.add(each.ack, what + " is acknowledged");
  }
  for (const Fetch& each : history.fetches) {
    const bool overlaps = each.end > zero - 50'000'000 && each.arrival < read.complete;
    if (each.page == read.page && (overlaps || each.id == read.fetch)) tell_fetch(each, story);
  }
  tell_read(read, story);
  return "VIOLATION: " + std::string(text_of(violation.kind)) + ": " + page.url() +
         (has_purge ? ", at least version " + std::to_string(violation.expected) + " was due" : "") + "\n" +
         story.text();
}

std::string figures_of(const Verdict& verdict) {
  const auto line = [](const char* what, std::uint64_t count) {
    return std::string(what) + " " + std::to_string(count);
  };
  const auto of_kind = [&](Violation::Kind kind) {
    return static_cast<std::uint64_t>(
        std::count_if(verdict.violations.begin(), verdict.violations.end(),
                      [&](const Violation& each) { return each.kind == kind; }));
  };
  return line("reads", verdict.reads) + line(", with a version", verdict.judged) +
         line(", bound by a purge", verdict.bound) + line("; hits", verdict.hits) +
         line(", collapsed", verdict.collapsed) + line(", stale", verdict.stale) +
         line(", 304s", verdict.not_modified) + line(", failed", verdict.failed) +
         line("; fetches", verdict.fetches) + line(", of them 304", verdict.revalidations) +
         line("; purges", verdict.purges) + line(", of pages in flight", verdict.purges_in_flight) +
         line("; old versions", of_kind(Violation::Kind::old_version)) +
         line(", old fetches", of_kind(Violation::Kind::old_fetch)) +
         line(", stale and not said", of_kind(Violation::Kind::unsaid_stale)) +
         line(", torn", of_kind(Violation::Kind::torn)) +
         line(", from nowhere", of_kind(Violation::Kind::from_nowhere)) +
         line("; violations", verdict.violations.size());
}

}  // namespace linearizable
