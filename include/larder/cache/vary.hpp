// Variants (RFC 9111 section 4.1): the fields that Vary names, and the secondary key that a request has under
// them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "larder/cache/route_policy.hpp"
#include "larder/http/fields.hpp"

namespace larder::cache {

// The names in a response's Vary, lower case, sorted, without repeats, and those that its other fields imply:
// accept-encoding where it is coded, origin where it names one that it lets in. `is_star` also for a member
// that is no field name or holds '_': it never matches.
struct VarySpec {
  std::vector<std::string> names;
  bool is_star = false;
  bool operator==(const VarySpec&) const = default;
};

VarySpec vary_of(const http::Fields& response);
// True when a variant is told apart by its cookies.
bool names_cookie(const VarySpec& spec);
// "accept-encoding,cookie": the spec as stored; and back. "" for no Vary.
std::string text_of(const VarySpec& spec);
VarySpec vary_from_text(std::string_view text);

// The request's values under these names: normalised only where it cannot change the meaning (white space
// around members, lines joined; Accept-Encoding as cache/accept_encoding.hpp says; for cookie, those on the
// ignore list and those that the key has are left out, and a session's is its digest). Absent and empty
// differ. The text is never ambiguous: values cannot hold the separators. Empty for an empty spec.
std::string secondary_key(const VarySpec& spec, const http::Fields& request, const CookieRule& cookies);
// The same from the spec's text, for the hot path: overwrites `key`, which keeps its capacity.
void make_secondary_key(std::string_view vary, const http::Fields& request, const CookieRule& cookies,
                        std::string& key);

}  // namespace larder::cache
