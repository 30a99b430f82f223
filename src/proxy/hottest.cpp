#include "larder/proxy/hottest.hpp"

#include <algorithm>

#include "larder/cache/vary.hpp"

namespace larder::proxy {
namespace {

// Of the fields that select a variant. They came in a request whose head had a bound of its own; this one is
// for the list of errands.
constexpr std::string_view browsers_field =
    "Accept-Encoding";  // of errand_for(); names of Vary are in lower case
constexpr std::size_t fields_size_max = std::size_t{4} * 1024;

bool is_somebodys_own(http::FieldId id, std::string_view value) {
  if (id == http::FieldId::authorization || id == http::FieldId::proxy_authorization) return true;
  return id == http::FieldId::cookie && !value.empty();
}

// The secondary key has a line for each name: nothing where the field was absent, else '=' and its value.
bool add_variant_fields(const cache::StoredResponse& stored, Errand& errand) {
  std::string_view lines = stored.secondary();
  std::size_t size = 0;
  for (const std::string& name : cache::vary_from_text(stored.vary()).names) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    const http::FieldId id = http::field_id(name);
    // As this variant's request had it, and not as a browser would.
    if (id == http::FieldId::accept_encoding)
      std::erase_if(errand.fields, [](const auto& field) { return field.first == browsers_field; });
    if (line.empty()) continue;
    const std::string_view value = line.substr(1);
    size += name.size() + value.size();
    if (is_somebodys_own(id, value) || size > fields_size_max) return false;
    if (id != http::FieldId::cookie) errand.fields.emplace_back(name, value);
  }
  return true;
}

}  // namespace

std::optional<Errand> errand_again(const cache::StoredResponse& stored) {
  const cache::KeyView key = stored.key();
  const bool is_part = stored.status() == 206;
  if (key.is_private() || is_part || stored.vary() == "*") return std::nullopt;
  Errand errand = errand_for(std::string(key.text.substr(0, key.url_end)), false);
  if (!add_variant_fields(stored, errand)) return std::nullopt;
  std::string_view cookies = key.text.substr(key.url_end);
  if (cookies.starts_with('\n')) cookies.remove_prefix(1);
  std::string list(cookies);
  for (std::size_t i = list.find(';'); i != std::string::npos; i = list.find(';', i + 1))
    list.insert(i + 1, 1, ' ');
  if (!list.empty()) errand.fields.emplace_back("Cookie", std::move(list));
  return errand;
}

void Hottest::look_at(const cache::StoredPtr& response, std::uint32_t uses) {
  if (uses == 0 || pages_max_ == 0 || response->key().is_private()) return;
  if (purged_ && (response->sequence >= sequence_ || !purged_->names(*response))) return;
  pages_.push_back({response, uses});
  if (pages_.size() >= 2 * pages_max_) keep_hottest();
}

// Those of equal use as the walk met them: oldest first.
void Hottest::keep_hottest() {
  std::stable_sort(pages_.begin(), pages_.end(),
                   [](const HotPage& a, const HotPage& b) { return a.uses > b.uses; });
  if (pages_.size() > pages_max_) pages_.resize(pages_max_);
}

std::vector<HotPage> Hottest::take() {
  keep_hottest();
  return std::move(pages_);
}

bool look_through(const store::MemoryStore& store, const cache::PurgeLog& log, std::vector<Hottest>& seekers,
                  const std::function<bool()>& may_go_on) {
  bool goes_on = true;
  const auto show = [&](const cache::StoredPtr& response, std::uint32_t uses) {
    const bool is_purged = uses > 0 && log.validity(*response, log.newest()) != cache::Validity::valid;
    for (Hottest& seeker : seekers) {
      if (uses > 0 && is_purged == seeker.seeks_purged()) seeker.look_at(response, uses);
    }
    goes_on = may_go_on();
    return goes_on;
  };
  for (std::size_t shard = 0; shard < store.shard_count() && goes_on; ++shard) store.walk_shard(shard, show);
  return goes_on;
}

}  // namespace larder::proxy
