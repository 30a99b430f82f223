// Private copies: whose session a request belongs to, what is kept of it, and which response ends it.
#include "larder/cache/private_copy.hpp"

#include <catch2/catch.hpp>

#include "larder/base/hash.hpp"
#include "larder/cache/key.hpp"
#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

using Names = std::vector<std::string>;

std::string digest_of(std::string_view pair) {
  const base::DigestText text = base::digest256(pair);
  return {text.begin(), text.end()};
}

RoutePolicy policy_with(Names vary, Names session = {"sessionid"}) {
  RoutePolicy policy;
  policy.cookies.vary = std::move(vary);
  policy.cookies.session = std::move(session);
  return policy;
}

CacheKey key_of(const char* request, const RoutePolicy& policy) {
  http::Target target;
  target.scheme = "http";
  target.host = "h";
  target.path = "/a";
  CacheKey key;
  make_key(target, fixture::fields(request), policy, key);
  return key;
}

struct RequestCase {
  const char* name;
  const char* request;
  SessionCookies cookies;
};

const RequestCase request_cases[] = {
    {"no cookie", "", SessionCookies::none},
    {"another", "Cookie: a=b; xsessionid=c", SessionCookies::none},
    {"one", "Cookie: a=b; sessionid=abc123; c=d", SessionCookies::one},
    {"with what session values are made of", "Cookie: sessionid=eyJ.a-b_c:1/2+3==", SessionCookies::one},
    {"on a second line", "Cookie: a=b\nCookie: sessionid=abc", SessionCookies::one},
    // Django takes the last one, others the first.
    {"twice", "Cookie: sessionid=a; sessionid=b", SessionCookies::unclear},
    {"twice the same", "Cookie: sessionid=a; sessionid=a", SessionCookies::unclear},
    {"twice, on two lines", "Cookie: sessionid=a\nCookie: sessionid=b", SessionCookies::unclear},
    {"two sessions", "Cookie: sessionid=a; member=b", SessionCookies::unclear},
    {"another that is a session elsewhere", "Cookie: sessionid=a; cart=b", SessionCookies::one},
    {"empty", "Cookie: sessionid=", SessionCookies::unclear},
    {"without '='", "Cookie: sessionid", SessionCookies::unclear},
    {"quoted: Django takes quotes off", "Cookie: sessionid=\"a\"", SessionCookies::unclear},
    {"with a backslash", "Cookie: sessionid=\\141", SessionCookies::unclear},
    {"with a space", "Cookie: sessionid=a b", SessionCookies::unclear},
    {"with a comma", "Cookie: sessionid=a,b", SessionCookies::unclear},
    {"with a byte past ASCII", "Cookie: sessionid=a\xa0", SessionCookies::unclear},
    {"white space before '='", "Cookie: sessionid =a", SessionCookies::unclear},
    {"white space after '='", "Cookie: sessionid= a", SessionCookies::unclear},
    {"a name that a lenient server reads", "Cookie: \xa0sessionid=a", SessionCookies::unclear},
};

TEST_CASE("a private copy is made for one plain session cookie, and for nothing else") {
  CookieRule rule = policy_with({"lang", "sessionid", "member"}, {"sessionid", "member", "cart"}).cookies;
  for (const RequestCase& row : request_cases) {
    INFO(row.name);
    CHECK(cookie_facts_of(fixture::fields(row.request), rule).session == row.cookies);
    const auto request = fixture::request(row.request);
    RoutePolicy policy;
    policy.cookies = rule;
    policy.cookies.bypass = {"sessionid"};  // vary wins
    const auto reason = pass_reason(request, fixture::control(row.request), policy);
    CHECK((reason == Reason::unclear_session) == (row.cookies == SessionCookies::unclear));
    CHECK((reason == std::nullopt) == (row.cookies != SessionCookies::unclear));
  }
  rule.vary = {"lang"};
  CHECK(cookie_facts_of(fixture::fields("Cookie: sessionid=a"), rule).session == SessionCookies::none);
  rule = policy_with({"sessionid"}, {}).cookies;
  CHECK(cookie_facts_of(fixture::fields("Cookie: sessionid=a"), rule).session == SessionCookies::none);
}

TEST_CASE("patterns name sessions too") {
  const CookieRule rule = policy_with({"*"}, {"wp_logged_in_*"}).cookies;
  CHECK(cookie_facts_of(fixture::fields("Cookie: a=b; wp_logged_in_7=c"), rule).session ==
        SessionCookies::one);
  CHECK(has_private_copies(rule));
  CHECK(has_private_copies(policy_with({"wp_*"}, {"wp_logged_in_*"}).cookies));
  CHECK(has_private_copies(policy_with({"a", "sessionid"}).cookies));
  CHECK_FALSE(has_private_copies(policy_with({"a"}).cookies));
  CHECK_FALSE(has_private_copies(policy_with({}).cookies));
  CHECK_FALSE(has_private_copies(policy_with({"sessionid"}, {}).cookies));
}

TEST_CASE("a key holds a session's digest, never its value") {
  const RoutePolicy policy = policy_with({"lang", "sessionid"});
  const CacheKey key = key_of("Cookie: sessionid=secret; lang=de", policy);
  const std::string digest = digest_of("sessionid=secret");
  CHECK(key.text == "http://h/a\nlang=de;\nsessionid=#" + digest);
  CHECK(key.is_private());
  CHECK(key.session() == digest);
  CHECK(key.url() == "h/a");
  CHECK(key_of("Cookie: sessionid=secret", policy).text == "http://h/a\n\nsessionid=#" + digest);
  CHECK(key_of("Cookie: sessionid=other", policy).text != key_of("Cookie: sessionid=secret", policy).text);

  const CacheKey shared = key_of("Cookie: lang=de", policy);
  CHECK(shared.text == "http://h/a\nlang=de");
  CHECK_FALSE(shared.is_private());
  CHECK(shared.session().empty());
}

TEST_CASE("a reused key forgets the session before") {
  const RoutePolicy policy = policy_with({"sessionid"});
  CacheKey key = key_of("Cookie: sessionid=secret", policy);
  http::Target target;
  target.host = "h";
  target.path = "/a";
  make_key(target, {}, policy, key);
  CHECK_FALSE(key.is_private());
}

// A cookie that is no session's on this route, and looks like one's place in the key.
TEST_CASE("no value makes a cookie into a private copy's key") {
  const std::string digest = digest_of("sessionid=secret");
  const std::string forged = "Cookie: sessionid=#" + digest;
  const std::string real = "Cookie: sessionid=secret";
  const RoutePolicy with_sessions = policy_with({"sessionid"});
  const RoutePolicy without = policy_with({"sessionid"}, {});
  CHECK(key_of(forged.c_str(), without).text != key_of(real.c_str(), with_sessions).text);
  CHECK(key_of(forged.c_str(), with_sessions).text != key_of(real.c_str(), with_sessions).text);
}

struct SecondaryCase {
  const char* name;
  const char* request;
  std::string secondary;
};

const SecondaryCase secondary_cases[] = {
    {"none", "", "\n"},
    {"what the key has is left out", "Cookie: sessionid=secret; lang=de", "\n"},
    {"the rest is not", "Cookie: a=1; sessionid=secret; b=2", "=a=1; b=2\n"},
    {"of another session the digest", "Cookie: a=1; cart=secret",
     "=a=1; cart=#" + digest_of("cart=secret") + "\n"},
};

TEST_CASE("under Vary: Cookie the key's cookies are not compared again") {
  const CookieRule rule = policy_with({"lang", "sessionid"}, {"sessionid", "cart"}).cookies;
  for (const SecondaryCase& row : secondary_cases) {
    INFO(row.name);
    CHECK(secondary_key(vary_from_text("cookie"), fixture::fields(row.request), rule) == row.secondary);
  }
}

struct EndCase {
  const char* name;
  const char* request;
  const char* response;
  Names ended;  // as pairs
};

const EndCase end_cases[] = {
    {"nothing set", "Cookie: sessionid=a", "", {}},
    {"another cookie set", "Cookie: sessionid=a", "Set-Cookie: csrftoken=x", {}},
    {"another cookie cleared", "Cookie: sessionid=a; b=c", "Set-Cookie: b=; Max-Age=0", {}},
    {"cleared", "Cookie: sessionid=a", "Set-Cookie: sessionid=\"\"; Max-Age=0; Path=/", {"sessionid=a"}},
    {"cleared by Expires alone",
     "Cookie: x=y; sessionid=a",
     "Set-Cookie: sessionid=a; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
     {"sessionid=a"}},
    {"cleared by an empty value", "Cookie: sessionid=a", "Set-Cookie: sessionid=; Path=/", {"sessionid=a"}},
    {"prolonged", "Cookie: sessionid=a", "Set-Cookie: sessionid=a; Max-Age=1209600", {}},
    {"prolonged, in quotes", "Cookie: sessionid=a", "Set-Cookie: sessionid=\"a\"", {}},
    {"another one at log-in", "Cookie: sessionid=a", "Set-Cookie: sessionid=b", {"sessionid=a"}},
    {"a first one", "Cookie: x=y", "Set-Cookie: sessionid=b", {}},
    {"no cookie at all", "", "Set-Cookie: sessionid=; Max-Age=0", {}},
    {"on a later line",
     "Cookie: sessionid=a",
     "Set-Cookie: x=y\nSet-Cookie: sessionid=a\nSet-Cookie: sessionid=; Max-Age=0; Domain=h",
     {"sessionid=a"}},
    {"one of two", "Cookie: sessionid=a; member_1=b", "Set-Cookie: member_1=; Max-Age=0", {"member_1=b"}},
    {"both",
     "Cookie: sessionid=a; member_1=b",
     "Set-Cookie: member_1=\nSet-Cookie: sessionid=",
     {"member_1=b", "sessionid=a"}},
    {"repeated: both",
     "Cookie: sessionid=a; sessionid=b",
     "Set-Cookie: sessionid=; Max-Age=0",
     {"sessionid=a", "sessionid=b"}},
    {"written in another way",
     "Cookie: \xa0sessionid = \"a\"",
     "Set-Cookie: sessionid=; Max-Age=0",
     {"sessionid=a"}},
    {"names have case", "Cookie: sessionid=a", "Set-Cookie: SessionId=; Max-Age=0", {}},
    {"all cookies cleared",
     "Cookie: x=y; sessionid=a",
     "Clear-Site-Data: \"cache\", \"cookies\"",
     {"sessionid=a"}},
    {"everything cleared", "Cookie: sessionid=a", "clear-site-data: \"*\"", {"sessionid=a"}},
    {"something else cleared", "Cookie: sessionid=a", "Clear-Site-Data: \"cache\"", {}},
};

TEST_CASE("which response ends which session") {
  const Names names{"sessionid", "member_*"};
  for (const EndCase& row : end_cases) {
    INFO(row.name);
    Names digests;
    for (const std::string& pair : row.ended) digests.push_back(digest_of(pair));
    CHECK(ended_sessions(fixture::fields(row.request), fixture::fields(row.response), names,
                         fixture::received_wall) == digests);
  }
  CHECK(sessions_of(fixture::fields("Cookie: sessionid=a; x=y; sessionid=a; member_1=b"), names) ==
        Names{digest_of("sessionid=a"), digest_of("member_1=b")});
  CHECK(session_label("abc") == "session:abc");
}

TEST_CASE("a private copy never holds a cookie, whatever the response or the route says") {
  RoutePolicy policy = policy_with({"sessionid"});
  policy.stores_set_cookie = true;
  const auto response = fixture::response(200, "Cache-Control: public, max-age=60\nSet-Cookie: a=b");
  const auto storability_of = [&](const char* request) {
    return storable(fixture::request(request), response, policy, fixture::times());
  };
  CHECK(storability_of("Cookie: sessionid=a").reason == Reason::response_set_cookie);
  CHECK(storability_of("Cookie: x=y").is_storable);
}

TEST_CASE("a response that starts or ends a session is stored for nobody unless the route says so") {
  for (const char* set_cookie :
       {"sessionid=abc; HttpOnly", "sessionid=; Max-Age=0", "a=b\nSet-Cookie: sessionid=abc"}) {
    INFO(set_cookie);
    RoutePolicy policy = policy_with({});
    const auto response =
        fixture::response(200, std::string("Cache-Control: public, max-age=60\nSet-Cookie: ") + set_cookie);
    const auto is_stored = [&] {
      return storable(fixture::request(""), response, policy, fixture::times()).is_storable;
    };
    CHECK_FALSE(is_stored());
    policy.stores_set_cookie = true;
    CHECK(is_stored());
    policy = policy_with({}, {});  // no session that we know of: section 7.3
    CHECK(is_stored());
  }
}

struct HeadCase {
  const char* name;
  bool is_private;
  std::optional<std::string> downstream;
  const char* response;
  const char* cache_control;
};

constexpr const char* strict = "private, max-age=0, must-revalidate";
const HeadCase head_cases[] = {
    {"private", true, std::nullopt, "", strict},
    {"whatever the upstream says", true, std::nullopt, "Cache-Control: public, max-age=60", strict},
    {"or the route", true, "public, max-age=60", "", strict},
    {"unless it is as strict", true, "no-store", "", "no-store"},
    {"or private in its own words", true, "private, no-cache", "", "private, no-cache"},
    {"everybody's is the route's", false, "public, max-age=60", "", "public, max-age=60"},
    {"or the upstream's", false, std::nullopt, "Cache-Control: max-age=60", "max-age=60"},
};

TEST_CASE("a private copy tells other caches so") {
  for (const HeadCase& row : head_cases) {
    INFO(row.name);
    RoutePolicy policy = policy_with({"sessionid"});
    policy.downstream.cache_control = row.downstream;
    const std::string lines =
        std::string(row.response) + "\nVary: Accept-Encoding\nCDN-Cache-Control: max-age=9";
    const auto response = fixture::response(200, lines);
    const StoredHead head = make_head(response, policy, false, fixture::received_wall, row.is_private);
    const auto has_line = [&head](const std::string& line) {
      return head.text.find("\r\n" + line + "\r\n") != std::string::npos;
    };
    CHECK(has_line(std::string("Cache-Control: ") + row.cache_control));
    CHECK(has_line("Vary: Accept-Encoding"));
    CHECK(has_line("Vary: Cookie"));  // also for everybody: a browser that logs in must not keep it
    CHECK(has_line("CDN-Cache-Control: max-age=9") == !row.is_private);
    // What is ours does not come back as the upstream's.
    const http::ResponseHead origin = origin_head(head);
    CHECK(origin.fields.joined(http::FieldId::vary) == "Accept-Encoding");
    CHECK(origin.fields.joined("CDN-Cache-Control") == "max-age=9");
    CHECK(origin.fields.joined(http::FieldId::cache_control) ==
          response.fields.joined(http::FieldId::cache_control));
  }
}

TEST_CASE("Vary: Cookie is not said twice, nor where no route varies on a session") {
  for (const char* vary : {"Vary: cookie, Accept", "Vary: *"}) {
    const auto head = make_head(fixture::response(200, vary), policy_with({"sessionid"}), false,
                                fixture::received_wall, true);
    CHECK_FALSE(head.added_vary);
    CHECK(origin_head(head).fields.count(http::FieldId::vary) == 1);
  }
  CHECK_FALSE(
      make_head(fixture::response(200, ""), policy_with({"lang"}), false, fixture::received_wall).added_vary);
}

}  // namespace
}  // namespace larder::cache
