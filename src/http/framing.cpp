#include "larder/http/framing.hpp"

#include <charconv>
#include <limits>

#include "larder/base/text.hpp"

namespace larder::http {
namespace {

constexpr std::uint64_t content_length_max = std::numeric_limits<std::int64_t>::max();

Framing refuse(FramingError error) noexcept {
  return {BodyKind::none, 0, error};
}

// RFC 9112 section 6.3: one number, or a list (over any number of lines) of one and the same. "5, 05" and
// "5," are refused: another reader could take another of them.
Framing length_framing(const Fields& fields) noexcept {
  if (!fields.has(FieldId::content_length)) return {};
  std::optional<std::string_view> digits;
  for (const Field& field : fields) {
    if (field.id != FieldId::content_length) continue;
    std::string_view rest = field.value;
    for (bool is_last = false; !is_last;) {
      const std::size_t comma = rest.find(',');
      const std::string_view member = base::trim(rest.substr(0, comma));
      if (digits.value_or(member) != member) return refuse(FramingError::bad_content_length);
      digits = member;
      is_last = comma == std::string_view::npos;
      if (!is_last) rest.remove_prefix(comma + 1);
    }
  }
  if (!digits) return {};
  const auto length = base::parse_uint(*digits);
  if (!length || *length > content_length_max) return refuse(FramingError::bad_content_length);
  return {BodyKind::length, *length, FramingError::none};
}

bool is_chunked_last(const Fields& fields) noexcept {
  std::string_view last;
  for_each_member(fields, FieldId::transfer_encoding, [&last](std::string_view coding) { last = coding; });
  return base::equals_ignoring_case(last, "chunked");
}

// The part that requests and responses share (RFC 9112 section 6.3); kind is none when no field speaks.
Framing field_framing(const Fields& fields, int minor_version) noexcept {
  const std::size_t coding_lines = fields.count(FieldId::transfer_encoding);
  if (coding_lines == 0) return length_framing(fields);
  // RFC 9112 section 6.1: its framing is to be treated as faulty, since a 1.0 hop may not know the field.
  if (minor_version == 0) return refuse(FramingError::transfer_coding_in_1_0);
  if (fields.has(FieldId::content_length)) return refuse(FramingError::both_lengths);
  if (!is_chunked_last(fields)) return refuse(FramingError::chunked_not_last);
  const std::string_view coding = fields.find(FieldId::transfer_encoding).value_or("");
  if (coding_lines != 1 || !base::equals_ignoring_case(coding, "chunked")) {
    return refuse(FramingError::unknown_transfer_coding);
  }
  return {BodyKind::chunked, 0, FramingError::none};
}

}  // namespace

Framing request_framing(const RequestHead& head) noexcept {
  const std::size_t hosts = head.fields.count(FieldId::host);
  if (hosts > 1) return refuse(FramingError::several_hosts);
  if (hosts == 0 && head.minor_version >= 1) return refuse(FramingError::missing_host);
  return field_framing(head.fields, head.minor_version);
}

Framing response_framing(const ResponseHead& head, Method request) noexcept {
  const bool is_informational = head.status >= 100 && head.status <= 199;
  const bool is_tunnel = request == Method::connect && head.status >= 200 && head.status <= 299;
  if (request == Method::head || is_informational || is_tunnel || head.status == 204 || head.status == 304) {
    return {};
  }
  Framing framing = field_framing(head.fields, head.minor_version);
  if (framing.kind == BodyKind::none && framing.error == FramingError::none) {
    framing.kind = BodyKind::until_close;
  }
  return framing;
}

int status_of(FramingError error) noexcept {
  return error == FramingError::unknown_transfer_coding ? 501 : 400;
}

std::string_view text_of(FramingError error) noexcept {
  switch (error) {
    case FramingError::none:
      return "none";
    case FramingError::both_lengths:
      return "both Transfer-Encoding and Content-Length";
    case FramingError::bad_content_length:
      return "bad Content-Length";
    case FramingError::chunked_not_last:
      return "chunked is not the last transfer coding";
    case FramingError::unknown_transfer_coding:
      return "unknown transfer coding";
    case FramingError::transfer_coding_in_1_0:
      return "transfer coding in HTTP/1.0";
    case FramingError::missing_host:
      return "missing Host";
    case FramingError::several_hosts:
      return "several Host fields";
  }
  return "unknown";
}

std::size_t write_chunk_size(std::uint64_t size, char* out) noexcept {
  char* end = std::to_chars(out, out + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return static_cast<std::size_t>(end - out);
}

}  // namespace larder::http
