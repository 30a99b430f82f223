#include "conformance/replica_differences.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace conformance {
namespace {

using IsSuch = bool (*)(const Step& step);

bool any_step(const Case& told, IsSuch is_such) {
  return std::any_of(told.steps.begin(), told.steps.end(), is_such);
}

bool asks_with(const Step& step, std::string_view name) {
  return find(step.fields, name).has_value();
}

bool asks_with_credentials(const Step& step) {
  return asks_with(step, "Authorization");
}

bool asks_for_range(const Step& step) {
  return asks_with(step, "Range");
}

bool asks_only_memory(const Step& step) {
  return find(step.fields, "Cache-Control").value_or("").find("only-if-cached") != std::string::npos;
}

bool asks_for_the_origin(const Step& step) {
  return asks_with(step, "If-Match") || asks_with(step, "If-Unmodified-Since");
}

bool is_of_another_method(const Step& step) {
  return step.method != "GET";
}

bool is_answered_by_variant(const Step& step) {
  return std::any_of(step.answers.begin(), step.answers.end(),
                     [](const Answer& answer) { return find(answer.fields, "Vary").has_value(); });
}

bool is_validated(const Step& step) {
  return step.outcome == Outcome::validate;
}

struct Difference {
  const char* name;
  std::size_t cases;  // that do not hold for it
  IsSuch is_such;     // one step of such a case; null: Player::has_forgotten() tells
};

// The first that fits is the reason.
constexpr std::array differences{
    // With Authorization nothing is looked for in Redis, nor put there.
    Difference{"authorization", 16, asks_with_credentials},
    // Parts are kept in memory, and a range of what is not there is asked for.
    Difference{"range", 99, asks_for_range},
    // By only-if-cached memory answers, or nobody.
    Difference{"only-if-cached", 5, asks_only_memory},
    // What the origin is to compare goes there where memory has no answer.
    Difference{"precondition", 4, asks_for_the_origin},
    // What the answer to a HEAD or a POST says of a page is known where it came.
    Difference{"method", 11, is_of_another_method},
    // One variant is found in Redis, under the Vary that was seen last: not the others, nor their tags.
    Difference{"variants", 17, is_answered_by_variant},
    // A response stands in Redis for its lifetime and its grace; in memory for longer, where there is room.
    Difference{"lifetime over", 122, nullptr},
    // What is validated at each use is not put into Redis.
    Difference{"validated at each use", 33, is_validated},
};

}  // namespace

std::optional<std::string> difference_of_replicas(const Case& told, const Player& player) {
  for (const Difference& each : differences) {
    const bool fits = each.is_such ? any_step(told, each.is_such) : player.has_forgotten();
    if (fits) return each.name;
  }
  return std::nullopt;
}

std::map<std::string, std::size_t> differences_of_replicas() {
  std::map<std::string, std::size_t> counts;
  for (const Difference& each : differences) counts.emplace(each.name, each.cases);
  return counts;
}

}  // namespace conformance
