#include "larder/admin/server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "larder/admin/client.hpp"
#include "support.hpp"

namespace larder::admin {
namespace {

using Catch::Contains;
using Catch::StartsWith;
namespace asio = boost::asio;

// A server on loopback and a unix socket, with a thread of its own.
class Running {
 public:
  Running() {
    server_.start();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Running() {
    asio::post(context_, [this] {
      server_.stop();
      context_.stop();  // a thread's deadlines share a timer, which outlasts those that were taken back
    });
    thread_.join();
    std::filesystem::remove(path_);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  std::string unix_url() const { return "unix:" + path_; }
  proxy::Site& site() { return site_; }

  // Sends these bytes on one connection, ends its side, and returns all that comes back.
  std::string converse(const std::string& bytes) {
    asio::io_context context;
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::address_v4::loopback(), server_.port()});
    boost::system::error_code error;
    asio::write(socket, asio::buffer(bytes), error);
    socket.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    std::string answer;
    asio::read(socket, asio::dynamic_buffer(answer), error);
    return answer;
  }

 private:
  config::ConfigPtr make_config() {
    auto config = std::make_shared<config::Config>();
    config::Address any_port;
    any_port.host = "127.0.0.1";
    config->admin_listener.bind = {any_port, config::parse_address("unix:" + path_).value()};
    config->admin_listener.allow = {config::parse_network("127.0.0.0/8").value()};
    config::Upstream upstream;
    upstream.servers.push_back({config::parse_address("127.0.0.1:9").value(), "http://127.0.0.1:9"});
    config->upstreams.push_back(std::move(upstream));
    return config;
  }

  std::string path_ =
      (std::filesystem::temp_directory_path() / ("larder-admin-" + std::to_string(::getpid()) + ".sock"))
          .string();
  proxy::Site site_{make_config()};
  asio::io_context context_;
  Server server_{site_, context_};
  std::thread thread_;
};

const std::string close_line = "Connection: close\r\n\r\n";

TEST_CASE("the client and the server understand each other, over TCP and a unix socket") {
  Running running;
  for (const std::string& url : {running.url(), running.url() + "/", running.unix_url()}) {
    INFO(url);
    const Client client(url, "");
    const auto stats = client.get("/api/stats");
    REQUIRE(std::holds_alternative<Answer>(stats));
    CHECK(std::get<Answer>(stats).status == 200);
    const auto purge = client.post("/api/purge", R"({"select":["all"]})");
    REQUIRE(std::holds_alternative<Answer>(purge));
    CHECK_THAT(std::get<Answer>(purge).body, StartsWith("{\"sequence\":"));
  }
  CHECK(running.site().purge_log.newest() == 3);
}

TEST_CASE("the client says whom it could not reach, and why") {
  const auto bad = Client("ftp:x/y", "").get("/livez");
  CHECK_THAT(std::get<ClientError>(bad).message, Contains("expected http://host:port or unix:/path"));
  const auto gone = Client("unix:/nowhere/larder.sock", "").get("/livez");
  CHECK_THAT(std::get<ClientError>(gone).message,
             Contains("cannot reach unix:/nowhere/larder.sock: No such file"));
  const auto refused = Client("http://127.0.0.1:1", "").get("/livez");
  CHECK_THAT(std::get<ClientError>(refused).message, Contains("Connection refused"));
}

TEST_CASE("several requests on one connection, the last with HEAD") {
  Running running;
  const std::string answer = running.converse(
      "GET /livez HTTP/1.1\r\nHost: a\r\n\r\nPURGE /a/ HTTP/1.1\r\nHost: www.example.com\r\n\r\n"
      "HEAD /livez HTTP/1.1\r\nHost: a\r\n" +
      close_line);
  CHECK_THAT(answer, Contains("{\"status\":\"alive\"}"));
  CHECK_THAT(answer, Contains("\"purged\":[\"path:http://www.example.com/a\"]"));
  CHECK_THAT(answer, Catch::EndsWith("\r\n\r\n"));
}

TEST_CASE("PURGE with a body of no length") {
  Running running;
  const std::string answer =
      running.converse("PURGE /a/ HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 0\r\n" + close_line);
  CHECK_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("too much of anything is refused in its own words") {
  Running running;
  const std::string head = "POST /api/purge HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
  CHECK_THAT(running.converse(head + "Content-Length: 2000000\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  CHECK_THAT(running.converse(head + "X: " + std::string(20000, 'x') + "\r\n\r\n"),
             StartsWith("HTTP/1.1 431 "));
  CHECK_THAT(running.converse("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  std::string chunks = head + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20; ++i) chunks += "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
  CHECK_THAT(running.converse(chunks + "0\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
}

TEST_CASE("a refusal comes before the body is asked for") {
  Running running;
  const std::string answer = running.converse(
      "POST /api/other HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n");
  CHECK_THAT(answer, StartsWith("HTTP/1.1 404 "));
}

TEST_CASE("who expects it is told to go on") {
  Running running;
  const std::string body = R"({"select":["all"]})";
  const std::string answer = running.converse(
      "POST /api/purge HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n" + close_line + body);
  CHECK_THAT(answer, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_CASE("those who hold connections for nothing do not keep a probe out") {
  Running running;
  asio::io_context context;
  std::vector<asio::ip::tcp::socket> idle;
  const auto port = static_cast<std::uint16_t>(std::stoi(running.url().substr(17)));
  for (int i = 0; i < 300; ++i) {
    idle.emplace_back(context);
    idle.back().connect({asio::ip::address_v4::loopback(), port});
  }
  const auto answer = Client(running.url(), "").get("/livez");
  REQUIRE(std::holds_alternative<Answer>(answer));
  CHECK(std::get<Answer>(answer).status == 200);
}

TEST_CASE("an address in use is an error with its name") {
  Running running;
  auto config = std::make_shared<config::Config>(*running.site().config());
  config->admin_listener.bind = {config::parse_address(running.url().substr(7)).value()};
  proxy::Site site{config};
  asio::io_context context;
  Server server(site, context);
  CHECK_THROWS_WITH(server.start(), Contains(running.url().substr(7)));
}

}  // namespace
}  // namespace larder::admin
