// An answer that another thread computes while the admin session waits.
#pragma once
#include <functional>
#include <mutex>
#include <optional>

#include "larder/admin/message.hpp"
#include "larder/net/types.hpp"

namespace larder::admin {

class LaterResponse {
 public:
  // Any thread; once.
  void set(Response response);
  // The answer, where it is there already; any thread, and wait() is not called then.
  std::optional<Response> take();
  // On the thread of `executor`, whose context outlives whoever calls set(); once. The one who computes
  // bounds its time.
  net::Task<Response> wait(net::Executor executor);

 private:
  std::mutex mutex_;
  std::optional<Response> response_;
  std::function<void()> wake_;
};

}  // namespace larder::admin
