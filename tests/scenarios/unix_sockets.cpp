// Larder listens on unix sockets and reaches its upstream by them.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("Larder listens on unix sockets and reaches its upstream by them") {
  const auto directory = std::filesystem::temp_directory_path() / ("larder-" + std::to_string(::getpid()));
  std::filesystem::create_directories(directory);
  {
    Upstream upstream((directory / "upstream.sock").string());
    const std::string public_path = (directory / "public.sock").string();
    Larder larder(upstream,
                  {.site = {}, .upstream = {}, .public_listener = {}, .bind = "unix:" + public_path});
    Connection visitor(connect_unix(public_path));
    for (const std::string& page : {std::string("page"), distinct_text(1'000'000)}) {
      const std::string path = "/" + std::to_string(page.size()) + "/";
      visitor.get(path);
      upstream.next_request().respond(fresh(page));
      CHECK((visitor.read_response().body == page));
      visitor.get(path);
      const Response hit = visitor.read_response();
      CHECK(hit.is_hit());
      CHECK((hit.body == page));
    }
  }
  std::filesystem::remove_all(directory);
}
