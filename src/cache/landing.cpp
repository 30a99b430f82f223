#include "larder/cache/landing.hpp"

#include <utility>

#include "larder/cache/groups.hpp"

namespace larder::cache {
namespace {

StoredHead head_of(const FetchOf& fetch, const http::ResponseHead& answer, const Storability& storability,
                   std::optional<StoredHead>& leaders_head) {
  const auto make = [&](const http::ResponseHead& head) {
    return make_head(head, fetch.policy, storability.freshness.is_given_by_route, fetch.times.received.wall,
                     fetch.key.is_private());
  };
  if (!has_withheld_fields(answer.fields, storability.control)) return make(answer);
  leaders_head = make(answer);
  http::ResponseHead for_all = answer;
  remove_withheld_fields(for_all.fields, storability.control);
  return make(for_all);
}

void set_variant(ResponseDraft& response, const FetchOf& fetch, const VarySpec& vary) {
  response.vary = text_of(vary);
  response.secondary = secondary_key(vary, fetch.request.fields, fetch.policy.cookies);
}

std::string_view opaque_of(std::string_view etag) {
  return etag.size() < 2 ? std::string_view() : etag.substr(1, etag.size() - 2);
}

Renewed renewed(const StoredResponse& old, const FetchOf& fetch, const http::ResponseHead& answer,
                bool is_beside) {
  const HeadView old_head = old.head();
  const http::ResponseHead merged = updated_head(old_head, answer);
  Renewed result;
  result.storability = storable(fetch.request, merged, fetch.policy, fetch.times);
  ResponseDraft next = draft_of(old);
  next.head = head_of(fetch, merged, result.storability, result.landed.leaders_head);
  if (old_head.generated_etag && next.head.etag().empty()) add_etag(next.head, opaque_of(old_head.etag()));
  const VarySpec vary = vary_of(merged.fields);
  if (!is_beside) set_variant(next, fetch, vary);
  // Under another Vary nobody knows what it would be the variant of.
  if (is_beside && text_of(vary) != old.vary()) result.storability.is_storable = false;
  next.freshness = result.storability.freshness;
  if (!result.storability.is_storable) {
    next.freshness.received_at = fetch.times.received.mono;
    next.freshness.always_revalidate = true;
  }
  next.sequence = fetch.sequence;
  auto tags = tags_of(merged.fields, fetch.policy.tags);
  if (tags) {
    add_group_labels(merged.fields, fetch.key, *tags);
    next.tags = std::move(*tags);
    // The body is what it was, and so is what it says.
    if (!add_body_tags(next, std::move(next.body_tags))) result.storability.is_storable = false;
  } else {
    result.storability.is_storable = false;
  }
  result.landed.response = std::move(next);
  return result;
}

}  // namespace

Landed land(const FetchOf& fetch, const http::ResponseHead& answer, const Storability& storability) {
  Landed landed;
  auto tags = tags_of(answer.fields, fetch.policy.tags);
  if (!tags) return landed;
  ResponseDraft response;
  response.key = fetch.key;
  set_variant(response, fetch, vary_of(answer.fields));
  response.head = head_of(fetch, answer, storability, landed.leaders_head);
  response.freshness = storability.freshness;
  response.sequence = fetch.sequence;
  add_group_labels(answer.fields, fetch.key, *tags);
  response.tags = std::move(*tags);
  response.captures = fetch.captures;
  landed.response = std::move(response);
  return landed;
}

Renewed renew(const StoredResponse& old, const FetchOf& fetch, const http::ResponseHead& answer) {
  return renewed(old, fetch, answer, false);
}

Renewed renew_beside(const StoredResponse& old, const FetchOf& fetch, const http::ResponseHead& answer) {
  return renewed(old, fetch, answer, true);
}

}  // namespace larder::cache
