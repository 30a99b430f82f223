// A CMS's event: is it authentic, and what does it purge? Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "larder/admin/purge_request.hpp"
#include "larder/config/config.hpp"

namespace larder::admin {

// Does the request carry the hook's secret? Secrets and signatures are compared in constant time.
// HookAuth::none is authentic as such: who may call it then is the listener's business.
bool is_authentic(const config::Webhook& hook, const http::Fields& fields, std::string_view body);

struct HookOrder {
  std::string event;      // its name; empty where the hook has no `event`
  bool has_rule = false;  // no rule for the event: nothing to do
  PurgeOrder purge;       // without selectors when every one was optional and left out
};

// The purge that the hook's rules make of an event: the rule of its name, else the rule "*". An array gives
// one selector for each of its members. A value may neither be missing nor change what kind of selector it is
// put into: the error names it.
std::variant<HookOrder, PurgeError> order_of_event(const config::Webhook& hook, std::string_view json);

}  // namespace larder::admin
