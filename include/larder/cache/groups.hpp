// Groups of stored responses, and their invalidation by a response (RFC 9875). Pure.
//
// A group is known by its name and the origin that gave it: a label, kept among a response's tags, that no
// tag of another origin equals. (Its bare name is a tag as well, for purges of the operator's.)
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "larder/cache/key.hpp"
#include "larder/http/fields.hpp"

namespace larder::cache {

// Of the groups that Cache-Groups names, in the origin of `key`, onto the end of `tags`. None where the field
// is no list of strings (section 2; RFC 9651 section 4.2).
void add_group_labels(const http::Fields& response, const CacheKey& key, std::vector<std::string>& tags);
bool is_group_label(std::string_view tag) noexcept;
// Of those that Cache-Group-Invalidation names (section 3). `key`: any of the origin.
std::vector<std::string> invalidated_groups(const http::Fields& response, const CacheKey& key);

}  // namespace larder::cache
