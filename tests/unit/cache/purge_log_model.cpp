// The matcher against a list of lines that is searched from end to end: slow, and plainly right.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>

#include "purge_log_fixture.hpp"

namespace larder::cache {
namespace {

std::string_view trimmed(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

bool names_host(const Selector& selector, const KeyView& key) {
  return selector.host.empty() || selector.host == key.host();
}

bool names_label(const Selector& selector, const PackedTexts& labels) {
  return std::any_of(labels.begin(), labels.end(), [&](std::string_view label) {
    return selector.kind == SelectorKind::tag_prefix ? label.starts_with(selector.value)
                                                     : label == selector.value;
  });
}

bool names(const Selector& selector, const StoredResponse& stored) {
  const KeyView key = stored.key();
  switch (selector.kind) {
    case SelectorKind::all:
      return true;
    case SelectorKind::url:
      return selector.value == key.url() || std::string(key.host()) + selector.value == key.url();
    case SelectorKind::path:
      return names_host(selector, key) && trimmed(key.path()) == selector.value;
    case SelectorKind::prefix:
      return names_host(selector, key) && key.path().starts_with(selector.value);
    case SelectorKind::host:
      return key.host() == selector.value;
    default:
      return names_label(selector, stored.tags()) || names_label(selector, stored.captures());
  }
}

bool is_tag_line(const Selector& selector) {
  return selector.kind == SelectorKind::tag || selector.kind == SelectorKind::tag_prefix;
}

class Model {
 public:
  void append(const std::vector<Selector>& selectors, PurgeMode mode) {
    PurgeLine& line = lines_.emplace_back();
    line.sequence = lines_.size();
    line.mode = mode;
    line.selectors = selectors;
  }
  Validity validity(const StoredResponse& stored) const {
    Validity worst = Validity::valid;
    for (const PurgeLine& line : lines_) {
      if (line.sequence <= stored.sequence || !matches(line, stored)) continue;
      if (line.mode == PurgeMode::hard || !stored.freshness.has_grace()) return Validity::outdated;
      worst = Validity::soft_outdated;
    }
    return worst;
  }
  bool may_join(const StoredResponse& without_tags, std::uint64_t since) const {
    return std::none_of(lines_.begin(), lines_.end(), [&](const PurgeLine& line) {
      const bool has_tag = std::any_of(line.selectors.begin(), line.selectors.end(), is_tag_line);
      return line.sequence > since && (has_tag || matches(line, without_tags));
    });
  }

 private:
  static bool matches(const PurgeLine& line, const StoredResponse& stored) {
    return std::any_of(line.selectors.begin(), line.selectors.end(),
                       [&](const Selector& selector) { return names(selector, stored); });
  }
  std::vector<PurgeLine> lines_;
};

// Few different names, so that they meet often.
class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }
  std::string host() { return one_of({"a.com", "b.com", "a.com:81"}); }
  std::string path() { return one_of({"/", "/a", "/a/", "/a/b", "/a/b/", "/b", "/ab"}); }
  std::string query() { return one_of({"", "?", "?x=1"}); }
  std::string label() { return one_of({"t", "ta", "tab", "s:1", "s:2"}); }

  Selector selector() {
    switch (below(12)) {
      case 0:
        return fixture::selector_of(below(4) == 0 ? "all" : "host:" + host());
      case 1:
        return fixture::selector_of("url:http://" + host() + path() + query());
      case 2:
        return fixture::selector_of("url:" + path() + query());
      case 3:
      case 4:
        return fixture::selector_of("path:http://" + host() + path());
      case 5:
        return fixture::selector_of("path:" + path());
      case 6:
        return fixture::selector_of("prefix:http://" + host() + path());
      case 7:
        return fixture::selector_of("prefix:" + path());
      case 8:
        return fixture::selector_of("tag:" + label());
      case 9:
        return fixture::selector_of("tag:" + label() + "*");
      default:
        return fixture::selector_of("s:" + std::to_string(below(3)));
    }
  }
  StoredPtr response(std::uint64_t newest) {
    fixture::Labels labels;
    if (below(2) == 0) labels.tags.push_back(label());
    if (below(2) == 0) labels.captures.push_back("s:" + std::to_string(below(3)));
    return fixture::response_of(fixture::key_of(host(), path(), query()), labels, below(newest + 1),
                                below(2) == 0 ? fixture::with_grace() : Freshness{});
  }

 private:
  std::string one_of(std::initializer_list<const char*> names) { return names.begin()[below(names.size())]; }
  std::mt19937 random_;
};

void compare(const PurgeLog& log, const Model& model, const StoredResponse& stored) {
  CHECK(log.validity(stored, log.newest()) == model.validity(stored));
  ResponseDraft draft = draft_of(stored);
  draft.tags.clear();
  const StoredPtr without_tags = freeze(draft);
  for (std::uint64_t since = stored.sequence; since <= log.newest(); ++since) {
    CHECK(log.may_join({draft.key, draft.captures}, since) == model.may_join(*without_tags, since));
  }
}

TEST_CASE("the matcher agrees with a search of all lines") {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    Draw draw(seed);
    PurgeLog log;
    Model model;
    const std::size_t lines = 1 + draw.below(6);
    for (std::size_t i = 0; i < lines; ++i) {
      std::vector<Selector> selectors(1 + draw.below(2));
      for (Selector& selector : selectors) selector = draw.selector();
      const PurgeMode mode = draw.below(2) == 0 ? PurgeMode::hard : PurgeMode::soft;
      model.append(selectors, mode);
      log.append(selectors, mode, {});
    }
    for (int i = 0; i < 20; ++i) compare(log, model, *draw.response(log.newest()));
  }
}

}  // namespace
}  // namespace larder::cache
