// Times as logs write them, in UTC.
#pragma once
#include <string>

#include "larder/base/time.hpp"

namespace larder::obs {

// "2026-02-03T04:05:06"
void append_iso_second(std::string& out, base::WallTime time);
// "2026-02-03T04:05:06.789Z"
void append_iso_time(std::string& out, base::WallTime time);
// "03/Feb/2026:04:05:06 +0000"
void append_apache_time(std::string& out, base::WallTime time);

}  // namespace larder::obs
