// What a webhook's request says: the values of its body, its fields and its query, by name.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "larder/admin/message.hpp"
#include "larder/admin/purge_request.hpp"
#include "larder/config/webhook.hpp"

namespace larder::admin {

class HookEvent {
 public:
  // The body is a form where its Content-Type says so, else JSON, or nothing at all. An error when it is none
  // of them.
  static std::variant<HookEvent, PurgeError> read(const Request& request);

  // Null where there is none: JSON's null and the empty text say nothing either. Throws PurgeError for text
  // that is not UTF-8, json::exception for a pointer that does not fit the body.
  const nlohmann::json* find(const config::EventValue& value) const;

 private:
  nlohmann::json body_;
  nlohmann::json fields_;  // names in lower case; several lines of a name are an array, as in forms
  nlohmann::json query_;
};

}  // namespace larder::admin
