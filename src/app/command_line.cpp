#include "larder/app/command_line.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/serve.hpp"
#include "app/warm.hpp"
#include "larder/admin/client.hpp"
#include "larder/config/effective.hpp"

namespace larder::app {
namespace {

using Json = nlohmann::json;

struct Options {
  std::string config_file;
  std::string admin_url;
  std::string token_file;
  std::vector<std::string> selectors;
  bool is_soft = false;
  bool wants_refresh = false;
  bool is_dry_run = false;
  bool wants_json = false;
  bool wants_watch = false;
  WarmOptions warm;
};

std::string environment_or(const char* name, std::string_view fallback) {
  const char* value = std::getenv(name);
  return value && *value ? value : std::string(fallback);
}

// $LARDER_CONFIG, ./larder.yaml, /etc/larder/larder.yaml: the first that is there.
std::string default_config_file() {
  std::string named = environment_or("LARDER_CONFIG", "");
  if (!named.empty()) return named;
  std::string local = "larder.yaml";
  return ::access(local.c_str(), F_OK) == 0 ? local : "/etc/larder/larder.yaml";
}

std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

admin::Client client_of(const Options& options) {
  std::string token = environment_or("LARDER_TOKEN", "");
  if (!options.token_file.empty()) {
    const auto text = read_file(options.token_file);
    if (!text) throw std::runtime_error("cannot read " + options.token_file);
    token = without_line_end(*text);
  }
  return {options.admin_url, token};
}

// The answer's body when it is a success; else what went wrong goes to stderr.
std::optional<std::string> body_of(const std::variant<admin::Answer, admin::ClientError>& result) {
  if (const auto* error = std::get_if<admin::ClientError>(&result)) {
    fmt::print(stderr, "larder: {}\n", error->message);
    return std::nullopt;
  }
  const auto& answer = std::get<admin::Answer>(result);
  if (answer.status == 200) return answer.body;
  const Json body = Json::parse(answer.body, nullptr, false);
  const std::string why = body.is_object() ? body.value("error", answer.body) : answer.body;
  fmt::print(stderr, "larder: the sidecar answered {}: {}\n", answer.status, why);
  return std::nullopt;
}

int check(const Options& options) {
  const auto loaded = load_config(options.config_file);
  if (!loaded) return exit_bad_config;
  if (options.wants_json) {
    fmt::print("{}\n", Json{{"file", options.config_file}, {"valid", true}}.dump());
  } else {
    fmt::print("{}: ok\n", options.config_file);
  }
  return exit_ok;
}

int print_config(const Options& options) {
  const auto loaded = load_config(options.config_file);
  if (!loaded) return exit_bad_config;
  fmt::print("{}", config::effective_yaml(*loaded));
  return exit_ok;
}

void print_dry_run(const Json& answer) {
  fmt::print("would purge {} entries, {} KiB\n", answer.at("entries").get<std::uint64_t>(),
             (answer.at("bytes").get<std::uint64_t>() + 1023) / 1024);
  for (const Json& selector : answer.at("by_selector")) {
    fmt::print("{:>10}  {}\n", selector.at("entries").get<std::uint64_t>(),
               selector.at("selector").get<std::string>());
  }
  for (const Json& key : answer.at("keys")) fmt::print("  {}\n", key.get<std::string>());
}

int purge(const Options& options) {
  const Json order{{"select", options.selectors},
                   {"mode", options.is_soft ? "soft" : "hard"},
                   {"refresh", options.wants_refresh},
                   {"dry_run", options.is_dry_run}};
  const auto body = body_of(client_of(options).post("/api/purge", order.dump()));
  if (!body) return exit_failed;
  if (options.wants_json) {
    fmt::print("{}\n", *body);
    return exit_ok;
  }
  const Json answer = Json::parse(*body);
  if (options.is_dry_run) {
    print_dry_run(answer);
    return exit_ok;
  }
  fmt::print("purged, sequence {}, acknowledged by {} of {}\n", answer.value("sequence", 0),
             answer.value("acknowledged", 0), answer.value("replicas", 0));
  if (answer.contains("job")) {
    const Json& job = answer["job"];
    fmt::print("{}\n", job.is_string() ? "refreshed by job " + job.get<std::string>()
                                       : "not refreshed: too many jobs already");
  }
  return exit_ok;
}

int stats(const Options& options) {
  const admin::Client client = client_of(options);
  for (;;) {
    const auto body = body_of(client.get("/api/stats"));
    if (!body) return exit_failed;
    if (options.wants_json) {
      fmt::print("{}\n", *body);
    } else {
      if (options.wants_watch) fmt::print("\x1b[H\x1b[2J");
      print_stats(*body);
    }
    if (!options.wants_watch) return exit_ok;
    std::fflush(stdout);
    ::poll(nullptr, 0, 1000);
  }
}

void add_config_option(CLI::App& command, Options& options) {
  command.add_option("-c,--config", options.config_file, "the configuration's file")
      ->default_str(options.config_file);
}

void add_client_options(CLI::App& command, Options& options) {
  command
      .add_option("--admin", options.admin_url,
                  "the sidecar's admin listener: http://host:port or unix:/path")
      ->default_str(options.admin_url);
  command.add_option("--token-file", options.token_file, "a file that holds the admin listener's token");
  command.add_flag("--json", options.wants_json, "print JSON");
}

void add_warm_command(CLI::App& app, Options& options, int& code) {
  CLI::App* const command =
      app.add_subcommand("warm", "have a running sidecar fetch pages before visitors ask");
  CLI::Option_group* const source = command->add_option_group("source", "which pages");
  source->add_option("--sitemap", options.warm.sitemap,
                     "those of a sitemap of the site's, by its priorities");
  source->add_option("--urls", options.warm.urls_file, "those of a file, a URL a line; - is standard input");
  source->add_option("--hot", options.warm.hot, "of those that are stored so many, the hottest")
      ->check(CLI::Range(1, 50'000));
  source->require_option(1);
  command->add_option("--concurrency", options.warm.concurrency, "fetched at a time")
      ->check(CLI::Range(1, 256));
  command->add_option("--rate", options.warm.rate, "begun a second at most")->check(CLI::Range(1, 10'000));
  command->add_flag("--force", options.warm.is_forced, "fetch what is fresh, too");
  add_client_options(*command, options);
  command->callback([&] {
    options.warm.wants_json = options.wants_json;
    code = warm(options.warm, client_of(options));
  });
}

int run(int argc, char** argv) {
  Options options;
  options.config_file = default_config_file();
  options.admin_url = environment_or("LARDER_ADMIN", "http://127.0.0.1:8081");
  int code = exit_ok;

  CLI::App app("Larder: a caching reverse-proxy sidecar for a CMS", "larder");
  app.require_subcommand(1);
  app.fallthrough(false);

  CLI::App* serve_command = app.add_subcommand("serve", "run the sidecar");
  add_config_option(*serve_command, options);
  serve_command->callback([&] { code = serve(options.config_file); });

  CLI::App* check_command = app.add_subcommand("check", "validate a configuration");
  add_config_option(*check_command, options);
  check_command->add_flag("--json", options.wants_json, "print JSON");
  check_command->callback([&] { code = check(options); });

  CLI::App* config_command =
      app.add_subcommand("config", "print the effective configuration, its profile written out");
  add_config_option(*config_command, options);
  config_command->callback([&] { code = print_config(options); });

  CLI::App* purge_command =
      app.add_subcommand("purge", "purge what the selectors name from a running sidecar");
  purge_command
      ->add_option("selectors", options.selectors, "url:, path:, prefix:, host:, tag:, NAME:VALUE, or all")
      ->required();
  purge_command->add_flag("--soft", options.is_soft, "make it stale instead of gone");
  purge_command->add_flag("--refresh", options.wants_refresh,
                          "fetch again what was in use, the hottest first");
  purge_command->add_flag("--dry-run", options.is_dry_run, "tell what would go, and change nothing");
  add_client_options(*purge_command, options);
  purge_command->callback([&] { code = purge(options); });

  add_warm_command(app, options, code);

  CLI::App* stats_command = app.add_subcommand("stats", "what a running sidecar does");
  stats_command->add_flag("--watch", options.wants_watch, "again every second");
  add_client_options(*stats_command, options);
  stats_command->callback([&] { code = stats(options); });

  CLI::App* version_command = app.add_subcommand("version", "print the version");
  version_command->add_flag("--json", options.wants_json, "print JSON");
  version_command->callback([&] {
    const std::string text =
        options.wants_json ? Json{{"version", LARDER_VERSION}}.dump() : "larder " LARDER_VERSION;
    fmt::print("{}\n", text);
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_ok : exit_usage;
  }
  return code;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "larder: {}\n", error.what());
    return exit_failed;
  }
}

}  // namespace larder::app
