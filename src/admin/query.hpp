// What the query of a request to the admin listener says.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace larder::admin {

// `?n=50` of the target; `otherwise` without it; nothing when it is no number from 1 to `most`.
std::optional<std::size_t> number_wanted(std::string_view target, std::size_t otherwise, std::size_t most);

}  // namespace larder::admin
