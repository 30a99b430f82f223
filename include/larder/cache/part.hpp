// What is stored of a representation in part (RFC 9111 sections 3.3 and 3.4): one range of it, out of a 206.
//
// A part is a stored response of status 206, under a key of its own (key_of_part), whose head has the
// Content-Range that says which bytes its body is. It answers requests for one range that lies within it, is
// never served stale and never validated. A later part of the same representation is joined to it where they
// touch, and what is whole is a stored 200 like any other.
#pragma once
#include <optional>

#include "larder/cache/policy.hpp"
#include "larder/cache/stored_response.hpp"
#include "larder/http/message.hpp"
#include "larder/http/range.hpp"

namespace larder::cache {

// May a request ask for a part, so that what comes can be kept for others: one range of bytes, and no
// condition.
bool may_fetch_part(const http::Fields& request);

// Is this response to such a request a part that can be kept?
bool is_part(const http::Fields& request, const http::ResponseHead& response);

// Which bytes a stored part has; nothing for any other response.
std::optional<http::ContentRange> part_of(const HeadView& head);

// The range that the request asks for, if the stored part has all of it.
std::optional<http::ByteRange> range_within(const http::Fields& request, const StoredResponse& part);

// Two parts as one. `head` has status 200 where it is the whole representation.
struct JoinedParts {
  http::ResponseHead head;
  http::ByteRange range;
};
// Nothing unless both have the same strong entity tag and complete length (section 3.4, RFC 9110 section
// 15.3.7.3), are of one variant, and touch or overlap.
std::optional<JoinedParts> join(const StoredResponse& older, const StoredResponse& newer);
// A part that is the whole, as one; nothing for any other.
std::optional<JoinedParts> as_whole(const StoredResponse& part);
// The bytes of that range, each copied once.
std::shared_ptr<Body> joined_body(const StoredResponse& older, const StoredResponse& newer,
                                  const http::ByteRange& range);

}  // namespace larder::cache
