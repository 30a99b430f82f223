// A visitor who does not read holds the upstream back instead of filling memory.
#include <catch2/catch.hpp>
#include <thread>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A visitor who does not read holds the upstream back instead of filling memory") {
  constexpr std::size_t size = 64 * 1024 * 1024;
  Upstream upstream;
  Larder larder(upstream);
  Connection visitor = larder.connect();
  visitor.get("/big/");
  Request request = upstream.next_request();
  request.send(head_text("200 OK", {"Cache-Control: no-store", "Content-Length: " + std::to_string(size)}));
  visitor.read_head();

  std::size_t sent = request.send_until_held_back(size);
  CHECK(sent < size / 2);  // socket buffers and Larder's own, and no more
  // From here on the visitor reads, and all of it comes.
  std::jthread sender([&request, &sent] {
    try {
      while (sent < size) sent += request.send_until_held_back(size - sent);
      request.finish();
    } catch (const Failure&) {
      request.close();  // the visitor misses the rest
    }
  });
  const Response response = visitor.read_rest();
  sender.join();
  CHECK(response.is_complete);
  CHECK(response.body.size() == size);
}
