// Tasks: what is awaited returns or throws, what is spawned runs by itself, and nothing leaks where an event
// loop ends.
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <vector>

#include "support/net/loop.hpp"

namespace larder::net {
namespace {

using test::Loop;

Task<int> number(int value) {
  co_return value;
}

Task<int> sum_to(int last) {
  int sum = 0;
  for (int i = 1; i <= last; ++i) sum += co_await number(i % 2);
  co_return sum;
}

Task<int> thrower(int depth) {
  if (depth == 0) throw std::runtime_error("deep");
  const int value = co_await thrower(depth - 1);
  co_return value;
}

Task<void> store(Task<int> task, int& result, std::string& failure) {
  try {
    result = co_await task;
  } catch (const std::exception& error) {
    failure = error.what();
  }
}

TEST_CASE("a task's value and its exception reach whoever awaits it") {
  Loop loop;
  int result = 0;
  std::string failure;
  spawn(loop.executor(), store(number(7), result, failure));
  loop.turn();
  CHECK(result == 7);
  spawn(loop.executor(), store(thrower(3), result, failure));
  loop.turn();
  CHECK(failure == "deep");
}

// Not by symmetric transfer, which grows the stack where calls in tail position are calls.
TEST_CASE("tasks that end at once take no stack") {
  Loop loop;
  int result = 0;
  std::string failure;
  constexpr int many = 1'000'000;
  spawn(loop.executor(), store(sum_to(many), result, failure));
  loop.turn();
  CHECK(result == many / 2);
}

TEST_CASE("what is spawned on the loop's own thread begins at once, from elsewhere with the loop") {
  Loop loop;
  std::vector<int> order;
  const auto note = [&order](int value) -> Task<void> {
    order.push_back(value);
    co_return;
  };
  spawn(loop.executor(), note(2));
  order.push_back(1);
  loop.turn();
  asio::post(loop.context(), [&] {
    spawn(loop.executor(), note(3));
    order.push_back(4);
  });
  loop.turn();
  CHECK(order == std::vector<int>{1, 2, 3, 4});
}

TEST_CASE("an exception that leaves a spawned task ends that task alone") {
  Loop loop;
  int result = 0;
  std::string failure;
  spawn(loop.executor(), []() -> Task<void> { (void)co_await thrower(1); });
  spawn(loop.executor(), store(number(1), result, failure));
  loop.turn();
  CHECK(result == 1);
}

TEST_CASE("an operation's error is thrown, or told where a place for it is given") {
  Loop loop;
  Timer timer(loop.executor(), std::chrono::hours(1));
  std::vector<std::string> told;
  const auto wait = [&](bool throws) -> Task<void> {
    try {
      ErrorCode error;
      if (throws) {
        co_await timer.async_wait(use_task);
      } else {
        co_await timer.async_wait(use_task(error));
      }
      told.push_back(error == asio::error::operation_aborted ? "told" : "nothing");
    } catch (const boost::system::system_error& error) {
      told.push_back(error.code() == asio::error::operation_aborted ? "thrown" : "something else");
    }
  };
  for (const bool throws : {true, false}) {
    spawn(loop.executor(), [&wait, throws] { return wait(throws); });
    loop.turn();
    timer.cancel();
    loop.turn();
  }
  CHECK(told == std::vector<std::string>{"thrown", "told"});
}

TEST_CASE("an operation too large for its frame's room works as well") {
  Loop loop;
  test::Pair pair = connected_pair(loop);
  std::size_t sent = 0;
  std::size_t received = 0;
  std::array<char, 64> room{};
  spawn(loop.executor(), [&]() -> Task<void> {
    std::array<asio::const_buffer, 40> buffers;
    buffers.fill(asio::buffer("x", 1));
    sent = co_await asio::async_write(*pair.socket, buffers, use_task);
  });
  loop.run_until([&] { return sent == 40; });
  pair.peer.send("answer");
  spawn(loop.executor(), [&]() -> Task<void> {
    received = co_await pair.socket->async_read_some(asio::buffer(room), use_task);
  });
  loop.run_until([&] { return received == 6; });
}

struct Noter {
  std::vector<std::string>& ends;
  std::string name;
  ~Noter() { ends.push_back(name); }
};

Task<void> inner(Timer& timer, std::vector<std::string>& ends) {
  const Noter noter{ends, "inner"};
  co_await timer.async_wait(use_task);
}

Task<void> outer(Executor executor, std::vector<std::string>& ends) {
  const Noter noter{ends, "outer"};
  Timer timer(executor, std::chrono::hours(1));
  co_await inner(timer, ends);
}

TEST_CASE("the event loop's end destroys what still waits, as an exception would") {
  std::vector<std::string> ends;
  {
    Loop loop;
    spawn(loop.executor(), outer(loop.executor(), ends));
    loop.turn();
    CHECK(ends.empty());
  }
  CHECK(ends == std::vector<std::string>{"inner", "outer"});
}

TEST_CASE("a task that never began is destroyed with the loop, too") {
  std::vector<std::string> ends;
  {
    Loop loop;
    spawn(loop.executor(), [noter = std::make_unique<Noter>(Noter{ends, "captured"})] {
      return []() -> Task<void> { co_return; }();
    });
    ends.clear();  // of the temporary
  }
  CHECK(ends == std::vector<std::string>{"captured"});
}

}  // namespace
}  // namespace larder::net
