// A sitemap, or an index of sitemaps (sitemaps.org, protocol 0.9), read as it comes: packed by gzip or not.
// It comes from the site's own upstream, and is believed in nothing: no DTD, hence no entities of its own,
// and a bound on all it may hold.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace larder::proxy {

struct SitemapEntry {
  std::string url;        // as written, white space around it removed
  double priority = 0.5;  // 0 to 1; the protocol's default
};

struct Sitemap {
  bool is_index = false;  // its entries are sitemaps
  std::vector<SitemapEntry> entries;
};

class SitemapReader {
 public:
  // The protocol's own bounds: 50,000 entries, 50 MB unpacked, 2,048 characters of a URL (here with room for
  // what browsers take).
  static constexpr std::size_t entries_max = 50'000;
  static constexpr std::size_t unpacked_size_max = std::size_t{50} * 1024 * 1024;
  static constexpr std::size_t url_size_max = std::size_t{8} * 1024;
  // The protocol's elements are three deep, those of its extensions a few more; each open one takes memory.
  static constexpr unsigned depth_max = 32;

  SitemapReader();
  ~SitemapReader();
  SitemapReader(const SitemapReader&) = delete;
  SitemapReader& operator=(const SitemapReader&) = delete;

  // False once it is wrong: error() says why, and nothing more is taken.
  bool feed(std::string_view bytes);
  bool finish();
  const std::string& error() const noexcept;
  Sitemap take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace larder::proxy
