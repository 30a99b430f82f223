#include "sentinels.hpp"

#include <algorithm>
#include <memory>

#include "connection.hpp"
#include "larder/base/text.hpp"
#include "larder/net/notifier.hpp"
#include "set_up.hpp"

namespace larder::redis {

void Election::add(const std::optional<config::Address>& vote) {
  ++heard_;
  if (!vote) return;
  const auto same = std::find_if(counts_.begin(), counts_.end(),
                                 [&](const Count& count) { return count.address == *vote; });
  if (same == counts_.end()) {
    counts_.push_back({*vote, 1});
  } else {
    ++same->votes;
  }
}

const Election::Count* Election::most_voted() const {
  const auto most = std::max_element(counts_.begin(), counts_.end(),
                                     [](const Count& a, const Count& b) { return a.votes < b.votes; });
  return most == counts_.end() ? nullptr : &*most;
}

bool Election::is_decided() const {
  const Count* const most = most_voted();
  const std::size_t votes = most ? most->votes : 0;
  const std::size_t possible = votes + (voters_ - heard_);
  return 2 * votes > voters_ || 2 * possible <= voters_;
}

std::optional<config::Address> Election::winner() const {
  const Count* const most = most_voted();
  if (!most || 2 * most->votes <= voters_) return std::nullopt;
  return most->address;
}

std::optional<config::Address> vote_of(const Outcome& outcome) {
  if (!outcome.is_ok() || outcome.reply.items.size() != 2) return std::nullopt;
  const std::string& host = outcome.reply.items[0].text;
  const auto port = base::parse_uint(outcome.reply.items[1].text);
  if (host.empty() || !port || *port == 0 || *port > 65535) return std::nullopt;
  return config::Address{host, static_cast<std::uint16_t>(*port), {}};
}

namespace {

// One round of questions.
struct Round {
  Round(const net::Executor& executor, const config::Redis& the_config)
      : config(the_config), election(config.servers.size()), done(executor) {}

  config::Redis config;
  Election election;
  net::Notifier done;
  std::vector<std::shared_ptr<Connection>> connections;
};

// What a sentinel is asked. One that wants no password says so, and answers all the same.
std::vector<Command> questions_of(const config::Redis& config) {
  std::vector<Command> commands;
  if (const auto auth = auth_command(config)) commands.push_back(*auth);
  commands.push_back({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", config.master_name});
  return commands;
}

net::Task<void> ask(std::shared_ptr<Round> round, std::size_t index, base::Duration within) {
  const net::Clock clock;
  const base::MonoTime end = clock.mono() + within;
  const std::shared_ptr<Connection> connection = round->connections[index];
  const std::string problem = co_await connection->open(round->config.servers[index], within);
  std::optional<config::Address> vote;
  if (problem.empty()) {
    std::vector<Command> questions = questions_of(round->config);
    const base::Duration rest = std::max(end - clock.mono(), base::Duration(1));
    const std::vector<Outcome> outcomes = co_await connection->execute_all(std::move(questions), rest);
    vote = vote_of(outcomes.back());
  }
  connection->close();
  round->election.add(vote);
  if (round->election.is_decided()) round->done.notify();
}

}  // namespace

net::Task<std::optional<config::Address>> ask_sentinels(net::Executor executor, config::Redis config,
                                                        base::Duration within) {
  const auto round = std::make_shared<Round>(executor, config);
  Pipeline::Limits limits;
  limits.silence_max = within;
  for (std::size_t i = 0; i < config.servers.size(); ++i) {
    round->connections.push_back(std::make_shared<Connection>(executor, nullptr, limits));
    net::spawn(executor, ask(round, i, within));
  }
  co_await round->done.wait();
  const std::optional<config::Address> winner = round->election.winner();
  // Who has not answered yet is not waited for.
  for (const auto& connection : round->connections) connection->close();
  co_return winner;
}

}  // namespace larder::redis
