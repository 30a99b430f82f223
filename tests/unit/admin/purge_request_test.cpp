#include "larder/admin/purge_request.hpp"

#include <catch2/catch.hpp>

#include "support.hpp"

namespace larder::admin {
namespace {

struct PurgeCase {
  std::string target;
  std::string host;
  std::string selector;  // empty: refused
};

TEST_CASE("PURGE names a path on a host") {
  const PurgeCase cases[] = {
      {"/blog/a/", "www.example.com", "path:http://www.example.com/blog/a"},
      {"/", "www.example.com", "path:http://www.example.com/"},
      {"/blog/a/?page=2", "www.example.com", "path:http://www.example.com/blog/a"},
      {"/blog/*", "www.example.com", "prefix:http://www.example.com/blog/"},
      {"/*", "www.example.com", "prefix:http://www.example.com/"},
      {"/a", "WWW.Example.com", "path:http://www.example.com/a"},
      {"/a", "www.example.com:80", "path:http://www.example.com/a"},
      {"/a", "www.example.com:443", "path:http://www.example.com/a"},
      {"/a", "www.example.com:8080", "path:http://www.example.com:8080/a"},
      {"/%61%2f", "www.example.com", "path:http://www.example.com/a%2F"},
      {"http://www.example.com/a", "127.0.0.1:8081", "path:http://www.example.com/a"},
      {"*", "www.example.com", ""},
      {"www.example.com:80", "www.example.com", ""},
      {"blog", "www.example.com", ""},
      {"/%zz", "www.example.com", ""},
      {"/a", "www example com", ""},
      {"/a", "user@www.example.com", ""},
      {"/a", "", ""},
  };
  for (const PurgeCase& c : cases) {
    INFO(c.target << " on " << c.host);
    const auto result = order_of_purge(request_of("PURGE", c.target, {{"Host", c.host}}));
    const auto* order = std::get_if<PurgeOrder>(&result);
    REQUIRE((order != nullptr) == !c.selector.empty());
    if (order == nullptr) continue;
    REQUIRE(order->selectors.size() == 1);
    CHECK(cache::text_of(order->selectors[0]) == c.selector);
    CHECK(order->mode == cache::PurgeMode::hard);
  }
}

TEST_CASE("PURGE needs one Host") {
  CHECK(std::holds_alternative<PurgeError>(order_of_purge(request_of("PURGE", "/a"))));
  CHECK(std::holds_alternative<PurgeError>(
      order_of_purge(request_of("PURGE", "/a", {{"Host", "a.example"}, {"Host", "b.example"}}))));
}

TEST_CASE("the API's body is selectors and a mode") {
  const auto order =
      std::get<PurgeOrder>(order_of_body(R"({"select":["slug:hello","all"],"mode":"soft","refresh":false})"));
  REQUIRE(order.selectors.size() == 2);
  CHECK(cache::text_of(order.selectors[0]) == "slug:hello");
  CHECK(order.mode == cache::PurgeMode::soft);
  const auto plain = std::get<PurgeOrder>(order_of_body(R"({"select":["all"]})"));
  CHECK(plain.mode == cache::PurgeMode::hard);
  CHECK_FALSE(plain.wants_refresh);
  CHECK(std::get<PurgeOrder>(order_of_body(R"({"select":["all"],"refresh":true})")).wants_refresh);
}

TEST_CASE("a body that cannot be carried out is told why") {
  const std::pair<std::string, std::string> cases[] = {
      {"", "not valid JSON"},
      {"[]", "expected an object"},
      {"{}", "'select' is missing"},
      {R"({"select":"all"})", "a list of selectors"},
      {R"({"select":[]})", "a list of selectors"},
      {R"({"select":[1]})", "expects texts"},
      {R"({"select":["blog"]})", "bad selector \"blog\""},
      {R"({"select":["all"],"mode":"gentle"})", "\"hard\" or \"soft\""},
      {R"({"select":["all"],"mode":true})", "\"hard\" or \"soft\""},
      {R"({"select":["all"],"refresh":"no"})", "true or false"},
      {R"({"selct":["all"]})", "did you mean 'select'"},
      {R"({"select":["all"],"dry":true})", "unknown member 'dry'"},
      {R"({"select":["tag:a"],"select":["all"]})", "comes twice"},
      {"{\"select\":[\"tag:\xff\"]}", "not valid JSON"},
      {R"({"select":["all"]} x)", "not valid JSON"},
      {std::string(65, '[') + std::string(65, ']'), "nested deeper than 64"},
  };
  for (const auto& [body, message] : cases) {
    INFO(body);
    const auto result = order_of_body(body);
    const auto* error = std::get_if<PurgeError>(&result);
    REQUIRE(error != nullptr);
    CHECK_THAT(error->message, Catch::Contains(message));
  }
}

TEST_CASE("brackets in texts are not depth") {
  const std::string text = R"({"select":["tag:)" + std::string(100, '[') + R"(\"{"]})";
  CHECK(std::holds_alternative<PurgeOrder>(order_of_body(text)));
}

TEST_CASE("a purge has a bounded number of selectors") {
  std::string text = R"({"select":["all")";
  for (std::size_t i = 0; i < cache::selectors_max; ++i) text += R"(,"all")";
  const auto result = order_of_body(text + "]}");
  REQUIRE(std::holds_alternative<PurgeError>(result));
  CHECK_THAT(std::get<PurgeError>(result).message, Catch::Contains("at most 1000"));
}

}  // namespace
}  // namespace larder::admin
