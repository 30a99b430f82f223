// A reader of the purge checker: asks for pages in many ways, and writes down what came.
#include <poll.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "chance.hpp"
#include "history.hpp"
#include "pages.hpp"
#include "roles.hpp"
#include "support/scenario/client.hpp"

namespace linearizable {
namespace {

// How a request is made. Percent, of all; the rest are plain GETs.
constexpr int heads = 8;
constexpr int ranges = 6;
constexpr int conditions = 8;
constexpr int reloads = 5;
constexpr int passes = 1;
constexpr int leavers = 3;
constexpr int new_connections = 1;
// Unsafe requests beside the reads: each is a line that the replica which it reaches has before the others.
constexpr int forms = 3;

class Reader {
 public:
  explicit Reader(const Role& role)
      : role_(role), chance_(role.seed), history_(role.history), etags_(pages().size()) {}
  void read_pages();

 private:
  struct Question {
    std::string method = "GET";
    std::string manner = "GET";
    std::string language;
    scenario::Lines lines;
    bool leaves = false;
  };

  Question question_for(const Page& page, std::size_t index);
  void ask(std::size_t index);
  void send_form();
  void connect();
  void take(const Page& page, const Question& question, const scenario::Response& response, Read& event);
  void leave(Read& event);

  Role role_;
  Chance chance_;
  HistoryWriter history_;
  std::vector<std::string> etags_;  // last seen
  std::unique_ptr<scenario::Connection> connection_;
};

Reader::Question Reader::question_for(const Page& page, std::size_t index) {
  Question question;
  question.language = chance_.one_of(languages());
  question.lines = {"Host: " + page.host, "Accept-Language: " + question.language};
  int dice = static_cast<int>(chance_.below(100));
  const auto falls_on = [&](int share) { return (dice -= share) < 0 && dice >= -share; };
  if (falls_on(heads)) {
    question.method = question.manner = "HEAD";
  } else if (falls_on(ranges)) {
    question.manner = "range";
    const std::size_t first = record_size * chance_.below(20);
    const std::size_t last = first + record_size * (1 + chance_.below(20)) - 1;
    question.lines.push_back("Range: bytes=" + std::to_string(first) + "-" + std::to_string(last));
  } else if (falls_on(conditions) && !etags_[index].empty()) {
    question.manner = "condition";
    question.lines.push_back("If-None-Match: " + etags_[index]);
  } else if (falls_on(reloads)) {
    question.manner = "reload";
    question.lines.push_back(chance_.percent(50) ? "Cache-Control: no-cache" : "Cache-Control: max-age=0");
  } else if (falls_on(passes)) {
    question.manner = "no-store";
    question.lines.push_back("Cache-Control: no-store");
  } else if (falls_on(leavers)) {
    question.manner = "leave";
    question.leaves = true;
  }
  return question;
}

// The page's own request may be under way already; what others get of it must not depend on this one.
void Reader::leave(Read& event) {
  pollfd nothing{-1, 0, 0};
  ::poll(&nothing, 1, static_cast<int>(chance_.below(6)));
  connection_->reset();
  connection_.reset();
  event.problem = "left";
  event.complete = now();
}

// Every record that came must be of the head's version, in the language that was asked for.
bool is_of_one_kind(const std::string& body, const std::string& record) {
  if (body.size() % record_size != 0) return false;
  for (std::size_t at = 0; at < body.size(); at += record_size) {
    if (body.compare(at, record_size, record) != 0) return false;
  }
  return true;
}

void Reader::take(const Page& page, const Question& question, const scenario::Response& response,
                  Read& event) {
  event.status = response.status;
  event.cache_status = response["Cache-Status"];
  const bool tells_version = response.status == 200 || response.status == 206 || response.status == 304;
  if (!response.is_complete) event.problem = "broken";
  if (!tells_version) return;
  const std::string etag = response["ETag"];
  const std::string language(language_of(page, question.language));
  if (etag.size() < 3) {
    event.problem = "torn";  // every page has one
    return;
  }
  event.version = std::stoull(etag.substr(1));
  if (const std::string fetch = response["X-Fetch"]; !fetch.empty()) event.fetch = std::stoull(fetch);
  const bool is_whole = response.is_complete && question.method == "GET" && response.status != 304;
  const bool is_right = !is_whole || is_of_one_kind(response.body, record_of(event.version, language));
  const bool has_all =
      !is_whole || response.status != 200 || response.body.size() == records_of(page) * record_size;
  if (!is_right || !has_all || etag != etag_of(event.version, language)) event.problem = "torn";
  etags_[event.page] = etag;
}

// Again and again where Larder may be dead for a while.
void Reader::connect() {
  constexpr int tries_max = 1000;
  for (int tries = 0;; ++tries) {
    try {
      connection_ = std::make_unique<scenario::Connection>(role_.port);
      return;
    } catch (const scenario::Failure&) {
      if (!role_.outlives_larder || tries == tries_max) throw;
    }
    pollfd nothing{-1, 0, 0};
    ::poll(&nothing, 1, 20);
  }
}

void Reader::ask(std::size_t index) {
  const Page& page = pages()[index];
  const Question question = question_for(page, index);
  if (!connection_ || chance_.percent(new_connections)) connect();
  const std::string text = scenario::request_text(question.method, page.target(), question.lines);
  Read event;
  event.reader = role_.number;
  event.page = index;
  event.manner = question.manner;
  event.invoke = now();
  connection_->send(text);
  if (question.leaves) {
    leave(event);
  } else {
    const scenario::Response response = connection_->read_response(question.method);
    event.complete = now();
    take(page, question, response, event);
    const bool ends = !response.is_complete || response["Connection"] == "close";
    if (ends) connection_.reset();
  }
  history_.add(event);
}

void Reader::send_form() {
  if (!connection_) connect();
  connection_->send(scenario::request_text("POST", "/-/form", {"Host: a.example", "Content-Length: 0"}));
  const scenario::Response response = connection_->read_response("POST");
  if (!response.is_complete || response["Connection"] == "close") connection_.reset();
}

void Reader::read_pages() {
  for (std::uint64_t i = 0; i < role_.reads; ++i) {
    if (chance_.percent(forms)) send_form();
    // Half of the readers' interest is in a third of the pages, so that they meet.
    const std::size_t reach = chance_.percent(50) ? pages().size() / 3 : pages().size();
    ask(chance_.below(reach));
  }
}

}  // namespace

int run_reader(const Role& role) {
  Reader(role).read_pages();
  return 0;
}

}  // namespace linearizable
