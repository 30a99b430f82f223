#include "larder/admin/server.hpp"

#include <algorithm>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <list>
#include <vector>

#include "admin/session.hpp"
#include "larder/obs/log.hpp"

namespace larder::admin {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::basic_stream_descriptor<net::Executor>;

// Operators, probes and the CMS: far fewer than this.
constexpr std::size_t connections_max = 256;
// Before accepting again when the system has no descriptors left.
constexpr base::Duration accept_pause = std::chrono::milliseconds(100);

}  // namespace

// Kept alive by its coroutines too: they may end after the server.
struct Server::State : std::enable_shared_from_this<Server::State> {
  State(proxy::Site& its_site, asio::io_context& its_context)
      : site(its_site), context(its_context), handler(its_site) {}

  void listen(const config::Address& address);
  net::Task<void> accept_all(std::shared_ptr<Descriptor> listener);
  // Waits after an error that a closed connection might mend.
  net::Task<void> pause();
  void open(int descriptor);
  bool make_room();
  net::Task<void> run(std::shared_ptr<Session> session);
  void stop();

  proxy::Site& site;
  asio::io_context& context;
  Handler handler;
  BodyBudget budget;
  std::vector<std::shared_ptr<Descriptor>> listeners;
  std::list<std::shared_ptr<Session>> sessions;  // oldest first
  std::uint16_t port = 0;
  bool is_stopped = false;
};

void Server::State::listen(const config::Address& address) {
  const int descriptor = net::listen_on(address, false);
  const auto listener = std::make_shared<Descriptor>(context.get_executor(), descriptor);
  listeners.push_back(listener);
  if (port == 0) port = net::port_of(descriptor);
  net::spawn(context.get_executor(),
             [self = shared_from_this(), listener] { return self->accept_all(listener); });
}

net::Task<void> Server::State::accept_all(std::shared_ptr<Descriptor> listener) {
  while (!is_stopped) {
    net::ErrorCode error;
    co_await listener->async_wait(Descriptor::wait_read, net::use_task(error));
    if (error || is_stopped) co_return;
    int reason = 0;
    for (int descriptor = 0; descriptor >= 0;) {
      descriptor = net::accept_on(listener->native_handle(), reason);
      if (descriptor >= 0) open(descriptor);
    }
    if (reason != 0) co_await pause();
  }
}

net::Task<void> Server::State::pause() {
  net::Timer timer(context.get_executor());
  timer.expires_after(accept_pause);
  net::ErrorCode ignored;
  co_await timer.async_wait(net::use_task(ignored));
}

void Server::State::open(int descriptor) {
  net::Socket socket = net::adopt(context.get_executor(), descriptor);
  if (!make_room()) return;
  const auto session = std::make_shared<Session>(std::move(socket), handler, budget);
  sessions.push_back(session);
  net::spawn(context.get_executor(), [self = shared_from_this(), session] { return self->run(session); });
}

// Whoever keeps connections open for nothing must not keep a probe out: the oldest idle one goes.
bool Server::State::make_room() {
  if (sessions.size() < connections_max) return true;
  const auto idle = std::find_if(sessions.begin(), sessions.end(),
                                 [](const std::shared_ptr<Session>& session) { return session->is_idle(); });
  if (idle == sessions.end()) return false;
  (*idle)->close();
  sessions.erase(idle);
  return true;
}

net::Task<void> Server::State::run(std::shared_ptr<Session> session) {
  co_await session->run();
  sessions.remove(session);
}

void Server::State::stop() {
  is_stopped = true;
  handler.stop();
  net::ErrorCode ignored;
  for (const auto& listener : listeners) listener->close(ignored);
  for (const auto& session : sessions) session->close();
  sessions.clear();
}

Server::Server(proxy::Site& site, asio::io_context& context)
    : state_(std::make_shared<State>(site, context)) {}

Server::~Server() {
  stop();
}

void Server::start() {
  const config::ConfigPtr config = state_->site.config();
  for (const config::Address& address : config->admin_listener.bind) state_->listen(address);
}

std::uint16_t Server::port() const noexcept {
  return state_->port;
}

void Server::stop() {
  state_->stop();
}

Handler& Server::handler() noexcept {
  return state_->handler;
}

}  // namespace larder::admin
