#include "support/scenario/replicas.hpp"

#include "support/scenario/waiting.hpp"

namespace scenario {
namespace {

bool holds_lease(Larder& larder) {
  return larder.site().fleet->view().holds_lease;
}

}  // namespace

Replicas::Replicas(const Upstream& upstream, std::size_t count, ReplicaSettings settings)
    : upstream_(upstream) {
  settings_.site = "store:\n  redis: {url: \"unix:" + redis_.unix_path() + "\", " + settings.redis + "}\n" +
                   std::move(settings.site);
  for (std::size_t i = 0; i < count; ++i) add();
  wait_for_leases();
}

Larder& Replicas::add() {
  return *larders_.emplace_back(std::make_unique<Larder>(upstream_, settings_));
}

void Replicas::wait_for_leases() {
  for (const auto& larder : larders_) {
    if (larder) wait_until("a replica to hold a lease", [&] { return holds_lease(*larder); });
  }
}

void Replicas::wait_for_no_lease() {
  for (const auto& larder : larders_) {
    if (larder) wait_until("a replica's lease to end", [&] { return !holds_lease(*larder); });
  }
}

Response purge_at(const Larder& larder, std::string_view selector) {
  const std::string body = R"({"select": [")" + std::string(selector) + R"("]})";
  return ask(larder.admin_port(), "POST", "/api/purge", {"Content-Type: application/json"}, body);
}

}  // namespace scenario
