// Reads a page while it arrives, for what was made for one visitor: a CSRF token, Wagtail's user bar.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "larder/cache/reason.hpp"
#include "larder/cache/route_policy.hpp"
#include "larder/http/message.hpp"
#include "proxy/body_reader.hpp"
#include "proxy/unfolder.hpp"

namespace larder::proxy {

// True where the rule asks for it and the response is HTML.
bool must_be_read(const cache::RefuseRule& rule, const http::ResponseHead& head);

class PageReader : public BodyReader {
 public:
  // `head`: of the response that is read, for its content coding.
  PageReader(const cache::RefuseRule& rule, const http::ResponseHead& head);

  // The next bytes of the body. None, or why the page must not be shared; unread_page when it cannot be read
  // (a coding other than gzip, broken gzip, or one that unfolds to more than `text_size_max`).
  cache::Reason read(std::string_view bytes) override;
  cache::Reason end() override { return is_whole() ? cache::Reason::none : unread(); }
  cache::Reason unread() const noexcept override { return cache::Reason::unread_page; }
  // True when the body may end here: a gzip stream must have ended too.
  bool is_whole() const noexcept { return unfolder_.is_whole(); }

  static constexpr std::uint64_t text_size_max = std::uint64_t{64} * 1024 * 1024;

 private:
  cache::Reason search(std::string_view text);

  cache::RefuseRule rule_;
  Unfolder unfolder_;
  std::string tail_;  // of the text before, as long as a marker could begin in it
};

}  // namespace larder::proxy
