#include "larder/config/effective.hpp"

#include "effective_routes.hpp"
#include "units.hpp"
#include "yaml_text.hpp"

namespace larder::config {
namespace {

constexpr std::string_view masked = "\"********\"";

std::vector<std::string> texts_of(const std::vector<Address>& addresses) {
  std::vector<std::string> texts;
  texts.reserve(addresses.size());
  for (const Address& address : addresses) texts.push_back(text_of(address));
  return texts;
}

std::vector<std::string> texts_of(const std::vector<Network>& networks) {
  std::vector<std::string> texts;
  texts.reserve(networks.size());
  for (const Network& network : networks) texts.push_back(text_of(network));
  return texts;
}

void append_listeners(const Config& config, std::string& out) {
  const PublicListener& visitors = config.public_listener;
  const AdminListener& admin = config.admin_listener;
  out.append("listeners:\n  public:\n    bind: ").append(yaml_list(texts_of(visitors.bind)));
  out.append("\n    trusted_proxies: ").append(yaml_list(texts_of(visitors.trusted_proxies)));
  out.append("\n    purge: ").append(visitors.allows_purge ? "allow" : "deny");
  out.append("\n  admin:\n    bind: ").append(yaml_list(texts_of(admin.bind)));
  out.append("\n    allow: ").append(yaml_list(texts_of(admin.allow)));
  if (!admin.token.empty()) out.append("\n    token: ").append(masked);
  out.append("\n\n");
}

void append_upstream(const Upstream& upstream, std::string& out) {
  std::vector<std::string> servers;
  for (const Server& server : upstream.servers) servers.push_back(server.text);
  const auto& [connect, first_byte, between_bytes] = upstream.timeouts;
  const auto& [max, queue, queue_timeout, idle] = upstream.connections;
  out.append("  ").append(yaml_key(upstream.name)).append(":\n    servers: ").append(yaml_list(servers));
  out.append("\n    timeouts: {connect: ").append(text_of_duration(connect));
  out.append(", first_byte: ").append(text_of_duration(first_byte));
  out.append(", between_bytes: ").append(text_of_duration(between_bytes));
  out.append("}\n    connections: {max: ").append(std::to_string(max));
  out.append(", queue: ").append(std::to_string(queue));
  out.append(", queue_timeout: ").append(text_of_duration(queue_timeout));
  out.append(", idle: ").append(text_of_duration(idle));
  std::vector<std::string> causes;
  if (upstream.retries.on_connect) causes.emplace_back("connect");
  if (upstream.retries.on_reset_idle) causes.emplace_back("reset_idle");
  out.append("}\n    retries: {attempts: ").append(std::to_string(upstream.retries.attempts));
  out.append(", on: ").append(yaml_list(causes)).append("}\n");
}

void append_redis(const Redis& redis, std::string& out) {
  out.append("  redis:\n    url: ").append(yaml_text(url_of(redis))).append("\n");
  if (!redis.password.empty()) out.append("    password: ").append(masked).append("\n");
  if (!redis.ca_file.empty()) out.append("    ca: ").append(yaml_text(redis.ca_file)).append("\n");
  out.append("    namespace: ").append(yaml_text(redis.name_space));
  out.append("\n    on_loss: ").append(name_of(redis.on_loss));
  out.append("\n    lease: ").append(text_of_duration(redis.lease));
  out.append("\n    serve_for: ").append(text_of_duration(redis.serve_for));
  out.append("\n    read_budget: ").append(text_of_duration(redis.read_budget)).append("\n");
}

void append_hosts(const Config& config, std::string& out) {
  if (config.hosts.empty()) return;
  out.append("hosts:\n");
  for (const Host& host : config.hosts) {
    out.append("  - {name: ").append(yaml_text(host.name));
    out.append(", aliases: ").append(yaml_list(host.aliases)).append("}\n");
  }
  out.append("\n");
}

void append_purge(const Config& config, std::string& out) {
  std::vector<std::string> settle;
  for (const base::Duration after : config.purge.settle) settle.push_back(text_of_duration(after));
  out.append("purge:\n  settle: ").append(yaml_list(settle));
  out.append("\n  refresh: {concurrency: ").append(std::to_string(config.refresh.concurrency));
  out.append(", max: ").append(std::to_string(config.refresh.max)).append("}\n\n");
}

// As many masks as there are secrets.
std::string masked_secrets(const Webhook& hook) {
  if (hook.secrets.size() == 1) return std::string(masked);
  std::string list = "[";
  for (std::size_t i = 0; i < hook.secrets.size(); ++i) list.append(i > 0 ? ", " : "").append(masked);
  return list + "]";
}

void append_signature(const Webhook& hook, std::string& out) {
  const SignatureRule& rule = hook.signature;
  const auto append = [&out](std::string_view key, std::string_view text) {
    if (!text.empty()) out.append(", ").append(key).append(": ").append(yaml_text(text));
  };
  constexpr std::string_view encodings[] = {"hex", "base64", "base64url"};
  append("header", rule.header);
  append("algorithm", rule.algorithm);
  append("encoding", encodings[static_cast<std::size_t>(rule.encoding)]);
  append("prefix", rule.prefix);
  append("signature_key", rule.signature_key);
  append("timestamp_key", rule.timestamp_key);
  append("timestamp_header", rule.timestamp_header);
  append("signed", rule.signed_text);
}

void append_hook_auth(const Webhook& hook, std::string& out) {
  constexpr std::string_view types[] = {"standard", "hmac", "bearer", "none"};
  out.append("    auth: {type: ").append(types[static_cast<std::size_t>(hook.auth)]);
  if (hook.auth != HookAuth::none) out.append(", secret: ").append(masked_secrets(hook));
  if (hook.auth == HookAuth::hmac) append_signature(hook, out);
  if (hook.auth == HookAuth::standard || (hook.auth == HookAuth::hmac && hook.signature.has_timestamp())) {
    out.append(", tolerance: ").append(text_of_duration(hook.tolerance));
  }
  out.append("}\n");
}

std::string in_braces(const EventValue& value) {
  return yaml_text("{" + text_of(value) + (value.is_optional ? "?}" : "}"));
}

void append_rule(const HookRule& rule, std::string& out) {
  std::vector<std::string> selectors;
  for (const SelectorTemplate& selector : rule.purge) selectors.push_back(selector.text);
  out.append("      ").append(yaml_key(rule.event)).append(": {purge: ").append(yaml_list(selectors));
  out.append(", mode: ").append(rule.mode ? in_braces(*rule.mode) : rule.is_soft ? "soft" : "hard");
  out.append(", refresh: ");
  out.append(rule.refresh ? in_braces(*rule.refresh) : rule.wants_refresh ? "true" : "false").append("}\n");
}

void append_webhook(const Webhook& hook, std::string& out) {
  out.append("  ").append(yaml_key(hook.name)).append(":\n    path: ").append(yaml_text(hook.path));
  out.append("\n    expose: ").append(hook.is_public ? "public" : "admin").append("\n");
  append_hook_auth(hook, out);
  if (hook.event) out.append("    event: ").append(in_braces(*hook.event)).append("\n");
  out.append("    on:\n");
  for (const HookRule& rule : hook.rules) append_rule(rule, out);
}

void append_limits(const Limits& limits, std::string& out) {
  out.append("limits:\n  header_size: ").append(text_of_size(limits.header_size));
  out.append("\n  headers: ").append(std::to_string(limits.headers));
  out.append("\n  body_size: ").append(text_of_size(limits.body_size));
  out.append("\n  connections: ").append(std::to_string(limits.connections));
  out.append("\n  header_timeout: ").append(text_of_duration(limits.header_timeout));
  out.append("\n  body_timeout: ").append(text_of_duration(limits.body_timeout));
  out.append("\n  idle_timeout: ").append(text_of_duration(limits.idle_timeout));
  out.append("\n  drain_timeout: ").append(text_of_duration(limits.drain_timeout)).append("\n");
}

void append_warm(const Warm& warm, std::string& out) {
  if (warm.sitemap.empty() && warm.urls.empty()) return;
  out.append("warm:\n  on_start: {urls: ").append(yaml_list(warm.urls));
  if (!warm.sitemap.empty()) out.append(", sitemap: ").append(yaml_text(warm.sitemap));
  if (warm.concurrency > 0) out.append(", concurrency: ").append(std::to_string(warm.concurrency));
  if (warm.rate > 0) out.append(", rate: ").append(std::to_string(warm.rate));
  out.append("}\n");
}

std::string_view word_of(AccessLog access) {
  switch (access) {
    case AccessLog::off:
      return "\"off\"";  // the bare word is a boolean to other readers of YAML
    case AccessLog::combined:
      return "combined";
    case AccessLog::json:
      return "json";
  }
  return "json";
}

void append_log(const Log& log, std::string& out) {
  out.append("log: {level: ").append(yaml_text(log.level));
  out.append(", format: ").append(log.format == LogFormat::json ? "json" : "text");
  out.append(", access: ").append(word_of(log.access));
  out.append(", output: ").append(yaml_text(log.output)).append("}\n");
}

}  // namespace

std::string rules_of(const Config& config) {
  std::string rules;
  append_hosts(config, rules);
  append_site_rules(config, rules);
  append_routes(config, rules);
  return rules;
}

std::string effective_yaml(const Config& config) {
  std::string out = "# " + config.source + " as it is in force";
  if (config.profile != Profile::none) {
    out.append(", profile ").append(name_of(config.profile)).append(" written out");
  }
  out.append("\nversion: 1\nprofile: none\n\n");
  append_listeners(config, out);
  out.append("upstreams:\n");
  for (const Upstream& upstream : config.upstreams) append_upstream(upstream, out);
  out.append("\nstore:\n  memory: {size: ").append(text_of_size(config.memory_size));
  out.append(", max_object: ").append(text_of_size(config.max_object)).append("}\n");
  if (config.redis) append_redis(*config.redis, out);
  out.append("\n");
  append_hosts(config, out);
  append_site_rules(config, out);
  append_routes(config, out);
  append_purge(config, out);
  if (!config.webhooks.empty()) out.append("webhooks:\n");
  for (const Webhook& hook : config.webhooks) append_webhook(hook, out);
  if (!config.webhooks.empty()) out.append("\n");
  append_warm(config.warm, out);
  append_limits(config.limits, out);
  append_log(config.log, out);
  out.append("workers: ").append(config.workers == 0 ? "auto" : std::to_string(config.workers)).append("\n");
  return out;
}

}  // namespace larder::config
