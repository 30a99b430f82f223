// What a request gets of a stored response once the policy has chosen it.
#pragma once
#include <cstdint>
#include <optional>

#include "larder/base/time.hpp"
#include "larder/cache/stored_response.hpp"
#include "larder/http/cache_control.hpp"
#include "larder/http/fields.hpp"
#include "larder/http/message.hpp"
#include "larder/http/range.hpp"

namespace larder::cache {

// What becomes of a request because of its Authorization (RFC 9111 section 3.5): what is stored may answer it
// only where its origin allows that. Absent credentials are heeded always.
enum class Credentials : std::uint8_t { heeded, pass, refuse };
Credentials with_credentials(const http::Fields& request, const http::RequestCacheControl& control,
                             const StoredResponse* stored);

// Does a stored response answer the request's conditions by 304 (RFC 9110 section 13.2)?
bool is_not_modified(const http::Fields& request, const HeadView& head, base::WallTime now);

// Which ranges of a stored body of `size` bytes the request gets (RFC 9110 section 14.2): a range is for GET,
// and of what would be a 200. Several of a body in a content coding are answered whole: of a multipart body
// under Content-Encoding nobody could say what is coded.
http::Selection selection_of(const http::RequestHead& request, const HeadView& head, std::uint64_t size,
                             base::WallTime now);

// The value of Age (RFC 9111 section 5.1), in whole seconds, never negative. Nothing for a response that was
// fetched for this request and has no age yet.
std::optional<std::int64_t> age_to_send(const Freshness& freshness, base::MonoTime now, bool is_from_store);

}  // namespace larder::cache
