// Very many visitors at once, out of one thread: all connect, then all ask, then all answers are collected as
// they come.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "support/scenario/message.hpp"
#include "support/scenario/waiting.hpp"

namespace scenario {

struct MassAnswer {
  Response response;
  Milliseconds after{};  // from the last request sent to the last byte received
};

// Throws Failure when not all are answered in time.
std::vector<MassAnswer> ask_at_once(std::uint16_t port, std::size_t count, const std::string& request);
Milliseconds last_of(const std::vector<MassAnswer>& answers);

}  // namespace scenario
