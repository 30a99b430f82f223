#include "obs/escape.hpp"

#include <cstdint>

namespace larder::obs {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

struct Character {
  std::size_t size = 1;
  std::uint32_t code = 0;
  bool is_valid = false;
};

std::size_t sequence_size(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

// RFC 3629 section 4: no overlong forms, no surrogates, nothing past U+10FFFF.
bool is_scalar(std::uint32_t code, std::size_t size) noexcept {
  if (size == 3) return code >= 0x800 && (code < 0xd800 || code > 0xdfff);
  if (size == 4) return code >= 0x10000 && code <= 0x10ffff;
  return true;
}

Character first_character(std::string_view bytes) noexcept {
  const auto lead = static_cast<unsigned char>(bytes.front());
  const std::size_t size = sequence_size(lead);
  if (size == 0 || size > bytes.size()) return {};
  std::uint32_t code = size == 1 ? lead : lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(bytes[i]);
    if ((next & 0xc0) != 0x80) return {};
    code = code << 6 | (next & 0x3fU);
  }
  if (!is_scalar(code, size)) return {};
  return {size, code, true};
}

bool is_control(std::uint32_t code) noexcept {
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

void append_hex_byte(std::string& out, char byte) {
  const auto value = static_cast<unsigned char>(byte);
  out += "\\x";
  out += hex_digits[value >> 4];
  out += hex_digits[value & 15];
}

void append_json_control(std::string& out, std::uint32_t code) {
  switch (code) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += hex_digits[code >> 4];
  out += hex_digits[code & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view bytes) {
  out += '"';
  while (!bytes.empty()) {
    const Character character = first_character(bytes);
    if (!character.is_valid) {
      out += "\\ufffd";
    } else if (is_control(character.code)) {
      append_json_control(out, character.code);
    } else {
      if (bytes.front() == '"' || bytes.front() == '\\') out += '\\';
      out += bytes.substr(0, character.size);
    }
    bytes.remove_prefix(character.size);
  }
  out += '"';
}

void append_quoted_ascii(std::string& out, std::string_view bytes) {
  for (const char byte : bytes) {
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += byte;
    } else if (byte >= ' ' && byte <= '~') {
      out += byte;
    } else {
      append_hex_byte(out, byte);
    }
  }
}

void append_printable(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    const Character character = first_character(bytes);
    const bool is_kept = character.is_valid && !is_control(character.code);
    for (const char byte : bytes.substr(0, character.size)) {
      if (is_kept) {
        out += byte;
      } else {
        append_hex_byte(out, byte);
      }
    }
    bytes.remove_prefix(character.size);
  }
}

}  // namespace larder::obs
