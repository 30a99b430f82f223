#include "app/warm.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "app/serve.hpp"
#include "larder/app/command_line.hpp"

namespace larder::app {
namespace {

using Json = nlohmann::ordered_json;
using Steady = std::chrono::steady_clock;

// Of one order: the admin listener takes 1 MiB.
constexpr std::size_t urls_size_max = std::size_t{900} * 1024;
constexpr int look_period_ms = 250;
constexpr auto line_period = std::chrono::seconds(5);
constexpr std::size_t bar_width = 30;

std::string body_of(const std::variant<admin::Answer, admin::ClientError>& result) {
  if (const auto* error = std::get_if<admin::ClientError>(&result)) throw std::runtime_error(error->message);
  const auto& answer = std::get<admin::Answer>(result);
  if (answer.status == 200 || answer.status == 202) return answer.body;
  const Json body = Json::parse(answer.body, nullptr, false);
  const std::string why = body.is_object() ? body.value("error", answer.body) : answer.body;
  throw std::runtime_error(fmt::format("the sidecar answered {}: {}", answer.status, why));
}

// The lines of a file that are neither empty nor comments, in orders that the sidecar takes.
std::vector<Json> urls_of(const std::string& file) {
  std::string text;
  if (file == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    auto read = read_file(file);
    if (!read) throw std::runtime_error("cannot read " + file);
    text = std::move(*read);
  }
  std::vector<Json> orders;
  std::size_t size = urls_size_max;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos || line[begin] == '#') continue;
    line = line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
    size += line.size() + 4;
    if (size > urls_size_max) {
      orders.push_back(Json{{"urls", Json::array()}});
      size = line.size() + 4;
    }
    orders.back()["urls"].push_back(line);
  }
  if (orders.empty()) throw std::runtime_error(file + " has no URLs");
  return orders;
}

std::vector<Json> orders_of(const WarmOptions& options) {
  std::vector<Json> orders;
  if (!options.urls_file.empty()) {
    orders = urls_of(options.urls_file);
  } else if (!options.sitemap.empty()) {
    orders.push_back(Json{{"sitemap", options.sitemap}});
  } else {
    orders.push_back(Json{{"hot", options.hot}});
  }
  for (Json& order : orders) {
    if (options.concurrency > 0) order["concurrency"] = options.concurrency;
    if (options.rate > 0) order["rate"] = options.rate;
    if (options.is_forced) order["force"] = true;
  }
  return orders;
}

std::uint64_t number(const Json& job, const char* name) {
  return job.value(name, std::uint64_t{0});
}

// On a terminal one line that is written over, elsewhere a line now and then; on standard error, since the
// summary is the result.
class Progress {
 public:
  explicit Progress(bool is_quiet) : is_quiet_(is_quiet), is_terminal_(::isatty(STDERR_FILENO) == 1) {}

  void show(const Json& job) {
    if (is_quiet_) return;
    const std::uint64_t total = number(job, "total");
    const std::uint64_t done = number(job, "done");
    const std::uint64_t failed = number(job, "failed");
    const std::string counts =
        fmt::format("{} of {}{}", done, total, failed > 0 ? fmt::format(", {} failed", failed) : "");
    if (is_terminal_) {
      const std::size_t filled = total == 0 ? 0 : bar_width * done / total;
      fmt::print(stderr, "\r[{}{}] {}\x1b[K", std::string(filled, '#'), std::string(bar_width - filled, '.'),
                 counts);
      std::fflush(stderr);
    } else if (Steady::now() >= next_line_) {
      next_line_ = Steady::now() + line_period;
      fmt::print(stderr, "{}\n", counts);
    }
  }
  void end() const {
    if (!is_quiet_ && is_terminal_) fmt::print(stderr, "\n");
  }

 private:
  const bool is_quiet_;
  const bool is_terminal_;
  Steady::time_point next_line_ = Steady::now() + line_period;
};

Json run(const Json& order, const admin::Client& client, Progress& progress) {
  const Json answer = Json::parse(body_of(client.post("/api/warm", order.dump())));
  const std::string path = "/api/jobs/" + answer.at("job").get<std::string>();
  for (;;) {
    Json job = Json::parse(body_of(client.get(path)));
    progress.show(job);
    if (!job.at("finished").is_null()) return job;
    ::poll(nullptr, 0, look_period_ms);
  }
}

// What several orders came to.
Json sum_of(const std::vector<Json>& jobs, double seconds) {
  Json sum{{"state", "finished"}, {"jobs", Json::array()}};
  for (const char* name : {"total", "done", "fetched", "skipped", "not_stored", "failed", "bytes"})
    sum[name] = 0;
  sum["seconds"] = seconds;
  sum["errors"] = Json::array();
  for (const Json& job : jobs) {
    for (const char* name : {"total", "done", "fetched", "skipped", "not_stored", "failed", "bytes"}) {
      sum[name] = number(sum, name) + number(job, name);
    }
    sum["jobs"].push_back(job.at("id"));
    if (job.at("state") != "finished") sum["state"] = job.at("state");
    for (const Json& error : job.at("errors")) sum["errors"].push_back(error);
  }
  return sum;
}

void print(const Json& sum) {
  for (const Json& error : sum.at("errors")) {
    fmt::print(stderr, "{}: {}\n", error.value("url", ""), error.value("error", ""));
  }
  fmt::print("{}: {} fetched, {} already fresh, {} not cacheable, {} failed; {} bytes in {:.1f} s\n",
             sum.value("state", ""), number(sum, "fetched"), number(sum, "skipped"),
             number(sum, "not_stored"), number(sum, "failed"), number(sum, "bytes"),
             sum.value("seconds", 0.0));
}

}  // namespace

int warm(const WarmOptions& options, const admin::Client& client) {
  const auto begun = Steady::now();
  Progress progress(options.wants_json);
  std::vector<Json> jobs;
  for (const Json& order : orders_of(options)) jobs.push_back(run(order, client, progress));
  progress.end();
  const double seconds = std::chrono::duration<double>(Steady::now() - begun).count();
  const Json sum = sum_of(jobs, seconds);
  if (options.wants_json) {
    fmt::print("{}\n", sum.dump());
  } else {
    print(sum);
  }
  const bool is_whole = sum.at("state") == "finished" && number(sum, "failed") == 0;
  return is_whole ? exit_ok : exit_failed;
}

}  // namespace larder::app
