// The text of a body while it arrives: as it is, or out of gzip.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "larder/http/message.hpp"

namespace larder::proxy {

class Unfolder {
 public:
  // `head`: of the response that is read, for its content coding. `text_size_max`: of what gzip may unfold
  // to.
  Unfolder(const http::ResponseHead& head, std::uint64_t text_size_max);
  ~Unfolder();

  // Hands on the text of the next bytes, in pieces, until `take` says false. False when it said so, or when
  // the bytes cannot be read: a coding other than gzip, broken gzip, several members, or too much of it.
  bool feed(std::string_view bytes, const std::function<bool(std::string_view)>& take);
  // True when the body may end here: a gzip stream must have ended too.
  bool is_whole() const noexcept;

 private:
  struct Gzip;
  enum class Coding : std::uint8_t { identity, gzip, other };
  bool unfold(std::string_view bytes, const std::function<bool(std::string_view)>& take);

  Coding coding_ = Coding::identity;
  std::uint64_t text_size_max_;
  std::unique_ptr<Gzip> gzip_;
};

}  // namespace larder::proxy
