// A publisher of the purge checker: raises a page's version, purges it, and waits for the acknowledgement.
#include <poll.h>

#include <iostream>
#include <memory>
#include <stdexcept>

#include "chance.hpp"
#include "history.hpp"
#include "pages.hpp"
#include "roles.hpp"
#include "support/scenario/client.hpp"

namespace linearizable {
namespace {

// Percent, of all purges.
constexpr int soft_ones = 25;
constexpr int refreshing_ones = 25;
constexpr int of_several = 10;
constexpr int wide_ones = 4;
constexpr int abandoned_ones = 2;

class Publisher {
 public:
  explicit Publisher(const Role& role)
      : role_(role), chance_(role.seed), history_(role.history), upstream_(role.upstream_port) {}
  void publish_pages();

 private:
  void pause(std::size_t milliseconds_max);
  void raise(std::size_t page);
  void purge(std::size_t page);
  bool connect();
  void take_answer(Purge& event);
  std::string selector_for(const Page& page);
  std::string wide_selector_for(const Page& page);
  std::string request_for(const Page& page, Purge& purge);

  Role role_;
  Chance chance_;
  HistoryWriter history_;
  scenario::Connection upstream_;
  std::unique_ptr<scenario::Connection> admin_;
};

// The delays are what is tested here; nothing else waits for them.
void Publisher::pause(std::size_t milliseconds_max) {
  pollfd nothing{-1, 0, 0};
  ::poll(&nothing, 1, static_cast<int>(chance_.below(milliseconds_max + 1)));
}

void Publisher::raise(std::size_t page) {
  Publish event;
  event.page = page;
  event.begin = now();
  upstream_.send(scenario::request_text("POST", "/-/publish/" + std::to_string(page)));
  const scenario::Response response = upstream_.read_response("POST");
  event.end = now();
  if (response.status != 200) throw std::runtime_error("the upstream does not publish");
  event.version = std::stoull(response.body);
  history_.add(event);
}

std::string Publisher::wide_selector_for(const Page& page) {
  switch (chance_.below(4)) {
    case 0:
      return "all";
    case 1:
      return "host:" + page.host;
    case 2:
      return "prefix:/" + page.path.substr(1, 2);
    default:
      return "tag:" + page.tags.substr(0, 2) + "*";
  }
}

std::string Publisher::selector_for(const Page& page) {
  if (chance_.percent(wide_ones)) return wide_selector_for(page);
  // A tag may look like a capture's label, and is named the same way.
  const std::string& label = page.labels.front();
  const bool looks_like_capture = label.find(':') != std::string::npos;
  if (looks_like_capture && chance_.percent(page.capture.empty() ? 60 : 10)) return label;
  const std::string host = "http://" + page.host;
  switch (chance_.below(7)) {
    case 0:
      return "url:" + page.url();
    case 1:
      return "url:" + page.target();
    case 2:
      return "path:" + page.path;
    case 3:
      return "path:" + host + page.path;
    case 4:
      return "prefix:" + host + page.path.substr(0, page.path.size() - 1);
    case 5:
      return "tag:" + page.labels.back();
    default:
      return "tag:" + page.labels.back().substr(0, page.labels.back().size() - 1) + "*";
  }
}

// Writes into `purge` what the request purges.
std::string Publisher::request_for(const Page& page, Purge& purge) {
  const std::size_t dice = chance_.below(100);
  if (dice < 15) {
    purge.by = "PURGE";
    const bool is_prefix = chance_.percent(10);
    purge.selectors = {(is_prefix ? "prefix:http://" : "path:http://") + page.host + page.path};
    return scenario::request_text("PURGE", page.path + (is_prefix ? "*" : ""), {"Host: " + page.host});
  }
  if (dice < 30) {
    purge.by = "webhook";
    purge.is_soft = chance_.percent(soft_ones);
    purge.is_refreshing = role_.refreshes && chance_.percent(refreshing_ones);
    purge.selectors = {"path:" + page.path};
    const std::string event =
        std::string(purge.is_soft ? "soft" : "hard") + (purge.is_refreshing ? ".refresh" : "");
    return scenario::request_text("POST", "/hooks/cms", {"Host: larder", "Content-Type: application/json"},
                                  R"({"type": ")" + event + R"(", "path": ")" + page.path + R"("})");
  }
  purge.by = "api";
  purge.is_soft = chance_.percent(soft_ones);
  purge.is_refreshing = role_.refreshes && chance_.percent(refreshing_ones);
  purge.selectors = {selector_for(page)};
  while (chance_.percent(of_several)) purge.selectors.push_back(selector_for(chance_.one_of(pages())));
  std::string list;
  for (const std::string& each : purge.selectors) list += (list.empty() ? "\"" : ", \"") + each + "\"";
  return scenario::request_text("POST", "/api/purge", {"Host: larder", "Content-Type: application/json"},
                                R"({"select": [)" + list + R"(], "mode": ")" +
                                    (purge.is_soft ? "soft" : "hard") + R"(", "refresh": )" +
                                    (purge.is_refreshing ? "true}" : "false}"));
}

// False where Larder is dead, and may be.
bool Publisher::connect() {
  if (admin_) return true;
  try {
    admin_ = std::make_unique<scenario::Connection>(role_.admin_port);
  } catch (const scenario::Failure&) {
    if (role_.answer_ms_max == 0) throw;
    pause(50);
  }
  return admin_ != nullptr;
}

void Publisher::take_answer(Purge& event) {
  const scenario::Response response = admin_->read_response("POST");
  const Nanoseconds answered = now();
  const bool may_fail = role_.answer_ms_max > 0;
  const bool has_failed = may_fail && (response.status == 0 || response.status == 503);
  if (response.status == 200) event.ack = answered;
  if (response.status != 200 && !has_failed)
    throw std::runtime_error("a purge is answered by " + response.head.start_line + " " + response.body);
  if (may_fail && answered - event.invoke > static_cast<Nanoseconds>(role_.answer_ms_max) * 1'000'000)
    throw std::runtime_error("a purge is answered after " +
                             std::to_string((answered - event.invoke) / 1'000'000) +
                             " ms: " + response.head.start_line);
  if (response.status == 0 || response["Connection"] == "close") admin_.reset();
}

void Publisher::purge(std::size_t page) {
  Purge event;
  const std::string text = request_for(pages()[page], event);
  if (!connect()) return;
  event.invoke = now();
  admin_->send(text);
  if (chance_.percent(abandoned_ones)) {
    pause(2);
    admin_->reset();
    admin_.reset();
  } else {
    take_answer(event);
  }
  history_.add(event);
}

void Publisher::publish_pages() {
  while (is_told_to_end == 0) {
    const std::size_t reach = chance_.percent(50) ? pages().size() / 3 : pages().size();
    const std::size_t page = chance_.below(reach);
    raise(page);
    pause(3);
    purge(page);
    pause(30 * scenario::slowness);  // hits take longer there, too
  }
}

}  // namespace

int run_publisher(const Role& role) {
  Publisher(role).publish_pages();
  return 0;
}

}  // namespace linearizable
