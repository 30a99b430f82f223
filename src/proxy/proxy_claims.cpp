#include "proxy/proxy_claims.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <string>
#include <vector>

#include "larder/base/text.hpp"

namespace larder::proxy {
namespace {

enum class Claim : std::uint8_t {
  client,  // who asks
  scheme,  // how
  host,    // for which site
  target,  // for what
};

struct NamedClaim {
  std::string_view name;  // lower case, '-' for '_', as CGI-like servers fold them
  Claim claim;
  // Who obeys it, or sends it for others to obey.
};

// clang-format off
constexpr auto claims = std::to_array<NamedClaim>({
    {"forwarded", Claim::client},                 // RFC 7239: aiohttp, Symfony, werkzeug's users
    {"forwarded-for", Claim::client},             // django-ipware and other guessers of addresses
    {"forwarded-host", Claim::host},
    {"forwarded-proto", Claim::scheme},
    {"cloudfront-forwarded-proto", Claim::scheme},  // AWS's advice for SECURE_PROXY_SSL_HEADER
    {"x-real-ip", Claim::client},                 // nginx's custom: django-ipware, rate limiters
    {"x-client-ip", Claim::client},               // the same guessers, and the rest of these
    {"client-ip", Claim::client},
    {"true-client-ip", Claim::client},            // Akamai, Cloudflare
    {"x-cluster-client-ip", Claim::client},       // Rackspace, Zeus
    {"x-remote-ip", Claim::client},
    {"x-remote-addr", Claim::client},
    {"remote-addr", Claim::client},
    {"x-originating-ip", Claim::client},
    {"cf-connecting-ip", Claim::client},          // Cloudflare
    {"cf-connecting-ipv6", Claim::client},
    {"cf-ipcountry", Claim::client},              // pages by country
    {"fastly-client-ip", Claim::client},          // Fastly, Firebase
    {"fly-client-ip", Claim::client},             // Fly.io
    {"x-azure-clientip", Claim::client},          // Azure Front Door
    {"x-appengine-user-ip", Claim::client},       // Google App Engine
    {"x-envoy-external-address", Claim::client},  // Envoy
    {"wl-proxy-client-ip", Claim::client},        // WebLogic
    {"proxy-client-ip", Claim::client},
    {"remote-user", Claim::client},               // Django's RemoteUserMiddleware behind a header
    {"x-remote-user", Claim::client},
    {"x-proto", Claim::scheme},                   // hand-made SECURE_PROXY_SSL_HEADERs
    {"x-scheme", Claim::scheme},                  // ingress-nginx; Flask's ReverseProxied
    {"x-url-scheme", Claim::scheme},              // Pylons, paste
    {"front-end-https", Claim::scheme},           // Microsoft
    {"x-arr-ssl", Claim::scheme},                 // Azure
    {"x-host", Claim::host},                      // Kettle: links and imports of several sites
    {"x-real-host", Claim::host},
    {"x-original-host", Claim::host},             // Azure
    {"x-http-host-override", Claim::host},        // Google's GFE, Symfony of old
    {"x-original-url", Claim::target},            // IIS's rewriting: Symfony, Zend, Django behind it
    {"x-original-uri", Claim::target},            // ingress-nginx
    {"x-original-path", Claim::target},
    {"x-envoy-original-path", Claim::target},     // Envoy
    {"x-rewrite-url", Claim::target},             // IIS's ISAPI_Rewrite: Symfony, Zend
    {"x-rewrite-uri", Claim::target},
    {"x-override-url", Claim::target},
    {"x-request-uri", Claim::target},
    {"request-uri", Claim::target},               // CGI's own variables: some servers take them from fields
    {"path-info", Claim::target},                 // gunicorn, from forwarded_allow_ips, as we are
    {"script-name", Claim::target},               // the same: it begins every link that Django makes
    {"x-script-name", Claim::target},             // Flask's ReverseProxied and its like
});
// clang-format on

// X-Forwarded-For, -Host, -Proto, -Port, -Prefix, -Scheme, -Server, -Ssl, -User, ...
constexpr std::string_view family = "x-forwarded";
// A CGI-like server makes it HTTP_PROXY, and HTTP clients inside it obey that (CVE-2016-5385, "httpoxy").
constexpr std::string_view httpoxy = "proxy";

// `name` in lower case, with '-' for '_'. Null: not among these.
const NamedClaim* claim_named(std::string_view name) {
  const auto* const found = std::find_if(claims.begin(), claims.end(),
                                         [name](const NamedClaim& claim) { return claim.name == name; });
  return found == claims.end() ? nullptr : found;
}
bool is_claim(std::string_view name) {
  return name == httpoxy || name.starts_with(family) || claim_named(name) != nullptr;
}

// Which of the names that have a number are claims: most fields of most requests are neither these nor
// unnumbered.
bool may_be_claim(http::FieldId id) {
  static const std::bitset<http::field_id_count> claimed = [] {
    std::bitset<http::field_id_count> found;
    found.set(static_cast<std::size_t>(http::FieldId::other));
    for (std::size_t i = 1; i < found.size(); ++i)
      found.set(i, is_claim(base::lower(http::field_name(static_cast<http::FieldId>(i)))));
    return found;
  }();
  return claimed.test(static_cast<std::size_t>(id));
}

bool is_left_out(const http::Field& field, bool is_trusted, bool is_shared) {
  if (!may_be_claim(field.id)) return false;
  const bool has_underscore = field.name.find('_') != std::string_view::npos;
  if (is_shared && has_underscore) return true;
  std::string name = base::lower(field.name);
  std::replace(name.begin(), name.end(), '_', '-');
  if (name == httpoxy) return true;
  if (name.starts_with(family)) return !is_trusted;
  const NamedClaim* const claim = claim_named(name);
  if (claim == nullptr) return false;
  const bool is_elsewhere = claim->claim == Claim::host || claim->claim == Claim::target;
  return !is_trusted || (is_shared && is_elsewhere);
}

}  // namespace

void remove_claims(http::Fields& fields, bool is_trusted, bool is_shared) {
  std::vector<std::string> removed;
  for (const http::Field& field : fields) {
    if (is_left_out(field, is_trusted, is_shared)) removed.emplace_back(field.name);
  }
  for (const std::string& name : removed) fields.remove(name);
}

}  // namespace larder::proxy
