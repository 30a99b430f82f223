#include "support/scenario/slow_name.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <mutex>
#include <string_view>

#include "support/scenario/waiting.hpp"

namespace scenario {
namespace {

struct NameService {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_held = false;
  std::size_t waiting = 0;

  void pass() {
    std::unique_lock lock(mutex);
    ++waiting;
    changed.wait(lock, [this] { return !is_held; });
    --waiting;
  }
  void hold(bool holds) {
    const std::lock_guard lock(mutex);
    is_held = holds;
    changed.notify_all();
  }
};

NameService& name_service() {
  static NameService service;
  return service;
}

}  // namespace

SlowName::SlowName() {
  name_service().hold(true);
}

SlowName::~SlowName() {
  answer();
}

void SlowName::answer() {
  name_service().hold(false);
}

std::size_t SlowName::waiting() const {
  const std::lock_guard lock(name_service().mutex);
  return name_service().waiting;
}

void SlowName::wait_until_asked() const {
  wait_until("a look-up of the slow name", [this] { return waiting() > 0; });
}

}  // namespace scenario

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto system = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (node && std::string_view(node) == scenario::SlowName::name) {
    scenario::name_service().pass();
    node = "127.0.0.1";
  }
  return system(node, service, hints, result);
}
