#include <catch2/catch.hpp>

#include "larder/config/address.hpp"

using namespace larder::config;

TEST_CASE("An address is host:port, [v6]:port, :port or unix:/path", "[config]") {
  struct Case {
    const char* text;
    const char* host;
    int port;
    const char* unix_path;
  };
  for (const auto& [text, host, port, unix_path] : {
           Case{"127.0.0.1:8080", "127.0.0.1", 8080, ""},
           {":80", "", 80, ""},
           {"[::1]:8081", "::1", 8081, ""},
           {"[::]:65535", "::", 65535, ""},
           {"localhost:1", "localhost", 1, ""},
           {"cms_1.internal-net:8000", "cms_1.internal-net", 8000, ""},
           {"unix:/run/larder.sock", "", 0, "/run/larder.sock"},
       }) {
    INFO(text);
    const auto address = parse_address(text);
    REQUIRE(address);
    CHECK(address->host == host);
    CHECK(address->port == port);
    CHECK(address->unix_path == unix_path);
    CHECK(address->is_unix() == (*unix_path != '\0'));
    CHECK(text_of(*address) == text);
  }
}

TEST_CASE("What is no address is refused", "[config]") {
  for (const char* text : {"",
                           "8080",
                           ":",
                           ":0",
                           ":70000",
                           ":65536",
                           ":-1",
                           ":+80",
                           ": 80",
                           ":080000",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.0.0:80",
                           "127.0.0.256:80",
                           "1.2.3.4.5:80",
                           "::1:80",
                           "[::1]",
                           "[::1]:",
                           "[::1]80",
                           "[]:80",
                           "[127.0.0.1]:80",
                           "[::g]:80",
                           "a b:80",
                           "a/b:80",
                           "http://a:80",
                           "-a:80",
                           ".a:80",
                           "a..b:80",
                           "*:80",
                           "user@a:80",
                           "unix:",
                           "unix:/",
                           "unix:run/larder.sock",
                           "unix://run"}) {
    INFO(text);
    const auto address = parse_address(text);
    if (std::string_view(text) == "unix://run") {
      CHECK(address);  // a path may begin with two slashes
    } else {
      CHECK_FALSE(address);
    }
  }
  CHECK_FALSE(parse_address("unix:/" + std::string(107, 'a')));
  CHECK(parse_address("unix:/" + std::string(106, 'a')));
  CHECK_FALSE(parse_address(std::string(254, 'a') + ":80"));
}

TEST_CASE("A network contains what its prefix covers", "[config]") {
  struct Case {
    const char* network;
    const char* address;
    bool is_inside;
  };
  for (const auto& [text, address, is_inside] : {
           Case{"10.0.0.0/8", "10.255.255.255", true},
           {"10.0.0.0/8", "11.0.0.0", false},
           {"10.0.0.0/8", "9.255.255.255", false},
           {"192.168.1.64/26", "192.168.1.127", true},
           {"192.168.1.64/26", "192.168.1.128", false},
           {"192.168.1.64/26", "192.168.1.63", false},
           {"127.0.0.1", "127.0.0.1", true},
           {"127.0.0.1", "127.0.0.2", false},
           {"127.0.0.1/32", "127.0.0.1", true},
           {"0.0.0.0/0", "8.8.8.8", true},
           {"0.0.0.0/0", "::1", false},
           {"10.0.0.0/8", "::ffff:10.1.2.3", true},
           {"::/0", "8.8.8.8", true},
           {"::1", "::1", true},
           {"::1", "::2", false},
           {"2001:db8::/33", "2001:db8:7fff::1", true},
           {"2001:db8::/33", "2001:db8:8000::1", false},
           {"::ffff:10.0.0.0/104", "10.9.9.9", true},
       }) {
    INFO(text << " " << address);
    const auto network = parse_network(text);
    const auto ip = parse_ip(address);
    REQUIRE(network);
    REQUIRE(ip);
    CHECK(network->contains(*ip) == is_inside);
    CHECK(contains(std::vector{*network}, *ip) == is_inside);
  }
  CHECK_FALSE(contains({}, *parse_ip("::1")));
}

TEST_CASE("What is no network is refused", "[config]") {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/ 8", "10.0.0.0/8/8",
                           "10.0.0/8", "10.0.0.7/8", "::1/64", "::/129", "example.com", "[::1]",
                           "10.0.0.0/0008", "10.0.0.0/255.0.0.0", "0/0"}) {
    INFO(text);
    CHECK_FALSE(parse_network(text));
  }
}

TEST_CASE("IPv4 is held as IPv4-mapped IPv6", "[config]") {
  CHECK(parse_ip("1.2.3.4") == parse_ip("::ffff:1.2.3.4"));
  CHECK((*parse_ip("1.2.3.4"))[15] == 4);
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", "::1%eth0", "localhost"}) {
    INFO(text);
    CHECK_FALSE(parse_ip(text));
  }
}
