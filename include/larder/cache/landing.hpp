// What the answer to a fetch becomes in the store. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "larder/cache/policy.hpp"
#include "larder/cache/stored_response.hpp"

namespace larder::cache {

struct Landed {
  // Nothing where the response has more tags than are kept: a purge could miss it.
  std::optional<ResponseDraft> response;
  // With the fields that private="..." and no-cache="..." name (RFC 9111 section 3.1), where there are any:
  // for who was asked for, and for nobody after.
  std::optional<StoredHead> leaders_head;
};

// What a fetch was for. `sequence`: the purge log's newest before it connected.
struct FetchOf {
  const CacheKey& key;
  const http::RequestHead& request;
  const std::vector<std::string>& captures;
  const RoutePolicy& policy;
  FetchTimes times;
  std::uint64_t sequence = 0;
};

// The stored response of an answer that storable() lets in, still without a body. `storability`: of that
// answer.
Landed land(const FetchOf& fetch, const http::ResponseHead& answer, const Storability& storability);

struct Renewed {
  Landed landed;
  Storability storability;  // of what results: a 304 may take it back
};

// `old` freshened by a 304 that confirms it (section 4.3.4), or by a HEAD (section 4.3.5): its body, the head
// of both. It is the variant that `fetch` selects; renew_beside() keeps it what it was. What must not be
// stored any more can still answer who asked.
Renewed renew(const StoredResponse& old, const FetchOf& fetch, const http::ResponseHead& answer);
Renewed renew_beside(const StoredResponse& old, const FetchOf& fetch, const http::ResponseHead& answer);

}  // namespace larder::cache
