#include "larder/cache/vary.hpp"

#include <algorithm>

#include "cache/accept_encoding.hpp"
#include "cache/cookie_scan.hpp"
#include "larder/base/text.hpp"

namespace larder::cache {
namespace {

bool is_token(std::string_view text) noexcept {
  constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [symbols](char c) {
    const char lower = base::to_lower(c);
    return base::is_digit(c) || (lower >= 'a' && lower <= 'z') || symbols.find(c) != std::string_view::npos;
  });
}

// What may be done to the value of a field without changing what it means (RFC 9111 section 4.1).
enum class Normalisation : std::uint8_t {
  verbatim,  // lines joined
  members,   // a list: white space between members and empty members mean nothing
  folded,    // and neither does case, nor white space around ';'
};

Normalisation normalisation_of(http::FieldId id, std::string_view name) noexcept {
  // Content codings (RFC 9110 section 8.4.1), language tags (12.5.4) and charsets (8.3.2) have no case.
  if (id == http::FieldId::accept_encoding || name == "accept-language" || name == "accept-charset") {
    return Normalisation::folded;
  }
  // Not lists: a comma in these is data. In every other field a comma that is data stands in quotes (RFC 9110
  // section 5.5).
  if (id == http::FieldId::user_agent || id == http::FieldId::authorization || name == "referer" ||
      name == "from") {
    return Normalisation::verbatim;
  }
  return Normalisation::members;
}

bool is_space(char c) noexcept {
  return c == ' ' || c == '\t';
}

void append_folded(std::string_view member, std::string& out) {
  for (std::size_t i = 0; i < member.size(); ++i) {
    if (!is_space(member[i])) {
      out += base::to_lower(member[i]);
      continue;
    }
    const std::size_t next = member.find_first_not_of(" \t", i);
    const bool is_around_semicolon = member[next] == ';' || out.back() == ';';
    if (!is_around_semicolon) out += ' ';
    i = next - 1;
  }
}

void append_members(std::string_view value, bool is_folded, bool& is_first, std::string& out) {
  while (const auto member = http::next_member(value)) {
    if (!is_first) out += ',';
    is_first = false;
    if (is_folded) {
      append_folded(*member, out);
    } else {
      out += *member;
    }
  }
}

void append_value(std::string_view value, Normalisation normalisation, bool& is_first, std::string& out) {
  if (normalisation != Normalisation::verbatim) {
    append_members(value, normalisation == Normalisation::folded, is_first, out);
    return;
  }
  if (!is_first) out += ", ";
  is_first = false;
  out += value;
}

// An absent field is nothing, a present one '=' and its value; a line feed ends either.
void append_field(std::string_view name, const http::Fields& request, std::string& out) {
  const http::FieldId id = name == "accept-encoding" ? http::FieldId::accept_encoding : http::field_id(name);
  if (id == http::FieldId::accept_encoding && request.has(id)) {
    const std::size_t begin = out.size();
    out += '=';
    if (append_normal_accept_encoding(request, out)) {
      out += '\n';
      return;
    }
    out.resize(begin);
  }
  const Normalisation normalisation = normalisation_of(id, name);
  bool is_present = false;
  bool is_first = true;
  for (const http::Field& field : request) {
    if (field.id != id) continue;
    if (id == http::FieldId::other && !base::equals_ignoring_case(field.name, name)) continue;
    if (!is_present) out += '=';
    is_present = true;
    append_value(field.value, normalisation, is_first, out);
  }
  out += '\n';
}

// Those that the key has already need not be compared again. A request whose cookies are all left out is a
// request without cookies.
void append_cookies(const http::Fields& request, const CookieRule& rule, std::string& out) {
  bool is_any_left_out = false;
  const std::size_t begin = out.size();
  for_each_cookie(request, [&](const ScannedCookie& cookie) {
    const std::string_view name = lenient_name(cookie.name);
    if (matches_any(rule.ignore, cookie.name) || matches_any(rule.vary, name)) {
      is_any_left_out = true;
      return;
    }
    out += out.size() == begin ? "=" : "; ";
    if (matches_any(rule.session, name)) {
      append_session(cookie, out);
    } else {
      out += cookie.pair;
    }
  });
  if (out.size() == begin && !is_any_left_out && request.has(http::FieldId::cookie)) out += '=';
  out += '\n';
}

// What a response shows that it depends on, whether its Vary says so or not: a coding that was negotiated
// (RFC 9110 section 12.5.3), and an origin that was let in (Fetch standard, "CORS protocol and HTTP caches").
// Without this a stranger's Accept-Encoding or Origin would be everybody's.
void add_implied_names(const http::Fields& response, VarySpec& spec) {
  const auto coding = response.find(http::FieldId::content_encoding);
  if (coding && !base::equals_ignoring_case(*coding, "identity")) spec.names.emplace_back("accept-encoding");
  const auto origin = response.find("Access-Control-Allow-Origin");
  if (origin && *origin != "*") spec.names.emplace_back("origin");
}

template <typename Visit>
void for_each_name(std::string_view text, Visit&& visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

VarySpec vary_of(const http::Fields& response) {
  // What the upstream gets of these is written by us: what the client sent tells nothing (section 4.1
  // compares "those in the original request").
  const auto is_of_our_own = [](http::FieldId id) {
    return id == http::FieldId::x_forwarded_for || id == http::FieldId::x_real_ip ||
           id == http::FieldId::x_forwarded_port || id == http::FieldId::forwarded ||
           id == http::FieldId::via;
  };
  // And these say what the key says.
  const auto is_in_every_key = [](http::FieldId id) {
    return id == http::FieldId::host || id == http::FieldId::x_forwarded_host ||
           id == http::FieldId::x_forwarded_proto;
  };
  VarySpec spec;
  http::for_each_member(response, http::FieldId::vary, [&](std::string_view member) {
    // A member that is no field name could mean any field: it never matches, as `*` does (RFC 9110 section
    // 12.5.5). Nor does one with '_', since a fetch that may be stored carries no such field.
    const bool is_name = member != "*" && is_token(member) && member.find('_') == std::string_view::npos;
    const http::FieldId id = http::field_id(member);
    if (!is_name || is_of_our_own(id)) {
      spec.is_star = true;
    } else if (!is_in_every_key(id)) {
      spec.names.push_back(base::lower(member));
    }
  });
  add_implied_names(response, spec);
  if (spec.is_star) spec.names.clear();
  std::sort(spec.names.begin(), spec.names.end());
  spec.names.erase(std::unique(spec.names.begin(), spec.names.end()), spec.names.end());
  return spec;
}

bool names_cookie(const VarySpec& spec) {
  return std::find(spec.names.begin(), spec.names.end(), "cookie") != spec.names.end();
}

std::string text_of(const VarySpec& spec) {
  if (spec.is_star) return "*";
  std::string text;
  for (const std::string& name : spec.names) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

VarySpec vary_from_text(std::string_view text) {
  VarySpec spec;
  spec.is_star = text == "*";
  if (spec.is_star) return spec;
  for_each_name(text, [&spec](std::string_view name) { spec.names.emplace_back(name); });
  return spec;
}

std::string secondary_key(const VarySpec& spec, const http::Fields& request, const CookieRule& cookies) {
  std::string key;
  make_secondary_key(text_of(spec), request, cookies, key);
  return key;
}

void make_secondary_key(std::string_view vary, const http::Fields& request, const CookieRule& cookies,
                        std::string& key) {
  key.clear();
  for_each_name(vary, [&](std::string_view name) {
    if (name == "cookie") {
      append_cookies(request, cookies, key);
    } else {
      append_field(name, request, key);
    }
  });
}

}  // namespace larder::cache
