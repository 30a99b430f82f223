#include "larder/fleet/roster.hpp"

#include <algorithm>

namespace larder::fleet {

void Roster::see(const std::vector<Member>& members, SteadyTime seen_at) {
  if (seen_at < seen_at_) return;
  seen_at_ = seen_at;
  std::map<std::string, Known> now;
  for (const Member& member : members) {
    Known known{member.beat, member.applied, seen_at};
    if (const Known* before = find(member.id)) {
      known.applied = std::max(known.applied, before->applied);
      if (before->beat == member.beat) known.first_seen_at = before->first_seen_at;
    }
    now.emplace(member.id, known);
  }
  members_ = std::move(now);
}

void Roster::acknowledge(const std::string& id, std::uint64_t number) {
  const auto found = members_.find(id);
  if (found != members_.end()) found->second.applied = std::max(found->second.applied, number);
}

std::vector<Member> Roster::lapsed(SteadyTime sent_at, base::Duration lease) const {
  std::vector<Member> lapsed;
  for (const auto& [id, known] : members_) {
    if (sent_at - known.first_seen_at > with_a_tenth(lease))
      lapsed.push_back({id, known.beat, known.applied});
  }
  return lapsed;
}

const Roster::Known* Roster::find(const std::string& id) const {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

}  // namespace larder::fleet
