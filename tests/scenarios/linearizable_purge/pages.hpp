// The site of the purge checker: its pages, and which selectors name which.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace linearizable {

// How the upstream answers for it.
enum class Manner : std::uint8_t {
  plain,    // fresh for a minute
  brief,    // fresh for a second, so that it is revalidated
  checked,  // no-cache: validated on each use
  large,    // a body that takes a while
};

struct Page {
  std::string host;
  std::string path;
  std::string query;                // with its `?`, or empty
  std::vector<std::string> labels;  // what the route captures, and the tags
  std::string tags;                 // as Surrogate-Key has them
  std::string capture;              // the selector by a capture, "slug:post-1"; empty: none
  Manner manner = Manner::plain;
  bool has_variants = false;
  // Its route serves stale pages within an hour. Without, soft purges are as hard as hard ones.
  bool has_grace = false;

  std::string target() const { return path + query; }
  std::string url() const { return "http://" + host + path + query; }
};

const std::vector<Page>& pages();
// The index of the page, or pages().size().
std::size_t page_of(std::string_view host, std::string_view target);

// Does the selector (docs/configuration.md "Selectors") name the page? Shares no line with Larder's own
// matcher.
bool covers(std::string_view selector, const Page& page);

inline const std::vector<std::string>& languages() {
  static const std::vector<std::string> all{"de", "en", "fr"};
  return all;
}

// A body is so many records, each of which tells the version.
inline constexpr std::size_t record_size = 16;
std::size_t records_of(const Page& page);
std::string record_of(std::uint64_t version, std::string_view language);
// "\"17.en\"": the version and, of pages with variants, the language (else "xx").
std::string etag_of(std::uint64_t version, std::string_view language);
std::string_view language_of(const Page& page, std::string_view accepted);

}  // namespace linearizable
