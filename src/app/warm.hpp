// `larder warm`: orders a warm job of a running sidecar, and tells how far it is until it has ended.
#pragma once
#include <cstdint>
#include <string>

#include "larder/admin/client.hpp"

namespace larder::app {

struct WarmOptions {
  // One of the three.
  std::string sitemap;
  std::string urls_file;  // a URL a line; "-": standard input
  std::uint32_t hot = 0;
  std::uint32_t concurrency = 0;  // 0: the sidecar's own
  std::uint32_t rate = 0;         // 0: no bound
  bool is_forced = false;
  bool wants_json = false;
};

// The exit code: 1 where a page failed, or the job did not come to its end.
int warm(const WarmOptions& options, const admin::Client& client);

}  // namespace larder::app
