// What a purge names (docs/configuration.md "Selectors").
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace larder::cache {

enum class SelectorKind : std::uint8_t { all, url, path, prefix, host, tag, tag_prefix, capture };

struct Selector {
  SelectorKind kind = SelectorKind::all;
  // url: "host/path?query", or "/path?query" for every host (`any_host`). path: normalised, without its final
  // slash. prefix: bytes of the normalised path. tag: the label. capture: "slug:my-post". host: normalised.
  std::string value;
  std::string host;  // path and prefix: only on this host; empty: on every host
  bool operator==(const Selector&) const = default;
};

struct SelectorError {
  std::string message;  // what was expected
};

// "all", "url:http://host/a?b" (or "url:/a?b" on every host), "path:/a/" (or "path:http://host/a/"),
// "prefix:/blog/" (or with a host), "host:example.com", "tag:footer", "tag:blog-*", and "name:value" for a
// capture. Normalised as keys are: path escapes, host case, default port. An empty value, a bad URL or a bad
// name is an error.
std::variant<Selector, SelectorError> parse_selector(std::string_view text);
// What PURGE names: its target's path on its host; a path that ends in `*` is a prefix.
Selector purge_selector(std::string_view host, std::string_view path);
// A path on a host, byte for byte: a `*` at its end means itself.
Selector path_selector(std::string_view host, std::string_view path);
// The text form again.
std::string text_of(const Selector& selector);

// The most selectors in one purge.
inline constexpr std::size_t selectors_max = 1000;
// The most bytes in one selector.
inline constexpr std::size_t selector_size_max = std::size_t{8} * 1024;

}  // namespace larder::cache
