// What a coroutine waits to be told by another thread, once.
#pragma once
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "larder/net/notifier.hpp"

namespace larder::proxy {

template <typename Value>
class Word : public std::enable_shared_from_this<Word<Value>> {
 public:
  explicit Word(const net::Executor& executor) : executor_(executor), notifier_(executor) {}

  // For the other thread, to be called once within a deadline of its own. It holds nothing of the waiting
  // thread: where who waits has gone, the word is lost.
  std::function<void(Value)> teller() {
    return [executor = executor_, waiting = this->weak_from_this()](Value value) {
      auto word = waiting.lock();
      if (!word) return;
      net::asio::post(executor, [word = std::move(word), value = std::move(value)]() mutable {
        word->value_ = std::move(value);
        word->notifier_.notify();
      });
    };
  }
  // On the executor's thread.
  net::Task<Value> heard() {
    while (!value_) co_await notifier_.wait();
    co_return std::move(*value_);
  }

 private:
  net::Executor executor_;
  net::Notifier notifier_;
  std::optional<Value> value_;
};

}  // namespace larder::proxy
