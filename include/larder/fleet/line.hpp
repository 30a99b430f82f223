// One line of the purge log that replicas share, as the text that stands in Redis: JSON. Pure; any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/cache/purge_log.hpp"

namespace larder::fleet {

struct Line {
  std::vector<cache::Selector> selectors;  // canonical
  cache::PurgeMode mode = cache::PurgeMode::hard;
  base::WallTime at{};
  cache::PurgeOrigin origin;
};

std::string text_of(const Line& line);
// Nothing for what text_of() of this version did not write. Who reads such a line must not ignore it: it may
// name anything.
std::optional<Line> parse_line(std::string_view text);
// One that names everything: what stands in for lines that were too many, or could not be read.
Line line_of_all(base::WallTime at, std::string detail);

}  // namespace larder::fleet
