// rediss://: who answers is verified before anything is said to him.
#include <catch2/catch.hpp>

#include "client_fixture.hpp"
#include "support/redis/certificate.hpp"

using namespace larder::redis;
using namespace larder::redis::test;
using redis_support::Certificate;
using redis_support::RedisServer;

namespace {

std::vector<std::string> with_tls(const Certificate& certificate) {
  return {"--port",
          "0",
          "--tls-port",
          "{port}",
          "--tls-cert-file",
          certificate.path,
          "--tls-key-file",
          certificate.key_path,
          "--tls-auth-clients",
          "no",
          "--requirepass",
          "s3cret"};
}

larder::config::Redis config_for(const RedisServer& server, const std::string& host, const std::string& ca) {
  auto config = config_of("rediss://:s3cret@" + host + ":" + std::to_string(server.port()) + "/1");
  config.ca = ca;
  return config;
}

}  // namespace

TEST_CASE("A server with a certificate of the right name is spoken to over TLS", "[redis]") {
  const redis_support::TemporaryDirectory directory;
  const Certificate certificate =
      redis_support::make_certificate(directory.path(), "DNS:localhost,IP:127.0.0.1");
  RedisServer server(with_tls(certificate));
  for (const char* host : {"127.0.0.1", "localhost"}) {
    INFO(host);
    Fixture fixture(config_for(server, host, certificate.text));
    fixture.wait_until_up();
    // Both directions are full at once.
    const std::string value(1'000'000, 'x');
    const auto outcomes =
        fixture.execute_all({{"SET", "a", value}, {"GET", "a"}, {"SET", "b", value}, {"GET", "b"}});
    CHECK(outcomes.at(1).reply.text == value);
    CHECK(outcomes.at(3).reply.text == value);
  }
}

TEST_CASE("A server that cannot prove who it is, is not spoken to", "[redis]") {
  const redis_support::TemporaryDirectory directory;
  const Certificate certificate = redis_support::make_certificate(directory.path(), "DNS:redis.internal");
  RedisServer server(with_tls(certificate));
  SECTION("of another name") {
    for (const char* host : {"127.0.0.1", "localhost"}) {
      Fixture fixture(config_for(server, host, certificate.text));
      fixture.wait_for(Trouble::unreachable);
    }
  }
  SECTION("of an authority that the system does not know") {
    Fixture fixture(config_for(server, "localhost", ""));
    fixture.wait_for(Trouble::unreachable);
  }
  CHECK(server.ask({"AUTH", "s3cret"}) == "+OK\r\n");
}

TEST_CASE("TLS and none do not go together, and nobody hangs by that", "[redis]") {
  const redis_support::TemporaryDirectory directory;
  const Certificate certificate =
      redis_support::make_certificate(directory.path(), "DNS:localhost,IP:127.0.0.1");
  Client::Options options = quick_options();
  options.connect_timeout = 200ms;
  SECTION("TLS expected") {
    RedisServer server;
    Fixture fixture(config_for(server, "127.0.0.1", certificate.text), options);
    fixture.wait_for(Trouble::unreachable);
  }
  SECTION("none expected") {
    RedisServer server(with_tls(certificate));
    Fixture fixture(url_of(server), options);
    fixture.wait_for(Trouble::unreachable);
  }
  SECTION("a server that stands still in the middle of it") {
    RedisServer server(with_tls(certificate));
    server.pause();
    Fixture fixture(config_for(server, "127.0.0.1", certificate.text), options);
    fixture.wait_for(Trouble::unreachable);
    server.resume();
    fixture.wait_until_up();
  }
}

TEST_CASE("Authorities that cannot be read are an error at the start", "[redis]") {
  auto config = config_of("rediss://localhost");
  config.ca = "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n";
  Loop loop;
  CHECK_THROWS_AS(Client(loop.executor(), config, quick_options(), {}, {}), std::runtime_error);
}
