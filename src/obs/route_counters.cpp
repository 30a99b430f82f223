#include "obs/route_counters.hpp"

#include <algorithm>

namespace larder::obs {
namespace {

constexpr std::string_view unmatched_name = "(none)";

}  // namespace

RouteCounters::RouteCounters(std::size_t route_count, Names names)
    : generation_(new Generation{std::vector<Row>(route_count + 1), std::move(names)}) {}

std::size_t RouteCounters::row_of(std::uint32_t route) const noexcept {
  return std::min<std::size_t>(route, generation_->rows.size() - 1);
}

void RouteCounters::count(std::uint32_t route, Result result) noexcept {
  generation_->rows[row_of(route)].results[static_cast<std::size_t>(result)].add(1);
}

std::string_view RouteCounters::name(std::uint32_t route) const noexcept {
  if (generation_->names.empty()) return {};
  return generation_->names[row_of(route)];
}

void RouteCounters::begin_generation(Names names) {
  auto next = std::make_unique<Generation>();
  next->rows = std::vector<Row>(names.size());
  next->names = std::move(names);
  const std::lock_guard lock(mutex_);
  add_rows(*generation_, generation_->names, retired_);
  generation_ = std::move(next);
}

void RouteCounters::add_rows(const Generation& generation, const Names& names,
                             std::map<std::string, Totals::ByResult>& totals) {
  for (std::size_t row = 0; row < generation.rows.size(); ++row) {
    const bool is_unmatched = row + 1 == generation.rows.size();
    std::string name = is_unmatched ? std::string(unmatched_name) : "#" + std::to_string(row);
    if (!is_unmatched && row < names.size()) name = names[row];
    Totals::ByResult& total = totals[name];
    for (std::size_t i = 0; i < result_count; ++i) total[i] += generation.rows[row].results[i].value();
  }
}

void RouteCounters::add_to(std::map<std::string, Totals::ByResult>& totals,
                           const Names& fallback_names) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, counts] : retired_) {
    Totals::ByResult& total = totals[name];
    for (std::size_t i = 0; i < result_count; ++i) total[i] += counts[i];
  }
  add_rows(*generation_, generation_->names.empty() ? fallback_names : generation_->names, totals);
}

RouteCounters::Names route_names(const config::Config& config) {
  RouteCounters::Names names;
  for (const config::Route& route : config.routes) {
    names.push_back(route.policy.name.empty() ? route.pattern.text() : route.policy.name);
  }
  names.emplace_back(unmatched_name);
  return names;
}

}  // namespace larder::obs
