#include "larder/cache/private_copy.hpp"

#include <algorithm>

#include "cache/cookie_scan.hpp"
#include "larder/http/set_cookie.hpp"

namespace larder::cache {
namespace {

std::string_view value_of(const ScannedCookie& cookie) {
  const std::size_t equals = cookie.pair.find('=');
  return equals == std::string_view::npos ? std::string_view() : base::trim(cookie.pair.substr(equals + 1));
}

// "name=value", the name and the value without anything around them.
bool is_plain(const ScannedCookie& cookie) {
  const std::string_view value = value_of(cookie);
  const bool is_bare = cookie.pair.size() == lenient_name(cookie.name).size() + 1 + value.size();
  return is_bare && !value.empty() && has_only_cookie_octets(value);
}

std::string_view without_quotes(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return value;
  return value.substr(1, value.size() - 2);
}

// Of the cookie in its plain form, which is the one that private copies are made for: whoever logs out by
// another way to write it has logged out of that.
void add_digest(const ScannedCookie& cookie, std::vector<std::string>& digests) {
  std::string pair(lenient_name(cookie.name));
  pair.append("=").append(without_quotes(value_of(cookie)));
  const base::DigestText digest = base::digest256(pair);
  std::string text(digest.begin(), digest.end());
  if (std::find(digests.begin(), digests.end(), text) == digests.end()) digests.push_back(std::move(text));
}

// https://www.w3.org/TR/clear-site-data/: a list of quoted words.
bool clears_all_cookies(const http::Fields& response) {
  return std::any_of(response.begin(), response.end(), [](const http::Field& field) {
    if (!base::equals_ignoring_case(field.name, "Clear-Site-Data")) return false;
    std::string_view rest = field.value;
    while (const auto member = http::next_member(rest)) {
      if (*member == "\"cookies\"" || *member == "\"*\"") return true;
    }
    return false;
  });
}

// Calls visit(const http::SetCookie&) for each session cookie that the response sets or clears.
template <typename Visit>
void for_each_set_session(const http::Fields& response, std::span<const std::string> names, Visit&& visit) {
  for (const http::Field& field : response) {
    if (field.id != http::FieldId::set_cookie) continue;
    const auto set = http::parse_set_cookie(field.value);
    if (set && matches_any(names, set->name)) visit(*set);
  }
}

}  // namespace

// By the patterns' texts: two patterns that share names without either naming the other go unnoticed, which
// only costs the copies for everybody their `Vary: Cookie`.
bool has_private_copies(const CookieRule& rule) {
  return std::any_of(rule.vary.begin(), rule.vary.end(), [&rule](const std::string& vary) {
    return std::any_of(rule.session.begin(), rule.session.end(), [&vary](const std::string& session) {
      return base::matches_glob(vary, session) || base::matches_glob(session, vary);
    });
  });
}

CookieFacts cookie_facts_of(const http::Fields& request, const CookieRule& rule) {
  CookieFacts facts;
  facts.has_varied = false;
  std::size_t count = 0;
  bool is_any_odd = false;
  const auto may_count = [&rule](char first) {
    return may_begin(rule.bypass, first) || may_begin(rule.session, first) || may_begin(rule.vary, first);
  };
  for_each_cookie_by_first(request, may_count, [&](const ScannedCookie& cookie) {
    const std::string_view name = lenient_name(cookie.name);
    const bool is_bypass = matches_any(rule.bypass, name);
    const bool is_session = matches_any(rule.session, name);
    const bool is_varied = matches_any(rule.vary, name);
    facts.has_varied = facts.has_varied || is_varied;
    facts.has_bypass = facts.has_bypass || (is_bypass && !is_varied);
    if (!is_session || !is_varied) return;
    ++count;
    is_any_odd = is_any_odd || !is_plain(cookie);
  });
  if (count > 0) facts.session = count > 1 || is_any_odd ? SessionCookies::unclear : SessionCookies::one;
  return facts;
}

bool has_unkeyed_session(const http::Fields& request, const CookieRule& rule) {
  bool is_found = false;
  for_each_cookie(request, [&](const ScannedCookie& cookie) {
    const std::string_view name = lenient_name(cookie.name);
    is_found = is_found || (matches_any(rule.session, name) && !matches_any(rule.vary, name));
  });
  return is_found;
}

std::string session_label(std::string_view digest) {
  return std::string("session:").append(digest);
}

std::vector<std::string> sessions_of(const http::Fields& request, std::span<const std::string> names) {
  std::vector<std::string> digests;
  for_each_cookie(request, [&](const ScannedCookie& cookie) {
    if (matches_any(names, lenient_name(cookie.name))) add_digest(cookie, digests);
  });
  return digests;
}

bool sets_session(const http::Fields& response, const CookieRule& rule) {
  bool is_any = false;
  for_each_set_session(response, rule.session, [&is_any](const http::SetCookie&) { is_any = true; });
  return is_any;
}

std::vector<std::string> ended_sessions(const http::Fields& request, const http::Fields& response,
                                        std::span<const std::string> names, base::WallTime now) {
  if (clears_all_cookies(response)) return sessions_of(request, names);
  std::vector<std::string> digests;
  for_each_set_session(response, names, [&](const http::SetCookie& set) {
    for_each_cookie(request, [&](const ScannedCookie& cookie) {
      if (lenient_name(cookie.name) != set.name) return;
      const bool is_another = without_quotes(set.value) != without_quotes(value_of(cookie));
      if (is_another || set.clears(now)) add_digest(cookie, digests);
    });
  });
  return digests;
}

}  // namespace larder::cache
