// A path that looks like another shows nobody another's page, and changes none.
// Gil, "Web Cache Deception Attack", 2017: a path that looks like something to be stored and is somebody's
// own page. And paths that two readers read in two ways.
#include <catch2/catch.hpp>

#include "support/scenario/poisoning.hpp"

using namespace scenario;

namespace {

// Anna is lured to the path; the attacker asks for it after her, or beside her.
Attack lured(const char* path) {
  return {path, attack(path, {"Cookie: sessionid=anna"}), path};
}

const std::vector<Attack> deceptions{
    lured("/account/x.css"),
    lured("/account%2fx.css"),
    lured("/account;x.css"),
    lured("/account/;/x.css"),
    lured("/account%3bx.css"),
    lured("/account%3f.css"),
    lured("/account%23.css"),
    lured("/account/%00.css"),
    lured("/account/%0d%0ax.css"),
    lured("//account/x.css"),
    lured("/account//x.css"),
    lured("/account/./x.css"),
    lured("/static/../account/"),
    lured("/static/%2e%2e/account/"),
    lured("/static/..%2faccount/"),
    lured("/static%2f..%2faccount/"),
    lured("/static/..;/account/"),
    lured("/static/%252e%252e%252faccount/"),
    lured("/static/..%5caccount/"),
    lured("/static/..\\account/"),
    lured("/static/%c0%ae%c0%ae/account/"),
    lured("/media/images/account.jpg"),
    lured("/Account/x.CSS"),
    lured("/account./x.css"),
};

const std::vector<Attack> spellings{
    {"an escaped letter", attack("/p%61ge/")},
    {"other digits of an escape", attack("/caf%c3%a9/"), "/caf%C3%A9/"},
    {"an escaped '~'", attack("/%7euser/"), "/~user/"},
    {"an escaped slash", attack("/page%2f")},
    {"two slashes", attack("//page/")},
    {"no slash at the end", attack("/page")},
    {"a dot segment", attack("/x/../page/")},
    {"an escaped dot segment", attack("/x/%2e%2e/page/")},
    {"a backslash", attack("/page\\")},
    {"a trailing dot", attack("/page./")},
    {"other letters", attack("/PAGE/")},
    {"a parameter of a segment", attack("/page;evil/")},
    {"a zero byte", attack("/page/%00")},
    {"a line end", attack("/page/%0d%0aSet-Cookie:evil")},
    {"the admin, escaped", attack("/%61dmin/", {"Cookie: theme=evil"}), "/admin/"},
    {"a malformed escape", attack("/page/%zz")},
    {"a byte beyond ASCII", attack("/page/\xc3\xa9")},
};

}  // namespace

TEST_CASE("Cache deception shows nobody another's page") {
  CHECK_ALL_HARMLESS(deceptions);
}

TEST_CASE("Poisoning by another spelling of a path changes nothing") {
  CHECK_ALL_HARMLESS(spellings);
}
