#include "larder/http/fields.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "larder/base/lanes.hpp"
#include "larder/base/text.hpp"

namespace larder::http {
namespace {

// A name with its number, so that most comparisons are of integers.
struct Name {
  explicit Name(std::string_view name) : text(name), id(field_id(name)) {}
  bool is_of(const Field& field) const noexcept {
    if (field.id != id) return false;
    return id != FieldId::other || base::equals_ignoring_case(field.name, text);
  }
  std::string_view text;
  FieldId id;
};

template <typename IsWanted>
std::optional<std::string> join(const Fields& fields, IsWanted is_wanted) {
  std::optional<std::string> result;
  for (const Field& field : fields) {
    if (!is_wanted(field)) continue;
    if (result) {
      result->append(", ").append(field.value);
    } else {
      result.emplace(field.value);
    }
  }
  return result;
}

// The position after the quoted string that opens at `open` (RFC 9110 section 5.6.4); npos when it never
// closes.
std::size_t end_of_quoted(std::string_view text, std::size_t open) noexcept {
  for (std::size_t at = open + 1; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return std::string_view::npos;
}

// Where the member that begins `text` ends: at a comma outside quotes. A quote that never closes is an
// ordinary character, so that it cannot hide the directives after it; one after a backslash does not open.
std::size_t end_of_member(std::string_view text) noexcept {
  const auto ends = [](base::Lanes bytes) { return bytes.equal(',') | bytes.equal('"'); };
  std::size_t at = base::bytes_before(text.data(), text.data() + text.size(), ends);
  while (at < text.size() && text[at] != ',') {
    const bool opens = text[at] == '"' && (at == 0 || text[at - 1] != '\\');
    const std::size_t closed = opens ? end_of_quoted(text, at) : std::string_view::npos;
    at = closed != std::string_view::npos ? closed : at + 1;
  }
  return std::min(at, text.size());
}

}  // namespace

Fields::Fields(const Fields& other) {
  std::size_t size = 0;
  for (const Field& line : other.lines_) size += line.name.size() + line.value.size();
  if (other.lines_.empty()) return;
  owned_.push_back(std::make_unique_for_overwrite<char[]>(size));
  char* free = owned_.back().get();
  const auto copy = [&free](std::string_view text) {
    const std::string_view kept(free, text.size());
    free = std::copy(text.begin(), text.end(), free);
    return kept;
  };
  lines_.reserve(other.lines_.size());
  note_names_of(other);
  for (const Field& line : other.lines_) {
    const std::string_view name = copy(line.name);
    lines_.push_back({name, copy(line.value), line.id});
  }
}

Fields Fields::views_of(const Fields& other) {
  Fields views;
  views.lines_ = other.lines_;
  views.note_names_of(other);
  return views;
}

Fields& Fields::operator=(const Fields& other) {
  if (this != &other) *this = Fields(other);
  return *this;
}

std::string_view Fields::keep(std::string_view text) {
  if (text.empty()) return {};
  owned_.push_back(std::make_unique_for_overwrite<char[]>(text.size()));
  std::memcpy(owned_.back().get(), text.data(), text.size());
  return {owned_.back().get(), text.size()};
}

void Fields::add(std::string_view name, std::string_view value) {
  const FieldId id = field_id(name);
  const std::string_view kept_name = keep(name);
  append(kept_name, keep(value), id);
}

void Fields::add(FieldId id, std::string_view value) {
  add_known_view(field_name(id), keep(value), id);
}

void Fields::set(FieldId id, std::string_view value) {
  // Removing frees no text, so `value` may view a line of this object.
  remove(id);
  add(id, value);
}

void Fields::remove(FieldId id) {
  if (!has(id)) return;
  std::erase_if(lines_, [id](const Field& line) { return line.id == id; });
  note_all_present();
}

void Fields::remove(std::string_view name) {
  std::erase_if(lines_, [wanted = Name(name)](const Field& line) { return wanted.is_of(line); });
  note_all_present();
}

void Fields::clear() noexcept {
  lines_.clear();
  owned_.clear();
  present_ = repeated_ = 0;
  may_have_unknown_ = false;
}

void Fields::note_names_of(const Fields& other) noexcept {
  present_ = other.present_;
  repeated_ = other.repeated_;
  may_have_unknown_ = other.may_have_unknown_;
}

void Fields::note_all_present() noexcept {
  present_ = repeated_ = 0;
  for (const Field& line : lines_) note_present(line.id);
}

bool Fields::has(std::string_view name) const noexcept {
  return find(name).has_value();
}

std::size_t Fields::count_repeated(FieldId id) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(begin(), end(), [id](const Field& line) { return line.id == id; }));
}

std::optional<std::string_view> Fields::find_present(FieldId id) const noexcept {
  auto line = lines_.begin();
  while (line->id != id) ++line;
  return line->value;
}

std::optional<std::string_view> Fields::find(std::string_view name) const noexcept {
  const Name wanted(name);
  for (const Field& line : lines_) {
    if (wanted.is_of(line)) return line.value;
  }
  return std::nullopt;
}

std::optional<std::string> Fields::joined(FieldId id) const {
  return join(*this, [id](const Field& line) { return line.id == id; });
}

std::optional<std::string> Fields::joined(std::string_view name) const {
  return join(*this, [wanted = Name(name)](const Field& line) { return wanted.is_of(line); });
}

std::optional<std::string_view> next_member(std::string_view& rest) noexcept {
  while (!rest.empty()) {
    const std::size_t end = end_of_member(rest);
    const std::string_view member = base::trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!member.empty()) return member;
  }
  return std::nullopt;
}

bool has_token(const Fields& fields, FieldId id, std::string_view token) noexcept {
  bool found = false;
  for_each_member(fields, id, [&](std::string_view member) {
    found = found || base::equals_ignoring_case(member, token);
  });
  return found;
}

}  // namespace larder::http
