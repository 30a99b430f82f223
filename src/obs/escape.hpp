// Untrusted bytes made fit for a line of a log: nothing in them can end the line, leave its quotes, or reach
// the terminal as a control sequence.
#pragma once
#include <string>
#include <string_view>

namespace larder::obs {

// Appends a JSON string, quotes included. Control characters (C1 too: terminals obey them) become \uXXXX,
// bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view bytes);
// Appends as Apache does inside quotes: `"` and `\` with a backslash, everything but printable ASCII as \xHH.
void append_quoted_ascii(std::string& out, std::string_view bytes);
// Appends text for people: UTF-8 stays, control characters and other bytes become \xHH.
void append_printable(std::string& out, std::string_view bytes);

}  // namespace larder::obs
