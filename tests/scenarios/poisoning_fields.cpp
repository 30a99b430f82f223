// Poisoning by request fields that no key knows changes nothing.
// Kettle, "Practical Web Cache Poisoning", 2018.
#include <catch2/catch.hpp>

#include "support/scenario/poisoning.hpp"

using namespace scenario;

namespace {

const std::vector<Attack> attempts{
    {"X-Forwarded-Host", attack("/page/", {"X-Forwarded-Host: evil.example"})},
    {"X-Forwarded-Host twice",
     attack("/page/", {"X-Forwarded-Host: a.example", "X-Forwarded-Host: evil.example"})},
    {"X_Forwarded_Host", attack("/page/", {"X_Forwarded_Host: evil.example"})},
    {"X-Forwarded-Proto, -Scheme, -Ssl",
     attack("/page/", {"X-Forwarded-Proto: https", "X-Forwarded-Scheme: nothttps", "X-Forwarded-Ssl: on"})},
    {"X-Forwarded-Port and -Prefix", attack("/page/", {"X-Forwarded-Port: 1", "X-Forwarded-Prefix: /evil"})},
    {"X-Forwarded-For and -User", attack("/page/", {"X-Forwarded-For: 6.6.6.6", "X-Forwarded-User: admin"})},
    {"Forwarded", attack("/page/", {"Forwarded: for=6.6.6.6;host=evil.example;proto=https"})},
    {"X-Host", attack("/page/", {"X-Host: evil.example"})},
    {"X-Original-Host and X-HTTP-Host-Override",
     attack("/page/", {"X-Original-Host: evil.example", "X-HTTP-Host-Override: evil.example"})},
    {"X-Original-URL", attack("/page/", {"X-Original-URL: /admin/"})},
    {"X-Rewrite-URL", attack("/page/", {"X-Rewrite-URL: /admin/"})},
    {"X_ORIGINAL_URL", attack("/page/", {"X_ORIGINAL_URL: /admin/"})},
    {"SCRIPT_NAME", attack("/page/", {"SCRIPT_NAME: /evil"})},
    {"Script-Name and X-Script-Name", attack("/page/", {"Script-Name: /evil", "X-Script-Name: /evil"})},
    {"PATH_INFO", attack("/page/", {"PATH_INFO: /admin/"})},
    {"addresses", attack("/page/", {"X-Real-IP: 6.6.6.6", "X-Client-IP: 6.6.6.6", "True-Client-IP: 6.6.6.6",
                                    "Client-IP: 6.6.6.6", "CF-Connecting-IP: 6.6.6.6"})},
    {"X-Proto, X-Url-Scheme, Front-End-Https",
     attack("/page/", {"X-Proto: https", "X-Url-Scheme: https", "Front-End-Https: on"})},
    {"Remote-User", attack("/page/", {"Remote-User: admin"})},
    {"Proxy (httpoxy)", attack("/page/", {"Proxy: http://evil.example"})},
    {"Accept_Language beside Vary: Accept-Language",
     attack("/translated/", {"Accept_Language: evil", "Accept-Language: de"}),
     "/translated/",
     {"Accept-Language: de"}},
    {"Connection names what Vary names",
     attack("/translated/", {"Connection: Accept-Language", "Accept-Language: de"}),
     "/translated/",
     {"Accept-Language: de"}},
    {"Connection names Cookie and Host",
     attack("/page/", {"Connection: Cookie, Host, X-Forwarded-Host", "X-Forwarded-Host: evil.example"})},
    {"Authorization", attack("/page/", {"Authorization: Bearer evil"})},
    {"a length of nothing", attack("/page/", {"Content-Length: 0"})},
};

}  // namespace

TEST_CASE("Poisoning by fields changes nothing") {
  CHECK_ALL_HARMLESS(attempts);
}

TEST_CASE("Poisoning by a field of nobody's is noticed by these tests") {
  CHECK(changes_what_is_seen({"an unknown field", attack("/page/", {"X-Colour: evil"})}));
}
