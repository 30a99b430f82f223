// The field lines of a stored head, "Name: value" each.
#pragma once
#include <string_view>

namespace larder::proxy {

// Those field lines of a stored head whose name is wanted.
template <typename Text, typename Wanted>
void append_lines_if(std::string_view stored, Text& out, Wanted&& wanted) {
  stored.remove_prefix(stored.find("\r\n") + 2);
  while (!stored.empty()) {
    const std::size_t end = stored.find("\r\n") + 2;
    const std::string_view line = stored.substr(0, end);
    if (wanted(line.substr(0, line.find(':')))) out.append(line);
    stored.remove_prefix(end);
  }
}

}  // namespace larder::proxy
