// cookies.session: which cookies hold a session, of the site, of a route, and under a profile.
#include <catch2/catch.hpp>

#include "larder/config/effective.hpp"
#include "support.hpp"

using namespace larder::config;
using namespace larder::config::test;

namespace {

using Names = std::vector<std::string>;

Loaded load_site(const std::string& yaml) {
  return load_text("listen: \":8080\"\nupstream: \"http://127.0.0.1:8000\"\n" + yaml);
}

struct SessionCase {
  const char* name;
  const char* yaml;
  Names site;
  Names route;
  Names all;  // by any of which a log-out is noticed
};

const SessionCase cases[] = {
    {"by default", "routes: [{match: \"/a\"}]\n", {"sessionid"}, {"sessionid"}, {"sessionid"}},
    {"under a profile",
     "profile: wagtail\ncookies: {ignore: [\"_hj*\"]}\nroutes: [{match: \"/a\", cookies: {vary: "
     "[sessionid]}}]\n",
     {"sessionid"},
     {"sessionid"},
     {"sessionid"}},
    {"of the site",
     "profile: django\ncookies: {session: [\"sid_*\", member]}\nroutes: [{match: \"/a\"}]\n",
     {"sid_*", "member"},
     {"sid_*", "member"},
     {"sid_*", "member"}},
    {"of a route, in place of the site's",
     "routes: [{match: \"/a\", cookies: {session: [member]}}]\n",
     {"sessionid"},
     {"member"},
     {"sessionid", "member"}},
    {"none", "cookies: {session: []}\nroutes: [{match: \"/a\"}]\n", {}, {}, {}},
};

}  // namespace

TEST_CASE("Which cookies hold a session") {
  for (const SessionCase& row : cases) {
    INFO(row.name);
    Loaded loaded = load_site(row.yaml);
    // As it is written, and as `larder config` writes it out.
    for (int i = 0; i < 2; ++i) {
      const Config& config = config_of(loaded);
      CHECK(config.unmatched.cookies.session == row.site);
      CHECK(config.routes.front().policy.cookies.session == row.route);
      CHECK(config.session_cookies == row.all);
      const std::string effective = effective_yaml(config);
      INFO(effective);
      loaded = load_text(effective);
    }
  }
}
