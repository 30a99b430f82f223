#include "larder/http/range.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "larder/base/text.hpp"
#include "larder/http/date.hpp"
#include "larder/http/entity_tag.hpp"

namespace larder::http {
namespace {

// Section 8.8.2.2: a date is a strong validator when the response was made so much later that nothing could
// have changed within the same second, whatever the two clocks.
constexpr auto strong_date_distance = std::chrono::seconds(60);

// A position or length: what is too large for us is beyond any representation. Nothing when these are no
// digits.
std::optional<std::uint64_t> parse_position(std::string_view digits) noexcept {
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), base::is_digit)) return std::nullopt;
  return base::parse_uint(digits).value_or(std::numeric_limits<std::uint64_t>::max());
}

// One range of a set, applied to a representation.
struct Applied {
  enum class Kind : std::uint8_t { ignored, satisfiable, unsatisfiable };
  Kind kind = Kind::ignored;
  ByteRange range = {};
};

// "500-999", "500-" or "-500" (section 14.1.1) of a representation of `size` bytes.
Applied apply(std::string_view range, std::uint64_t size) noexcept {
  using Kind = Applied::Kind;
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return {};
  const auto end = parse_position(range.substr(dash + 1));
  if (dash == 0) {
    if (!end) return {};
    if (*end == 0) return {Kind::unsatisfiable};
    if (size == 0) return {};  // satisfiable, but nothing that a 206 could name
    const std::uint64_t length = std::min(*end, size);
    return {Kind::satisfiable, {size - length, length}};
  }
  const auto first = parse_position(range.substr(0, dash));
  const bool is_open = dash + 1 == range.size();
  if (!first || (!is_open && (!end || *end < *first))) return {};
  if (*first >= size) return {Kind::unsatisfiable};
  const std::uint64_t last = is_open ? size - 1 : std::min(*end, size - 1);
  return {Kind::satisfiable, {*first, last - *first + 1}};
}

bool overlap(const ByteRange& one, const ByteRange& other) noexcept {
  return one.first < other.first + other.size && other.first < one.first + one.size;
}

ByteRange joined(const ByteRange& one, const ByteRange& other) noexcept {
  const std::uint64_t first = std::min(one.first, other.first);
  return {first, std::max(one.first + one.size, other.first + other.size) - first};
}

// Ranges that `added` overlaps become one with it, in the place of the first of them.
void add(ByteRange added, std::vector<ByteRange>& parts) {
  std::size_t place = parts.size();
  for (std::size_t i = 0; i < parts.size();) {
    if (!overlap(parts[i], added)) {
      ++i;
      continue;
    }
    added = joined(parts[i], added);
    place = std::min(place, i);
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
  }
  parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(std::min(place, parts.size())), added);
}

Selection apply_all(std::string_view set, std::uint64_t size) {
  Selection selection;
  std::size_t count = 0;
  while (const auto range = next_member(set)) {
    const Applied applied = apply(*range, size);
    if (applied.kind == Applied::Kind::ignored || ++count > ranges_max) return {};
    if (applied.kind == Applied::Kind::satisfiable) add(applied.range, selection.parts);
  }
  if (count == 0) return {};
  selection.kind = selection.parts.empty() ? Selection::Kind::unsatisfiable : Selection::Kind::parts;
  return selection;
}

// The set of a Range field that asks for bytes.
std::optional<std::string_view> byte_set_of(const Fields& request) noexcept {
  if (request.count(FieldId::range) != 1) return std::nullopt;
  const std::string_view range = *request.find(FieldId::range);
  const std::size_t equals = range.find('=');
  const bool is_of_bytes =
      equals != std::string_view::npos && base::equals_ignoring_case(range.substr(0, equals), "bytes");
  return is_of_bytes ? std::optional(range.substr(equals + 1)) : std::nullopt;
}

// Section 13.1.5: strong comparison, and a date must be the very same.
bool is_same_representation(std::string_view condition, const Validators& held, base::WallTime now) noexcept {
  if (const auto tag = parse_entity_tag(condition)) {
    const auto own = parse_entity_tag(held.etag.value_or(""));
    return own && equals_strongly(*tag, *own);
  }
  const auto date = parse_date(condition, now);
  if (!date || !held.last_modified || !held.date) return false;
  return *date == *held.last_modified && *held.date - *held.last_modified >= strong_date_distance;
}

}  // namespace

std::optional<std::string_view> single_range_of(const Fields& request) noexcept {
  auto set = byte_set_of(request);
  if (!set) return std::nullopt;
  const auto only = next_member(*set);
  if (!only || next_member(*set)) return std::nullopt;
  constexpr std::uint64_t any_size = std::numeric_limits<std::uint64_t>::max();
  return apply(*only, any_size).kind == Applied::Kind::ignored ? std::nullopt : only;
}

std::optional<ContentRange> content_range_of(const Fields& response) noexcept {
  if (response.count(FieldId::content_range) != 1) return std::nullopt;
  std::string_view text = *response.find(FieldId::content_range);
  constexpr std::string_view unit = "bytes ";
  if (!base::equals_ignoring_case(text.substr(0, unit.size()), unit)) return std::nullopt;
  text.remove_prefix(unit.size());
  const std::size_t dash = text.find('-');
  const std::size_t slash = text.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash) return std::nullopt;
  const auto first = base::parse_uint(text.substr(0, dash));
  const auto last = base::parse_uint(text.substr(dash + 1, slash - dash - 1));
  const auto complete = base::parse_uint(text.substr(slash + 1));
  if (!first || !last || !complete || *last < *first || *complete <= *last) return std::nullopt;
  return ContentRange{{*first, *last - *first + 1}, *complete};
}

std::string text_of(const ContentRange& range) {
  const std::uint64_t last = range.range.first + range.range.size - 1;
  return "bytes " + std::to_string(range.range.first) + "-" + std::to_string(last) + "/" +
         std::to_string(range.complete);
}

Selection select_range(const Fields& request, std::uint64_t size, const Validators& held,
                       base::WallTime now) {
  const auto set = byte_set_of(request);
  if (!set) return {};
  if (request.has(FieldId::if_range)) {
    const bool is_one = request.count(FieldId::if_range) == 1;
    if (!is_one || !is_same_representation(*request.find(FieldId::if_range), held, now)) return {};
  }
  return apply_all(*set, size);
}

}  // namespace larder::http
