#include "larder/http/structured_fields.hpp"

#include <algorithm>
#include <utility>

#include "characters.hpp"
#include "larder/base/text.hpp"
#include "larder/base/utf8.hpp"

namespace larder::http::structured {
namespace {

constexpr CharacterSet lower_letters =
    CharacterSet::of([](unsigned byte) { return byte >= 'a' && byte <= 'z'; });
constexpr CharacterSet letters = CharacterSet::of(
    [](unsigned byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); });
constexpr CharacterSet key_characters = CharacterSet::of([](unsigned byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || is_one_of(byte, "_-.*");
});
constexpr CharacterSet base64_characters =
    CharacterSet::of([](unsigned byte) { return is_alphanumeric(byte) || is_one_of(byte, "+/"); });
// VCHAR and SP: what strings may hold.
constexpr CharacterSet text_characters =
    CharacterSet::of([](unsigned byte) { return byte >= 0x20 && byte < 0x7f; });

// Section 4.2.4.
constexpr std::size_t integer_digits_max = 15;
constexpr std::size_t decimal_whole_digits_max = 12;
constexpr std::size_t decimal_fraction_digits_max = 3;

bool is_base64(std::string_view text) noexcept {
  const std::size_t size = std::min(text.find('='), text.size());
  const std::size_t padding = text.size() - size;
  const bool is_padded = text.find_first_not_of('=', size) == std::string_view::npos && padding <= 2 &&
                         (padding == 0 || text.size() % 4 == 0);
  // Section 4.2.7: missing padding is put there; a single letter is never a byte.
  return is_padded && size % 4 != 1 && base64_characters.has_all(text.substr(0, size));
}

// Each read_... takes its grammar off the front of the text; nothing, or false, when it is not there.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  // `read`: read_dictionary or read_list.
  template <typename Value>
  std::optional<Value> read_whole(std::optional<Value> (Parser::*read)()) {
    skip(" ");
    auto value = (this->*read)();
    skip(" ");
    if (!rest_.empty()) return std::nullopt;
    return value;
  }
  std::optional<Dictionary> read_dictionary();
  std::optional<List> read_list();

 private:
  bool read_separator();
  std::optional<Member> read_member();
  std::optional<InnerList> read_inner_list();
  std::optional<Item> read_item();
  std::optional<BareItem> read_bare_item();
  bool read_parameters(Parameters& parameters);
  std::optional<std::string> read_key();
  std::optional<BareItem> read_number();
  std::optional<BareItem> read_string();
  std::optional<BareItem> read_token();
  std::optional<BareItem> read_bytes();
  std::optional<BareItem> read_boolean();
  std::optional<BareItem> read_date();
  std::optional<BareItem> read_display_string();

  bool is_at(char c) const noexcept { return !rest_.empty() && rest_.front() == c; }
  bool take(char c) noexcept {
    if (!is_at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip(std::string_view characters) noexcept {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  std::string_view take_all(const CharacterSet& characters) noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && characters.has(rest_[size])) ++size;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view take_digits() noexcept {
    constexpr CharacterSet digits =
        CharacterSet::of([](unsigned byte) { return byte >= '0' && byte <= '9'; });
    return take_all(digits);
  }

  std::string_view rest_;
};

// Section 4.2.2.
std::optional<Dictionary> Parser::read_dictionary() {
  Dictionary dictionary;
  while (!rest_.empty()) {
    auto key = read_key();
    if (!key) return std::nullopt;
    std::optional<Member> member;
    if (take('=')) {
      member = read_member();
    } else {
      Item item{true, {}};
      if (read_parameters(item.parameters)) member = std::move(item);
    }
    if (!member) return std::nullopt;
    dictionary.insert_or_assign(std::move(*key), std::move(*member));
    if (!read_separator()) return std::nullopt;
  }
  return dictionary;
}

std::optional<List> Parser::read_list() {
  List list;
  while (!rest_.empty()) {
    auto member = read_member();
    if (!member) return std::nullopt;
    list.push_back(std::move(*member));
    if (!read_separator()) return std::nullopt;
  }
  return list;
}

// Between members, or the end.
bool Parser::read_separator() {
  skip(" \t");
  if (rest_.empty()) return true;
  if (!take(',')) return false;
  skip(" \t");
  return !rest_.empty();  // else a trailing comma
}

std::optional<Member> Parser::read_member() {
  if (is_at('(')) return read_inner_list();
  return read_item();
}

// Section 4.2.1.2.
std::optional<InnerList> Parser::read_inner_list() {
  InnerList list;
  take('(');
  while (true) {
    skip(" ");
    if (take(')')) break;
    auto item = read_item();
    if (!item || !(is_at(' ') || is_at(')'))) return std::nullopt;
    list.items.push_back(std::move(*item));
  }
  if (!read_parameters(list.parameters)) return std::nullopt;
  return list;
}

std::optional<Item> Parser::read_item() {
  auto value = read_bare_item();
  if (!value) return std::nullopt;
  Item item{std::move(*value), {}};
  if (!read_parameters(item.parameters)) return std::nullopt;
  return item;
}

// Section 4.2.3.1.
std::optional<BareItem> Parser::read_bare_item() {
  if (rest_.empty()) return std::nullopt;
  switch (rest_.front()) {
    case '"':
      return read_string();
    case ':':
      return read_bytes();
    case '?':
      return read_boolean();
    case '@':
      return read_date();
    case '%':
      return read_display_string();
    default:
      break;
  }
  if (is_at('-') || base::is_digit(rest_.front())) return read_number();
  return read_token();
}

// Section 4.2.3.2.
bool Parser::read_parameters(Parameters& parameters) {
  while (take(';')) {
    skip(" ");
    auto key = read_key();
    if (!key) return false;
    BareItem value = true;
    if (take('=')) {
      auto given = read_bare_item();
      if (!given) return false;
      value = std::move(*given);
    }
    parameters.insert_or_assign(std::move(*key), std::move(value));
  }
  return true;
}

// Section 4.2.3.3.
std::optional<std::string> Parser::read_key() {
  if (rest_.empty() || !(lower_letters.has(rest_.front()) || rest_.front() == '*')) return std::nullopt;
  return std::string(take_all(key_characters));
}

// Section 4.2.4.
std::optional<BareItem> Parser::read_number() {
  const bool is_negative = take('-');
  const auto with_sign = [is_negative](std::uint64_t value) {
    return is_negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  };
  const std::string_view whole = take_digits();
  if (whole.empty() || whole.size() > integer_digits_max) return std::nullopt;
  if (!take('.')) return BareItem(with_sign(*base::parse_uint(whole)));
  const std::string_view fraction = take_digits();
  if (whole.size() > decimal_whole_digits_max || fraction.empty() ||
      fraction.size() > decimal_fraction_digits_max) {
    return std::nullopt;
  }
  std::string digits(whole);
  digits.append(fraction).append(decimal_fraction_digits_max - fraction.size(), '0');
  return BareItem(Decimal{with_sign(*base::parse_uint(digits))});
}

// Section 4.2.5.
std::optional<BareItem> Parser::read_string() {
  std::string text;
  take('"');
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') return BareItem(std::move(text));
    if (!text_characters.has(c)) return std::nullopt;
    if (c != '\\') {
      text.push_back(c);
      continue;
    }
    if (!is_at('"') && !is_at('\\')) return std::nullopt;
    text.push_back(rest_.front());
    rest_.remove_prefix(1);
  }
  return std::nullopt;
}

// Section 4.2.6.
std::optional<BareItem> Parser::read_token() {
  constexpr CharacterSet characters = CharacterSet::of([](unsigned byte) {
    return token_characters.has(static_cast<char>(byte)) || byte == ':' || byte == '/';
  });
  if (!letters.has(rest_.front()) && rest_.front() != '*') return std::nullopt;
  return BareItem(Token{std::string(take_all(characters))});
}

// Section 4.2.7.
std::optional<BareItem> Parser::read_bytes() {
  take(':');
  const std::size_t end = rest_.find(':');
  if (end == std::string_view::npos || !is_base64(rest_.substr(0, end))) return std::nullopt;
  Bytes bytes{std::string(rest_.substr(0, end))};
  rest_.remove_prefix(end + 1);
  return BareItem(std::move(bytes));
}

// Section 4.2.8.
std::optional<BareItem> Parser::read_boolean() {
  take('?');
  if (take('1')) return BareItem(true);
  if (take('0')) return BareItem(false);
  return std::nullopt;
}

// Section 4.2.9.
std::optional<BareItem> Parser::read_date() {
  take('@');
  const auto number = read_number();
  const auto* const seconds = number ? std::get_if<std::int64_t>(&*number) : nullptr;
  if (!seconds) return std::nullopt;
  return BareItem(Date{*seconds});
}

// Section 4.2.10.
std::optional<BareItem> Parser::read_display_string() {
  std::string text;
  take('%');
  if (!take('"')) return std::nullopt;
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') {
      if (!base::is_utf8(text)) return std::nullopt;
      return BareItem(DisplayString{std::move(text)});
    }
    if (!text_characters.has(c)) return std::nullopt;
    if (c != '%') {
      text.push_back(c);
      continue;
    }
    const auto is_lower_hex = [](char digit) {
      return base::is_digit(digit) || (digit >= 'a' && digit <= 'f');
    };
    if (rest_.size() < 2 || !is_lower_hex(rest_[0]) || !is_lower_hex(rest_[1])) return std::nullopt;
    text.push_back(static_cast<char>(base::hex_value(rest_[0]) * 16 + base::hex_value(rest_[1])));
    rest_.remove_prefix(2);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Dictionary> parse_dictionary(std::string_view text) {
  return Parser(text).read_whole(&Parser::read_dictionary);
}

std::optional<Dictionary> parse_dictionary(const Fields& fields, std::string_view name) {
  const auto text = fields.joined(name);
  if (!text) return std::nullopt;
  return parse_dictionary(*text);
}

std::optional<List> parse_list(std::string_view text) {
  return Parser(text).read_whole(&Parser::read_list);
}

std::optional<List> parse_list(const Fields& fields, std::string_view name) {
  const auto text = fields.joined(name);
  if (!text) return std::nullopt;
  return parse_list(*text);
}

}  // namespace larder::http::structured
