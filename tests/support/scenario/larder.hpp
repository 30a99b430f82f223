// A running Larder before a scripted upstream: real sockets, two workers, in this process.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "larder/app/server.hpp"
#include "support/scenario/client.hpp"
#include "support/scenario/upstream.hpp"

namespace scenario {

// What a scenario adds to the configuration.
struct Settings {
  std::string site{};                       // top-level YAML: routes, cookies, ...
  Lines upstream{};                         // lines of the upstream: "timeouts: {first_byte: 200ms}"
  Lines public_listener{};                  // lines of listeners.public: "trusted_proxies: [127.0.0.0/8]"
  Lines admin_listener{};                   // lines of listeners.admin: "allow: []"
  std::string bind = "127.0.0.1:1";         // its port is replaced by a free one; or unix:/path
  std::string upstream_host = "127.0.0.1";  // by which the upstream is named
  std::string log = R"({level: "off", access: "off"})";
};

class Larder {
 public:
  explicit Larder(const Upstream& upstream, const Settings& settings = {});
  // With this configuration, but for its ports, which are free ones.
  explicit Larder(const larder::config::Config& config);

  std::uint16_t port() const { return server_->public_port(); }
  std::uint16_t admin_port() const { return server_->admin_port(); }
  larder::app::Server& server() { return *server_; }
  larder::proxy::Site& site() { return server_->site(); }
  void advance(std::chrono::seconds by) { site().clock.advance(by); }

  Response get(std::string_view path, const Lines& lines = {}) const {
    return scenario::get(port(), path, lines);
  }
  Connection connect() const { return Connection(port()); }

  // POST /api/purge with one selector; returns when it has been acknowledged, throws Failure when it was
  // refused.
  void purge(std::string_view selector, std::string_view mode = "hard");
  // PURGE on the admin listener, as Wagtail sends it.
  void purge_by_method(std::string_view path);

  // Until `count` exchanges, counted from the start, have taken a seat in another's flight.
  void wait_for_joined(std::uint64_t count);
  void wait_for_no_flight();

 private:
  std::unique_ptr<larder::app::Server> server_;
};

}  // namespace scenario
