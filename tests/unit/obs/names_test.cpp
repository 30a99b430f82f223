#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "larder/obs/totals.hpp"

namespace larder::obs {
namespace {

bool is_kebab_case(std::string_view name) {
  if (name.empty() || name.front() == '-' || name.back() == '-') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos;
}

TEST_CASE("every reason has a name of its own") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < reason_count; ++i) {
    const std::string_view name = name_of(static_cast<cache::Reason>(i));
    INFO(name);
    CHECK(is_kebab_case(name));
    CHECK(name != "unknown");
    CHECK(names.insert(name).second);
  }
}

TEST_CASE("every result has a name of its own") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < result_count; ++i) {
    const std::string_view name = name_of(static_cast<Result>(i));
    INFO(name);
    CHECK(is_kebab_case(name));
    CHECK(name != "unknown");
    CHECK(names.insert(name).second);
  }
}

TEST_CASE("names are words that operators say") {
  CHECK(name_of(cache::Reason::stale_while_revalidate) == "stale-while-revalidate");
  CHECK(name_of(cache::Reason::hit_for_miss) == "hit-for-miss");
  CHECK(name_of(Result::collapsed) == "collapsed");
}

}  // namespace
}  // namespace larder::obs
