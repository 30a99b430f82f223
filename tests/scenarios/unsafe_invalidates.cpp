// A successful unsafe request makes the stored page of its URL unusable.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

TEST_CASE("A successful unsafe request makes the stored page of its URL unusable") {
  const int status = GENERATE(200, 303, 404, 500);
  Upstream upstream([status](Request request) {
    if (request.method() == "GET") return request.respond(fresh("page"));
    request.respond(response_text(std::to_string(status) + " Some", "done"));
  });
  Larder larder(upstream);
  larder.get("/page/");
  larder.get("/other/");
  const char* method = GENERATE("POST", "PUT", "DELETE", "PATCH");
  CHECK(ask(larder.port(), method, "/page/", {}, "a=b").status == status);
  const bool is_success = status < 400;
  CHECK(larder.get("/page/").is_hit() != is_success);  // RFC 9111 section 4.4
  CHECK(larder.get("/other/").is_hit());
}

TEST_CASE("A successful unsafe request outdates what it created or changed elsewhere on the same origin") {
  const std::string location = GENERATE("/other/", "../other/?x=1", "http://www.example.com/other/#top",
                                        "http://WWW.example.com:80/other/", "//www.example.com/./other/");
  const std::string name = GENERATE("Location", "Content-Location");
  Upstream upstream([&](Request request) {
    if (request.method() == "GET") return request.respond(fresh("page"));
    request.respond(response_text("201 Created", "done", {name + ": " + location}));
  });
  Larder larder(upstream);
  larder.get("/other/");
  larder.get("/other/?x=1");
  larder.get("/third/");
  INFO(name << ": " << location);
  CHECK(ask(larder.port(), "POST", "/page/", {}, "a=b").status == 201);
  CHECK_FALSE(larder.get("/other/").is_hit());
  CHECK_FALSE(larder.get("/other/?x=1").is_hit());
  CHECK(larder.get("/third/").is_hit());
}

TEST_CASE("No unsafe request outdates anything of another origin, nor fills the purge log for nothing") {
  const std::string location = GENERATE("http://other.example.com/other/", "https://www.example.com/other/",
                                        "http://www.example.com:8080/other/", "mailto:a@b", "/never/", "%zz");
  Upstream upstream([&](Request request) {
    if (request.method() == "GET") return request.respond(fresh("page"));
    request.respond(response_text("201 Created", "done", {"Location: " + location}));
  });
  Larder larder(upstream);
  larder.get("/other/");
  ask(larder.port(), "GET", "/other/", {"Host: other.example.com"});
  const auto newest = larder.site().purge_log.newest();
  INFO(location);
  CHECK(ask(larder.port(), "POST", "/page/", {}, "a=b").status == 201);
  CHECK(larder.get("/other/").is_hit());
  CHECK(larder.site().purge_log.newest() == newest);
}
