#include "proxy/sitemap.hpp"

#include <expat.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace larder::proxy {
namespace {

constexpr std::string_view protocol = "http://www.sitemaps.org/schemas/sitemap/0.9";

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

// The local name of an element of the protocol, or of none; empty for those of others (image:loc).
std::string_view name_of(std::string_view qualified) {
  const std::size_t space = qualified.find(' ');
  if (space == std::string_view::npos) return qualified;
  return qualified.substr(0, space) == protocol ? qualified.substr(space + 1) : std::string_view();
}

double priority_of(std::string_view text) {
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = result.ec == std::errc() && result.ptr == text.data() + text.size();
  return is_number && value >= 0 && value <= 1 ? value : SitemapEntry{}.priority;
}

}  // namespace

struct SitemapReader::State {
  State() : parser(XML_ParserCreateNS(nullptr, ' ')) {
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, begin_element, end_element);
    XML_SetCharacterDataHandler(parser, add_text);
    // Entities are declared in a DTD, and nowhere else.
    XML_SetStartDoctypeDeclHandler(parser, refuse_dtd);
  }
  ~State() {
    XML_ParserFree(parser);
    if (is_packed) inflateEnd(&packed);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  static void begin_element(void* data, const XML_Char* name, const XML_Char**) {
    static_cast<State*>(data)->begin(name_of(name));
  }
  static void end_element(void* data, const XML_Char* name) { static_cast<State*>(data)->end(name_of(name)); }
  static void add_text(void* data, const XML_Char* bytes, int size) {
    State& self = *static_cast<State*>(data);
    if (!self.text) return;
    self.text->append(bytes, static_cast<std::size_t>(size));
    if (self.text->size() > url_size_max) self.fail("a URL is longer than 8 KiB");
  }
  static void refuse_dtd(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    static_cast<State*>(data)->fail("it has a DTD");
  }

  void begin(std::string_view name) {
    if (++depth > depth_max) fail("its elements are nested deeper than 32");
    if (depth == 1) {
      sitemap.is_index = name == "sitemapindex";
      if (!sitemap.is_index && name != "urlset") fail("it is neither a urlset nor a sitemapindex");
    } else if (depth == 2) {
      entry.reset();
      if (name == (sitemap.is_index ? "sitemap" : "url")) entry.emplace();
    } else if (depth == 3 && entry && (name == "loc" || name == "priority")) {
      text.emplace();
    }
  }
  void end(std::string_view name) {
    if (depth == 3 && text) {
      if (name == "loc") entry->url = trimmed(*text);
      if (name == "priority") entry->priority = priority_of(trimmed(*text));
      text.reset();
    }
    if (depth == 2 && entry && !entry->url.empty()) {
      if (sitemap.entries.size() == entries_max) {
        fail("it has more than 50,000 entries");
      } else {
        sitemap.entries.push_back(std::move(*entry));
      }
    }
    --depth;
  }
  void fail(std::string why) {
    if (error.empty()) error = std::move(why);
    XML_StopParser(parser, XML_FALSE);
  }

  bool parse(std::string_view bytes, bool is_last) {
    unpacked_size += bytes.size();
    if (unpacked_size > unpacked_size_max) fail("it is larger than 50 MiB");
    if (!error.empty()) return false;
    if (XML_Parse(parser, bytes.data(), static_cast<int>(bytes.size()), is_last) == XML_STATUS_OK)
      return true;
    if (error.empty()) {
      error = "line " + std::to_string(XML_GetCurrentLineNumber(parser)) + ": " +
              XML_ErrorString(XML_GetErrorCode(parser));
    }
    return false;
  }

  bool unpack(std::string_view bytes) {
    packed.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    packed.avail_in = static_cast<uInt>(bytes.size());
    std::array<char, 16384> piece;
    while (!is_unpacked) {
      packed.next_out = reinterpret_cast<Bytef*>(piece.data());
      packed.avail_out = piece.size();
      const int result = inflate(&packed, Z_NO_FLUSH);
      const std::size_t size = piece.size() - packed.avail_out;
      if (size > 0 && !parse({piece.data(), size}, false)) return false;
      if (result == Z_STREAM_END) is_unpacked = true;
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        error = "its gzip packing is broken";
        return false;
      }
      if (packed.avail_out > 0) break;  // all that came has been taken
    }
    return true;
  }

  XML_Parser parser;
  z_stream packed{};
  std::string head;  // the first bytes, which tell whether it is packed
  bool is_begun = false;
  bool is_packed = false;
  bool is_unpacked = false;
  std::size_t unpacked_size = 0;
  unsigned depth = 0;
  std::optional<SitemapEntry> entry;
  std::optional<std::string> text;
  Sitemap sitemap;
  std::string error;
};

SitemapReader::SitemapReader() : state_(std::make_unique<State>()) {}
SitemapReader::~SitemapReader() = default;

bool SitemapReader::feed(std::string_view bytes) {
  State& state = *state_;
  if (!state.error.empty()) return false;
  if (state.is_begun) return state.is_packed ? state.unpack(bytes) : state.parse(bytes, false);
  state.head.append(bytes);
  if (state.head.size() < 2) return true;
  state.is_begun = true;
  constexpr int gzip_window = 15 + 16;  // zlib.h: gzip alone
  constexpr std::string_view magic = "\x1f\x8b";
  state.is_packed = state.head.starts_with(magic) && inflateInit2(&state.packed, gzip_window) == Z_OK;
  const std::string head = std::exchange(state.head, {});
  return state.is_packed ? state.unpack(head) : state.parse(head, false);
}

bool SitemapReader::finish() {
  State& state = *state_;
  if (state.error.empty() && state.is_packed && !state.is_unpacked)
    state.error = "its gzip packing is cut short";
  return state.error.empty() && state.parse(state.head, true);
}

const std::string& SitemapReader::error() const noexcept {
  return state_->error;
}

Sitemap SitemapReader::take() {
  return std::move(state_->sitemap);
}

}  // namespace larder::proxy
