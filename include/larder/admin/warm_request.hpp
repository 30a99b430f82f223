// What the body of POST /api/warm asks to be fetched. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "larder/config/config.hpp"

namespace larder::admin {

struct WarmOrder {
  // One of the three.
  std::vector<std::string> urls;
  std::string sitemap;
  std::uint32_t hot = 0;          // of the stored pages so many, the hottest
  std::uint32_t concurrency = 0;  // 0: that of `purge.refresh`
  std::uint32_t rate = 0;         // 0: no bound
  bool is_forced = false;
};
struct WarmError {
  std::string message;
};

inline constexpr std::uint32_t warm_concurrency_max = 256;
inline constexpr std::uint32_t warm_rate_max = 10'000;
inline constexpr std::uint32_t warm_hot_max = 50'000;

// {"urls": ["https://www.example.com/", ...], "concurrency": 4, "rate": 10, "force": false}, or "sitemap":
// URL, or "hot": N, instead of urls; every other member is refused, and so is a URL that is not of one of
// `hosts`.
std::variant<WarmOrder, WarmError> warm_order_of(std::string_view json, const config::Config& config);

}  // namespace larder::admin
