// A slow, obvious model of RFC 9111 sections 4.2, 4.2.4, 5.2.1 and RFC 5861 section 3. It is given what a
// head means, not its text, so that it shares no parser with the policy that it is compared with.
#pragma once
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace larder::cache::model {

using Ms = std::chrono::milliseconds;
using std::chrono::seconds;

// A number of seconds as somebody wrote it.
struct Delta {
  enum class Form { plain, quoted, huge, negative, fraction, empty, bare, word, spaced };
  Form form = Form::plain;
  long value = 0;

  // Nothing when it means no number: section 1.2.2 has it that one too large means 2^31.
  std::optional<Ms> meaning() const {
    if (form == Form::plain || form == Form::quoted) return Ms(seconds(value));
    if (form == Form::huge) return Ms(seconds(2'147'483'648));
    return std::nullopt;
  }
};

// A date as somebody wrote it, told by its distance from the moment of receipt, in whole seconds.
struct Date {
  enum class Form { absent, fixdate, rfc850, asctime, zero, word };
  Form form = Form::absent;
  long offset = 0;

  bool is_present() const { return form != Form::absent; }
  bool is_readable() const { return form == Form::fixdate || form == Form::rfc850 || form == Form::asctime; }
};

struct Response {
  int status = 200;
  bool is_public = false, is_private = false, no_store = false, no_cache = false;
  bool must_revalidate = false, proxy_revalidate = false;
  // Each directive as often as it was written.
  std::vector<Delta> s_maxage, max_age, stale_while_revalidate;
  Date date, expires, last_modified;
  bool has_etag = false;
  std::optional<Delta> age;
  bool came_over_http_1_0 = false;
  Ms delay{};         // between asking and receiving
  Ms since_second{};  // of the moment of receipt, since its whole second
};

struct Request {
  bool no_cache = false, only_if_cached = false;
  std::vector<Delta> max_age, min_fresh, max_stale;
};

// Of several the strictest; one that means no number is stricter than any.
inline std::optional<Ms> least(const std::vector<Delta>& written) {
  std::optional<Ms> least;
  for (const Delta& delta : written) {
    if (!delta.meaning()) return std::nullopt;
    least = least ? std::min(*least, *delta.meaning()) : *delta.meaning();
  }
  return least;
}

inline Ms least_or_zero(const std::vector<Delta>& written) {
  return least(written).value_or(Ms::zero());
}

// From the moment of receipt to a date.
inline Ms until(const Date& date, const Response& response) {
  return Ms(seconds(date.offset)) - response.since_second;
}

// Where there is no Date that can be read, the time of receipt stands for it.
inline Ms until_date_value(const Response& response) {
  return response.date.is_readable() ? until(response.date, response) : Ms::zero();
}

inline bool is_heuristically_cacheable(int status) {
  for (const int each : {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501}) {
    if (status == each) return true;
  }
  return false;
}

// Section 4.2.1, in its order; then section 4.2.2, a tenth of the age, at most a day.
inline Ms freshness_lifetime(const Response& response) {
  if (!response.s_maxage.empty()) return least_or_zero(response.s_maxage);
  if (!response.max_age.empty()) return least_or_zero(response.max_age);
  if (response.expires.is_present()) {
    if (!response.expires.is_readable()) return Ms::zero();
    return std::max(Ms::zero(), until(response.expires, response) - until_date_value(response));
  }
  const bool may_guess = is_heuristically_cacheable(response.status) || response.is_public;
  if (!may_guess || !response.last_modified.is_readable()) return Ms::zero();
  const Ms unchanged = until_date_value(response) - until(response.last_modified, response);
  return std::clamp(unchanged / 10, Ms::zero(), Ms(std::chrono::hours(24)));
}

// Section 4.2.3, at the moment of receipt.
inline Ms initial_age(const Response& response) {
  const Ms age_value = response.age ? response.age->meaning().value_or(Ms::zero()) : Ms::zero();
  const Ms corrected_age_value = age_value + response.delay;
  if (!response.came_over_http_1_0) return corrected_age_value;
  const Ms apparent_age = std::max(Ms::zero(), -until_date_value(response));
  return std::max(apparent_age, corrected_age_value);
}

inline Ms age_after(const Response& response, Ms resident) {
  return initial_age(response) + resident;
}

inline bool has_validator(const Response& response) {
  return response.has_etag || response.last_modified.is_readable();
}

// Section 4.2.4: no stale answer at all.
inline bool forbids_stale(const Response& response) {
  return response.must_revalidate || response.proxy_revalidate || !response.s_maxage.empty();
}

// Section 3, for a GET without credentials; what could never be used is not kept.
inline bool is_stored(const Response& response) {
  if (response.no_store || response.is_private) return false;
  const bool is_marked = response.is_public || !response.max_age.empty() || !response.s_maxage.empty() ||
                         response.expires.is_present() || is_heuristically_cacheable(response.status);
  if (!is_marked) return false;
  if (has_validator(response)) return true;
  if (response.no_cache) return false;
  const bool is_fresh = freshness_lifetime(response) > initial_age(response);
  const bool has_grace =
      !forbids_stale(response) && least_or_zero(response.stale_while_revalidate) > Ms::zero();
  return is_fresh || has_grace;
}

enum class Answer { stored, stored_and_refresh, ask_with_validators, ask, refuse };

// Sections 4, 4.2.4 and 5.2.1: what a request gets so long after the receipt.
inline Answer reuse(const Response& response, const Request& request, Ms resident) {
  const auto ask = [&] {
    if (request.only_if_cached) return Answer::refuse;
    return has_validator(response) ? Answer::ask_with_validators : Answer::ask;
  };
  const Ms age = age_after(response, resident);
  const Ms lifetime = freshness_lifetime(response);
  if (response.no_cache || request.no_cache) return ask();
  // The seconds that Age shows; and who says max-age=0 has never anything young enough.
  const Ms shown = std::chrono::floor<std::chrono::seconds>(age);
  const bool wants_younger = !request.max_age.empty() && (least_or_zero(request.max_age) == Ms(0) ||
                                                          shown > least_or_zero(request.max_age));
  if (wants_younger) return ask();
  for (const Delta& min_fresh : request.min_fresh) {
    // One that means no number asks for more than anything can give.
    if (!min_fresh.meaning() && lifetime - shown < Ms(seconds(2'147'483'648))) return ask();
    if (min_fresh.meaning() && lifetime - shown < *min_fresh.meaning()) return ask();
  }
  if (lifetime > age) return Answer::stored;
  if (forbids_stale(response)) return ask();

  const Ms past = age - lifetime;
  bool takes_stale = !request.max_stale.empty();
  for (const Delta& max_stale : request.max_stale) {
    if (max_stale.form == Delta::Form::bare) continue;  // however stale
    if (!max_stale.meaning() || std::chrono::floor<std::chrono::seconds>(past) > *max_stale.meaning())
      takes_stale = false;
  }
  const Ms grace = least_or_zero(response.stale_while_revalidate);
  const bool is_within_grace = grace > Ms::zero() && past <= grace;
  if (is_within_grace && (request.max_age.empty() || takes_stale)) return Answer::stored_and_refresh;
  return takes_stale ? Answer::stored : ask();
}

}  // namespace larder::cache::model
