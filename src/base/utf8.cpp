#include "larder/base/utf8.hpp"

namespace larder::base {
namespace {

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

}  // namespace

Utf8Character first_utf8_character(std::string_view bytes) noexcept {
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

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const Utf8Character character = first_utf8_character(bytes);
    if (!character.is_valid) return false;
    bytes.remove_prefix(character.size);
  }
  return true;
}

}  // namespace larder::base
