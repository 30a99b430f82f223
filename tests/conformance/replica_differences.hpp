// What one server does and a second replica, which has only Redis to learn from, does not: by design
// (docs/replicas.md, "What only memory knows").
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "conformance/story.hpp"

namespace conformance {

// Why this case, which did not hold when `player` told it, need not; nothing where it must.
std::optional<std::string> difference_of_replicas(const Case& told, const Player& player);
// How many cases there are for each of these reasons.
std::map<std::string, std::size_t> differences_of_replicas();

}  // namespace conformance
