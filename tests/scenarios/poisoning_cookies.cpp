// Poisoning by cookies changes nothing.
// Those that are not in the key, those that are ignored, and those that two readers read in two ways.
#include <catch2/catch.hpp>

#include "support/scenario/poisoning.hpp"

using namespace scenario;

namespace {

const std::vector<Attack> attempts{
    {"an ignored one", attack("/page/", {"Cookie: _ga=evil"})},
    {"one that the site knows and the key does not", attack("/page/", {"Cookie: theme=evil"})},
    {"the same, against who has another",
     attack("/page/", {"Cookie: theme=evil"}),
     "/page/",
     {"Cookie: _ga=1"}},
    {"twice", attack("/page/", {"Cookie: theme=a; theme=evil"})},
    {"behind an ignored one in quotes", attack("/page/", {"Cookie: _ga=\"a; theme=evil\""})},
    {"behind a comma in an ignored one", attack("/page/", {"Cookie: csrftoken=a,theme=evil"})},
    {"on a second line", attack("/page/", {"Cookie: _ga=1", "Cookie: theme=evil"})},
    {"$Version", attack("/page/", {"Cookie: $Version=1; theme=evil; $Path=/"})},
    {"without a name", attack("/page/", {"Cookie: evil"})},
    {"with an empty name", attack("/page/", {"Cookie: =evil"})},
    {"a token of the attacker's", attack("/page/", {"Cookie: csrftoken=evil"})},
    {"a session", attack("/account/", {"Cookie: sessionid=anna"}), "/account/"},
    {"a session among others", attack("/account/", {"Cookie: _ga=1; sessionid=anna; theme=a"}), "/account/"},
    {"a session twice", attack("/account/", {"Cookie: sessionid=; sessionid=anna"}), "/account/"},
    {"a session on a second line", attack("/account/", {"Cookie: _ga=1", "Cookie: sessionid=anna"}),
     "/account/"},
    {"a session behind odd white space", attack("/account/", {"Cookie: \xc2\xa0sessionid=anna"}),
     "/account/"},
    {"a session against a session",
     attack("/account/", {"Cookie: sessionid=anna"}),
     "/account/",
     {"Cookie: sessionid=ben"}},
    {"a message", attack("/page/", {"Cookie: messages=evil"})},
    {"a language, against who has none", attack("/page/", {"Cookie: django_language=de"})},
    {"a language twice",
     attack("/page/", {"Cookie: django_language=en; django_language=de"}),
     "/page/",
     {"Cookie: django_language=en"}},
};

}  // namespace

TEST_CASE("Poisoning by cookies changes nothing") {
  CHECK_ALL_HARMLESS(attempts);
}
