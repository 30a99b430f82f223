#include "proxy/errand_run.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "larder/base/text.hpp"
#include "larder/obs/log.hpp"

namespace larder::proxy {
namespace {

using cache::Reason;

// "https://host/a?b" -> its parts. The URL has been checked.
struct Split {
  std::string_view scheme;
  std::string_view host;
  std::string_view target;
};

Split split(std::string_view url) {
  const std::size_t host = url.find("://") + 3;
  url = url.substr(0, url.find('#'));
  const std::size_t path = std::min(url.find_first_of("/?", host), url.size());
  return {url.substr(0, host - 3), url.substr(host, path - host), url.substr(path)};
}

// A 4xx is an answer, and a site's own affair; what else is no page is not what was asked for.
bool is_failure(const obs::ExchangeRecord& record) {
  return record.status >= 500 || record.status == 0 || record.result == obs::Result::error ||
         record.result == obs::Result::refused || record.result == obs::Result::local;
}

}  // namespace

Errand errand_for(std::string url, bool is_forced) {
  Errand errand;
  const bool is_secure = base::equals_ignoring_case(split(url).scheme, "https");
  errand.fields.emplace_back("Accept-Encoding", is_secure ? "gzip, deflate, br, zstd" : "gzip, deflate");
  errand.url = std::move(url);
  errand.is_forced = is_forced;
  return errand;
}

std::size_t cost_of(const Errand& errand) noexcept {
  std::size_t cost = sizeof(Errand) + errand.url.size();
  for (const auto& field : errand.fields) cost += sizeof(field) + field.first.size() + field.second.size();
  return cost;
}

ErrandRun::ErrandRun(Worker& worker, Errand errand)
    : worker_(worker),
      errand_(std::move(errand)),
      notifier_(worker.executor()),
      exchange_(worker, *this, &note_),
      bytes_max_(errand_.reads_max > 0 ? errand_.reads_max : worker.config()->max_object) {
  const Split url = split(errand_.url);
  host_ = url.host;
  target_ = url.target.starts_with('/') ? std::string(url.target) : "/" + std::string(url.target);
  target_ = target_.substr(0, target_.find('#'));
  note_.scheme = base::equals_ignoring_case(url.scheme, "https") ? "https" : "http";
  note_.uses = errand_.uses;
  note_.is_forced = errand_.is_forced;
  note_.reads = errand_.reads_max > 0;
  request_.method = http::Method::get;
  request_.method_text = "GET";
  request_.target = target_;
  request_.fields.add_view("Host", host_);
  for (const auto& [name, value] : errand_.fields) request_.fields.add_view(name, value);
  if (!request_.fields.has(http::FieldId::user_agent))
    request_.fields.add_view("User-Agent", "larder/" LARDER_VERSION);
}

net::Task<ErrandOutcome> ErrandRun::run() {
  const auto self = shared_from_this();
  try {
    if (!is_cancelled_) {
      const bool is_answered = exchange_.answer(request_, {});
      if (!is_answered) co_await exchange_.finish_answer();
      exchange_.let_go();
    }
  } catch (const std::exception& error) {
    obs::log_error(std::string("an errand ended unexpectedly: ") + error.what());
    note_.record.reason = Reason::internal_error;
    note_.record.status = 0;
  }
  co_return outcome();
}

ErrandOutcome::Kind ErrandRun::kind() const {
  using Kind = ErrandOutcome::Kind;
  using End = ErrandNote::End;
  switch (note_.end) {
    case End::fresh:
      return Kind::fresh;
    case End::landed:
      return Kind::fetched;
    case End::left_alone:
      return Kind::not_stored;
    case End::not_kept:
      return is_failure(note_.record) ? Kind::failed : Kind::not_stored;
    case End::delivered:
      break;
  }
  if (is_cancelled_) return Kind::cancelled;
  if (is_too_large_ && !note_.reads) return Kind::not_stored;
  if (is_too_large_ || !is_whole_ || note_.is_stale || is_failure(note_.record)) return Kind::failed;
  return note_.is_in_store || note_.reads ? Kind::fetched : Kind::not_stored;
}

ErrandOutcome ErrandRun::outcome() {
  const obs::ExchangeRecord& record = note_.record;
  ErrandOutcome outcome;
  outcome.kind = kind();
  outcome.status = record.status == 499 ? 0 : record.status;
  outcome.bytes = bytes_;
  outcome.reason = note_.detail != Reason::none ? note_.detail : record.reason;
  if (is_too_large_) outcome.reason = Reason::too_large;
  outcome.body = std::exchange(kept_, {});
  return outcome;
}

void ErrandRun::cancel() {
  net::asio::post(worker_.executor(), [self = shared_from_this()] {
    self->is_cancelled_ = true;
    self->stop();
  });
}

void ErrandRun::stop() {
  if (const auto gone = std::exchange(gone_, nullptr)) gone();
}

std::function<void()> ErrandRun::wake() {
  return [executor = worker_.executor(), self = weak_from_this()] {
    net::asio::post(executor, [self] {
      if (const auto run = self.lock()) run->notifier_.notify();
    });
  };
}

net::Task<Wire::BodyStep> ErrandRun::read_body() {
  co_return BodyStep{{}, true, Reason::none};
}

void ErrandRun::body(std::string_view bytes, Owner) {
  bytes_ += bytes.size();
  // What is not kept for its size would be read for nothing, and perhaps without end.
  if (bytes_ > bytes_max_) is_too_large_ = true;
  if (note_.reads && !is_too_large_) kept_.append(bytes);
}

net::Task<bool> ErrandRun::flush() {
  co_return !is_cancelled_ && !is_too_large_;
}

void ErrandRun::watch(std::function<void()> gone) {
  gone_ = std::move(gone);
  if (is_cancelled_) net::asio::post(worker_.executor(), [self = shared_from_this()] { self->stop(); });
}

net::Task<void> ErrandRun::tunnel(std::shared_ptr<upstream::Exchange>) {
  co_return;  // no errand asks for an upgrade
}

}  // namespace larder::proxy
