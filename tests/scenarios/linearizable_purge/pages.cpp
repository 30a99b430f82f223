// The site of the purge checker: its pages, and which selectors name which.
#include "pages.hpp"

#include <algorithm>

namespace linearizable {
namespace {

void add(std::vector<Page>& site, Page page, const std::vector<std::string>& tags) {
  if (!page.capture.empty()) page.labels.push_back(page.capture);
  for (const std::string& tag : tags) {
    page.labels.push_back(tag);
    page.tags += (page.tags.empty() ? "" : " ") + tag;
  }
  site.push_back(std::move(page));
}

Page page_at(const std::string& host, const std::string& path) {
  Page page;
  page.host = host;
  page.path = path;
  return page;
}

void add_host(std::vector<Page>& site, const std::string& host) {
  for (int i = 1; i <= 2; ++i) {
    // A tag that looks like a capture's label: who names it cannot be known before the head.
    Page topic = page_at(host, "/topics/" + std::to_string(i) + "/");
    add(site, topic, {"topic:" + std::to_string(i)});
  }
  for (int i = 1; i <= 6; ++i) {
    const std::string name = "post-" + std::to_string(i);
    Page page = page_at(host, "/blog/" + name + "/");
    page.capture = "slug:" + name;
    page.has_variants = i % 2 == 0;
    add(site, page, {"blog", name});
  }
  for (int i = 1; i <= 4; ++i) {
    Page page = page_at(host, "/news/" + std::to_string(i) + "/");
    page.capture = "item:" + std::to_string(i);
    page.has_variants = i == 4;
    page.has_grace = true;
    page.manner = i == 3 ? Manner::brief : Manner::plain;
    add(site, page, {"news-" + std::to_string(i)});
  }
  for (int i = 1; i <= 2; ++i) {
    Page list = page_at(host, "/list/");
    list.query = "?page=" + std::to_string(i);
    add(site, list, {"lists"});
    Page brief = page_at(host, "/brief/" + std::to_string(i) + "/");
    brief.manner = Manner::brief;
    brief.has_variants = i == 2;
    add(site, brief, {"brief"});
  }
  Page checked = page_at(host, "/checked/");
  checked.manner = Manner::checked;
  add(site, checked, {"checked"});
  Page large = page_at(host, "/large/");
  large.manner = Manner::large;
  add(site, large, {"large"});
}

std::vector<Page> make_pages() {
  std::vector<Page> site;
  add_host(site, "a.example");
  add_host(site, "b.example");
  return site;
}

bool take(std::string_view& text, std::string_view beginning) {
  if (!text.starts_with(beginning)) return false;
  text.remove_prefix(beginning.size());
  return true;
}

std::string_view without_final_slash(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace

const std::vector<Page>& pages() {
  static const std::vector<Page> site = make_pages();
  return site;
}

std::size_t page_of(std::string_view host, std::string_view target) {
  const auto found = std::find_if(pages().begin(), pages().end(), [&](const Page& page) {
    return page.host == host && page.target() == target;
  });
  return static_cast<std::size_t>(found - pages().begin());
}

bool covers(std::string_view selector, const Page& page) {
  if (selector == "all") return true;
  if (take(selector, "url:http://")) return selector == page.host + page.target();
  if (take(selector, "url:")) return selector == page.target();
  if (take(selector, "path:http://"))
    return without_final_slash(selector) == without_final_slash(page.host + page.path);
  if (take(selector, "path:")) return without_final_slash(selector) == without_final_slash(page.path);
  if (take(selector, "prefix:http://")) return (page.host + page.path).starts_with(selector);
  if (take(selector, "prefix:")) return page.path.starts_with(selector);
  if (take(selector, "host:")) return selector == page.host;
  take(selector, "tag:");
  return std::any_of(page.labels.begin(), page.labels.end(), [&](const std::string& label) {
    return selector.ends_with('*') ? label.starts_with(selector.substr(0, selector.size() - 1))
                                   : label == selector;
  });
}

std::size_t records_of(const Page& page) {
  return page.manner == Manner::large ? 4096 : 40;
}

std::string record_of(std::uint64_t version, std::string_view language) {
  const std::string digits = std::to_string(version);
  return std::string(10 - digits.size(), '0') + digits + " " + std::string(language) + " .\n";
}

std::string etag_of(std::uint64_t version, std::string_view language) {
  return "\"" + std::to_string(version) + "." + std::string(language) + "\"";
}

std::string_view language_of(const Page& page, std::string_view accepted) {
  return page.has_variants ? accepted : "xx";
}

}  // namespace linearizable
