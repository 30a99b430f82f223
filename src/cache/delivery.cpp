#include "larder/cache/delivery.hpp"

#include <algorithm>

#include "larder/http/entity_tag.hpp"

namespace larder::cache {

using http::FieldId;

Credentials with_credentials(const http::Fields& request, const http::RequestCacheControl& control,
                             const StoredResponse* stored) {
  if (!request.has(FieldId::authorization) || stored == nullptr) return Credentials::heeded;
  if (stored->freshness.may_answer_credentials) return Credentials::heeded;
  return control.only_if_cached ? Credentials::refuse : Credentials::pass;
}

// Section 13.2.1: conditions count where the answer without them is successful; a stored part is no answer to
// them.
bool is_not_modified(const http::Fields& request, const HeadView& head, base::WallTime now) {
  if (head.status < 200 || head.status >= 300) return false;
  if (!request.has(FieldId::if_none_match) && !request.has(FieldId::if_modified_since)) return false;
  const std::string_view etag = head.etag();
  const auto result = http::evaluate_conditional(request, etag.empty() ? std::nullopt : std::optional(etag),
                                                 head.last_modified, head.date, now);
  return result == http::Precondition::not_modified;
}

http::Selection selection_of(const http::RequestHead& request, const HeadView& head, std::uint64_t size,
                             base::WallTime now) {
  if (request.method != http::Method::get || head.status != 200) return {};
  const std::string_view etag = head.etag();
  const http::Validators held{etag.empty() ? std::nullopt : std::optional(etag), head.last_modified,
                              head.date};
  http::Selection selection = http::select_range(request.fields, size, held, now);
  const bool is_refused =
      selection.parts.size() > 1 && origin_head(head).fields.has(FieldId::content_encoding);
  return is_refused ? http::Selection{} : selection;
}

std::optional<std::int64_t> age_to_send(const Freshness& freshness, base::MonoTime now, bool is_from_store) {
  const std::int64_t age = std::chrono::floor<std::chrono::seconds>(freshness.age(now)).count();
  if (!is_from_store && age <= 0) return std::nullopt;
  return std::max<std::int64_t>(age, 0);
}

}  // namespace larder::cache
