// Asking the upstream whether what is stored still holds (RFC 9111 section 4.3). Pure.
#pragma once
#include <vector>

#include "larder/base/time.hpp"
#include "larder/cache/stored_response.hpp"
#include "larder/http/fields.hpp"
#include "larder/http/message.hpp"

namespace larder::cache {

// What one request asks about: the response that it selects, by all its validators; where it selects none,
// other variants of its key by their strong entity tags. A page that is the same for two languages costs a
// 304 for the second.
struct Validation {
  StoredPtr selected;             // null: the request selects none with a validator
  std::vector<StoredPtr> others;  // beside it these are not asked about, but a 304 renews those of its tag
  // `selected` is asked about by its strong entity tag alone: no date says that a purge did not change it.
  bool is_by_strong_tag = false;
  bool is_empty() const noexcept { return !selected && others.empty(); }
};

// Of `variants`, all that is stored under the key, those that may be asked about: landed, with a strong
// entity tag of the upstream's, in the coding that the request would get, and in a language that it names,
// where these vary. None that varies by Cookie, Authorization or Origin: where an upstream gives two
// visitors' pages one tag, by mistake, they must not be mixed up. `selected` is left out.
std::vector<StoredPtr> other_candidates(const std::vector<StoredPtr>& variants, const StoredPtr& selected,
                                        const http::Fields& request);
// The most others, and bytes of their tags: servers take some 8 KiB of one field.
inline constexpr std::size_t others_max = 16;
inline constexpr std::size_t other_tag_bytes_max = 1024;

// What to ask: about `selected`, where it is to be validated, and about the others. `selected` may be null.
Validation validation_of(const StoredPtr& selected, bool is_to_be_validated,
                         const std::vector<StoredPtr>& variants, const http::Fields& request);

// True when the upstream has given the response a validator of its own; one that is a strong entity tag.
bool has_own_validator(const HeadView& head) noexcept;
bool has_strong_validator(const HeadView& head) noexcept;
// Fields to send upstream in place of the client's conditions: If-None-Match with the entity tags,
// If-Modified-Since with the selected one's Last-Modified. Only upstream's own validators (section 4.3.1).
void set_validators(const Validation& validation, http::Fields& upstream_request);
// Removes the client's conditions and ranges, which a shared fetch must not carry.
void remove_conditions(http::Fields& upstream_request);
// If-Match or If-Unmodified-Since, which only an origin may evaluate (RFC 9110 sections 13.1.1 and 13.1.4).
bool has_condition_for_origin(const http::Fields& request) noexcept;
// If-None-Match or If-Modified-Since: the client has a copy.
bool has_own_copy(const http::Fields& request) noexcept;

// Does this 304 answer for `stored` (section 4.3.4)? Not when it carries an entity tag or, without one, a
// Last-Modified that is another's: then nothing may be updated by it. One that carries no validator does: it
// can only mean what was asked, where nothing else was.
bool selects(const http::ResponseHead& not_modified, const HeadView& stored, base::WallTime now);
// What this 304 answers for; null when it says too little or something else.
StoredPtr confirmed_by(const http::ResponseHead& not_modified, const Validation& validation,
                       base::WallTime now);

// Does a 200 to HEAD bear a validator of `stored`, and nothing that contradicts it?
bool confirms(const http::ResponseHead& answer_to_head, const StoredResponse& stored, base::WallTime now);
// Does a 200 to HEAD say that `stored`, which could have answered it, is another page (section 4.3.5): by
// entity tag, Last-Modified or length?
bool contradicts(const http::ResponseHead& answer_to_head, const StoredResponse& stored, base::WallTime now);

}  // namespace larder::cache
