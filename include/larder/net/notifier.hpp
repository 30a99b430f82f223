// Wakes one waiting coroutine. Both sides on the same thread; another thread posts to the executor first.
//
// Whoever waits is no work that keeps an event loop running: a thread that runs one holds a work guard.
#pragma once
#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>
#include <coroutine>

#include "larder/net/types.hpp"

namespace larder::net {

class Notifier;

namespace detail {

// Of one event loop those in which somebody waits: the loop's end ends them.
class WaitingNotifiers : public asio::execution_context::service {
 public:
  using Hook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

  static asio::execution_context::id id;  // NOLINT(readability-identifier-naming): Asio asks for it
  explicit WaitingNotifiers(asio::execution_context& context) : service(context) {}
  void add(Notifier& notifier);

 private:
  void shutdown() override;

  boost::intrusive::list<Notifier, boost::intrusive::base_hook<Hook>,
                         boost::intrusive::constant_time_size<false>>
      waiting_;
};

}  // namespace detail

class Notifier : public detail::WaitingNotifiers::Hook {
 public:
  explicit Notifier(const Executor& executor);
  // Ends whoever waits, as the loop's end would. Whoever was notified must have gone on.
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // Remembered when nobody waits yet. Whoever waits goes on from the event loop, not from here.
  void notify();

  // `co_await notifier.wait()` returns once notified since the last wait. One waiter at a time; whoever waits
  // has given everything that could wake it a deadline of its own.
  class Wait {
   public:
    explicit Wait(Notifier& notifier) noexcept : notifier_(notifier) {}
    bool await_ready() const noexcept { return notifier_.is_set_; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) const {
      notifier_.start_waiting(frame.promise().run);
    }
    void await_resume() const noexcept { notifier_.is_set_ = false; }

   private:
    Notifier& notifier_;
  };
  Wait wait() noexcept { return Wait(*this); }

 private:
  friend class detail::WaitingNotifiers;
  void start_waiting(detail::Run* run);

  Executor executor_;
  detail::WaitingNotifiers& all_;
  detail::Run* waiting_ = nullptr;
  bool is_set_ = false;
};

}  // namespace larder::net
