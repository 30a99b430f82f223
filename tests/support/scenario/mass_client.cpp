#include "support/scenario/mass_client.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>

#include "support/scenario/socket.hpp"

namespace scenario {
namespace {

struct Visitor {
  Socket socket;
  std::string unread;
  ResponseReader reader;
  Milliseconds after{};
};

Socket watch_all(const std::vector<Visitor>& visitors) {
  Socket epoll(::epoll_create1(EPOLL_CLOEXEC));
  for (std::size_t i = 0; i < visitors.size(); ++i) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.u64 = i;
    if (::epoll_ctl(epoll.descriptor(), EPOLL_CTL_ADD, visitors[i].socket.descriptor(), &event) != 0) {
      throw Failure("epoll_ctl");
    }
  }
  return epoll;
}

// True when this visitor's answer has come to its end.
bool read_some(Visitor& visitor) {
  const Arrival arrival = visitor.socket.receive(visitor.unread);
  visitor.reader.feed(visitor.unread);
  if (arrival != Arrival::data) visitor.reader.end_of_input(arrival == Arrival::reset);
  return visitor.reader.is_finished();
}

void collect(std::vector<Visitor>& visitors, SteadyTime asked_at) {
  const Socket epoll = watch_all(visitors);
  const SteadyTime deadline = deadline_from_now();
  std::size_t missing = visitors.size();
  while (missing > 0) {
    std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(epoll.descriptor(), events.data(), static_cast<int>(events.size()),
                                   milliseconds_left(deadline));
    if (count <= 0) throw Failure("waited for " + std::to_string(missing) + " more answers");
    for (int i = 0; i < count; ++i) {
      Visitor& visitor = visitors[events[static_cast<std::size_t>(i)].data.u64];
      if (!read_some(visitor)) continue;
      visitor.after = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - asked_at);
      ::epoll_ctl(epoll.descriptor(), EPOLL_CTL_DEL, visitor.socket.descriptor(), nullptr);
      --missing;
    }
  }
}

}  // namespace

std::vector<MassAnswer> ask_at_once(std::uint16_t port, std::size_t count, const std::string& request) {
  allow_descriptors(2 * count + 512);  // both ends are in this process
  std::vector<Visitor> visitors(count);
  for (Visitor& visitor : visitors) visitor.socket = connect_tcp(port);
  for (Visitor& visitor : visitors) visitor.socket.send(request);
  collect(visitors, std::chrono::steady_clock::now());
  std::vector<MassAnswer> answers;
  answers.reserve(count);
  for (Visitor& visitor : visitors) answers.push_back({std::move(visitor.reader.response()), visitor.after});
  return answers;
}

Milliseconds last_of(const std::vector<MassAnswer>& answers) {
  Milliseconds last{};
  for (const MassAnswer& answer : answers) last = std::max(last, answer.after);
  return last;
}

}  // namespace scenario
