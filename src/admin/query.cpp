#include "admin/query.hpp"

#include <algorithm>

#include "larder/base/text.hpp"

namespace larder::admin {

std::optional<std::size_t> number_wanted(std::string_view target, std::size_t otherwise, std::size_t most) {
  const std::size_t question = target.find('?');
  if (question == std::string_view::npos) return otherwise;
  std::string_view query = target.substr(question + 1);
  std::size_t wanted = otherwise;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (!pair.starts_with("n=")) continue;
    const auto number = base::parse_uint(pair.substr(2));
    if (!number || *number == 0 || *number > most) return std::nullopt;
    wanted = static_cast<std::size_t>(*number);
  }
  return wanted;
}

}  // namespace larder::admin
