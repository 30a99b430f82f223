// Untrusted bytes made fit for a line of a log: nothing in them can end the line, leave its quotes, or reach
// the terminal as a control sequence.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "larder/base/lanes.hpp"

namespace larder::obs {

// Those that write to memory return the end of what they wrote. They need room for so many bytes for each
// that they are given, and for so many more, of which some may be written to behind the end.
inline constexpr std::size_t escaped_size_max = 6;
inline constexpr std::size_t escaped_rest_max = 2 + base::Lanes::count;

// A JSON string, quotes included. Control characters (C1 too: terminals obey them) become \uXXXX, bytes that
// are not UTF-8 become U+FFFD.
char* write_json_string(char* out, std::string_view bytes) noexcept;
void append_json_string(std::string& out, std::string_view bytes);
// As Apache does inside quotes: `"` and `\` with a backslash, everything but printable ASCII as \xHH.
char* write_quoted_ascii(char* out, std::string_view bytes) noexcept;
// Appends text for people: UTF-8 stays, control characters and other bytes become \xHH.
void append_printable(std::string& out, std::string_view bytes);

}  // namespace larder::obs
