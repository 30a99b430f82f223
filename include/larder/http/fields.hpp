// Header and trailer fields (RFC 9110 section 5): an ordered list of lines, with well-known names numbered so
// that a look-up compares integers.
//
// A Fields may hold views of memory it does not own (add_view: the parser's read buffer) and lines that it
// owns (add). A copy owns everything it holds. Not synchronised: one thread at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace larder::http {

// The field names that Larder itself reads or writes, and those that browsers send with every request, which
// are thereby known to be valid; every other name is `other`.
enum class FieldId : std::uint8_t {
  other,
  accept,
  accept_encoding,
  accept_language,
  age,
  authorization,
  cache_control,
  cache_groups,
  cache_status,
  cache_tag,
  cdn_cache_control,
  connection,
  content_encoding,
  content_length,
  content_location,
  content_range,
  content_type,
  cookie,
  date,
  etag,
  expect,
  expires,
  forwarded,
  host,
  if_match,
  if_modified_since,
  if_none_match,
  if_range,
  if_unmodified_since,
  keep_alive,
  larder_cache_control,
  last_modified,
  location,
  max_forwards,
  pragma,
  priority,
  proxy_authenticate,
  proxy_authentication_info,
  proxy_authorization,
  proxy_connection,
  range,
  referer,
  sec_fetch_dest,
  sec_fetch_mode,
  sec_fetch_site,
  sec_fetch_user,
  server,
  set_cookie,
  surrogate_control,
  surrogate_key,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  upgrade_insecure_requests,
  user_agent,
  vary,
  via,
  warning,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_port,
  x_forwarded_proto,
  x_real_ip,
  count_,
};
inline constexpr std::size_t field_id_count = static_cast<std::size_t>(FieldId::count_);

// The number of a field name, whatever its case; FieldId::other when it has none.
FieldId field_id(std::string_view name) noexcept;
// The canonical spelling ("Cache-Control"); empty for `other`.
std::string_view field_name(FieldId id) noexcept;

struct Field {
  std::string_view name;
  std::string_view value;  // without the white space around it
  FieldId id;
};

class Fields {
 public:
  Fields() = default;
  Fields(const Fields& other);
  Fields& operator=(const Fields& other);
  Fields(Fields&& other) noexcept
      : lines_(std::move(other.lines_)),
        owned_(std::move(other.owned_)),
        present_(std::exchange(other.present_, 0)),
        repeated_(std::exchange(other.repeated_, 0)),
        may_have_unknown_(std::exchange(other.may_have_unknown_, false)) {}
  Fields& operator=(Fields&& other) noexcept {
    lines_ = std::move(other.lines_);
    owned_ = std::move(other.owned_);
    present_ = std::exchange(other.present_, 0);
    repeated_ = std::exchange(other.repeated_, 0);
    may_have_unknown_ = std::exchange(other.may_have_unknown_, false);
    return *this;
  }

  // The same lines, as views of `other`, which must stay as it is meanwhile.
  static Fields views_of(const Fields& other);

  // Appends a line that views the caller's memory, which must outlive this object (or until clear()).
  void add_view(std::string_view name, std::string_view value) { append(name, value, field_id(name)); }
  // The same of a name that is known, with its number if it has one.
  [[gnu::always_inline]] void add_known_view(std::string_view name, std::string_view value, FieldId id) {
    lines_.push_back({name, value, id});
    note_present(id);
  }
  // Appends a line, copying both.
  void add(std::string_view name, std::string_view value);
  void add(FieldId id, std::string_view value);
  // Removes every line of that name, and appends one.
  void set(FieldId id, std::string_view value);
  void remove(FieldId id);
  void remove(std::string_view name);
  // Keeps capacity, so that a session's second request allocates nothing.
  void clear() noexcept;

  // One comparison for a name that has a number.
  bool has(FieldId id) const noexcept { return (present_ & bit_of(id)) != 0; }
  bool has(std::string_view name) const noexcept;
  // False: all names are known, numbered or as common as those (src/http/field_names.hpp).
  bool may_have_unknown() const noexcept { return may_have_unknown_; }
  std::size_t count(FieldId id) const noexcept {
    return (repeated_ & bit_of(id)) != 0 ? count_repeated(id) : static_cast<std::size_t>(has(id));
  }
  // The first line's value.
  std::optional<std::string_view> find(FieldId id) const noexcept {
    return has(id) ? find_present(id) : std::nullopt;
  }
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  // All lines of that name joined by ", " (RFC 9110 section 5.3); nothing when there is none.
  std::optional<std::string> joined(FieldId id) const;
  std::optional<std::string> joined(std::string_view name) const;

  std::size_t size() const noexcept { return lines_.size(); }
  bool empty() const noexcept { return lines_.empty(); }
  auto begin() const noexcept { return lines_.begin(); }
  auto end() const noexcept { return lines_.end(); }

 private:
  static_assert(field_id_count <= 64, "one bit each");
  static std::uint64_t bit_of(FieldId id) noexcept { return std::uint64_t{1} << static_cast<unsigned>(id); }

  void append(std::string_view name, std::string_view value, FieldId id) {
    add_known_view(name, value, id);
    may_have_unknown_ = may_have_unknown_ || id == FieldId::other;
  }
  std::string_view keep(std::string_view text);
  std::size_t count_repeated(FieldId id) const noexcept;
  std::optional<std::string_view> find_present(FieldId id) const noexcept;
  void note_present(FieldId id) noexcept {
    if (has(id)) [[unlikely]]
      repeated_ |= bit_of(id);
    present_ |= bit_of(id);
  }
  void note_names_of(const Fields& other) noexcept;
  void note_all_present() noexcept;

  std::vector<Field> lines_;
  std::vector<std::unique_ptr<char[]>> owned_;
  std::uint64_t present_ = 0;   // a bit for each number that a line has
  std::uint64_t repeated_ = 0;  // and for each that several have
  bool may_have_unknown_ = false;
};

// Walks the members of a comma-separated list over all lines of a name (RFC 9110 section 5.6.1): empty
// members are skipped, commas in quoted strings do not separate, each member comes trimmed. Calls
// visit(std::string_view member).
template <typename Visit>
void for_each_member(const Fields& fields, FieldId id, Visit&& visit);
// The next member of a list; advances `rest` past it. Nothing at the end.
std::optional<std::string_view> next_member(std::string_view& rest) noexcept;
// True when a list field has this token as a member, whatever its case.
bool has_token(const Fields& fields, FieldId id, std::string_view token) noexcept;

template <typename Visit>
void for_each_member(const Fields& fields, FieldId id, Visit&& visit) {
  if (!fields.has(id)) return;
  for (const Field& field : fields) {
    if (field.id != id) continue;
    std::string_view rest = field.value;
    while (auto member = next_member(rest)) visit(*member);
  }
}

}  // namespace larder::http
