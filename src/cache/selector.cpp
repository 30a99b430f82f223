#include "larder/cache/selector.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "larder/http/target.hpp"

namespace larder::cache {
namespace {

using Result = std::variant<Selector, SelectorError>;

Result expected(std::string message) {
  return SelectorError{std::move(message)};
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name(std::string_view text) {
  return !text.empty() && is_name_start(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_name_start(c) || (c >= '0' && c <= '9');
  });
}

// Request targets hold neither raw bytes above 0x7F nor spaces, so keys never do; people and webhooks write
// both.
std::string with_escapes(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && c != ' ') {
      result += c;
    } else {
      result += '%';
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  return result;
}

std::string_view without_final_slashes(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// What a value that begins with '/' or is a URL names.
struct Place {
  std::string host;  // empty: every host
  std::string path;
  std::string query;
  bool has_query = false;
};

std::optional<Place> place_on_every_host(std::string_view text) {
  text = text.substr(0, text.find('#'));
  const std::size_t question = text.find('?');
  std::optional<std::string> path = http::normalise_path(text.substr(0, question));
  if (!path) return std::nullopt;
  Place place;
  place.path = std::move(*path);
  place.has_query = question != std::string_view::npos;
  if (place.has_query) place.query = text.substr(question + 1);
  return place;
}

std::optional<Place> place_of_url(std::string_view url) {
  http::Target target;
  if (http::parse_url(url, target) != http::TargetError::none) return std::nullopt;
  return Place{std::move(target.host), std::move(target.path), std::move(target.query), target.has_query};
}

std::optional<Place> place_of(std::string_view value) {
  const std::string text = with_escapes(value);
  return text.starts_with('/') ? place_on_every_host(text) : place_of_url(text);
}

Result parse_url_selector(std::string_view value) {
  std::optional<Place> place = place_of(value);
  if (!place) return expected("expected url:http://host/path?query or url:/path?query, with valid escapes");
  std::string text = std::move(place->host);
  text += place->path;
  if (place->has_query) text.append("?").append(place->query);
  return Selector{SelectorKind::url, std::move(text), {}};
}

Result parse_path_selector(std::string_view value) {
  std::optional<Place> place = place_of(value);
  if (!place) return expected("expected path:/path/ or path:http://host/path/, with valid escapes");
  if (place->has_query) return expected("expected a path without a query: path: names every query of it");
  return Selector{SelectorKind::path, std::string(without_final_slashes(place->path)),
                  std::move(place->host)};
}

Result parse_prefix_selector(std::string_view value) {
  std::optional<Place> place = place_of(value);
  if (!place) return expected("expected prefix:/path or prefix:http://host/path, with valid escapes");
  if (place->has_query) return expected("expected a prefix of a path, without a query");
  return Selector{SelectorKind::prefix, std::move(place->path), std::move(place->host)};
}

// The scheme does not matter to a purge, so either default port is left out.
Result parse_host_selector(std::string_view value) {
  std::optional<std::string> host = http::normalise_host(value, "http");
  if (host) host = http::normalise_host(*host, "https");
  if (!host || host->empty()) return expected("expected host:example.com or host:example.com:8080");
  return Selector{SelectorKind::host, std::move(*host), {}};
}

Result parse_tag_selector(std::string_view value) {
  const bool is_prefix = value.ends_with('*');
  if (is_prefix) value.remove_suffix(1);
  if (value.find('*') != std::string_view::npos) {
    return expected("expected tag:label or tag:label-*, with `*` at the end only");
  }
  return Selector{is_prefix ? SelectorKind::tag_prefix : SelectorKind::tag, std::string(value), {}};
}

// A capture is a part of one segment of a normalised path, and is written as such.
Result parse_capture_selector(std::string_view name, std::string_view value) {
  if (!is_name(name)) {
    return expected(
        "expected url:, path:, prefix:, host:, tag:, all, or a capture's name and value such as "
        "slug:my-post");
  }
  const std::string label(name);
  if (value.find('/') != std::string_view::npos) {
    return expected("expected a capture's name and value, which has no '/'; for a URL write url:http://...");
  }
  if (value.ends_with('*'))
    return expected("expected a whole value; for a prefix write tag:" + label + ":...*");
  const std::optional<std::string> path = http::normalise_path(std::string("/").append(with_escapes(value)));
  if (!path) return expected("expected " + label + ":value with valid escapes");
  return Selector{SelectorKind::capture, label + ":" + path->substr(1), {}};
}

using Parser = Result (*)(std::string_view value);
constexpr std::array<std::pair<std::string_view, Parser>, 5> parsers{{{"url", parse_url_selector},
                                                                      {"path", parse_path_selector},
                                                                      {"prefix", parse_prefix_selector},
                                                                      {"host", parse_host_selector},
                                                                      {"tag", parse_tag_selector}}};

std::string url_text(const std::string& host, std::string_view path) {
  return std::string(host.empty() ? "" : "http://").append(host).append(path);
}

}  // namespace

Result parse_selector(std::string_view text) {
  if (text == "all") return Selector{};
  if (text.size() > selector_size_max) {
    return expected("expected at most " + std::to_string(selector_size_max) + " bytes");
  }
  if (std::any_of(text.begin(), text.end(), is_control)) return expected("expected no control characters");
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return expected("expected all, or a kind and a value such as path:/blog/");
  const std::string_view name = text.substr(0, colon);
  const std::string_view value = text.substr(colon + 1);
  if (name == "all") return expected("expected all without a value");
  if (value.empty()) return expected("expected a value after \"" + std::string(name) + ":\"");
  for (const auto& [kind, parse] : parsers) {
    if (name == kind) return parse(value);
  }
  return parse_capture_selector(name, value);
}

Selector purge_selector(std::string_view host, std::string_view path) {
  if (path.ends_with('*')) {
    path.remove_suffix(1);
    return {SelectorKind::prefix, std::string(path), std::string(host)};
  }
  return path_selector(host, path);
}

Selector path_selector(std::string_view host, std::string_view path) {
  return {SelectorKind::path, std::string(without_final_slashes(path)), std::string(host)};
}

std::string text_of(const Selector& selector) {
  const std::string& value = selector.value;
  switch (selector.kind) {
    case SelectorKind::all:
      return "all";
    case SelectorKind::url:
      return std::string(value.starts_with('/') ? "url:" : "url:http://").append(value);
    case SelectorKind::path:
      return "path:" + url_text(selector.host, value.empty() ? "/" : value);
    case SelectorKind::prefix:
      return "prefix:" + url_text(selector.host, value);
    case SelectorKind::host:
      return "host:" + value;
    case SelectorKind::tag:
      return "tag:" + value;
    case SelectorKind::tag_prefix:
      return "tag:" + value + "*";
    case SelectorKind::capture:
      return value;
  }
  return {};
}

}  // namespace larder::cache
