// A request that an upstream leads back to where it came from ends at once.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

// Of unix sockets, removed at its end.
class Directory {
 public:
  Directory() { std::filesystem::create_directories(path_); }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  std::string operator/(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("larder-loop-" + std::to_string(::getpid()));
};

// Nobody listens there yet.
class Address {
 public:
  explicit Address(const std::string& path) : upstream_(path) {
    upstream_.stop();
    std::filesystem::remove(path);
  }
  operator const Upstream&() const { return upstream_; }

 private:
  Upstream upstream_;
};

Settings listening_at(const std::string& path) {
  return {.site = {}, .upstream = {}, .public_listener = {}, .bind = "unix:" + path};
}

// What a proxy does that adds nothing.
void send_on(Request request, std::uint16_t port) {
  Connection back(port);
  back.send(request.head().text);
  const Response response = back.read_response(request.method());
  request.respond(response.head.text + response.body);
}

}  // namespace

TEST_CASE("A request that an upstream leads back to where it came from ends at once") {
  Upstream upstream;
  Larder larder(upstream);
  upstream.handle([&larder](Request request) {
    if (request.target() == "/page/") return request.respond(fresh("page"));
    send_on(std::move(request), larder.port());
  });
  const std::string method = GENERATE("GET", "HEAD", "DELETE");
  Connection visitor = larder.connect();
  visitor.send(request_text(method, "/round/"));
  const Response response = visitor.read_response(method);
  CHECK(response.status == 502);
  CHECK(response["Cache-Status"].starts_with("larder; detail=forwarding-loop"));
  CHECK(upstream.requests() == 6);  // once for each Larder that a request may come through, and its first
  CHECK(larder.get("/page/").body == "page");
  // Nothing of it was stored.
  visitor.send(request_text("GET", "/round/"));
  CHECK(visitor.read_response().status == 502);
}

TEST_CASE("A Larder that is its own upstream says so") {
  const Directory directory;
  const std::string path = directory / "larder.sock";
  const Address itself(path);
  Larder larder(itself, listening_at(path));
  Connection visitor(connect_unix(path));
  visitor.get("/round/");
  const Response response = visitor.read_response();
  CHECK(response.status == 502);
  CHECK(response["Cache-Status"].starts_with("larder; detail=forwarding-loop"));
}

TEST_CASE("A chain of Larders is none, and they share their fetches") {
  const Directory directory;
  const std::string path = directory / "inner.sock";
  Upstream upstream;
  const Address address(path);
  Larder inner(upstream, listening_at(path));
  Larder left(address);
  Larder right(address);
  Connection at_left = left.connect();
  at_left.get("/page/");
  Request request = upstream.next_request();
  CHECK(request["Via"] == "1.1 larder, 1.1 larder");
  Connection at_right = right.connect();
  at_right.get("/page/");
  inner.wait_for_joined(1);
  request.respond(fresh("page"));
  CHECK(at_left.read_response().body == "page");
  CHECK(at_right.read_response().body == "page");
  CHECK(upstream.requests() == 1);
}
