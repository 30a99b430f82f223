#include "proxy/page_reader.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "larder/base/text.hpp"

namespace larder::proxy {
namespace {

using cache::Reason;
using http::FieldId;

// The name of the form field that {% csrf_token %} writes.
constexpr std::string_view csrf_token = "csrfmiddlewaretoken";
// The attribute of the user bar's outermost element, in every version so far.
constexpr std::string_view user_bar = "data-wagtail-userbar";
constexpr std::size_t tail_size = std::max(csrf_token.size(), user_bar.size()) - 1;

bool is_html(const http::ResponseHead& head) {
  const std::string_view type = head.fields.find(FieldId::content_type).value_or("");
  const std::string_view essence = base::trim(type.substr(0, type.find(';')));
  return base::equals_ignoring_case(essence, "text/html") ||
         base::equals_ignoring_case(essence, "application/xhtml+xml");
}

}  // namespace

struct PageReader::Gzip {
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

bool must_be_read(const cache::RefuseRule& rule, const http::ResponseHead& head) {
  return rule.reads_pages() && is_html(head);
}

PageReader::PageReader(const cache::RefuseRule& rule, const http::ResponseHead& head)
    : rule_(rule), coding_(Coding::identity) {
  const std::string coding = base::lower(head.fields.joined(FieldId::content_encoding).value_or("identity"));
  if (coding == "gzip" || coding == "x-gzip") {
    coding_ = Coding::gzip;
    gzip_ = std::make_unique<Gzip>();
  } else if (coding != "identity") {
    coding_ = Coding::other;
  }
}

PageReader::~PageReader() = default;

Reason PageReader::read(std::string_view bytes) {
  if (coding_ == Coding::identity) return search(bytes);
  return coding_ == Coding::gzip ? unfold(bytes) : Reason::unread_page;
}

bool PageReader::is_whole() const noexcept {
  return coding_ == Coding::identity || (coding_ == Coding::gzip && gzip_->has_ended);
}

// Across the border between two pieces the end of the one and the beginning of the other are looked at
// together.
Reason PageReader::search(std::string_view text) {
  const auto holds = [&](std::string_view marker) {
    if (text.find(marker) != std::string_view::npos) return true;
    const std::string border = tail_ + std::string(text.substr(0, tail_size));
    return border.find(marker) != std::string::npos;
  };
  if (rule_.csrf_token && holds(csrf_token)) return Reason::csrf_token;
  if (rule_.user_bar && holds(user_bar)) return Reason::user_bar;
  tail_.append(text.substr(text.size() - std::min(text.size(), tail_size)));
  tail_.erase(0, tail_.size() - std::min(tail_.size(), tail_size));
  return Reason::none;
}

Reason PageReader::unfold(std::string_view bytes) {
  z_stream& stream = gzip_->stream;
  std::array<char, std::size_t{16} * 1024> text;
  // zlib does not write to its input; its interface is older than const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  while (stream.avail_in > 0) {
    if (!gzip_->is_ready || gzip_->has_ended) return Reason::unread_page;  // a second member: rare, not read
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END) return Reason::unread_page;
    gzip_->has_ended = result == Z_STREAM_END;
    const std::size_t size = text.size() - stream.avail_out;
    gzip_->unfolded += size;
    if (gzip_->unfolded > text_size_max) return Reason::unread_page;
    const Reason reason = search({text.data(), size});
    if (reason != Reason::none) return reason;
  }
  return Reason::none;
}

}  // namespace larder::proxy
