// A visitor who comes while the body still grows has at once what is there.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

std::string piece(int number) {
  return "piece " + std::to_string(number) + "; ";
}

std::string pieces(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += piece(i);
  return text;
}

}  // namespace

TEST_CASE("A visitor who comes while the body still grows has at once what is there") {
  const bool is_chunked = GENERATE(true, false);
  const std::string whole = pieces(1, 8);
  const auto on_the_wire = [is_chunked](const std::string& data) { return is_chunked ? chunk(data) : data; };
  const std::string framing =
      is_chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + std::to_string(whole.size());
  Upstream upstream;
  Larder larder(upstream);

  Connection early = larder.connect();
  early.get("/long/");
  Request request = upstream.next_request();
  request.send(head_text("200 OK", {framing, "Cache-Control: max-age=60"}));
  CHECK(early.read_head().status == 200);  // the head does not wait for the body
  for (int i = 1; i <= 5; ++i) {
    request.send(on_the_wire(piece(i)));
    CHECK(early.read_body_at_least(pieces(1, i).size()) == pieces(1, i));
  }

  Connection late = larder.connect();
  late.get("/long/");
  late.read_head();
  CHECK(late.read_body_at_least(pieces(1, 5).size()) == pieces(1, 5));
  CHECK(upstream.requests() == 1);

  for (int i = 6; i <= 8; ++i) request.send(on_the_wire(piece(i)));
  if (is_chunked) request.send(last_chunk);
  request.finish();
  for (Connection* visitor : {&early, &late}) {
    const Response response = visitor->read_rest();
    CHECK(response.body == whole);
    CHECK(response.is_complete);
  }
  const Response stored = larder.get("/long/");
  CHECK(stored.is_hit());
  CHECK(stored.body == whole);
  CHECK(upstream.requests() == 1);
}
