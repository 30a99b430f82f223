// A CMS's webhook as it is configured: who may call it, and what its events purge.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "larder/base/time.hpp"

namespace larder::config {

enum class HookAuth : std::uint8_t { standard, hmac, bearer, none };

// Where a value of an event stands: "/data/slug" in its body (RFC 6901; a form's member is "/name"),
// "header:X-Event" or "query:event".
struct EventValue {
  enum class From : std::uint8_t { body, header, query };
  From from = From::body;
  std::string name;  // the pointer, or the name of the field or of the parameter
  bool is_optional = false;
};
std::string text_of(const EventValue& value);

// A selector with places for values out of the event: "path:{/data/path}". `{/pointer?}` may be missing: then
// the whole selector is left out.
struct SelectorTemplate {
  std::string text;
  struct Part {
    std::string literal;              // before the value
    std::optional<EventValue> value;  // absent in the last part when the text ends in a literal
  };
  std::vector<Part> parts;
  // Nothing but one value of the body: the event gives the selector itself, of whatever kind.
  bool is_whole() const noexcept {
    return parts.size() == 1 && parts.front().literal.empty() && parts.front().value &&
           parts.front().value->from == EventValue::From::body;
  }
};

struct HookRule {
  std::string event;  // the event's name; "*" for any
  std::vector<SelectorTemplate> purge;
  bool is_soft = false;            // `mode: soft`
  std::optional<EventValue> mode;  // where the event says it
  bool wants_refresh = false;      // `refresh: true`
  std::optional<EventValue> refresh;
};

// What an HMAC is made of: "{timestamp}.{body}".
struct SignedPart {
  enum class What : std::uint8_t { nothing, body, timestamp, method, target, fields };
  std::string literal;  // before it
  What what = What::nothing;
  std::string field;  // of `fields`: the field that lists those that are signed
};

// `type: hmac`: where the signature and its time stand, and how they are made.
struct SignatureRule {
  enum class Encoding : std::uint8_t { hex, base64, base64url };
  std::string header = "X-Signature";
  std::string algorithm = "sha256";  // sha1 | sha256 | sha512
  Encoding encoding = Encoding::hex;
  std::string prefix;            // "sha256="
  std::string signature_key;     // "v1" where the field is a list such as "t=123,v1=abc"; excludes prefix
  std::string timestamp_key;     // "t" in the same list
  std::string timestamp_header;  // a field of its own; excludes timestamp_key
  std::string signed_text = "{body}";
  std::vector<SignedPart> signed_parts = {{{}, SignedPart::What::body, {}}};
  bool has_timestamp() const noexcept { return !timestamp_key.empty() || !timestamp_header.empty(); }
};

struct Webhook {
  std::string name;
  std::string path;        // on the admin listener; default /hooks/NAME
  bool is_public = false;  // `expose: public`
  HookAuth auth = HookAuth::bearer;
  std::vector<std::string> secrets;                    // any of them is right
  base::Duration tolerance = std::chrono::minutes(5);  // of a timestamp, in the past and in the future
  SignatureRule signature;                             // of hmac
  std::optional<EventValue> event;                     // the event's name; absent: the rule "*" alone
  std::vector<HookRule> rules;
};

}  // namespace larder::config
