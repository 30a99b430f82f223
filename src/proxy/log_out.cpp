#include "proxy/log_out.hpp"

#include "larder/cache/private_copy.hpp"

namespace larder::proxy {
namespace {

// Flights are asked first: what lands is in the store before its flight is gone, so that one of the two
// knows. Other replicas may have some, whatever this one has.
bool has_copies(const Site& site, std::string_view digest, const Flight* own) {
  return site.fleet || site.flights.holds_session(digest, own) || site.store.holds_session(digest);
}

void outdate(Site& site, const std::vector<std::string>& digests, const Flight* own) {
  std::vector<cache::Selector> selectors;
  for (const std::string& digest : digests) {
    if (!has_copies(site, digest, own)) continue;
    selectors.push_back({cache::SelectorKind::capture, cache::session_label(digest), {}});
  }
  if (!selectors.empty()) {
    site.purge(std::move(selectors), cache::PurgeMode::hard, {cache::PurgeCause::log_out, {}, {}});
  }
}

}  // namespace

void note_log_out(Site& site, const config::Config& config, const http::Fields& request,
                  const http::Fields& response, const Flight* own) {
  if (!request.has(http::FieldId::cookie)) return;
  outdate(site, cache::ended_sessions(request, response, config.session_cookies, site.clock.wall()), own);
}

void note_possible_log_out(Site& site, const config::Config& config, const http::Fields& request) {
  outdate(site, cache::sessions_of(request, config.session_cookies), nullptr);
}

}  // namespace larder::proxy
