#include "larder/obs/log.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <chrono>

#include "larder/obs/observer.hpp"
#include "obs/escape.hpp"
#include "obs/log_output.hpp"
#include "obs/timestamp.hpp"

namespace larder::obs {
namespace {

std::atomic<std::uint64_t> lines_lost{0};

std::string_view view_of(spdlog::string_view_t text) noexcept {
  return {text.data(), text.size()};
}

base::WallTime time_of(const spdlog::details::log_msg& message) noexcept {
  return std::chrono::time_point_cast<base::Duration>(message.time);
}

std::string text_line(const spdlog::details::log_msg& message) {
  std::string line;
  append_iso_time(line, time_of(message));
  line += ' ';
  line += view_of(spdlog::level::to_string_view(message.level));
  line += ' ';
  append_printable(line, view_of(message.payload));
  line += '\n';
  return line;
}

std::string json_line(const spdlog::details::log_msg& message) {
  std::string line = "{\"time\":\"";
  append_iso_time(line, time_of(message));
  line += "\",\"logger\":\"larder\",\"level\":\"";
  line += view_of(spdlog::level::to_string_view(message.level));
  line += "\",\"message\":";
  append_json_string(line, view_of(message.payload));
  line += "}\n";
  return line;
}

class OutputSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit OutputSink(const config::Log& log) : format_(log.format), output_(log.output) {}
  void reopen() {
    const std::lock_guard lock(mutex_);
    output_.reopen();
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string line = format_ == config::LogFormat::json ? json_line(message) : text_line(message);
    count_lines_lost(output_.write(line, base::Duration(0)));
  }
  void flush_() override {}

 private:
  const config::LogFormat format_;
  LogOutput output_;
};

// One line a second for each reason.
class FailureLimiter {
 public:
  // How many were left out before this one; nothing when this one is left out too.
  std::optional<std::uint64_t> admit(cache::Reason reason) noexcept {
    Slot& slot = slots_[static_cast<std::size_t>(reason)];
    const std::int64_t now =
        std::chrono::duration_cast<base::Seconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
    std::int64_t last = slot.second.load(std::memory_order_relaxed);
    if (last == now || !slot.second.compare_exchange_strong(last, now, std::memory_order_relaxed)) {
      slot.left_out.fetch_add(1, std::memory_order_relaxed);
      return std::nullopt;
    }
    return slot.left_out.exchange(0, std::memory_order_relaxed);
  }

 private:
  struct Slot {
    std::atomic<std::int64_t> second{-1};
    std::atomic<std::uint64_t> left_out{0};
  };
  std::array<Slot, static_cast<std::size_t>(cache::Reason::count_) + 1> slots_;
};

FailureLimiter failure_limiter;

}  // namespace

void set_up_log(const config::Log& log) {
  auto sink = std::make_shared<OutputSink>(log);
  auto logger = std::make_shared<spdlog::logger>("larder", std::move(sink));
  logger->set_level(spdlog::level::from_str(log.level));
  spdlog::set_default_logger(std::move(logger));
}

void reopen_log() {
  for (const spdlog::sink_ptr& sink : spdlog::default_logger()->sinks()) {
    if (auto* output = dynamic_cast<OutputSink*>(sink.get())) output->reopen();
  }
}

std::uint64_t log_lines_lost() noexcept {
  return lines_lost.load(std::memory_order_relaxed);
}

void count_lines_lost(std::uint64_t count) noexcept {
  lines_lost.fetch_add(count, std::memory_order_relaxed);
}

// "{}": the message is never a format string.
void log_debug(std::string_view message) {
  spdlog::debug("{}", message);
}

void log_info(std::string_view message) {
  spdlog::info("{}", message);
}

void log_warning(std::string_view message) {
  spdlog::warn("{}", message);
}

void log_error(std::string_view message) {
  spdlog::error("{}", message);
}

void log_failure(cache::Reason reason, std::string_view message) {
  const std::optional<std::uint64_t> left_out = failure_limiter.admit(reason);
  if (!left_out) return;
  if (*left_out == 0) {
    spdlog::warn("{}: {}", message, name_of(reason));
  } else {
    spdlog::warn("{}: {} ({} like it before)", message, name_of(reason), *left_out);
  }
}

}  // namespace larder::obs
