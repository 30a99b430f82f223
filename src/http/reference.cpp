// URI references and what they name, seen from a base (RFC 3986 section 5.2).
#include <algorithm>

#include "larder/http/target.hpp"

namespace larder::http {
namespace {

bool has_scheme(std::string_view reference) noexcept {
  const std::size_t end = reference.find_first_of(":/?");
  return end != std::string_view::npos && end > 0 && reference[end] == ':';
}

// Section 5.2.4, of a path that begins with '/'.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    const bool is_up = segment == "/..";
    if (!is_up && segment != "/.") {
      out += segment;
      continue;
    }
    if (is_up) out.resize(out.find_last_of('/') == std::string::npos ? 0 : out.find_last_of('/'));
    if (path.empty()) out += '/';
  }
  return out;
}

}  // namespace

TargetError parse_reference(std::string_view reference, const Target& base, Target& target) {
  reference = reference.substr(0, reference.find('#'));
  std::string url;
  if (has_scheme(reference)) {
    url = reference;
  } else if (reference.starts_with("//")) {
    url.append(base.scheme).append(":").append(reference);
  } else {
    url.append(base.scheme).append("://").append(base.host);
    if (reference.empty() || reference.front() == '?') {
      url.append(base.path);
      if (reference.empty() && base.has_query) url.append("?").append(base.query);
    } else if (reference.front() != '/') {
      url.append(base.path, 0, base.path.rfind('/') + 1);
    }
    url.append(reference);
  }
  const std::size_t authority = url.find("//");
  if (authority == std::string::npos) return TargetError::bad_target;
  const std::size_t path = url.find_first_of("/?", authority + 2);
  if (path != std::string::npos && url[path] == '/') {
    const std::size_t query = std::min(url.find('?'), url.size());
    url.replace(path, query - path, without_dot_segments(std::string_view(url).substr(path, query - path)));
  }
  return parse_url(url, target);
}

}  // namespace larder::http
