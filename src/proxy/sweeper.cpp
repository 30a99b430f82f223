#include "larder/proxy/sweeper.hpp"

namespace larder::proxy {
namespace {

constexpr base::Duration period = std::chrono::seconds(1);

}  // namespace

Sweeper::Sweeper(Site& site) : site_(site) {
  site_.wake_sweeper = [this] { pace_.hurry(); };
}

Sweeper::~Sweeper() {
  stop();
}

void Sweeper::start() {
  thread_ = std::thread([this] {
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
