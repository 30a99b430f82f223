#include "cache/accept_encoding.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "larder/base/text.hpp"

namespace larder::cache {
namespace {

// Browsers send four; the room is on the stack.
constexpr std::size_t members_max = 16;
constexpr int weight_of_one = 1000;

struct Member {
  std::string_view coding;  // in any case; without "x-" where that means the same
  int thousandths = weight_of_one;
};

// In the order of lower-case text; less than, equal or greater than zero.
int compare(std::string_view one, std::string_view other) noexcept {
  const std::size_t size = std::min(one.size(), other.size());
  for (std::size_t i = 0; i < size; ++i) {
    const int difference = base::to_lower(one[i]) - base::to_lower(other[i]);
    if (difference != 0) return difference;
  }
  return static_cast<int>(one.size()) - static_cast<int>(other.size());
}

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [symbols](char c) {
    const char lower = base::to_lower(c);
    return base::is_digit(c) || (lower >= 'a' && lower <= 'z') || symbols.find(c) != std::string_view::npos;
  });
}

// qvalue, section 12.4.2: "0" or "1", and up to three digits of a fraction, which after "1" are zeros.
std::optional<int> parse_weight(std::string_view text) noexcept {
  if (text.empty() || (text.front() != '0' && text.front() != '1')) return std::nullopt;
  int thousandths = (text.front() - '0') * weight_of_one;
  text.remove_prefix(1);
  if (text.empty()) return thousandths;
  constexpr std::size_t fraction_digits_max = 3;
  if (text.front() != '.' || text.size() > fraction_digits_max + 1) return std::nullopt;
  int digit_value = weight_of_one / 10;
  for (const char digit : text.substr(1)) {
    if (!base::is_digit(digit)) return std::nullopt;
    thousandths += (digit - '0') * digit_value;
    digit_value /= 10;
  }
  return thousandths <= weight_of_one ? std::optional(thousandths) : std::nullopt;
}

std::optional<Member> parse_member(std::string_view text) noexcept {
  const std::size_t semicolon = text.find(';');
  Member member{base::trim(text.substr(0, semicolon))};
  if (!is_token(member.coding)) return std::nullopt;
  if (base::equals_ignoring_case(member.coding, "x-gzip") ||
      base::equals_ignoring_case(member.coding, "x-compress")) {
    member.coding.remove_prefix(std::string_view("x-").size());
  }
  if (semicolon == std::string_view::npos) return member;
  const std::string_view weight = base::trim(text.substr(semicolon + 1));
  if (weight.size() < 2 || base::to_lower(weight[0]) != 'q' || weight[1] != '=') return std::nullopt;
  const auto thousandths = parse_weight(weight.substr(2));
  if (!thousandths) return std::nullopt;
  member.thousandths = *thousandths;
  return member;
}

// The members in the order of their codings.
class Members {
 public:
  // False when it contradicts another, or there is no room.
  bool add(const Member& member) noexcept {
    auto* const end = members_.data() + count_;
    auto* const place = std::lower_bound(
        members_.data(), end, member,
        [](const Member& one, const Member& other) { return compare(one.coding, other.coding) < 0; });
    if (place != end && compare(place->coding, member.coding) == 0) {
      return place->thousandths == member.thousandths;
    }
    if (count_ == members_max) return false;
    std::move_backward(place, end, end + 1);
    *place = member;
    ++count_;
    return true;
  }
  const Member* begin() const noexcept { return members_.data(); }
  const Member* end() const noexcept { return members_.data() + count_; }

 private:
  std::array<Member, members_max> members_;
  std::size_t count_ = 0;
};

void append_weight(int thousandths, std::string& out) {
  if (thousandths == weight_of_one) return;
  out += ";q=0";
  if (thousandths == 0) return;
  out += '.';
  for (int digit_value = weight_of_one / 10; thousandths > 0; digit_value /= 10) {
    out += static_cast<char>('0' + thousandths / digit_value);
    thousandths %= digit_value;
  }
}

bool append_meaning(const http::Fields& request, std::string& out) {
  Members members;
  for (const http::Field& field : request) {
    if (field.id != http::FieldId::accept_encoding) continue;
    std::string_view rest = field.value;
    while (const auto text = http::next_member(rest)) {
      const auto member = parse_member(*text);
      if (!member || !members.add(*member)) return false;
    }
  }
  bool is_first = true;
  for (const Member& member : members) {
    if (!is_first) out += ',';
    is_first = false;
    for (const char c : member.coding) out += base::to_lower(c);
    append_weight(member.thousandths, out);
  }
  return true;
}

// Browsers say few different things, each all the time: what the last ones meant is remembered.
struct Remembered {
  std::string value;
  std::string meaning;
  bool has_meaning = false;
};
constexpr std::size_t remembered_max = 16;
constexpr std::size_t remembered_size_max = 128;

// The request's only value; nothing where it has several lines, or a long one.
std::optional<std::string_view> only_value(const http::Fields& request) {
  std::optional<std::string_view> value;
  for (const http::Field& field : request) {
    if (field.id != http::FieldId::accept_encoding) continue;
    if (value || field.value.size() > remembered_size_max) return std::nullopt;
    value = field.value;
  }
  return value;
}

}  // namespace

bool append_normal_accept_encoding(const http::Fields& request, std::string& out) {
  const auto value = only_value(request);
  if (!value || value->empty()) return append_meaning(request, out);
  thread_local std::array<Remembered, remembered_max> memory;
  Remembered& known = memory.at((value->size() + static_cast<unsigned char>(value->back())) % remembered_max);
  if (known.value != *value) {
    known.meaning.clear();
    known.has_meaning = append_meaning(request, known.meaning);
    known.value = *value;
  }
  if (known.has_meaning) out += known.meaning;
  return known.has_meaning;
}

}  // namespace larder::cache
