// Events of an open response arrive one by one, unbuffered.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("Events of an open response arrive one by one, unbuffered") {
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/events/", {"Accept: text/event-stream"});
  Request request = upstream.next_request();
  request.send(head_text("200 OK", {"Content-Type: text/event-stream", "Cache-Control: no-cache",
                                    "Transfer-Encoding: chunked"}));
  CHECK(visitor.read_head().status == 200);
  std::string sent;
  for (int i = 0; i < 5; ++i) {
    const std::string event = "data: " + std::to_string(i) + "\n\n";
    request.send(chunk(event));
    sent += event;
    CHECK(visitor.read_body_at_least(sent.size()) == sent);  // before the next one is sent
  }
  request.respond(last_chunk);
  CHECK(visitor.read_rest().is_complete);
}
