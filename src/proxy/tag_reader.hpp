// Reads a JSON body while it arrives, for the tags that `tags_from` finds in it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "larder/cache/route_policy.hpp"
#include "larder/http/message.hpp"
#include "proxy/body_reader.hpp"
#include "proxy/unfolder.hpp"

namespace larder::proxy {

// True where the route asks for it and the response is JSON: application/json, text/json or any "+json".
bool has_tags_in_body(const cache::RoutePolicy& policy, const http::ResponseHead& head);

// The tags of a whole JSON text, without repeats. Nothing when it is no JSON (RFC 8259), nested deeper than
// json_depth_max, or has more tags than are kept.
inline constexpr std::size_t json_depth_max = 64;
std::optional<std::vector<std::string>> tags_in_json(std::string_view json,
                                                     const std::vector<cache::BodyTagRule>& rules);

class TagReader : public BodyReader {
 public:
  TagReader(const std::vector<cache::BodyTagRule>& rules, const http::ResponseHead& head);

  cache::Reason read(std::string_view bytes) override;
  cache::Reason end() override;
  cache::Reason unread() const noexcept override { return cache::Reason::unread_tags; }
  // After an end() of none.
  const std::vector<std::string>& tags() const noexcept { return tags_; }

  // The held megabyte of JSON seldom unfolds to more.
  static constexpr std::uint64_t text_size_max = std::uint64_t{8} * 1024 * 1024;

 private:
  const std::vector<cache::BodyTagRule>& rules_;  // of the configuration that the flight holds
  Unfolder unfolder_;
  std::string text_;
  std::vector<std::string> tags_;
};

}  // namespace larder::proxy
