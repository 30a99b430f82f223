// The chunked coding (RFC 9112 section 7.1).
#include <catch2/catch.hpp>
#include <string>

#include "larder/http/framing.hpp"

using namespace larder::http;
using namespace std::string_literals;

namespace {

using State = ChunkedDecoder::State;

std::string decode(ChunkedDecoder& decoder, std::string_view input, std::size_t* consumed = nullptr) {
  std::string body;
  std::size_t at = 0;
  while (decoder.state() == State::more && at < input.size()) {
    const auto step = decoder.feed(input.substr(at));
    body.append(step.data);
    at += step.consumed;
  }
  if (consumed != nullptr) *consumed = at;
  return body;
}

State state_after(std::string_view input) {
  ChunkedDecoder decoder;
  decode(decoder, input);
  return decoder.state();
}

}  // namespace

TEST_CASE("a chunked body is decoded up to its end and no further") {
  const std::string coded = "4\r\nWiki\r\n5;a=b;c=\"d e\"\r\npedia\r\n0010\r\n0123456789abcdef\r\n0\r\n";
  const std::string trailer =
      "Expires: now\r\nX-Sum: 5\r\nETag: \"e\"\r\nContent-Length: 7\r\nHost: b\r\n\r\n";
  ChunkedDecoder decoder;
  std::size_t consumed = 0;
  CHECK(decode(decoder, coded + trailer + "GET /", &consumed) == "Wikipedia0123456789abcdef");
  CHECK(decoder.state() == State::done);
  CHECK(consumed == coded.size() + trailer.size());
  // RFC 9110 section 6.5.1: what frames or routes is dropped.
  CHECK(decoder.trailers().size() == 2);
  CHECK(decoder.trailers().find("x-sum") == "5");
  CHECK(decoder.trailers().find(FieldId::etag) == "\"e\"");
  CHECK(decoder.feed("more").consumed == 0);
}

TEST_CASE("what is no chunked body is an error") {
  const std::string coded = GENERATE(
      // Sizes.
      "\r\n"s, ";a\r\n"s, "g\r\n"s, "-1\r\n"s, "+1\r\n"s, "0x1\r\n"s, " 1\r\nx\r\n"s, "1 \r\nx\r\n"s,
      "1000000000000000\r\n"s, "0000000000000001\r\nx\r\n"s,
      // Line ends.
      "1\nx\n0\n\n"s, "1\r\nx\n0\r\n\r\n"s, "1\rx\r\n"s, "1\r\nxy\r\n"s, "1\r\nx\rz"s, "1;a\nx\r\n"s,
      // Extensions.
      "1;a\x01\r\nx\r\n"s, "1;a\0\r\nx\r\n"s, "1;a\rb\r\nx\r\n"s, "1\t\r\nx\r\n"s,
      // Trailers.
      "0\r\nA : b\r\n\r\n"s, "0\r\nA: b\n\r\n"s, "0\r\n A: b\r\n\r\n"s, "0\r\nA: b\r\n c\r\n\r\n"s,
      "0\r\nA: \x01\r\n\r\n"s);
  CAPTURE(coded);
  CHECK(state_after(coded) == State::error);
}

TEST_CASE("the longest size is fifteen digits") {
  CHECK(state_after("fffffffffffffff\r\nx") == State::more);
  CHECK(state_after("000000000000001\r\nx\r\n0\r\n\r\n") == State::done);
}

TEST_CASE("bad white space before an extension is skipped") {
  // RFC 9112 section 7.1.1: BWS ";".
  CHECK(state_after("1 \t;a\r\nx\r\n0\r\n\r\n") == State::done);
}

TEST_CASE("extensions and trailers are bounded") {
  std::string extensions;
  for (int i = 0; i < 5; ++i) extensions += "1;" + std::string(1000, 'e') + "\r\nx\r\n";
  CHECK(state_after(extensions + "0\r\n\r\n") == State::error);
  CHECK(state_after(extensions.substr(1007) + "0\r\n\r\n") == State::done);
  CHECK(state_after("1" + std::string(5000, ' ') + ";\r\n") == State::error);

  const std::string endless = "0\r\nA: " + std::string(40'000, 'a');
  CHECK(state_after(endless) == State::error);
  ChunkedDecoder few(HeadLimits{1000, 1});
  decode(few, "0\r\nA: 1\r\nB: 2\r\n\r\n");
  CHECK(few.state() == State::error);
}
