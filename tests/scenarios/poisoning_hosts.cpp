// Poisoning by a host that is not the site's, or is read in two ways, changes nothing.
#include <catch2/catch.hpp>

#include "support/scenario/poisoning.hpp"

using namespace scenario;

namespace {

const std::vector<Attack> attempts{
    {"another site's host", attack("/page/", {"Host: evil.example"})},
    {"with the default port", attack("/page/", {"Host: www.example.com:80"})},
    {"with another port", attack("/page/", {"Host: www.example.com:1337"})},
    {"with no port after the colon", attack("/page/", {"Host: www.example.com:"})},
    {"in other letters", attack("/page/", {"Host: WWW.eXample.COM"})},
    {"with a trailing dot", attack("/page/", {"Host: www.example.com."})},
    {"with user information", attack("/page/", {"Host: evil.example@www.example.com"})},
    {"with user information behind the port", attack("/page/", {"Host: www.example.com:80@evil.example"})},
    {"with a path", attack("/page/", {"Host: www.example.com/evil"})},
    {"a list", attack("/page/", {"Host: www.example.com, evil.example"})},
    {"with quotes", attack("/page/", {"Host: www.example.com\"><script>"})},
    {"twice", attack("/page/", {"Host: www.example.com", "Host: evil.example"})},
    {"twice, on a folded line", attack("/page/", {"Host: www.example.com", " evil.example"})},
    {"with a space before the colon", attack("/page/", {"Host : evil.example"})},
    {"the alias", attack("/page/", {"Host: example.com"})},
    {"an absolute target of another host", attack("http://evil.example/page/")},
    {"an absolute target, and another Host", attack("http://www.example.com/page/", {"Host: evil.example"})},
    {"an absolute target of another scheme", attack("https://www.example.com/page/")},
    {"an absolute target with user information", attack("http://evil.example@www.example.com/page/")},
    {"HTTP/1.0 without Host", "GET /page/ HTTP/1.0\r\n\r\n"},
    {"HTTP/1.0 with the alias", "GET /page/ HTTP/1.0\r\nHost: example.com\r\n\r\n"},
};

}  // namespace

TEST_CASE("Poisoning by the host changes nothing") {
  CHECK_ALL_HARMLESS(attempts);
}
