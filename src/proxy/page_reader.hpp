// Reads a page while it arrives, for what was made for one visitor: a CSRF token, Wagtail's user bar.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "larder/cache/reason.hpp"
#include "larder/cache/route_policy.hpp"
#include "larder/http/message.hpp"

namespace larder::proxy {

// True where the rule asks for it and the response is HTML.
bool must_be_read(const cache::RefuseRule& rule, const http::ResponseHead& head);

class PageReader {
 public:
  // `head`: of the response that is read, for its content coding.
  PageReader(const cache::RefuseRule& rule, const http::ResponseHead& head);
  ~PageReader();

  // The next bytes of the body. None, or why the page must not be shared; unread_page when it cannot be read
  // (a coding other than gzip, broken gzip, or one that unfolds to more than `text_size_max`).
  cache::Reason read(std::string_view bytes);
  // True when the body may end here: a gzip stream must have ended too.
  bool is_whole() const noexcept;

  static constexpr std::uint64_t text_size_max = std::uint64_t{64} * 1024 * 1024;

 private:
  struct Gzip;
  enum class Coding : std::uint8_t { identity, gzip, other };
  cache::Reason search(std::string_view text);
  cache::Reason unfold(std::string_view bytes);

  cache::RefuseRule rule_;
  Coding coding_;
  std::unique_ptr<Gzip> gzip_;
  std::string tail_;  // of the text before, as long as a marker could begin in it
};

}  // namespace larder::proxy
