// Structured field values (RFC 9651): dictionaries and lists, parsed as strictly as section 4.2 says. A value
// that breaks the grammar anywhere gives nothing at all, also where the member in question is one that nobody
// asks for.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "larder/http/fields.hpp"

namespace larder::http::structured {

struct Decimal {
  std::int64_t thousandths = 0;
  bool operator==(const Decimal&) const = default;
};
struct Token {
  std::string text;
  bool operator==(const Token&) const = default;
};
struct Bytes {
  std::string base64;  // as it came: no field that is read here needs the bytes
  bool operator==(const Bytes&) const = default;
};
struct Date {
  std::int64_t unix_seconds = 0;
  bool operator==(const Date&) const = default;
};
struct DisplayString {
  std::string utf8;
  bool operator==(const DisplayString&) const = default;
};

// Integer, Decimal, String, Token, Byte Sequence, Boolean, Date, Display String (section 3.3).
using BareItem = std::variant<std::int64_t, Decimal, std::string, Token, Bytes, bool, Date, DisplayString>;

// Of a key that is repeated the last value counts. The order, which section 3.1.2 keeps, has no meaning in
// the fields that are read here.
using Parameters = std::map<std::string, BareItem, std::less<>>;

struct Item {
  BareItem value;
  Parameters parameters;
};
struct InnerList {
  std::vector<Item> items;
  Parameters parameters;
};
using Member = std::variant<Item, InnerList>;
using Dictionary = std::map<std::string, Member, std::less<>>;
using List = std::vector<Member>;

// Section 4.2.2. Nothing when `text` is no dictionary; an empty one is an empty dictionary.
std::optional<Dictionary> parse_dictionary(std::string_view text);
// The lines of a field joined (section 4.2); also nothing where there is no such field.
std::optional<Dictionary> parse_dictionary(const Fields& fields, std::string_view name);
// Section 4.2.1; likewise.
std::optional<List> parse_list(std::string_view text);
std::optional<List> parse_list(const Fields& fields, std::string_view name);

}  // namespace larder::http::structured
