#include "path.hpp"

#include <algorithm>
#include <optional>

#include "characters.hpp"
#include "larder/base/text.hpp"
#include "larder/http/target.hpp"

namespace larder::http {
namespace {

constexpr std::string_view upper_hex = "0123456789ABCDEF";

// Reads the escape whose '%' is at `at`; -1 when it is malformed.
int escaped_byte(std::string_view path, std::size_t at) noexcept {
  if (path.size() - at < 3) return -1;
  const int high = base::hex_value(path[at + 1]);
  const int low = base::hex_value(path[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

// RFC 3986 section 6.2.2: an escaped unreserved character is that character, and the digits of other escapes
// are in upper case.
void append_escaped(int byte, std::string& out) {
  if (unreserved_characters.has(static_cast<char>(byte))) {
    out.push_back(static_cast<char>(byte));
    return;
  }
  out.push_back('%');
  out.push_back(upper_hex[static_cast<std::size_t>(byte) >> 4]);
  out.push_back(upper_hex[static_cast<std::size_t>(byte) & 15]);
}

// True when what lies before a segment is a slash in someone's eyes: also `\`, and either of them escaped.
bool ends_with_slash(std::string_view before) noexcept {
  return before.ends_with('/') || before.ends_with('\\') || before.ends_with("%2F") ||
         before.ends_with("%5C");
}

// True when a segment ends here; `;` begins the parameters that some servers cut off before they look.
bool begins_with_end(std::string_view rest) noexcept {
  return rest.empty() || rest.front() == '/' || rest.front() == '\\' || rest.front() == ';' ||
         rest.starts_with("%2F") || rest.starts_with("%5C") || rest.starts_with("%3B");
}

}  // namespace

bool write_path(std::string_view path, std::string& out) {
  out.clear();
  while (!path.empty()) {
    const std::size_t plain = std::min(path.find('%'), path.size());
    out.append(path.substr(0, plain));
    path.remove_prefix(plain);
    if (path.empty()) break;
    const int byte = escaped_byte(path, 0);
    if (byte < 0) return false;
    append_escaped(byte, out);
    path.remove_prefix(3);
  }
  return true;
}

bool has_dot_segment(std::string_view path) noexcept {
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    if (!ends_with_slash(path.substr(0, dot))) continue;
    const std::size_t end = path.substr(dot + 1).starts_with('.') ? dot + 2 : dot + 1;
    if (begins_with_end(path.substr(end))) return true;
  }
  return false;
}

std::optional<std::string> normalise_path(std::string_view path) {
  std::string result;
  if (!write_path(path, result)) return std::nullopt;
  return result;
}

}  // namespace larder::http
