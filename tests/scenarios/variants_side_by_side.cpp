// Variants of one page are fetched side by side, each once.
#include <catch2/catch.hpp>

#include "support/scenario/larder.hpp"

using namespace scenario;

namespace {

constexpr std::size_t languages = 10;
constexpr std::size_t visitors_each = 2;

std::string language(std::size_t number) {
  return "x-" + std::to_string(number);
}

// Two visitors for each language, all asking before anything is answered.
std::vector<Connection> ask_in_all_languages(const Larder& larder) {
  std::vector<Connection> connections;
  for (std::size_t i = 0; i < languages * visitors_each; ++i) {
    connections.push_back(larder.connect());
    connections.back().get("/page/", {"Accept-Language: " + language(i % languages)});
  }
  return connections;
}

void respond_in_its_language(Request& request) {
  request.respond(fresh("in " + request["Accept-Language"], 60, {"Vary: Accept-Language"}));
}

void check_languages(std::vector<Connection>& connections) {
  for (std::size_t i = 0; i < connections.size(); ++i) {
    CHECK(connections[i].read_response().body == "in " + language(i % languages));
  }
}

}  // namespace

TEST_CASE("Variants of one page are fetched side by side, each once") {
  Upstream upstream;
  Larder larder(upstream);

  // Nobody knows of the variants yet: one fetch, and its head tells those who wait apart.
  std::vector<Connection> connections = ask_in_all_languages(larder);
  Request first = upstream.next_request();
  larder.wait_for_joined(languages * visitors_each - 1);
  respond_in_its_language(first);
  std::vector<Request> others = upstream.next_requests(languages - 1);
  for (Request& request : others) respond_in_its_language(request);
  check_languages(connections);
  CHECK(upstream.requests() == languages);

  // The Vary is known now: all ten at the same moment, and two visitors share each.
  larder.advance(std::chrono::seconds(61));
  connections = ask_in_all_languages(larder);
  std::vector<Request> all = upstream.next_requests(languages);
  for (Request& request : all) respond_in_its_language(request);
  check_languages(connections);
  CHECK(upstream.requests() == 2 * languages);
}
