// For each key of the configuration a value of the wrong type and one out of range, in one table.
#include <catch2/catch.hpp>

#include "support.hpp"

using namespace larder::config;
using namespace larder::config::test;

namespace {

// A section, as one line of YAML with a place for the key that is tested.
struct Section {
  const char* name;  // as errors write it
  const char* before;
  const char* after;
};

// The lines that a section needs beside its own.
std::string rest_of(const std::string& line) {
  std::string rest;
  if (!line.starts_with("listen: ") && !line.starts_with("listeners: {public: "))
    rest += "listen: \":8080\"\n";
  if (!line.starts_with("upstream")) rest += "upstream: \"http://127.0.0.1:8000\"\n";
  return rest;
}

constexpr Section top{"", "", ""};
constexpr Section listeners{"listeners", "listeners: {public: {bind: \":8080\"}, ", "}"};
constexpr Section public_listener{"listeners.public", "listeners: {public: {", "}}"};
constexpr Section public_bound{"listeners.public", "listeners: {public: {bind: \":8080\", ", "}}"};
constexpr Section admin{"listeners.admin", "listeners: {admin: {", "}}"};
constexpr Section upstreams{"upstreams", "upstreams: {", "}"};
constexpr Section upstream{"upstreams.cms", "upstreams: {cms: {servers: [\"http://a:1\"], ", "}}"};
constexpr Section upstream_alone{"upstreams.cms", "upstreams: {cms: {", "}}"};
constexpr Section timeouts{"upstreams.cms.timeouts",
                           "upstreams: {cms: {servers: [\"http://a:1\"], timeouts: {", "}}}"};
constexpr Section connections{"upstreams.cms.connections",
                              "upstreams: {cms: {servers: [\"http://a:1\"], connections: {", "}}}"};
constexpr Section retries{"upstreams.cms.retries", "upstreams: {cms: {servers: [\"http://a:1\"], retries: {",
                          "}}}"};
constexpr Section store{"store", "store: {", "}"};
constexpr Section memory{"store.memory", "store: {memory: {", "}}"};
constexpr Section redis_alone{"store.redis", "store: {redis: {", "}}"};
constexpr Section redis{"store.redis", "store: {redis: {url: \"redis://a\", ", "}}"};
constexpr Section redis_tls{"store.redis", "store: {redis: {url: \"rediss://a\", ", "}}"};
constexpr Section host{"hosts[0]", "hosts: [{", "}]"};
constexpr Section host_named{"hosts[0]", "hosts: [{name: a.example, ", "}]"};
constexpr Section cookies{"cookies", "cookies: {", "}"};
constexpr Section query{"query", "query: {", "}"};
constexpr Section query_default{"query.default", "query: {default: {", "}}"};
constexpr Section forward_ignored{"forward_ignored", "forward_ignored: {", "}"};
constexpr Section purge{"purge", "purge: {", "}"};
constexpr Section warm{"warm", "warm: {", "}"};
constexpr Section on_start{"warm.on_start", "warm: {on_start: {", "}}"};
constexpr Section refresh{"purge.refresh", "purge: {refresh: {", "}}"};
constexpr Section route_alone{"routes[0]", "routes: [{", "}]"};
constexpr Section route{"routes[0]", "routes: [{match: \"/a\", ", "}]"};
constexpr Section tag_rule{"routes[0].tags_from[0]", "routes: [{match: \"/a\", tags_from: [{tag: \"a:{}\", ",
                           "}]}]"};
constexpr Section json_rule{"routes[0].tags_from[0]", "routes: [{match: \"/a\", tags_from: [{json: /a, ",
                            "}]}]"};
constexpr Section ttl{"routes[0].ttl", "routes: [{match: \"/a\", ttl: {", "}}]"};
constexpr Section status_ttl{"routes[0].status_ttl", "routes: [{match: \"/a\", status_ttl: {", "}}]"};
constexpr Section stale{"routes[0].stale", "routes: [{match: \"/a\", stale: {", "}}]"};
constexpr Section route_query{"routes[0].query", "routes: [{match: \"/a\", query: {", "}}]"};
constexpr Section route_cookies{"routes[0].cookies", "routes: [{match: \"/a\", cookies: {", "}}]"};
constexpr Section downstream{"routes[0].downstream", "routes: [{match: \"/a\", downstream: {", "}}]"};
constexpr Section webhooks{"webhooks", "webhooks: {", "}"};
constexpr Section hook{"webhooks.cms",
                       "webhooks: {cms: {auth: {type: bearer, secret: abc}, on: {\"*\": {purge: [all]}}, ",
                       "}}"};
constexpr Section hook_without_auth{"webhooks.cms", "webhooks: {cms: {on: {\"*\": {purge: [all]}}, ", "}}"};
constexpr Section hook_without_on{"webhooks.cms", "webhooks: {cms: {auth: {type: bearer, secret: abc}, ",
                                  "}}"};
constexpr Section auth{"webhooks.cms.auth", "webhooks: {cms: {on: {\"*\": {purge: [all]}}, auth: {", "}}}"};
constexpr Section hmac{"webhooks.cms.auth",
                       "webhooks: {cms: {on: {\"*\": {purge: [all]}}, auth: {type: hmac, secret: abc, ",
                       "}}}"};
constexpr Section hmac_list{
    "webhooks.cms.auth",
    "webhooks: {cms: {on: {\"*\": {purge: [all]}}, auth: {type: hmac, secret: abc, signature_key: v1, ",
    "}}}"};
constexpr Section standard{
    "webhooks.cms.auth", "webhooks: {cms: {on: {\"*\": {purge: [all]}}, auth: {type: standard, secret: abc, ",
    "}}}"};
constexpr Section auth_bearer{"webhooks.cms.auth",
                              "webhooks: {cms: {on: {\"*\": {purge: [all]}}, auth: {type: bearer, ", "}}}"};
constexpr Section rule_alone{"webhooks.cms.on.*",
                             "webhooks: {cms: {auth: {type: bearer, secret: abc}, on: {\"*\": {", "}}}}"};
constexpr Section rule{"webhooks.cms.on.*",
                       "webhooks: {cms: {auth: {type: bearer, secret: abc}, on: {\"*\": {purge: [all], ",
                       "}}}}"};
constexpr Section limits{"limits", "limits: {", "}"};
constexpr Section log{"log", "log: {", "}"};

constexpr const char* targets = "a list of response fields, such as [CDN-Cache-Control]";
constexpr const char* target = "the name of a response field, such as CDN-Cache-Control";
constexpr const char* lifetime = "a duration from 0s to 100y, such as 500ms, 30s, 5m, 24h, 7d or 1y";
constexpr const char* tolerance_what = "a duration from 1s to 1d, such as 500ms, 30s, 5m, 24h, 7d or 1y";
constexpr const char* to_1h = "a duration from 1ms to 1h, such as 500ms, 30s, 5m, 24h, 7d or 1y";
constexpr const char* to_1d = "a duration from 1ms to 1d, such as 500ms, 30s, 5m, 24h, 7d or 1y";
constexpr const char* address = R"(an address such as "127.0.0.1:8080", ":8080", "[::1]:8080" or unix:/path)";
constexpr const char* addresses =
    R"(an address such as "127.0.0.1:8080", ":8080", "[::1]:8080" or unix:/path, or a list of them)";
constexpr const char* networks = "a list of networks, such as [10.0.0.0/8]";
constexpr const char* network = "a network such as 10.0.0.0/8 (no bits past the prefix) or an address";
constexpr const char* server = "a server such as \"http://127.0.0.1:8000\" (no path, no user) or unix:/path";
constexpr const char* cookie_names = "a list of cookie names, such as [sessionid, \"_ga*\"]";
constexpr const char* cookie_name = "a cookie's name, with * for any bytes";
constexpr const char* query_names = "a list of parameter names, such as [page, \"utm_*\"]";
constexpr const char* query_name = "a parameter's name as it is sent, with * for any bytes";
constexpr const char* flag = "true or false";
constexpr const char* host_what = "a host such as www.example.com or localhost:8080, without a scheme";
constexpr const char* secret = "a secret of visible ASCII characters";
constexpr const char* workers = "auto or a whole number from 1 to 1024";
constexpr const char* store_size = "a size from 1MiB to 1024GiB, such as 64KiB, 8MiB or 2GiB";
constexpr const char* redis_url = "a URL such as redis://127.0.0.1:6379/0";
constexpr const char* redis_namespace = "a name of 1 to 64 letters, digits and ._-";
constexpr const char* lease_what = "a duration from 500ms to 9s, such as 500ms, 30s, 5m, 24h, 7d or 1y";
constexpr const char* serve_for_what = "a duration from 1s to 30d, such as 500ms, 30s, 5m, 24h, 7d or 1y";
constexpr const char* budget_what = "a duration from 1ms to 5s, such as 500ms, 30s, 5m, 24h, 7d or 1y";
constexpr const char* hook_path = "a path such as /hooks/wagtail, which the admin API does not use itself";
constexpr const char* event_what = "a JSON pointer such as /type, \"{header:X-Event}\" or \"{query:event}\"";
constexpr const char* secrets = "a secret of visible ASCII characters, or a list of them";
constexpr const char* mode_what = "hard, soft, or where the event says it: \"{/data/mode}\"";
constexpr const char* refresh_what = "true, false, or where the event says it: \"{/data/refresh}\"";
constexpr const char* field_name = "the name of a header field, such as X-Signature";
constexpr const char* list_key = "a name such as v1, of a field such as \"t=123,v1=abc\"";
constexpr const char* signed_what =
    "what is signed, such as \"{timestamp}.{body}\", of {body}, {timestamp}, {method}, {target} and "
    "{fields:NAME}";
constexpr const char* log_output = "stdout, stderr or the absolute path of a file";
constexpr const char* ttl_what = "a duration such as 24h, upstream, or a map of default, min, max, force";

struct Case {
  Section section;
  const char* key;
  const char* value;      // YAML
  const char* expected;   // what the message says was expected
  const char* got;        // what it says it got
  const char* item = "";  // the rest of the name, and what of the value stands before the place of the error
  std::size_t offset = 0;
};

const Case cases[] = {
    {top, "version", "[1]", "the version of this format, 1", "a list"},
    {top, "version", "2", "the version of this format, 1", "\"2\""},
    {top, "profile", "{}", "none, django or wagtail", "a map"},
    {top, "profile", "drupal", "none, django or wagtail", "\"drupal\""},
    {top, "listen", "{}", addresses, "a map"},
    {top, "listen", "\":65536\"", address, "\":65536\""},
    {top, "listeners", "[]", "a map of public, admin", "a list"},
    {listeners, "admin", "off", "a map of bind, allow, token, token_file", "\"off\""},
    {public_listener, "bind", "{}", addresses, "a map"},
    {public_listener, "bind", "\"a:0\"", address, "\"a:0\""},
    {public_bound, "trusted_proxies", "10.0.0.0/8", networks, "\"10.0.0.0/8\""},
    {public_bound, "trusted_proxies", "[10.0.0.0/40]", network, "\"10.0.0.0/40\"", "[0]", 1},
    {public_bound, "purge", "[allow]", "allow or deny", "a list"},
    {public_bound, "purge", "maybe", "allow or deny", "\"maybe\""},
    {public_bound, "proxy_protocol", "{}", "off or on", "a map"},
    {public_bound, "proxy_protocol", "v2", "off or on", "\"v2\""},
    {admin, "bind", "{}", addresses, "a map"},
    {admin, "bind", "\":0\"", address, "\":0\""},
    {admin, "allow", "everyone", networks, "\"everyone\""},
    {admin, "allow", "[\"::1/129\"]", network, "\"::1/129\"", "[0]", 1},
    {admin, "token", "[a]", secret, "a list"},
    {admin, "token", "\"\"", secret, "an empty text"},
    {admin, "token_file", "{}", "the path of a file", "a map"},
    {top, "upstream", "[a]", server, "a list"},
    {top, "upstream", "\"http://a:65536\"", server, "\"http://a:65536\""},
    {top, "upstreams", "[a]", "a map of upstreams by name", "a list"},
    {upstreams, "cms", "\"http://a:1\"", "a map of servers, timeouts, connections, retries",
     "\"http://a:1\""},
    {upstream_alone, "servers", "\"http://a:1\"", "a list of servers, such as [\"http://127.0.0.1:8000\"]",
     "\"http://a:1\""},
    {upstream_alone, "servers", "[\"http://a:0\"]", server, "\"http://a:0\"", "[0]", 1},
    {upstream, "timeouts", "30s", "a map of connect, first_byte, between_bytes", "\"30s\""},
    {timeouts, "connect", "[1s]", to_1h, "a list"},
    {timeouts, "connect", "0s", to_1h, "\"0s\""},
    {timeouts, "first_byte", "{}", to_1h, "a map"},
    {timeouts, "first_byte", "2h", to_1h, "\"2h\""},
    {timeouts, "between_bytes", "never", to_1h, "\"never\""},
    {timeouts, "between_bytes", "-1s", to_1h, "\"-1s\""},
    {upstream, "connections", "64", "a map of max, queue, queue_timeout, idle", "\"64\""},
    {connections, "max", "many", "a whole number from 1 to 65535", "\"many\""},
    {connections, "max", "0", "a whole number from 1 to 65535", "\"0\""},
    {connections, "queue", "{}", "a whole number from 0 to 1000000", "a map"},
    {connections, "queue", "1000001", "a whole number from 0 to 1000000", "\"1000001\""},
    {connections, "queue_timeout", "10", to_1h, "\"10\""},
    {connections, "queue_timeout", "0ms", to_1h, "\"0ms\""},
    {connections, "idle", "[]", to_1d, "a list"},
    {connections, "idle", "2d", to_1d, "\"2d\""},
    {upstream, "retries", "1", "a map of attempts, on", "\"1\""},
    {retries, "attempts", "once", "a whole number from 0 to 1", "\"once\""},
    {retries, "attempts", "2", "a whole number from 0 to 1", "\"2\""},
    {retries, "on", "connect", "a list of connect and reset_idle", "\"connect\""},
    {retries, "on", "[http_502]", "connect or reset_idle", "\"http_502\"", "[0]", 1},
    {top, "store", "memory", "a map of memory, redis", "\"memory\""},
    {store, "memory", "64MiB", "a map of size, max_object", "\"64MiB\""},
    {store, "redis", "on",
     "a map of url, password, password_file, ca, namespace, on_loss, lease, serve_for, read_budget",
     "\"on\""},
    {redis_alone, "url", "[]", redis_url, "a list"},
    {redis, "password", "[]", secret, "a list"},
    {redis, "password_file", "{}", "the path of a file", "a map"},
    {redis_tls, "ca", "[]", "the path of a file of certificates (PEM)", "a list"},
    {redis, "namespace", "[]", redis_namespace, "a list"},
    {redis, "namespace", "\"a:b\"", redis_namespace, "\"a:b\""},
    {redis, "on_loss", "{}", "revalidate, serve or bypass", "a map"},
    {redis, "on_loss", "ignore", "revalidate, serve or bypass", "\"ignore\""},
    {redis, "lease", "[]", lease_what, "a list"},
    {redis, "lease", "499ms", lease_what, "\"499ms\""},
    {redis, "lease", "10s", lease_what, "\"10s\""},
    {redis, "serve_for", "{}", serve_for_what, "a map"},
    {redis, "serve_for", "0ms", serve_for_what, "\"0ms\""},
    {redis, "serve_for", "31d", serve_for_what, "\"31d\""},
    {redis, "read_budget", "{}", budget_what, "a map"},
    {redis, "read_budget", "0ms", budget_what, "\"0ms\""},
    {redis, "read_budget", "6s", budget_what, "\"6s\""},
    {memory, "size", "[64MiB]", store_size, "a list"},
    {memory, "size", "512KiB", store_size, "\"512KiB\""},
    {memory, "max_object", "large", "a size from 1KiB to 1024GiB, such as 64KiB, 8MiB or 2GiB", "\"large\""},
    {memory, "max_object", "1000", "a size from 1KiB to 1024GiB, such as 64KiB, 8MiB or 2GiB", "\"1000\""},
    {top, "hosts", "example.com", "a list of {name: HOST, aliases: [HOST]}", "\"example.com\""},
    {host, "name", "[a]", host_what, "a list"},
    {host, "name", "\"a b\"", host_what, "\"a b\""},
    {host, "name", "\"a:70000\"", host_what, "\"a:70000\""},
    {host_named, "aliases", "b.example", "a list of hosts", "\"b.example\""},
    {host_named, "aliases", "[\"b/c\"]", host_what, "\"b/c\"", "[0]", 1},
    {top, "cookies", "[sessionid]", "a map of bypass, ignore, vary, session", "a list"},
    {cookies, "bypass", "sessionid", cookie_names, "\"sessionid\""},
    {cookies, "bypass", "[\"a=b\"]", cookie_name, "\"a=b\"", "[0]", 1},
    {cookies, "ignore", "{}", cookie_names, "a map"},
    {cookies, "ignore", "[\"a b\"]", cookie_name, "\"a b\"", "[0]", 1},
    {cookies, "vary", "1", cookie_names, "\"1\""},
    {cookies, "vary", "[\"\"]", cookie_name, "an empty text", "[0]", 1},
    {cookies, "session", "sessionid", cookie_names, "\"sessionid\""},
    {cookies, "session", "[\"a=b\"]", cookie_name, "\"a=b\"", "[0]", 1},
    {top, "query", "sort", "a map of bypass, allow, ignore, default, sort, max_variants", "\"sort\""},
    {query, "bypass", "token", query_names, "\"token\""},
    {query, "bypass", "[\"a=b\"]", query_name, "\"a=b\"", "[0]", 1},
    {query, "allow", "page", query_names, "\"page\""},
    {query, "allow", "[\"a=b\"]", query_name, "\"a=b\"", "[0]", 1},
    {query, "ignore", "{}", query_names, "a map"},
    {query, "ignore", "[\"a#\"]", query_name, "\"a#\"", "[0]", 1},
    {query, "default", "[page]", "a map of parameters and their values", "a list"},
    {query_default, "page", "[1]", "a parameter's value as it is sent", "a list"},
    {query_default, "page", "\"1&x=2\"", "a parameter's value as it is sent", "\"1&x=2\""},
    {query, "sort", "[]", flag, "a list"},
    {query, "sort", "1", flag, "\"1\""},
    {query, "max_variants", "many", "a whole number from 1 to 1000000", "\"many\""},
    {query, "max_variants", "0", "a whole number from 1 to 1000000", "\"0\""},
    {top, "forward_ignored", "true", "a map of query, cookies", "\"true\""},
    {forward_ignored, "query", "{}", flag, "a map"},
    {forward_ignored, "query", "yes", flag, "\"yes\""},
    {forward_ignored, "cookies", "{}", "true, false or a list of cookie names, such as [csrftoken]", "a map"},
    {forward_ignored, "cookies", "2", "true, false or a list of cookie names, such as [csrftoken]", "\"2\""},
    {forward_ignored, "cookies", "[\"a b\"]", cookie_name, "\"a b\"", "[0]", 1},
    {top, "targets", "CDN-Cache-Control", targets, "\"CDN-Cache-Control\""},
    {top, "targets", "[\"CDN Cache-Control\"]", target, "\"CDN Cache-Control\"", "[0]", 1},
    {top, "purge", "[]", "a map of settle, refresh", "a list"},
    {top, "warm", "[]", "a map of on_start", "a list"},
    {warm, "on_start", "true", "a map of sitemap, urls, concurrency, rate", "\"true\""},
    {on_start, "sitemap", "[]", "a URL such as https://www.example.com/sitemap.xml", "a list"},
    {on_start, "sitemap", "/sitemap.xml", "a URL such as https://www.example.com/sitemap.xml",
     "\"/sitemap.xml\""},
    {on_start, "urls", "a", "a list of URLs, such as [\"https://www.example.com/\"]", "\"a\""},
    {on_start, "urls", "[\"ftp://a/\"]", "a URL such as https://www.example.com/", "\"ftp://a/\"", "[0]", 1},
    {on_start, "concurrency", "{}", "a whole number from 1 to 256", "a map"},
    {on_start, "concurrency", "0", "a whole number from 1 to 256", "\"0\""},
    {on_start, "rate", "[]", "a whole number from 1 to 10000", "a list"},
    {on_start, "rate", "10001", "a whole number from 1 to 10000", "\"10001\""},
    {purge, "refresh", "4", "a map of concurrency, max", "\"4\""},
    {refresh, "concurrency", "{}", "a whole number from 1 to 256", "a map"},
    {refresh, "concurrency", "257", "a whole number from 1 to 256", "\"257\""},
    {refresh, "max", "[]", "a whole number from 1 to 50000", "a list"},
    {refresh, "max", "0", "a whole number from 1 to 50000", "\"0\""},
    {purge, "settle", "2s", "a list of durations, such as [2s]", "\"2s\""},
    {top, "routes", "{}", "a list of routes, each with its 'match'", "a map"},
    {top, "routes", "[\"/a\"]",
     "a map of match, cache, ttl, status_ttl, stale, query, cookies, refuse, targets, tags, tags_from, "
     "downstream, client_reload, unsafe",
     "\"/a\"", "[0]", 1},
    {route_alone, "match", "[\"/a\"]", "a pattern such as \"/blog/{slug}/\"", "a list"},
    {route_alone, "match", "\"\"", "a pattern such as \"/blog/{slug}/\"", "an empty text"},
    {route, "cache", "{}", "off", "a map"},
    {route, "cache", "none", "off", "\"none\""},
    {route, "ttl", "[1h]", ttl_what, "a list"},
    {route, "ttl", "101y", ttl_what, "\"101y\""},
    {ttl, "default", "[]", lifetime, "a list"},
    {ttl, "default", "101y", lifetime, "\"101y\""},
    {ttl, "min", "soon", lifetime, "\"soon\""},
    {ttl, "min", "-1s", lifetime, "\"-1s\""},
    {ttl, "max", "{}", lifetime, "a map"},
    {ttl, "max", "36501d", lifetime, "\"36501d\""},
    {ttl, "force", "upstream", lifetime, "\"upstream\""},
    {ttl, "force", "1e9s", lifetime, "\"1e9s\""},
    {route, "status_ttl", "10s", "a map of statuses and durations, such as {404: 10s}", "\"10s\""},
    {status_ttl, "404", "[]", lifetime, "a list"},
    {status_ttl, "404", "-1s", lifetime, "\"-1s\""},
    {route, "stale", "1h", "a map of while_revalidate, if_error", "\"1h\""},
    {stale, "while_revalidate", "[]", lifetime, "a list"},
    {stale, "while_revalidate", "200y", lifetime, "\"200y\""},
    {stale, "if_error", "true", lifetime, "\"true\""},
    {stale, "if_error", "-5m", lifetime, "\"-5m\""},
    {route, "query", "[]", "a map of bypass, allow, ignore, default, sort, max_variants", "a list"},
    {route_query, "allow", "page", query_names, "\"page\""},
    {route_query, "ignore", "[\"a&b\"]", query_name, "\"a&b\"", "[0]", 1},
    {route_query, "sort", "maybe", flag, "\"maybe\""},
    {route, "cookies", "sessionid", "a map of bypass, ignore, vary, session", "\"sessionid\""},
    {route_cookies, "vary", "{}", cookie_names, "a map"},
    {route_cookies, "session", "{}", cookie_names, "a map"},
    {route, "targets", "{}", targets, "a map"},
    {route, "targets", "[cache-control]", target, "\"cache-control\"", "[0]", 1},
    {route, "targets", "[Expires]", target, "\"Expires\"", "[0]", 1},
    {route, "tags", "blog", "a list of tags, such as [blog]", "\"blog\""},
    {route, "tags", "[\"a,b\"]", "a tag without spaces, commas and *", "\"a,b\"", "[0]", 1},
    {route, "downstream", "no-store", "a map of cache_control, etag, tags", "\"no-store\""},
    {downstream, "cache_control", "{public: true}",
     "a Cache-Control value, such as \"public, max-age=0, must-revalidate\"", "a map"},
    {downstream, "cache_control", "\" public\"",
     "a Cache-Control value, such as \"public, max-age=0, must-revalidate\"", "\" public\""},
    {downstream, "etag", "[]", "auto", "a list"},
    {downstream, "etag", "weak", "auto", "\"weak\""},
    {downstream, "tags", "{}", "keep", "a map"},
    {downstream, "tags", "drop", "keep", "\"drop\""},
    {route, "client_reload", "[]", "obey or ignore", "a list"},
    {route, "tags_from", "/meta/slug", "a list such as [{json: /meta/slug, tag: \"slug:{}\"}]",
     "\"/meta/slug\""},
    {route, "tags_from", "[/id]", "a map of json, tag", "\"/id\"", "[0]", 1},
    {tag_rule, "json", "[]", "a JSON pointer such as /meta/slug", "a list"},
    {tag_rule, "json", "/a~2", "a JSON pointer such as /meta/slug", "\"/a~2\""},
    {json_rule, "tag", "[]", "a tag with one {} for the value, such as \"slug:{}\"", "a list"},
    {json_rule, "tag", "\"a b {}\"", "a tag with one {} for the value, such as \"slug:{}\"", "\"a b {}\""},
    {route, "client_reload", "true", "obey or ignore", "\"true\""},
    {route, "unsafe", "set_cookie", "a list of set_cookie", "\"set_cookie\""},
    {route, "unsafe", "[cookies]", "set_cookie", "\"cookies\"", "[0]", 1},
    {top, "webhooks", "[]", "a map of webhooks by name", "a list"},
    {webhooks, "cms", "bearer", "a map of path, expose, auth, event, on", "\"bearer\""},
    {hook, "path", "[]", hook_path, "a list"},
    {hook, "path", "hooks/cms", hook_path, "\"hooks/cms\""},
    {hook, "path", "/metrics", hook_path, "\"/metrics\""},
    {hook, "expose", "{}", "admin or public", "a map"},
    {hook, "expose", "yes", "admin or public", "\"yes\""},
    {hook, "event", "[/type]", event_what, "a list"},
    {hook, "event", "/a~2", event_what, "\"/a~2\""},
    {hook, "event", "\"{header:X Event}\"", event_what, "\"{header:X Event}\""},
    {hook, "event", "\"{/type?}\"", event_what, "\"{/type?}\""},
    {hook_without_auth, "auth", "bearer",
     "a map of type, secret, secret_file, tolerance, header, algorithm, encoding, prefix, signature_key, "
     "timestamp_key, timestamp_header, signed",
     "\"bearer\""},
    {auth, "type", "[]", "standard, hmac, bearer or none", "a list"},
    {auth, "type", "basic", "standard, hmac, bearer or none", "\"basic\""},
    {auth_bearer, "secret", "{}", secrets, "a map"},
    {auth_bearer, "secret", "[abc, \"\"]", secret, "an empty text", "[1]", 6},
    {auth_bearer, "secret", "\"\"", secret, "an empty text"},
    {auth_bearer, "secret_file", "{}", "the path of a file, or a list of them", "a map"},
    {standard, "tolerance", "[]", tolerance_what, "a list"},
    {standard, "tolerance", "0s", tolerance_what, "\"0s\""},
    {hmac, "header", "[]", field_name, "a list"},
    {hmac, "header", "\"X Signature\"", field_name, "\"X Signature\""},
    {hmac, "algorithm", "256", "sha1, sha256 or sha512", "\"256\""},
    {hmac, "encoding", "[]", "hex, base64 or base64url", "a list"},
    {hmac, "encoding", "base32", "hex, base64 or base64url", "\"base32\""},
    {hmac, "prefix", "[]", "what stands before the signature, such as \"sha256=\"", "a list"},
    {hmac, "prefix", "\"a\\tb \"", "what stands before the signature, such as \"sha256=\"", "\"a\\tb \""},
    {hmac, "signature_key", "[]", list_key, "a list"},
    {hmac, "signature_key", "v=1", list_key, "\"v=1\""},
    {hmac_list, "timestamp_key", "{}", list_key, "a map"},
    {hmac_list, "timestamp_key", "\"t,\"", list_key, "\"t,\""},
    {hmac, "timestamp_header", "[]", field_name, "a list"},
    {hmac, "timestamp_header", "\"X Time\"", field_name, "\"X Time\""},
    {hmac, "signed", "[body]", signed_what, "a list"},
    {hmac, "signed", "\"{id}.{body}\"", signed_what, "\"{id}.{body}\""},
    {hook_without_on, "on", "[all]", "a map of events and what they purge", "a list"},
    {rule_alone, "purge", "all", "a list of selectors, such as [\"path:{/data/path}\"]", "\"all\""},
    {rule_alone, "purge", "[[all]]", "a selector such as \"path:{/data/path}\"", "a list", "[0]", 1},
    {rule, "mode", "[]", mode_what, "a list"},
    {rule, "mode", "gentle", mode_what, "\"gentle\""},
    {rule, "mode", "\"{mode}\"", mode_what, "\"{mode}\""},
    {rule, "refresh", "[]", refresh_what, "a list"},
    {rule, "refresh", "later", refresh_what, "\"later\""},
    {top, "limits", "[]",
     "a map of header_size, headers, body_size, connections, header_timeout, body_timeout, idle_timeout, "
     "drain_timeout",
     "a list"},
    {limits, "header_size", "[]", "a size from 1KiB to 1MiB, such as 64KiB, 8MiB or 2GiB", "a list"},
    {limits, "header_size", "1023", "a size from 1KiB to 1MiB, such as 64KiB, 8MiB or 2GiB", "\"1023\""},
    {limits, "headers", "{}", "a whole number from 1 to 10000", "a map"},
    {limits, "headers", "-1", "a whole number from 1 to 10000", "\"-1\""},
    {limits, "body_size", "[]", "a size from 0 to 1024GiB, such as 64KiB, 8MiB or 2GiB", "a list"},
    {limits, "body_size", "1025GiB", "a size from 0 to 1024GiB, such as 64KiB, 8MiB or 2GiB", "\"1025GiB\""},
    {limits, "connections", "all", "a whole number from 1 to 1000000", "\"all\""},
    {limits, "connections", "0", "a whole number from 1 to 1000000", "\"0\""},
    {limits, "header_timeout", "[]", to_1d, "a list"},
    {limits, "header_timeout", "0s", to_1d, "\"0s\""},
    {limits, "body_timeout", "{}", to_1d, "a map"},
    {limits, "body_timeout", "25h", to_1d, "\"25h\""},
    {limits, "idle_timeout", "60", to_1d, "\"60\""},
    {limits, "idle_timeout", "0s", to_1d, "\"0s\""},
    {limits, "drain_timeout", "[]", "a duration from 0s to 1d, such as 500ms, 30s, 5m, 24h, 7d or 1y",
     "a list"},
    {limits, "drain_timeout", "1y", "a duration from 0s to 1d, such as 500ms, 30s, 5m, 24h, 7d or 1y",
     "\"1y\""},
    {top, "log", "info", "a map of level, format, access, output", "\"info\""},
    {log, "level", "[]", "trace, debug, info, warn, error or off", "a list"},
    {log, "level", "loud", "trace, debug, info, warn, error or off", "\"loud\""},
    {log, "format", "{}", "text or json", "a map"},
    {log, "format", "xml", "text or json", "\"xml\""},
    {log, "access", "[]", "off, combined or json", "a list"},
    {log, "access", "common", "off, combined or json", "\"common\""},
    {log, "output", "[]", log_output, "a list"},
    {log, "output", "larder.log", log_output, "\"larder.log\""},
    {top, "workers", "[2]", workers, "a list"},
    {top, "workers", "-1", workers, "\"-1\""},
};

}  // namespace

TEST_CASE("Each key refuses a wrong type and a value out of range", "[config]") {
  for (const Case& c : cases) {
    const std::string key_and_colon = std::string(c.key) + ": ";
    const std::string line = c.section.before + key_and_colon + c.value + c.section.after;
    INFO(line);
    const std::size_t column = std::string(c.section.before).size() + key_and_colon.size() + c.offset + 1;
    const std::string prefix = *c.section.name == '\0' ? "" : std::string(c.section.name) + ".";
    std::string got = c.got;
    if (const auto tab = got.find("\\t"); tab != std::string::npos) got.replace(tab, 2, "\t");
    const std::string expected = "1:" + std::to_string(column) + ": '" + prefix + c.key + c.item +
                                 "': expected " + c.expected + ", got " + got;
    CHECK(errors_of(load_text(line + "\n" + rest_of(line))) == std::vector{expected});
  }
}
