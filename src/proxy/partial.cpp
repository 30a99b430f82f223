#include "proxy/partial.hpp"

#include <atomic>
#include <random>

#include "larder/base/hash.hpp"
#include "larder/base/text.hpp"
#include "proxy/head_lines.hpp"

namespace larder::proxy {
namespace {

using http::FieldId;

std::string content_range(const http::ByteRange& range, std::uint64_t total) {
  return "Content-Range: " + http::text_of({range, total}) + "\r\n";
}

// Fields of the representation that a client has from the response whose validator it sent in If-Range.
bool is_known_by_if_range(std::string_view name) noexcept {
  switch (http::field_id(name)) {
    case FieldId::content_type:
    case FieldId::content_encoding:
    case FieldId::last_modified:
      return true;
    default:
      return base::equals_ignoring_case(name, "Content-Language");
  }
}

std::string secret() {
  std::random_device device;
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += std::to_string(device()) + " ";
  return bytes;
}

}  // namespace

Partial make_partial(const cache::HeadView& stored, const std::vector<http::ByteRange>& ranges,
                     std::uint64_t total, bool has_if_range, std::string_view boundary) {
  const bool is_multipart = ranges.size() > 1;
  Partial partial;
  partial.head = "HTTP/1.1 206 Partial Content\r\n";
  append_lines_if(stored.text, partial.head, [&](std::string_view name) {
    const FieldId id = http::field_id(name);
    if (id == FieldId::content_range || (is_multipart && id == FieldId::content_type)) return false;
    return !has_if_range || !is_known_by_if_range(name);
  });
  std::string delimiter;
  std::string content_type;
  if (is_multipart) {
    partial.head.append("Content-Type: multipart/byteranges; boundary=").append(boundary).append("\r\n");
    append_lines_if(stored.text, content_type,
                    [](std::string_view name) { return http::field_id(name) == FieldId::content_type; });
    delimiter.append("--").append(boundary);
  } else {
    // Section 15.3.7.2: "MUST NOT generate" it in the head of several.
    partial.head.append(content_range(ranges.front(), total));
  }
  for (const http::ByteRange& range : ranges) {
    Partial::Part part{{}, range};
    if (is_multipart) {
      if (!partial.parts.empty()) part.before = "\r\n";
      part.before.append(delimiter).append("\r\n").append(content_type);
      part.before.append(content_range(range, total)).append("\r\n");
    }
    partial.size += part.before.size() + range.size;
    partial.parts.push_back(std::move(part));
  }
  if (is_multipart) partial.end.append("\r\n").append(delimiter).append("--\r\n");
  partial.size += partial.end.size();
  return partial;
}

std::string new_boundary() {
  static const std::string start = secret();
  static std::atomic<std::uint64_t> count{0};
  const base::DigestText digest = base::digest256(start + std::to_string(count.fetch_add(1)));
  constexpr std::size_t size = 32;
  return {digest.data(), size};
}

}  // namespace larder::proxy
