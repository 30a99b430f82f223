// A CMS's event: is it authentic, and what does it purge? Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "larder/admin/message.hpp"
#include "larder/admin/purge_request.hpp"
#include "larder/config/config.hpp"

namespace larder::admin {

// Does the request's head leave any chance that it is authentic? A signature itself needs the body.
bool may_be_authentic(const config::Webhook& hook, const http::Fields& fields);

struct Authenticity {
  enum class Verdict : std::uint8_t {
    authentic,
    refused,  // no secret, or a wrong one
    stale,    // signed, but too long ago or too far in the future
  };
  Verdict verdict = Verdict::refused;
  // What tells a signed and dated request from every other: the Standard Webhooks id, else what was signed.
  // Empty where nothing does: a bearer's, or a signature without a time, may rightly come again.
  std::string once;
  base::WallTime until{};  // when its timestamp gets stale
};

// Does the request carry one of the hook's secrets, or a signature by one? Secrets and signatures are
// compared in constant time, with each secret. HookAuth::none is authentic as such: who may call it then is
// the listener's business.
Authenticity authenticate(const config::Webhook& hook, const Request& request, base::WallTime now);

struct HookOrder {
  std::string event;      // its name; empty where the hook has no `event`
  bool has_rule = false;  // no rule for the event: nothing to do
  PurgeOrder purge;       // without selectors when every one was optional and left out
};

// The purge that the hook's rules make of an event: the rule of its name, else the rule "*". An array gives
// one selector for each of its members. A value may neither be missing nor change what kind of selector it is
// put into (but where it is all there is of a template): the error names it.
std::variant<HookOrder, PurgeError> order_of_event(const config::Webhook& hook, const Request& request);

}  // namespace larder::admin
