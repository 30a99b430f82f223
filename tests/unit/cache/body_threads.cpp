// Bodies between threads: every reader gets every byte, and no wake is lost (a lost one would hang the test).
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "larder/base/hash.hpp"
#include "larder/cache/body.hpp"

namespace larder::cache {
namespace {

// Set by a wake on one thread, waited for on another.
class Signal {
 public:
  Body::Wake wake() {
    return [state = state_] {
      state->store(true);
      state->notify_one();
    };
  }
  void wait() {
    state_->wait(false);
    state_->store(false);
  }

 private:
  std::shared_ptr<std::atomic<bool>> state_ = std::make_shared<std::atomic<bool>>(false);
};

char byte_at(std::uint64_t offset) {
  return static_cast<char>(offset * 31 + offset / 251);
}

std::string bytes_from(std::uint64_t offset, std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = byte_at(offset + i);
  return text;
}

struct Outcome {
  bool is_right = true;
  std::uint64_t size = 0;
  std::optional<Reason> failure;
};

Outcome read_all(Body::Reader reader, std::uint64_t step) {
  Outcome outcome;
  Signal signal;
  std::array<std::string_view, 8> views;
  while (!reader.is_done()) {
    outcome.failure = reader.failure();
    if (outcome.failure) break;
    const std::size_t count = reader.peek(views, step);
    std::uint64_t bytes = 0;
    for (const std::string_view view : std::span(views).first(count)) {
      for (const char c : view)
        outcome.is_right = outcome.is_right && c == byte_at(reader.offset() + bytes++);
    }
    reader.consume(bytes);
    if (bytes == 0 && reader.wait(signal.wake())) signal.wait();
  }
  outcome.size = reader.offset();
  return outcome;
}

void write_all(Body& body, std::uint64_t size, std::size_t step) {
  Signal signal;
  for (std::uint64_t at = 0; at < size;) {
    if (!body.writer_may_continue(signal.wake())) {
      signal.wait();
      continue;
    }
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(step, size - at));
    body.append(bytes_from(at, part));
    at += part;
  }
}

TEST_CASE("readers on other threads get a growing body whole") {
  constexpr std::uint64_t size = 200'000;
  for (int round = 0; round < 20; ++round) {
    const auto body = Body::growing(round % 2 == 0 ? std::optional<std::uint64_t>(size) : std::nullopt);
    std::vector<Outcome> outcomes(4);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      threads.emplace_back(
          [&outcome = outcomes[i], &body, i] { outcome = read_all(*body->read_from(0), 700 + 3000 * i); });
    }
    write_all(*body, size, 997);
    body->finish();
    for (std::thread& thread : threads) thread.join();
    for (const Outcome& outcome : outcomes) {
      CHECK(outcome.is_right);
      CHECK(outcome.size == size);
      CHECK_FALSE(outcome.failure);
    }
  }
}

TEST_CASE("readers on other threads all see a failure") {
  for (int round = 0; round < 20; ++round) {
    const auto body = Body::growing(std::nullopt);
    std::vector<Outcome> outcomes(3);
    std::vector<std::thread> threads;
    threads.reserve(outcomes.size());
    for (Outcome& outcome : outcomes) {
      threads.emplace_back([&] { outcome = read_all(*body->read_from(0), 5000); });
    }
    write_all(*body, 30'000, 501);
    body->fail(Reason::upstream_reset);
    for (std::thread& thread : threads) thread.join();
    for (const Outcome& outcome : outcomes) {
      CHECK(outcome.size == 30'000);
      CHECK(outcome.failure == Reason::upstream_reset);
    }
  }
}

TEST_CASE("a windowed body passes between threads in bounded memory") {
  constexpr std::uint64_t size = 2'000'000;
  for (int round = 0; round < 5; ++round) {
    const auto body = Body::growing(std::nullopt);
    std::vector<Body::Reader> readers;
    readers.reserve(4);
    for (int i = 0; i < 4; ++i) readers.push_back(std::move(*body->read_from(0)));
    body->make_windowed(std::size_t{64} * 1024, std::size_t{512} * 1024);
    std::vector<Outcome> outcomes(readers.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      threads.emplace_back([&outcome = outcomes[i], reader = std::move(readers[i]), i]() mutable {
        outcome = read_all(std::move(reader), 4000 + 9000 * i);
      });
    }
    write_all(*body, size, 16'000);
    CHECK(body->allocated() < std::size_t{1024} * 1024);
    body->finish();
    for (std::thread& thread : threads) thread.join();
    std::size_t whole = 0;
    for (const Outcome& outcome : outcomes) {
      CHECK(outcome.is_right);
      whole += outcome.size == size && !outcome.failure ? 1 : 0;
      if (outcome.failure) CHECK(outcome.failure == Reason::reader_too_slow);
    }
    CHECK(whole >= 1);
  }
}

TEST_CASE("the writer of a windowed body goes on when its readers leave") {
  for (int round = 0; round < 50; ++round) {
    const auto body = Body::growing(std::nullopt);
    std::vector<Body::Reader> readers;
    readers.reserve(4);
    for (int i = 0; i < 2; ++i) readers.push_back(std::move(*body->read_from(0)));
    body->make_windowed(std::size_t{8} * 1024, std::size_t{64} * 1024);
    std::vector<std::thread> threads;
    threads.reserve(readers.size());
    for (Body::Reader& reader : readers) {
      threads.emplace_back([reader = std::move(reader)]() mutable {
        std::array<std::string_view, 2> views;
        if (reader.peek(views, 100) > 0) reader.consume(views[0].size());
      });
    }
    write_all(*body, 100'000, 4'000);
    body->finish();
    for (std::thread& thread : threads) thread.join();
    CHECK(body->reader_count() == 0);
    CHECK(body->size() == 100'000);
  }
}

}  // namespace
}  // namespace larder::cache
