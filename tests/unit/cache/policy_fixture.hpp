// Heads and times for the tables of cases: a head is written as its field lines, one a line.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "larder/base/text.hpp"
#include "larder/cache/policy.hpp"

namespace larder::cache::fixture {

// Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110 section 5.6.7's examples: when responses are received.
inline constexpr base::WallTime received_wall{base::Seconds(784'111'777)};
inline constexpr base::MonoTime received_mono{base::Seconds(1'000'000)};

inline http::Fields fields(std::string_view lines) {
  http::Fields result;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    const std::size_t colon = line.find(':');
    result.add(line.substr(0, colon), base::trim(line.substr(colon + 1)));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return result;
}

inline http::RequestHead request(std::string_view lines, std::string_view method = "GET") {
  http::RequestHead head;
  head.method = http::method_of(method);
  head.method_text = method;
  head.target = "/";
  head.fields = fields(lines);
  return head;
}

inline http::ResponseHead response(int status, std::string_view lines) {
  http::ResponseHead head;
  head.status = status;
  head.reason = http::reason_phrase(status);
  head.fields = fields(lines);
  return head;
}

inline FetchTimes times(base::Duration response_delay = {}) {
  return {received_mono - response_delay, {received_wall, received_mono}};
}

// What storing this response gives; the body is left out.
inline ResponseDraft draft(std::string_view lines, const RoutePolicy& policy = {}, int status = 200) {
  const http::ResponseHead head = response(status, lines);
  ResponseDraft result;
  result.freshness = storable(request(""), head, policy, times()).freshness;
  result.head = make_head(head, policy, result.freshness.is_given_by_route, received_wall);
  return result;
}
inline StoredPtr stored(std::string_view lines, const RoutePolicy& policy = {}, int status = 200) {
  return freeze(draft(lines, policy, status));
}

inline http::RequestCacheControl control(std::string_view lines) {
  return http::parse_request_cache_control(fields(lines));
}

}  // namespace larder::cache::fixture
