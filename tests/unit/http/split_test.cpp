// However its bytes arrive, a message is read alike.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "larder/http/framing.hpp"
#include "mutated_heads.hpp"

using namespace larder::http;

namespace {

std::string text_of(const Fields& fields) {
  std::string text;
  for (const Field& field : fields) text.append(field.name).append("=").append(field.value).append("\n");
  return text;
}

struct Decoded {
  ChunkedDecoder::State state;
  std::string body;
  std::size_t consumed;
  std::string trailers;
  bool operator==(const Decoded&) const = default;
};

// Feeds `bytes` in pieces that end at the given places.
Decoded decode(std::string_view bytes, const std::vector<std::size_t>& cuts) {
  ChunkedDecoder decoder(HeadLimits{200, 5});
  Decoded decoded{};
  for (const std::size_t cut : cuts) {
    while (decoded.consumed < cut && decoder.state() == ChunkedDecoder::State::more) {
      const auto step = decoder.feed(bytes.substr(decoded.consumed, cut - decoded.consumed));
      decoded.body.append(step.data);
      decoded.consumed += step.consumed;
    }
  }
  decoded.state = decoder.state();
  // Where exactly an error was noticed may differ.
  if (decoded.state == ChunkedDecoder::State::error) decoded.consumed = 0;
  decoded.trailers = text_of(decoder.trailers());
  return decoded;
}

std::string chunked_body(MutatedHeads& heads) {
  static constexpr std::string_view digits = "0123456789abcdefABCDEF";
  std::string bytes;
  for (std::size_t chunks = heads.at_most(4); chunks > 0; --chunks) {
    const std::size_t size = 1 + heads.at_most(30);
    char line[18];
    bytes.append(line, write_chunk_size(size, line));
    if (heads.at_most(3) == 0) bytes.insert(bytes.size() - 2, ";ext=\"a b\"");
    bytes.append(size, 'd').append("\r\n");
  }
  bytes += "0\r\n";
  for (std::size_t lines = heads.at_most(3); lines > 0; --lines) bytes += "X-Trailer: some value\r\n";
  bytes += "\r\nGET /next";
  if (heads.at_most(1) == 0) return bytes;
  bytes[heads.at_most(bytes.size() - 1)] = digits[heads.at_most(digits.size() - 1)];
  if (heads.at_most(1) == 0) bytes.insert(heads.at_most(bytes.size()), "\n");
  return bytes;
}

}  // namespace

TEST_CASE("a head is incomplete or judged as the whole, wherever the input ends") {
  MutatedHeads heads;
  const HeadLimits limits{150, 6};
  for (int round = 0; round < 3'000; ++round) {
    const std::string bytes = heads.next();
    RequestHead head;
    const HeadResult whole = parse_request_head(bytes, limits, head);
    const std::string fields = text_of(head.fields);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      // A copy of its own, so that a sanitizer sees a byte read past the end.
      const std::vector<char> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      const HeadResult result = parse_request_head({part.data(), part.size()}, limits, head);
      if (result.error == HeadError::incomplete) continue;
      if (result.error == whole.error && result.size == whole.size) continue;
      CAPTURE(bytes, size, result.error, whole.error);
      FAIL("another judgement of a part");
    }
    if (whole.error == HeadError::incomplete) continue;
    const std::string more = bytes + "\r\nGET / HTTP/1.1\r\n";
    const HeadResult result = parse_request_head(more, limits, head);
    CHECK(result.error == whole.error);
    CHECK(result.size == whole.size);
    CHECK(text_of(head.fields) == fields);
  }
}

TEST_CASE("chunks are decoded alike in any pieces") {
  MutatedHeads random;
  for (int round = 0; round < 3'000; ++round) {
    const std::string bytes = chunked_body(random);
    const Decoded whole = decode(bytes, {bytes.size()});
    std::vector<std::size_t> single_bytes;
    std::vector<std::size_t> pieces;
    for (std::size_t at = 1; at <= bytes.size(); ++at) {
      single_bytes.push_back(at);
      if (at == bytes.size() || random.at_most(4) == 0) pieces.push_back(at);
    }
    CAPTURE(bytes);
    REQUIRE(decode(bytes, single_bytes) == whole);
    REQUIRE(decode(bytes, pieces) == whole);
  }
}
