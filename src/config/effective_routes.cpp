#include "effective_routes.hpp"

#include "units.hpp"
#include "yaml_text.hpp"

namespace larder::config {
namespace {

using cache::CookieRule;
using cache::QueryRule;
using cache::RefuseRule;
using cache::RoutePolicy;
using Names = std::vector<std::string>;

Names words_of(const RefuseRule& rule) {
  Names words;
  if (rule.set_cookie) words.emplace_back("set_cookie");
  if (rule.session) words.emplace_back("session");
  if (rule.csrf_token) words.emplace_back("csrf_token");
  if (rule.user_bar) words.emplace_back("user_bar");
  if (rule.unkeyed_cookie) words.emplace_back("unkeyed_cookie");
  return words;
}

// "{a: 1, b: 2}"; nothing where no entry was added.
class FlowMap {
 public:
  void add(std::string_view key, std::string_view value) {
    text_.append(text_.empty() ? "{" : ", ").append(key).append(": ").append(value);
  }
  void add(std::string_view key, const std::optional<base::Duration>& value) {
    if (value) add(key, text_of_duration(*value));
  }
  bool is_empty() const { return text_.empty(); }
  std::string text() const { return text_.empty() ? "{}" : text_ + "}"; }

 private:
  std::string text_;
};

std::string defaults_of(const QueryRule& rule) {
  FlowMap defaults;
  for (const auto& [name, value] : rule.fallback) defaults.add(yaml_key(name), yaml_text(value));
  return defaults.text();
}

std::string flow_of(const QueryRule& rule) {
  FlowMap query;
  query.add("bypass", yaml_list(rule.bypass));
  if (rule.allow) query.add("allow", yaml_list(*rule.allow));
  query.add("ignore", yaml_list(rule.ignore));
  query.add("default", defaults_of(rule));
  query.add("sort", rule.sort ? "true" : "false");
  if (rule.max_variants > 0) query.add("max_variants", std::to_string(rule.max_variants));
  return query.text();
}

std::string flow_of(const CookieRule& rule) {
  FlowMap cookies;
  cookies.add("bypass", yaml_list(rule.bypass));
  cookies.add("ignore", yaml_list(rule.ignore));
  cookies.add("vary", yaml_list(rule.vary));
  cookies.add("session", yaml_list(rule.session));
  return cookies.text();
}

// A single value of the site, its reason above it.
void append_value(const Config& config, std::string_view place, std::string_view value, std::string& out) {
  const std::string_view reason = reason_of(config.profile, place, value);
  if (!reason.empty()) out.append("  # ").append(reason).append("\n");
  out.append("  ").append(place.substr(place.find('.') + 1)).append(": ").append(value).append("\n");
}

// A list of the site, an item a line: those of the profile have their reasons above them.
void append_list(const Config& config, std::string_view place, const Names& items, std::string_view indent,
                 std::string& out) {
  const std::size_t dot = place.find('.');
  const std::string_view key = dot == std::string_view::npos ? place : place.substr(dot + 1);
  out.append(indent).append(key).append(":");
  if (items.empty()) out.append(" []");
  out.append("\n");
  for (const std::string& item : items) {
    const std::string_view reason = reason_of(config.profile, place, item);
    if (!reason.empty()) out.append(indent).append("  # ").append(reason).append("\n");
    out.append(indent).append("  - ").append(yaml_text(item)).append("\n");
  }
}

std::string ttl_of(const cache::TtlRule& rule) {
  FlowMap ttl;
  ttl.add("default", rule.fallback);
  ttl.add("min", rule.min);
  ttl.add("max", rule.max);
  ttl.add("force", rule.force);
  return ttl.is_empty() ? "upstream" : ttl.text();
}

std::string status_ttl_of(const std::vector<cache::StatusTtl>& rules) {
  FlowMap statuses;
  for (const cache::StatusTtl& rule : rules) statuses.add(std::to_string(rule.status), rule.lifetime);
  return statuses.text();
}

std::string stale_of(const cache::StaleRule& rule) {
  FlowMap stale;
  stale.add("while_revalidate", rule.while_revalidate);
  stale.add("if_error", rule.if_error);
  return stale.text();
}

std::string downstream_of(const cache::DownstreamRule& rule) {
  FlowMap downstream;
  if (rule.cache_control) downstream.add("cache_control", yaml_text(*rule.cache_control));
  if (rule.etag_auto) downstream.add("etag", "auto");
  if (rule.keep_tags) downstream.add("tags", "keep");
  return downstream.text();
}

std::string tags_from_of(const std::vector<cache::BodyTagRule>& rules) {
  std::string list = "[";
  for (const cache::BodyTagRule& rule : rules) {
    if (list.size() > 1) list += ", ";
    list.append("{json: ").append(yaml_text(rule.pointer)).append(", tag: ");
    list.append(yaml_text(rule.before + "{}" + rule.after)).append("}");
  }
  return list + "]";
}

void append_route(const Route& route, const RoutePolicy& site, std::string& out) {
  const RoutePolicy& policy = route.policy;
  const auto line = [&out](std::string_view key, std::string_view value) {
    if (value != "{}") out.append("    ").append(key).append(": ").append(value).append("\n");
  };
  if (!route.why.empty()) out.append("  # ").append(route.why).append("\n");
  out.append("  - match: ").append(yaml_text(route.pattern.text())).append("\n");
  if (policy.is_cache_off) {
    line("cache", "\"off\"");
    // These count for what is passed, too: a log-out is seen here, and tags may be kept.
    if (policy.cookies != site.cookies) line("cookies", flow_of(policy.cookies));
    line("downstream", downstream_of(policy.downstream));
    return;
  }
  line("ttl", ttl_of(policy.ttl));
  line("status_ttl", status_ttl_of(policy.status_ttl));
  line("stale", stale_of(policy.stale));
  if (policy.query != site.query) line("query", flow_of(policy.query));
  if (policy.cookies != site.cookies) line("cookies", flow_of(policy.cookies));
  if (policy.refuse != site.refuse) line("refuse", yaml_list(words_of(policy.refuse)));
  if (policy.targets != site.targets) line("targets", yaml_list(policy.targets));
  if (!policy.tags.empty()) line("tags", yaml_list(policy.tags));
  if (!policy.tags_from.empty()) line("tags_from", tags_from_of(policy.tags_from));
  line("downstream", downstream_of(policy.downstream));
  if (policy.ignores_client_reload) line("client_reload", "ignore");
  if (policy.stores_set_cookie) line("unsafe", "[set_cookie]");
}

}  // namespace

void append_site_rules(const Config& config, std::string& out) {
  const RoutePolicy& site = config.unmatched;
  out.append("cookies:\n");
  append_list(config, "cookies.bypass", site.cookies.bypass, "  ", out);
  append_list(config, "cookies.ignore", site.cookies.ignore, "  ", out);
  append_list(config, "cookies.vary", site.cookies.vary, "  ", out);
  append_list(config, "cookies.session", site.cookies.session, "  ", out);
  out.append("query:\n");
  append_list(config, "query.bypass", site.query.bypass, "  ", out);
  if (site.query.allow) append_list(config, "query.allow", *site.query.allow, "  ", out);
  append_list(config, "query.ignore", site.query.ignore, "  ", out);
  out.append("  default: ").append(defaults_of(site.query)).append("\n");
  append_value(config, "query.sort", site.query.sort ? "true" : "false", out);
  if (site.query.max_variants > 0)
    append_value(config, "query.max_variants", std::to_string(site.query.max_variants), out);
  out.append("forward_ignored:\n");
  append_value(config, "forward_ignored.query", site.query.forward_ignored ? "true" : "false", out);
  append_list(config, "forward_ignored.cookies", site.cookies.forward_ignored, "  ", out);
  append_list(config, "refuse", words_of(site.refuse), "", out);
  append_list(config, "targets", site.targets, "", out);
  out.append("\n");
}

void append_routes(const Config& config, std::string& out) {
  if (config.routes.empty()) return;
  out.append("routes:\n");
  for (const Route& route : config.routes) append_route(route, config.unmatched, out);
  out.append("\n");
}

}  // namespace larder::config
