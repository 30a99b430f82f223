// The profiles' rules. A rule that does nothing for safety or speed has no place here: the scenarios fail
// when any one of them is left out.
#include <algorithm>
#include <span>

#include "larder/config/profile.hpp"

namespace larder::config {
namespace {

// What holds for every Django site.
constexpr ProfileRule django_rules[] = {
    {"cookies.bypass", "sessionid",
     "Who has a session may be logged in: pages are theirs, and come from the site itself."},
    {"cookies.bypass", "messages",
     "One-time messages (\"Your comment was saved\") are shown once, to one visitor."},
    {"cookies.vary", "django_language",
     "The language chosen by hand. LocaleMiddleware obeys it and says only Vary: Accept-Language."},
    {"cookies.ignore", "csrftoken",
     "Changes no page that is stored: one that holds a token is refused (see refuse)."},
    {"cookies.ignore", "\"_ga*\"", "Google Analytics: read by scripts in the browser alone."},
    {"cookies.ignore", "_gid", "Google Analytics."},
    {"cookies.ignore", "\"_gcl_*\"", "Google Ads: read by scripts in the browser alone."},
    {"cookies.ignore", "_fbp", "Meta's pixel: read by scripts in the browser alone."},
    {"cookies.ignore", "_fbc", "Meta's pixel."},
    {"cookies.ignore", "\"_pk_*\"", "Matomo: read by scripts in the browser alone."},
    {"forward_ignored.cookies", "csrftoken",
     "Django renews the token of who has it: without it, forms that are open in another tab would fail. The "
     "other ignored cookies do not reach the site on a fetch that may be stored."},
    {"query.bypass", "token",
     "The key to what is not public: a draft, a new password, an unsubscription. Its answer is for who holds "
     "it."},
    {"query.ignore", "\"utm_*\"", "Where a visitor came from: read by scripts in the browser alone."},
    {"query.ignore", "gclid", "Google Ads' click."},
    {"query.ignore", "gbraid", "Google Ads' click."},
    {"query.ignore", "wbraid", "Google Ads' click."},
    {"query.ignore", "fbclid", "Meta's click."},
    {"query.ignore", "msclkid", "Microsoft's click."},
    {"query.ignore", "mc_cid", "Mailchimp's campaign."},
    {"query.ignore", "mc_eid", "Mailchimp's reader."},
    {"query.sort", "true", "?a=1&b=2 and ?b=2&a=1 are one page to Django."},
    {"query.max_variants", "1000",
     "A stranger can ask for a page with any number of queries; they must not fill the memory."},
    {"refuse", "set_cookie", "A cookie is for one visitor, and so may be the page that came with it."},
    {"refuse", "session", "The answer to a session is its own, also where own rules let it past the bypass."},
    {"refuse", "csrf_token",
     "The token in a form is one visitor's; another's form with it is refused by Django."},
    {"refuse", "unkeyed_cookie",
     "A page made from a cookie that is not in the key would be shown to who has another one."},
};

constexpr ProfileRule django_routes[] = {
    {"routes", "{match: \"/{admin,accounts}/**\", cache: off}",
     "Django's admin, and log-in, log-out and passwords where its documentation puts them."},
    {"routes",
     "{match: \"/static/**\", ttl: 1h, status_ttl: {404: 10s}, stale: {while_revalidate: 1h, if_error: 24h}, "
     "client_reload: ignore}",
     "The same for everyone. Where names are hashed, WhiteNoise says so and its longer lifetime counts."},
    {"routes",
     "{match: \"/media/**\", ttl: 10m, status_ttl: {404: 10s}, stale: {while_revalidate: 1m, if_error: 24h}}",
     "Uploaded files; one may be replaced under its name."},
    {"routes",
     "{match: \"/**\", ttl: 60s, status_ttl: {301: 60s, 404: 10s}, stale: {while_revalidate: 60s, if_error: "
     "24h}, "
     "downstream: {cache_control: \"public, max-age=0, must-revalidate\", etag: auto}, client_reload: "
     "ignore}",
     "Pages of visitors without a session. Nothing purges a plain Django site by itself, so a minute. A "
     "visitor's reload is no reason to render a page again."},
};

constexpr ProfileRule wagtail_rules[] = {
    {"refuse", "user_bar", "The user bar is for editors: a page that holds it was made for one."},
};

constexpr ProfileRule wagtail_routes[] = {
    {"routes", "{match: \"/{admin,django-admin,accounts}/**\", cache: off}",
     "Wagtail's admin with its previews, Django's admin, log-in and log-out."},
    {"routes", "{match: \"/documents/**\", cache: off}",
     "The view checks who asks for a document, each time, and counts."},
    {"routes", "{match: \"/media/documents/**\", cache: off}",
     "The same files by another way: never from memory, whatever the web server behind lets through."},
    {"routes", "{match: \"/_util/**\", cache: off}", "The password and log-in forms of private pages."},
    {"routes", "{match: \"/*/_util/**\", cache: off}", "The same below a language's prefix."},
    {"routes", "{match: \"/search/**\", cache: off}",
     "An answer to one question, which hardly anyone asks twice and no purge can name."},
    {"routes", "{match: \"/*/search/**\", cache: off}", "The same below a language's prefix: /de/search/."},
    {"routes", "{match: \"/api/v2/page_preview/**\", cache: off}",
     "Drafts, for who has a token (wagtail-headless-preview)."},
    {"routes",
     "{match: \"/api/v2/**\", ttl: 1m, status_ttl: {404: 10s}, stale: {while_revalidate: 1m, if_error: 24h}, "
     "client_reload: ignore}",
     "Public pages as JSON. Publishing purges a page's address, not these, so a minute."},
    {"routes",
     "{match: \"/static/**\", ttl: 1h, status_ttl: {404: 10s}, stale: {while_revalidate: 1h, if_error: 24h}, "
     "client_reload: ignore}",
     "The same for everyone. Where names are hashed, WhiteNoise says so and its longer lifetime counts."},
    {"routes",
     "{match: \"/media/images/**\", ttl: 1y, status_ttl: {404: 10s}, downstream: {cache_control: \"public, "
     "max-age=86400\"}, "
     "client_reload: ignore}",
     "Renditions are written once and never changed: a new crop is a new name."},
    {"routes",
     "{match: \"/**\", ttl: 10m, status_ttl: {301: 60s, 404: 10s}, stale: {while_revalidate: 1m, if_error: "
     "24h}, "
     "downstream: {cache_control: \"public, max-age=0, must-revalidate\", etag: auto}, client_reload: "
     "ignore}",
     "Pages of visitors without a session. Publishing purges them; lists of other pages are as fresh as "
     "this, "
     "unless the site purges them too. A visitor's reload is no reason to render a page again."},
};

void append(std::vector<ProfileRule>& rules, std::span<const ProfileRule> more) {
  rules.insert(rules.end(), more.begin(), more.end());
}

}  // namespace

std::string_view name_of(Profile profile) noexcept {
  switch (profile) {
    case Profile::none:
      return "none";
    case Profile::django:
      return "django";
    case Profile::wagtail:
      return "wagtail";
  }
  return "none";
}

std::vector<ProfileRule> rules_of(Profile profile) {
  std::vector<ProfileRule> rules;
  if (profile == Profile::none) return rules;
  append(rules, django_rules);
  if (profile == Profile::wagtail) append(rules, wagtail_rules);
  append(rules, profile == Profile::wagtail ? std::span(wagtail_routes)
                                            : std::span<const ProfileRule>(django_routes));
  return rules;
}

}  // namespace larder::config
