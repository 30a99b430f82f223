// Who is believed about the way a request came, and what the upstream is told of it.
#include <catch2/catch.hpp>

#include "head_fixture.hpp"

namespace larder::proxy {
namespace {

using fixture::asked;
using fixture::forwarded;
using fixture::Head;
using fixture::Way;

TEST_CASE("what a stranger says of the way never reaches the upstream, however it is spelt") {
  for (const std::string name :
       {"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix",
        "x-forwarded-server", "X_Forwarded_Host", "X-Forwarded_For", "Forwarded", "X-Real-IP", "x_real_ip"}) {
    INFO(name);
    const Head sent = forwarded(asked("GET /", name + ": evil.example\r\n" + name + ": evil.example\r\n"));
    CHECK(sent.text().find("evil") == std::string::npos);
    CHECK(sent["X-Forwarded-For"] == "203.0.113.7");
    CHECK(sent["X-Forwarded-Host"] == "www.example.com");
    CHECK(sent["X-Forwarded-Proto"] == "http");
    CHECK(sent["Forwarded"] == "for=203.0.113.7;host=\"www.example.com\";proto=http");
  }
}

// With what a stranger would write into them.
constexpr std::string_view other_claims[] = {
    "X-Host",
    "X-Original-Host",
    "X-HTTP-Host-Override",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Original-URI",
    "SCRIPT_NAME",
    "Script-Name",
    "X-Script-Name",
    "PATH_INFO",
    "X-Client-IP",
    "Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "Fastly-Client-IP",
    "X_Cluster_Client_IP",
    "X-Proto",
    "X-Url-Scheme",
    "Front-End-Https",
    "Remote-User",
    "Forwarded-For",
    "X-Forwarded",
    "Proxy",
    "PROXY",
};

TEST_CASE("a stranger makes no other claim either, on a fetch or on what is passed") {
  for (const std::string_view name : other_claims) {
    INFO(name);
    const Head request = asked("GET /", std::string(name) + ": evil.example\r\n");
    Way way;
    CHECK(forwarded(request, way).text().find("evil") == std::string::npos);
    way.options.is_shared = true;
    CHECK(forwarded(request, way).text().find("evil") == std::string::npos);
  }
}

TEST_CASE("a trusted peer's other claims go on, but none of another place on what may be stored") {
  Way way;
  way.is_trusted = true;
  const auto is_sent = [&way](std::string_view name) {
    return forwarded(asked("GET /", std::string(name) + ": word\r\n"), way).has(name);
  };
  for (const bool is_shared : {false, true}) {
    way.options.is_shared = is_shared;
    for (const char* name : {"X-Real-IP", "CF-Connecting-IP", "X-Forwarded-Prefix", "X-Url-Scheme"}) {
      INFO(name);
      CHECK(is_sent(name));
    }
    for (const char* name : {"X-Original-URL", "X-Rewrite-URL", "X-Host", "X-Script-Name"}) {
      INFO(name);
      CHECK(is_sent(name) == !is_shared);
    }
    CHECK_FALSE(is_sent("Proxy"));
  }
}

TEST_CASE("a name with '_' is another's for a CGI-like server: it is passed, never fetched with") {
  const Head request = asked("GET /", "Accept_Language: de\r\nMy_Field: 1\r\nAccept-Language: en\r\n");
  Way way;
  CHECK(forwarded(request, way)["Accept_Language"] == "de");
  way.options.is_shared = true;
  const Head fetched = forwarded(request, way);
  CHECK_FALSE(fetched.has("Accept_Language"));
  CHECK_FALSE(fetched.has("My_Field"));
  CHECK(fetched["Accept-Language"] == "en");
}

TEST_CASE("a trusted peer's chain is continued") {
  Way way;
  way.peer = "10.0.0.1";
  way.is_trusted = true;
  way.origin.scheme = "https";
  way.options.host = "shop.example";
  const Head sent = forwarded(asked("GET /",
                                    "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 198.51.100.1\r\n"
                                    "Forwarded: for=198.51.100.1;proto=https\r\n"
                                    "X-Forwarded-Proto: http\r\nX-Forwarded-Host: shop.example\r\n"),
                              way);
  CHECK(sent["X-Forwarded-For"] == "192.0.2.1, 198.51.100.1, 10.0.0.1");
  CHECK(sent["Forwarded"] == "for=198.51.100.1;proto=https, for=10.0.0.1;host=\"shop.example\";proto=https");
  CHECK(sent["X-Forwarded-Proto"] == "https");
  CHECK(sent["X-Forwarded-Host"] == "shop.example");
  CHECK(sent["Host"] == "shop.example");
}

TEST_CASE("an IPv6 peer is bracketed and quoted where RFC 7239 wants it, a unix socket has a name") {
  Way way;
  way.peer = "2001:db8::1";
  const Head over_ipv6 = forwarded(asked("GET /"), way);
  CHECK(over_ipv6["X-Forwarded-For"] == "2001:db8::1");
  CHECK(over_ipv6["Forwarded"] == "for=\"[2001:db8::1]\";host=\"www.example.com\";proto=http");
  way.peer = "unix";
  const Head over_unix = forwarded(asked("GET /"), way);
  CHECK(over_unix["X-Forwarded-For"] == "127.0.0.1");
  CHECK(over_unix["Forwarded"] == "for=_unix;host=\"www.example.com\";proto=http");
  // The sidecar asks by itself.
  const Head by_nobody =
      forwarded(asked("GET /"), {.peer = "", .is_trusted = false, .origin = {}, .options = {}});
  CHECK_FALSE(by_nobody.has("X-Forwarded-For"));
  CHECK(by_nobody["Forwarded"] == "host=\"www.example.com\";proto=http");
}

struct OriginCase {
  std::string_view lines;
  std::string_view scheme;
  std::string_view host;
  std::string_view client;
};

// From the trusted proxy 10.0.0.1; all of 10.0.0.0/8 is trusted.
const OriginCase origin_cases[] = {
    {"", "http", "", "10.0.0.1"},
    {"X-Forwarded-Proto: https\r\n", "https", "", "10.0.0.1"},
    {"X-Forwarded-Proto: HTTPS\r\n", "https", "", "10.0.0.1"},
    {"X-Forwarded-Proto: gopher\r\n", "http", "", "10.0.0.1"},
    // A proxy appends: the last member is the word of the one that is trusted.
    {"X-Forwarded-Proto: http, https\r\n", "https", "", "10.0.0.1"},
    {"X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n", "http", "", "10.0.0.1"},
    {"X-Forwarded-Host: Shop.Example:80\r\n", "http", "shop.example", "10.0.0.1"},
    {"X-Forwarded-Host: evil.example, shop.example\r\n", "http", "shop.example", "10.0.0.1"},
    {"X-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example:443\r\n", "https", "shop.example",
     "10.0.0.1"},
    {"X-Forwarded-Host: shop.example/path\r\n", "http", "", "10.0.0.1"},
    {"X-Forwarded-For: 198.51.100.1\r\n", "http", "", "198.51.100.1"},
    // The last that is no trusted proxy's: what stands before it is hearsay.
    {"X-Forwarded-For: 192.0.2.1, 198.51.100.1, 10.9.9.9\r\n", "http", "", "198.51.100.1"},
    {"X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 10.9.9.9\r\n", "http", "", "192.0.2.1"},
    {"X-Forwarded-For: 10.9.9.9\r\n", "http", "", "10.9.9.9"},
    {"X-Forwarded-For: 192.0.2.1, unknown\r\n", "http", "", "unknown"},
    {"Forwarded: for=198.51.100.1;proto=https;host=shop.example\r\n", "https", "shop.example",
     "198.51.100.1"},
    {"Forwarded: For=\"[2001:db8::1]\"; Proto=https\r\n", "https", "", "[2001:db8::1]"},
    {"Forwarded: for=192.0.2.1;proto=http;host=evil.example, for=198.51.100.1;proto=https\r\n", "https", "",
     "198.51.100.1"},
    {"Forwarded: proto=https\r\nX-Forwarded-Proto: http\r\n", "http", "", "10.0.0.1"},
};

TEST_CASE("the origin is what the nearest trusted proxy says") {
  const std::vector<config::Network> trusted{config::parse_network("10.0.0.0/8").value()};
  for (const OriginCase& row : origin_cases) {
    INFO(row.lines);
    Origin origin;
    read_origin(*asked("GET /", row.lines), fixture::peer_at("10.0.0.1"), true, trusted, origin);
    CHECK(origin.scheme == row.scheme);
    CHECK(origin.host == row.host);
    CHECK(origin.client == row.client);

    Origin strangers;
    read_origin(*asked("GET /", row.lines), fixture::peer_at("203.0.113.7"), false, trusted, strangers);
    CHECK(strangers.scheme == "http");
    CHECK(strangers.host.empty());
    CHECK(strangers.client == "203.0.113.7");
  }
}

}  // namespace
}  // namespace larder::proxy
