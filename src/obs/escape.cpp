#include "obs/escape.hpp"

#include <cstdint>

#include "larder/base/utf8.hpp"

namespace larder::obs {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

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
    const base::Utf8Character character = base::first_utf8_character(bytes);
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
    const base::Utf8Character character = base::first_utf8_character(bytes);
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
