// An errand under way: a connection without a client. Nothing is read from it, and what it is sent is counted
// and let go of. Lives on its worker's thread, but for cancel().
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "larder/proxy/errand.hpp"
#include "proxy/errand_note.hpp"
#include "proxy/exchange.hpp"
#include "proxy/wire.hpp"

namespace larder::proxy {

class ErrandRun : public std::enable_shared_from_this<ErrandRun>, private Wire {
 public:
  ErrandRun(Worker& worker, Errand errand);

  // Called once.
  net::Task<ErrandOutcome> run();
  // Any thread, while the worker runs. A flight that others wait for goes on without it.
  void cancel();

 private:
  ErrandOutcome::Kind kind() const;
  ErrandOutcome outcome();
  void stop();

  // Wire
  net::Executor executor() const override { return worker_.executor(); }
  const net::Peer& peer() const override { return peer_; }
  bool is_peer_trusted() const override { return false; }
  bool is_peer_operator() const override { return false; }
  net::Notifier& notifier() override { return notifier_; }
  std::function<void()> wake() override;
  net::Task<BodyStep> read_body() override;
  const http::Fields& request_trailers() const override { return trailers_; }
  void cancel_read() override {}
  void write_interim(std::string_view) override {}
  void begin(std::string_view, std::string_view, BodySize, Owner) override { bytes_ = 0; }
  void body(std::string_view bytes, Owner owner) override;
  void end(const http::Fields&) override { is_whole_ = true; }
  void break_off() override {}
  void close_after() override {}
  net::Task<bool> flush() override;
  std::uint64_t body_bytes_sent() const override { return bytes_; }
  void watch(std::function<void()> gone) override;
  void unwatch() override { gone_ = nullptr; }
  net::Task<void> tunnel(std::shared_ptr<upstream::Exchange> upstream) override;

  Worker& worker_;
  // Nobody: the upstream must not take for a developer's or an operator's what will be everybody's page.
  const net::Peer peer_{};
  const Errand errand_;
  net::Notifier notifier_;
  http::Fields trailers_;
  std::string host_;    // of the request
  std::string target_;  // in origin form
  http::RequestHead request_;
  ErrandNote note_;
  Exchange exchange_;
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::string kept_;
  std::function<void()> gone_;
  bool is_whole_ = false;
  bool is_cancelled_ = false;
  bool is_too_large_ = false;
};

}  // namespace larder::proxy
