#include "proxy/unfolder.hpp"

#include <zlib.h>

#include <array>

#include "larder/base/text.hpp"

namespace larder::proxy {

struct Unfolder::Gzip {
  Gzip() {
    constexpr int gzip_window = 15 + 16;  // the largest, in gzip's framing (zlib.h)
    is_ready = inflateInit2(&stream, gzip_window) == Z_OK;
  }
  ~Gzip() {
    if (is_ready) inflateEnd(&stream);
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  z_stream stream{};
  bool is_ready = false;
  bool has_ended = false;
  std::uint64_t unfolded = 0;
};

Unfolder::Unfolder(const http::ResponseHead& head, std::uint64_t text_size_max)
    : text_size_max_(text_size_max) {
  const std::string coding =
      base::lower(head.fields.joined(http::FieldId::content_encoding).value_or("identity"));
  if (coding == "gzip" || coding == "x-gzip") {
    coding_ = Coding::gzip;
    gzip_ = std::make_unique<Gzip>();
  } else if (coding != "identity") {
    coding_ = Coding::other;
  }
}

Unfolder::~Unfolder() = default;

bool Unfolder::feed(std::string_view bytes, const std::function<bool(std::string_view)>& take) {
  if (coding_ == Coding::identity) return take(bytes);
  return coding_ == Coding::gzip && unfold(bytes, take);
}

bool Unfolder::is_whole() const noexcept {
  return coding_ == Coding::identity || (coding_ == Coding::gzip && gzip_->has_ended);
}

bool Unfolder::unfold(std::string_view bytes, const std::function<bool(std::string_view)>& take) {
  z_stream& stream = gzip_->stream;
  std::array<char, std::size_t{16} * 1024> text;
  // zlib does not write to its input; its interface is older than const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  while (stream.avail_in > 0) {
    if (!gzip_->is_ready || gzip_->has_ended) return false;  // a second member: rare, not read
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END) return false;
    gzip_->has_ended = result == Z_STREAM_END;
    const std::size_t size = text.size() - stream.avail_out;
    gzip_->unfolded += size;
    if (gzip_->unfolded > text_size_max_ || !take({text.data(), size})) return false;
  }
  return true;
}

}  // namespace larder::proxy
