// `larder purge` and `larder warm` as an operator runs them: what they print, and how they exit.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "support/scenario/command.hpp"
#include "support/scenario/jobs.hpp"

using namespace scenario;
using Catch::Contains;
using Catch::StartsWith;
using nlohmann::json;

namespace {

Ended larder_command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), LARDER_BINARY);
  return run({.arguments = std::move(arguments)});
}

// With the address of this sidecar.
Invocation command_for(const Larder& larder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), LARDER_BINARY);
  arguments.insert(arguments.end(), {"--admin", "http://127.0.0.1:" + std::to_string(larder.admin_port())});
  return {.arguments = std::move(arguments)};
}

Ended ask_larder(const Larder& larder, std::vector<std::string> arguments) {
  return run(command_for(larder, std::move(arguments)));
}

// Nothing listens on it any more.
std::string dead_address() {
  Upstream upstream;
  upstream.stop();
  const std::string address = upstream.address();
  return address.starts_with("http://") ? address : "http://" + address;
}

class File {
 public:
  explicit File(const std::string& text) {
    path_ = std::filesystem::temp_directory_path() / ("larder-urls-" + std::to_string(::getpid()));
    std::ofstream(path_) << text;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

void answer_pages(Upstream& upstream) {
  upstream.handle([](Request request) {
    request.respond(request.target() == "/missing/" ? response_text("404 Not Found", "no") : fresh("page"));
  });
}

}  // namespace

TEST_CASE("larder warm fetches a file's pages, and sums up") {
  Upstream upstream;
  answer_pages(upstream);
  const Larder larder(upstream);
  const File urls("# the pages that matter\n\n  " + url_of("/a/") + "  \r\n" + url_of("/b/") + "\n");
  const Ended first = ask_larder(larder, {"warm", "--urls", urls.path()});
  CHECK(first.code == 0);
  CHECK_THAT(first.out,
             StartsWith("finished: 2 fetched, 0 already fresh, 0 not cacheable, 0 failed; 8 bytes in "));
  CHECK(first.err.empty());
  const Ended again = ask_larder(larder, {"warm", "--urls", urls.path()});
  CHECK(again.code == 0);
  CHECK_THAT(again.out, StartsWith("finished: 0 fetched, 2 already fresh"));
  const Ended forced = ask_larder(larder, {"warm", "--urls", urls.path(), "--force", "--rate", "1000"});
  CHECK_THAT(forced.out, StartsWith("finished: 2 fetched, 0 already fresh"));
  CHECK(upstream.requests() == 4);
}

TEST_CASE("larder warm takes URLs from its standard input, and says in JSON what came of them") {
  Upstream upstream;
  answer_pages(upstream);
  const Larder larder(upstream);
  const std::string urls = url_of("/a/") + "\n" + url_of("/missing/") + "\n";
  Invocation command = command_for(larder, {"warm", "--urls", "-", "--json", "--concurrency", "1"});
  command.input = urls;
  const Ended ended = run(command);
  CHECK(ended.code == 1);
  CHECK(ended.err.empty());
  const json sum = json::parse(ended.out);
  CHECK(sum["state"] == "finished");
  CHECK(sum["jobs"] == json{"1"});
  CHECK(sum["total"] == 2);
  CHECK(sum["done"] == 2);
  CHECK(sum["fetched"] == 1);
  CHECK(sum["failed"] == 1);
  CHECK(sum["errors"][0] == json{{"url", url_of("/missing/")}, {"error", "answered 404"}});
  CHECK(sum["seconds"].is_number());
}

TEST_CASE("larder warm exits with 1 where a page failed, and names it") {
  Upstream upstream;
  answer_pages(upstream);
  const Larder larder(upstream);
  const File urls(url_of("/missing/") + "\n" + url_of("/a/") + "\n");
  const Ended ended = ask_larder(larder, {"warm", "--urls", urls.path()});
  CHECK(ended.code == 1);
  CHECK_THAT(ended.out, StartsWith("finished: 1 fetched, 0 already fresh, 0 not cacheable, 1 failed"));
  CHECK(ended.err == url_of("/missing/") + ": answered 404\n");
}

TEST_CASE("On a terminal larder warm draws a bar") {
  Upstream upstream;
  answer_pages(upstream);
  const Larder larder(upstream);
  const File urls(url_of("/missing/") + "\n" + url_of("/a/") + "\n");
  Invocation command = command_for(larder, {"warm", "--urls", urls.path()});
  command.is_terminal = true;
  const Ended ended = run(command);
  CHECK(ended.code == 1);
  CHECK_THAT(ended.err, Contains("\r[" + std::string(30, '#') + "] 2 of 2, 1 failed\x1b[K\r\n"));
  CHECK_THAT(ended.out, StartsWith("finished: 1 fetched"));
}

TEST_CASE("larder warm exits with 1 where its job was cancelled") {
  Upstream upstream;
  const Larder larder(upstream);
  upstream.handle([&larder](Request) { ask(larder.admin_port(), "DELETE", "/api/jobs/1"); });
  const File urls(url_of("/a/") + "\n");
  const Ended ended = ask_larder(larder, {"warm", "--urls", urls.path()});
  CHECK(ended.code == 1);
  CHECK_THAT(ended.out, StartsWith("cancelled: 0 fetched"));
}

TEST_CASE("larder warm exits with 1 and the reason where its order is refused") {
  Upstream upstream;
  const Larder larder(upstream);
  const File urls("/page/\n");
  const Ended refused = ask_larder(larder, {"warm", "--urls", urls.path()});
  CHECK(refused.code == 1);
  CHECK(refused.out.empty());
  CHECK(refused.err == "larder: the sidecar answered 400: \"/page/\" is no http or https URL\n");
  const File nothing("# none\n");
  const Ended empty = ask_larder(larder, {"warm", "--urls", nothing.path()});
  CHECK(empty.code == 1);
  CHECK(empty.err == "larder: " + nothing.path() + " has no URLs\n");
  const Ended missing = ask_larder(larder, {"warm", "--urls", "/nowhere/urls.txt"});
  CHECK(missing.code == 1);
  CHECK(missing.err == "larder: cannot read /nowhere/urls.txt\n");
  CHECK(upstream.requests() == 0);
}

TEST_CASE("A command that is not understood exits with 2") {
  const std::vector<std::vector<std::string>> commands{
      {"warm"},
      {"warm", "--hot", "0"},
      {"warm", "--hot", "many"},
      {"warm", "--hot", "5", "--sitemap", "http://www.example.com/sitemap.xml"},
      {"warm", "--hot", "5", "--concurrency", "257"},
      {"warm", "--hot", "5", "--rate", "0"},
      {"purge"},
      {"purge", "all", "--sideways"},
      {"purgle", "all"},
      {}};
  for (const auto& command : commands) {
    const Ended ended = larder_command(command);
    CHECK(ended.code == 2);
    CHECK(ended.out.empty());
    CHECK_FALSE(ended.err.empty());
  }
}

TEST_CASE("Where the sidecar cannot be reached, the commands say so and exit with 1") {
  const std::string address = dead_address();
  for (const std::vector<std::string>& command : {std::vector<std::string>{"purge", "all"},
                                                  {"purge", "all", "--json"},
                                                  {"purge", "all", "--dry-run"},
                                                  {"warm", "--hot", "5"},
                                                  {"warm", "--hot", "5", "--json"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--admin", address});
    const Ended ended = larder_command(arguments);
    CHECK(ended.code == 1);
    CHECK(ended.out.empty());
    CHECK(ended.err == "larder: cannot reach " + address + ": Connection refused\n");
  }
  const Ended odd = larder_command({"purge", "all", "--admin", "here/there"});
  CHECK(odd.code == 1);
  CHECK(odd.err == "larder: expected http://host:port or unix:/path, got 'here/there'\n");
}

TEST_CASE("larder purge says what was acknowledged") {
  Upstream upstream;
  answer_pages(upstream);
  Larder larder(upstream);
  larder.get("/a/");
  const Ended dry = ask_larder(larder, {"purge", "path:/a/", "path:/b/", "--dry-run"});
  CHECK(dry.code == 0);
  CHECK_THAT(dry.out, StartsWith("would purge 1 entries, "));
  CHECK_THAT(dry.out, Contains("         1  path:/a\n         0  path:/b\n  " + url_of("/a/") + "\n"));
  CHECK(larder.get("/a/").is_hit());
  const Ended purged = ask_larder(larder, {"purge", "path:/a/", "path:/b/"});
  CHECK(purged.code == 0);
  CHECK(purged.out == "purged, sequence 1, acknowledged by 1 of 1\n");
  CHECK(purged.err.empty());
  CHECK_FALSE(larder.get("/a/").is_hit());
  const Ended soft = ask_larder(larder, {"purge", "all", "--soft", "--json"});
  CHECK(soft.code == 0);
  CHECK(json::parse(soft.out)["sequence"] == 2);
  CHECK(get_json(larder, "/api/purges")["purges"][0]["mode"] == "soft");
  const Ended refreshed = ask_larder(larder, {"purge", "all", "--refresh"});
  CHECK(refreshed.code == 0);
  CHECK(refreshed.out == "purged, sequence 3, acknowledged by 1 of 1\nrefreshed by job 1\n");
}

TEST_CASE("larder purge exits with 1 and the reason where a selector is refused") {
  Upstream upstream;
  const Larder larder(upstream);
  const Ended ended = ask_larder(larder, {"purge", "path:"});
  CHECK(ended.code == 1);
  CHECK(ended.out.empty());
  CHECK_THAT(ended.err, StartsWith("larder: the sidecar answered 400: "));
  CHECK(get_json(larder, "/api/purges")["newest"] == 0);
}

TEST_CASE("The commands send the token of the environment, or of a file") {
  Upstream upstream;
  const Larder larder(upstream, {.site = "",
                                 .upstream = {},
                                 .public_listener = {},
                                 .admin_listener = {"allow: []", "token: a-token-for-this-test"}});
  const Ended without = ask_larder(larder, {"purge", "all"});
  CHECK(without.code == 1);
  CHECK_THAT(without.err, StartsWith("larder: the sidecar answered 403: "));
  Invocation command = command_for(larder, {"purge", "all"});
  command.environment = {"LARDER_TOKEN=a-token-for-this-test"};
  CHECK(run(command).code == 0);
  const File token("a-token-for-this-test\n");
  CHECK(ask_larder(larder, {"purge", "all", "--token-file", token.path()}).code == 0);
  const Ended unread = ask_larder(larder, {"purge", "all", "--token-file", "/nowhere/token"});
  CHECK(unread.code == 1);
  CHECK(unread.err == "larder: cannot read /nowhere/token\n");
}
