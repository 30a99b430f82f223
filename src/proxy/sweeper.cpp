#include "larder/proxy/sweeper.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace larder::proxy {
namespace {

constexpr base::Duration period = std::chrono::seconds(1);

// A worker that wakes up takes the processor at once from a thread that yields to it (sched(7)), and does not
// wait for the end of its slice. Where all are busy the sweep still gets a tenth. It goes on as any thread
// where that is not allowed.
constexpr int niceness = 10;

void yield_to_workers() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
}

}  // namespace

Sweeper::Sweeper(Site& site) : site_(site) {
  site_.wake_sweeper = [this] { pace_.hurry(); };
}

Sweeper::~Sweeper() {
  stop();
}

void Sweeper::start() {
  thread_ = std::thread([this] {
    yield_to_workers();
    while (pace_.wait(period)) {
      site_.sweep([this] { return pace_.may_go_on(); });
    }
  });
}

void Sweeper::stop() {
  pace_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace larder::proxy
