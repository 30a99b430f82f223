// Matching by backtracking that remembers where it failed: each (node, position) is tried at most once, so
// the time is linear in nodes times bytes, whatever the pattern.
#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "larder/base/lanes.hpp"
#include "larder/config/pattern.hpp"

namespace larder::config {

using Captures = Pattern::Captures;

class PatternMatch {
 public:
  // `failed` is scratch memory.
  PatternMatch(const std::vector<Pattern::Node>& nodes, std::string_view path, std::vector<bool>& failed,
               Captures* captures)
      : nodes_(nodes), path_(path), failed_(failed), captures_(captures) {}

  bool run(std::size_t node, std::size_t position) {
    failed_.assign(nodes_.size() * (path_.size() + 1), false);
    return matches_from(node, position);
  }

 private:
  using Kind = Pattern::Kind;

  // Recursion is as deep as the pattern has nodes (pattern_size_max).
  bool matches_from(std::size_t index, std::size_t position) {  // NOLINT(misc-no-recursion)
    if (index == nodes_.size()) return position == path_.size();
    const Pattern::Node& node = nodes_[index];
    switch (node.kind) {
      case Kind::literal:
        return path_.substr(position).starts_with(node.text) &&
               matches_from(index + 1, position + node.text.size());
      case Kind::one_of:
        return matches_one_of(index, position);
      case Kind::tail:
        return position == path_.size() || path_[position] == '/';
      case Kind::star:
        return matches_run(index, position, position, run_end(position));
      case Kind::double_star:
        return matches_run(index, position, position, path_.size());
      case Kind::capture:
        return matches_run(index, position, position + 1, run_end(position));
    }
    return false;
  }

  bool matches_one_of(std::size_t index, std::size_t position) {  // NOLINT(misc-no-recursion)
    if (failed_[slot(index, position)]) return false;
    const auto& options = nodes_[index].options;
    const bool is_match = std::any_of(options.begin(), options.end(), [&](const std::string& option) {
      return path_.substr(position).starts_with(option) && matches_from(index + 1, position + option.size());
    });
    if (!is_match) failed_[slot(index, position)] = true;
    return is_match;
  }

  // The node takes path_[position, end) for the greatest `end` in [shortest, longest] after which the rest
  // matches. A slot marks that the rest does not match after an `end`: from there on everything longer has
  // been tried as well, unless it is out of this run's reach.
  bool matches_run(std::size_t index, std::size_t position,
                   std::size_t shortest,  // NOLINT(misc-no-recursion)
                   std::size_t longest) {
    if (shortest > longest) return false;
    std::size_t untried_end = shortest;
    while (untried_end <= longest && !failed_[slot(index, untried_end)]) ++untried_end;
    for (std::size_t end = untried_end; end-- > shortest;) {
      if (captures_ && nodes_[index].kind == Kind::capture) {
        captures_->emplace_back(nodes_[index].text, path_.substr(position, end - position));
      }
      if (matches_from(index + 1, end)) return true;
      if (captures_ && nodes_[index].kind == Kind::capture) captures_->pop_back();
      failed_[slot(index, end)] = true;
    }
    return false;
  }

  std::size_t run_end(std::size_t position) const {
    return std::min(path_.find('/', position), path_.size());
  }
  std::size_t slot(std::size_t index, std::size_t position) const {
    return index * (path_.size() + 1) + position;
  }

  const std::vector<Pattern::Node>& nodes_;
  std::string_view path_;
  std::vector<bool>& failed_;
  Captures* captures_;
};

namespace {

[[gnu::always_inline]] inline bool begins_with(std::string_view path, const std::string& text) noexcept {
  return path.size() >= text.size() && base::are_same(path.data(), text.data(), text.size());
}

std::size_t size_of_segment(std::string_view path) noexcept {
  return base::bytes_before(path.data(), path.data() + path.size(),
                            [](base::Lanes bytes) { return bytes.equal('/'); });
}

}  // namespace

// No head begins another: their nodes are definite.
bool Pattern::matches_straight(std::string_view path, Captures* captures) const {
  for (const std::string& head : heads_) {
    if (!begins_with(path, head)) continue;
    path.remove_prefix(head.size());
    return matches_behind_head(path, captures);
  }
  return false;
}

// Each node from where the last one ended.
bool Pattern::matches_behind_head(std::string_view path, Captures* captures) const {
  const std::size_t captures_before = captures ? captures->size() : 0;
  const auto fail = [captures, captures_before] {
    if (captures && captures->size() > captures_before) captures->resize(captures_before);
    return false;
  };
  const std::span nodes = std::span(nodes_).subspan(head_nodes_);
  for (const Node& node : nodes) {
    std::size_t size = 0;
    switch (node.kind) {
      case Kind::literal:
        if (!begins_with(path, node.text)) return fail();
        size = node.text.size();
        break;
      case Kind::one_of:
        for (const std::string& option : node.options) {
          if (!begins_with(path, option)) continue;
          size = option.size();
          break;
        }
        if (size == 0) return fail();  // no option is empty
        break;
      case Kind::tail:
        if (!path.empty() && path.front() != '/') return fail();
        size = path.size();
        break;
      case Kind::double_star:
        size = path.size();
        break;
      case Kind::star:
        size = size_of_segment(path);
        break;
      case Kind::capture:
        size = size_of_segment(path);
        if (size == 0) return fail();
        if (captures) captures->emplace_back(node.text, std::string_view(path.data(), size));
        break;
    }
    path.remove_prefix(size);
  }
  return path.empty() || fail();
}

bool Pattern::matches_with_retries(std::string_view path, Captures* captures) const {
  // Most patterns are told apart by the literal that they begin with.
  const bool has_head = !nodes_.empty() && nodes_.front().kind == Kind::literal;
  if (has_head && !path.starts_with(nodes_.front().text)) return false;
  const std::size_t position = has_head ? nodes_.front().text.size() : 0;
  if (nodes_.size() == (has_head ? 1u : 0u)) return position == path.size();
  // Kept from match to match, so that a request allocates nothing.
  thread_local std::vector<bool> failed;
  return PatternMatch(nodes_, path, failed, captures).run(has_head ? 1 : 0, position);
}

}  // namespace larder::config
