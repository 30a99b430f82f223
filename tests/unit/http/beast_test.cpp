// Our strict parser beside Boost.Beast's: what we accept, Beast accepts and reads alike; where we alone
// refuse, it is for one of the reasons listed here.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "larder/base/text.hpp"
#include "larder/http/framing.hpp"
#include "mutated_heads.hpp"

using namespace larder::http;
namespace beast_http = boost::beast::http;

namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

struct Reading {
  std::string method;
  std::string target;
  int minor_version;
  Lines lines;
  bool operator==(const Reading&) const = default;
};

// Beast keeps lines of one name together, so only their order under that name can be compared.
void group(Lines& lines) {
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) {
    return larder::base::lower(a.first) < larder::base::lower(b.first);
  });
}

std::optional<Reading> read_by_beast(std::string bytes) {
  // Beast leaves the empty line before a request line to its caller.
  if (bytes.starts_with("\r\n")) bytes.erase(0, 2);
  beast_http::request_parser<beast_http::empty_body> parser;
  parser.header_limit(1'000'000);
  boost::system::error_code error;
  // Two steps: the parser may want the rest of the header again.
  const std::size_t used = parser.put(boost::asio::buffer(bytes), error);
  if (error == beast_http::error::need_more && used < bytes.size()) {
    error = {};
    parser.put(boost::asio::buffer(bytes) + used, error);
  }
  if (error || !parser.is_header_done()) return std::nullopt;
  const auto& head = parser.get();
  Reading reading{std::string(head.method_string()),
                  std::string(head.target()),
                  static_cast<int>(head.version() % 10),
                  {}};
  for (const auto& field : head) reading.lines.emplace_back(field.name_string(), field.value());
  group(reading.lines);
  return reading;
}

Reading reading_of(const RequestHead& head) {
  Reading reading{std::string(head.method_text), std::string(head.target), head.minor_version, {}};
  for (const Field& field : head.fields) reading.lines.emplace_back(field.name, field.value);
  group(reading.lines);
  return reading;
}

// What Beast lets pass and we do not: in a target, '#' and bytes above ASCII; obs-fold.
bool is_known_leniency(HeadError error, const std::string& bytes) {
  const std::string start_line = bytes.substr(0, bytes.find("\r\n", 2));
  const bool is_ascii =
      std::all_of(start_line.begin(), start_line.end(), [](unsigned char c) { return c < 0x80; });
  const bool has_fold = bytes.find("\r\n ") != std::string::npos || bytes.find("\r\n\t") != std::string::npos;
  return (error == HeadError::bad_target && (!is_ascii || start_line.find('#') != std::string::npos)) ||
         (error == HeadError::bad_field_name && has_fold);
}

// Nor does it mind these. It does refuse what is wrong with Content-Length.
bool is_known_leniency(FramingError error) {
  return error == FramingError::missing_host || error == FramingError::several_hosts ||
         // It looks at the last coding of the last line only, and for both lengths only if that is chunked.
         error == FramingError::chunked_not_last || error == FramingError::unknown_transfer_coding ||
         error == FramingError::both_lengths || error == FramingError::transfer_coding_in_1_0;
}

// What we accept and Beast does not: a Connection that is no list of tokens, which we drop like any other;
bool has_malformed_connection(const RequestHead& head) {
  constexpr std::string_view separators = " \t:/()@[\"\\;?={}<>\x80\xff";
  const auto connection = head.fields.joined(FieldId::connection);
  return connection && connection->find_first_of(separators) != std::string::npos;
}

// and HTTP/1.2 and above, which we read as 1.1 (RFC 9110 section 2.5).
bool is_later_minor_version(const std::string& bytes) {
  const std::string line = bytes.substr(0, bytes.find("\r\n", 2));
  return line.back() > '1' && line.back() <= '9';
}

}  // namespace

TEST_CASE("Beast and we agree on heads") {
  MutatedHeads heads;
  std::set<std::string_view> leniencies;
  int accepted = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::string bytes = heads.next();
    RequestHead head;
    const HeadResult result = parse_request_head(bytes, {}, head);
    const auto beast = read_by_beast(bytes);
    const FramingError framing =
        result.error == HeadError::none ? request_framing(head).error : FramingError::none;
    CAPTURE(bytes, text_of(result.error), text_of(framing));
    if (result.error == HeadError::none && framing == FramingError::none) {
      if (!beast && (is_later_minor_version(bytes) || has_malformed_connection(head))) continue;
      ++accepted;
      REQUIRE(beast);
      REQUIRE(*beast == reading_of(head));
    } else if (beast && result.error != HeadError::none) {
      leniencies.insert(text_of(result.error));
      CHECK(is_known_leniency(result.error, bytes));
    } else if (beast) {
      leniencies.insert(text_of(framing));
      CHECK(is_known_leniency(framing));
    }
  }
  // The rounds did reach what they are for.
  CHECK(accepted > 3'000);
  CHECK(leniencies.size() == 8);
}
