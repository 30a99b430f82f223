#include "larder/http/message.hpp"

namespace larder::http {

Method method_of(std::string_view token) noexcept {
  switch (token.size()) {
    case 3:
      if (token == "GET") return Method::get;
      return token == "PUT" ? Method::put : Method::other;
    case 4:
      if (token == "HEAD") return Method::head;
      return token == "POST" ? Method::post : Method::other;
    case 5:
      if (token == "PATCH") return Method::patch;
      if (token == "TRACE") return Method::trace;
      return token == "PURGE" ? Method::purge : Method::other;
    case 6:
      return token == "DELETE" ? Method::delete_ : Method::other;
    case 7:
      if (token == "OPTIONS") return Method::options;
      return token == "CONNECT" ? Method::connect : Method::other;
    default:
      return Method::other;
  }
}

bool is_safe(Method method) noexcept {
  return method == Method::get || method == Method::head || method == Method::options ||
         method == Method::trace;
}

bool is_idempotent(Method method) noexcept {
  return is_safe(method) || method == Method::put || method == Method::delete_;
}

int status_of(HeadError error) noexcept {
  switch (error) {
    case HeadError::target_too_long:
      return 414;
    case HeadError::too_large:
    case HeadError::too_many_fields:
      return 431;
    case HeadError::bad_version:
      return 505;
    default:
      return 400;
  }
}

std::string_view text_of(HeadError error) noexcept {
  switch (error) {
    case HeadError::none:
      return "none";
    case HeadError::incomplete:
      return "incomplete head";
    case HeadError::too_large:
      return "head too large";
    case HeadError::target_too_long:
      return "target too long";
    case HeadError::too_many_fields:
      return "too many fields";
    case HeadError::bad_start_line:
      return "bad start line";
    case HeadError::bad_method:
      return "bad method";
    case HeadError::bad_target:
      return "bad target";
    case HeadError::bad_version:
      return "bad version";
    case HeadError::bad_field_name:
      return "bad field name";
    case HeadError::bad_field_value:
      return "bad field value";
  }
  return "unknown";
}

}  // namespace larder::http
