#include "proxy/page_reader.hpp"

#include <algorithm>
#include <cstring>

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

// The C library's search skips nearly as many bytes at a time as the marker has.
bool contains(std::string_view text, std::string_view marker) {
  return ::memmem(text.data(), text.size(), marker.data(), marker.size()) != nullptr;
}

bool is_html(const http::ResponseHead& head) {
  const std::string_view type = head.fields.find(FieldId::content_type).value_or("");
  const std::string_view essence = base::trim(type.substr(0, type.find(';')));
  return base::equals_ignoring_case(essence, "text/html") ||
         base::equals_ignoring_case(essence, "application/xhtml+xml");
}

}  // namespace

bool must_be_read(const cache::RefuseRule& rule, const http::ResponseHead& head) {
  return rule.reads_pages() && is_html(head);
}

PageReader::PageReader(const cache::RefuseRule& rule, const http::ResponseHead& head)
    : rule_(rule), unfolder_(head, text_size_max) {}

Reason PageReader::read(std::string_view bytes) {
  Reason found = Reason::none;
  const bool is_read = unfolder_.feed(bytes, [&](std::string_view text) {
    found = search(text);
    return found == Reason::none;
  });
  return is_read || found != Reason::none ? found : unread();
}

// Across the border between two pieces the end of the one and the beginning of the other are looked at
// together.
Reason PageReader::search(std::string_view text) {
  const std::string border = tail_.empty() ? std::string() : tail_ + std::string(text.substr(0, tail_size));
  const auto holds = [&](std::string_view marker) {
    return contains(text, marker) || contains(border, marker);
  };
  if (rule_.csrf_token && holds(csrf_token)) return Reason::csrf_token;
  if (rule_.user_bar && holds(user_bar)) return Reason::user_bar;
  tail_.append(text.substr(text.size() - std::min(text.size(), tail_size)));
  tail_.erase(0, tail_.size() - std::min(tail_.size(), tail_size));
  return Reason::none;
}

}  // namespace larder::proxy
