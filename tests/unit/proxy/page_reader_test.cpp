#include "proxy/page_reader.hpp"

#include <zlib.h>

#include <catch2/catch.hpp>

using namespace larder;
using cache::Reason;
using proxy::must_be_read;
using proxy::PageReader;

namespace {

http::ResponseHead head_with(std::string_view type, std::string_view coding = {}) {
  http::ResponseHead head;
  head.status = 200;
  if (!type.empty()) head.fields.add("Content-Type", type);
  if (!coding.empty()) head.fields.add("Content-Encoding", coding);
  return head;
}

constexpr cache::RefuseRule both{.csrf_token = true, .user_bar = true};

std::string folded(std::string_view text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// In pieces of `size` bytes.
Reason read_in_pieces(PageReader& reader, std::string_view bytes, std::size_t size) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
    const Reason reason = reader.read(bytes.substr(0, size));
    if (reason != Reason::none) return reason;
  }
  return Reason::none;
}

const std::string clean =
    "<html><body>" + std::string(5000, 'x') + "csrfmiddleware token, data-wagtail</body></html>";
const std::string form = clean + "<input type='hidden' name='csrfmiddlewaretoken' value='abc'>" + clean;
const std::string bar =
    clean + "<div class=\"w-userbar\" data-wagtail-userbar data-wagtail-userbar-origin=\"\">" + clean;

}  // namespace

TEST_CASE("Only HTML is read, and only where the rule asks for it") {
  CHECK(must_be_read(both, head_with("text/html; charset=utf-8")));
  CHECK(must_be_read(both, head_with("Text/HTML")));
  CHECK(must_be_read(both, head_with("application/xhtml+xml")));
  CHECK_FALSE(must_be_read(both, head_with("application/json")));
  CHECK_FALSE(must_be_read(both, head_with("text/htmlx")));
  CHECK_FALSE(must_be_read(both, head_with("")));
  CHECK_FALSE(must_be_read({}, head_with("text/html")));
  CHECK_FALSE(must_be_read({.set_cookie = true, .session = true}, head_with("text/html")));
}

TEST_CASE("What is one visitor's is seen wherever the pieces end") {
  const std::size_t size = GENERATE(1, 2, 7, 18, 19, 20, 4096, 100000);
  const std::string_view coding = GENERATE("", "identity", "gzip", "X-GZIP");
  INFO(size << " bytes a piece, " << coding);
  const bool is_folded = coding.size() == 4 || coding == "X-GZIP";
  const auto wire = [&](const std::string& text) { return is_folded ? folded(text) : text; };
  const http::ResponseHead head = head_with("text/html", coding);
  {
    PageReader reader(both, head);
    CHECK(read_in_pieces(reader, wire(clean), size) == Reason::none);
    CHECK(reader.is_whole());
  }
  {
    PageReader reader(both, head);
    CHECK(read_in_pieces(reader, wire(form), size) == Reason::csrf_token);
  }
  {
    PageReader reader(both, head);
    CHECK(read_in_pieces(reader, wire(bar), size) == Reason::user_bar);
  }
  {
    PageReader reader({.csrf_token = true}, head);
    CHECK(read_in_pieces(reader, wire(bar), size) == Reason::none);
  }
}

TEST_CASE("What cannot be read is said to be so") {
  SECTION("a coding that we do not know, or several") {
    const std::string_view coding = GENERATE("br", "zstd", "gzip, gzip", "deflate");
    PageReader reader(both, head_with("text/html", coding));
    CHECK(reader.read("anything") == Reason::unread_page);
    CHECK_FALSE(reader.is_whole());
  }
  SECTION("broken gzip") {
    PageReader reader(both, head_with("text/html", "gzip"));
    CHECK(reader.read("this is no gzip at all") == Reason::unread_page);
  }
  SECTION("gzip that ends early") {
    const std::string wire = folded(clean);
    PageReader reader(both, head_with("text/html", "gzip"));
    CHECK(reader.read(std::string_view(wire).substr(0, wire.size() - 9)) == Reason::none);
    CHECK_FALSE(reader.is_whole());
  }
  SECTION("a second gzip member") {
    PageReader reader(both, head_with("text/html", "gzip"));
    CHECK(reader.read(folded(clean)) == Reason::none);
    CHECK(reader.read(folded(form)) == Reason::unread_page);
  }
  SECTION("gzip that unfolds without end") {
    const std::string wire = folded(std::string(PageReader::text_size_max + 1, ' '));
    PageReader reader(both, head_with("text/html", "gzip"));
    CHECK(reader.read(wire) == Reason::unread_page);
  }
}
