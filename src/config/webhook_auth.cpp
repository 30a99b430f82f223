#include "webhook_auth.hpp"

#include <algorithm>

#include "larder/base/text.hpp"
#include "sections.hpp"
#include "values.hpp"

namespace larder::config {
namespace {

constexpr std::string_view types = "standard, hmac, bearer or none";
// A rotation needs two; each costs an HMAC of the body.
constexpr std::size_t secrets_max = 8;
// An id is remembered for as long as its timestamp is believed.
constexpr Range<base::Duration> tolerance_range{std::chrono::seconds(1), std::chrono::hours(24)};
constexpr std::string_view encoded_secret = "whsec_";

struct Auth {
  std::optional<Value> type;
  std::optional<Value> secret;
  std::optional<Value> secret_file;
  std::optional<Value> tolerance;
  std::optional<Value> prefix;
  std::optional<Value> signature_key;
  std::optional<Value> timestamp_key;
  std::optional<Value> timestamp_header;
  std::optional<Value> signed_text;
  std::vector<Value> of_hmac;  // keys that only hmac has
};

Read into_token(std::string& target, std::string_view what) {
  return [&target, what](const Value& value) {
    auto text = value.text(what);
    if (!text) return;
    if (!is_token(*text)) return value.expected(what);
    target = std::move(*text);
  };
}

Read into_prefix(std::string& target) {
  return [&target](const Value& value) {
    constexpr std::string_view what = "what stands before the signature, such as \"sha256=\"";
    auto text = value.text_or_empty(what);
    if (!text) return;
    if (!text->empty() && !is_field_value(*text)) return value.expected(what);
    target = std::move(*text);
  };
}

// "{timestamp}", "{fields:X-Signed-Headers}" and the like, without the braces.
std::optional<SignedPart> parse_signed_part(std::string_view name) {
  using What = SignedPart::What;
  constexpr std::string_view fields = "fields:";
  SignedPart part;
  if (name == "body") part.what = What::body;
  if (name == "timestamp") part.what = What::timestamp;
  if (name == "method") part.what = What::method;
  if (name == "target") part.what = What::target;
  if (name.starts_with(fields) && is_token(name.substr(fields.size()))) {
    part.what = What::fields;
    part.field = name.substr(fields.size());
  }
  if (part.what == What::nothing) return std::nullopt;
  return part;
}

std::optional<std::vector<SignedPart>> parse_signed_parts(std::string_view text) {
  std::vector<SignedPart> parts;
  while (!text.empty()) {
    const std::size_t open = text.find_first_of("{}");
    if (open == std::string_view::npos) {
      parts.push_back({std::string(text), SignedPart::What::nothing, {}});
      break;
    }
    const std::size_t close = text.find('}', open);
    if (text[open] == '}' || close == std::string_view::npos) return std::nullopt;
    auto part = parse_signed_part(text.substr(open + 1, close - open - 1));
    if (!part) return std::nullopt;
    part->literal = text.substr(0, open);
    parts.push_back(std::move(*part));
    text.remove_prefix(close + 1);
  }
  return parts;
}

bool has_part(const SignatureRule& rule, SignedPart::What what) {
  return std::any_of(rule.signed_parts.begin(), rule.signed_parts.end(),
                     [&](const SignedPart& part) { return part.what == what; });
}

Read into_signed(SignatureRule& rule) {
  return [&rule](const Value& value) {
    constexpr std::string_view what =
        "what is signed, such as \"{timestamp}.{body}\", of {body}, {timestamp}, {method}, {target} and "
        "{fields:NAME}";
    auto text = value.text(what);
    if (!text) return;
    auto parts = parse_signed_parts(*text);
    if (!parts) return value.expected(what);
    rule.signed_parts = std::move(*parts);
    rule.signed_text = std::move(*text);
  };
}

Auth read_section(const Value& value, Webhook& hook) {
  using Encoding = SignatureRule::Encoding;
  Auth auth;
  SignatureRule& rule = hook.signature;
  const auto of_hmac = [&auth](Read read) {
    return [&auth, read = std::move(read)](const Value& v) {
      auth.of_hmac.push_back(v);
      read(v);
    };
  };
  // Reads it and keeps the value, to be held against its neighbours.
  const auto both = [&of_hmac](std::optional<Value>& place, Read read) {
    return of_hmac([&place, read = std::move(read)](const Value& v) {
      place.emplace(v);
      read(v);
    });
  };
  const Choices<std::string> algorithms{{"sha1", "sha1"}, {"sha256", "sha256"}, {"sha512", "sha512"}};
  const Choices<Encoding> encodings{
      {"hex", Encoding::hex}, {"base64", Encoding::base64}, {"base64url", Encoding::base64url}};
  constexpr std::string_view header = "the name of a header field, such as X-Signature";
  constexpr std::string_view key = "a name such as v1, of a field such as \"t=123,v1=abc\"";
  value.section({{"type", into(auth.type)},
                 {"secret", into(auth.secret)},
                 {"secret_file", into(auth.secret_file)},
                 {"tolerance", into(auth.tolerance)},
                 {"header", of_hmac(into_token(rule.header, header))},
                 {"algorithm", of_hmac(into(rule.algorithm, algorithms))},
                 {"encoding", of_hmac(into(rule.encoding, encodings))},
                 {"prefix", both(auth.prefix, into_prefix(rule.prefix))},
                 {"signature_key", both(auth.signature_key, into_token(rule.signature_key, key))},
                 {"timestamp_key", both(auth.timestamp_key, into_token(rule.timestamp_key, key))},
                 {"timestamp_header", both(auth.timestamp_header, into_token(rule.timestamp_header, header))},
                 {"signed", both(auth.signed_text, into_signed(rule))}});
  if (auth.tolerance) into(hook.tolerance, tolerance_range)(*auth.tolerance);
  return auth;
}

// A secret never appears in a message.
std::vector<std::string> read_secrets(const Auth& auth) {
  std::vector<std::string> secrets;
  if (auth.secret && auth.secret_file) {
    read_secret(auth.secret, auth.secret_file);  // says that there are two
    return secrets;
  }
  if (!auth.secret && !auth.secret_file) return secrets;
  const bool is_file = !auth.secret;
  const Value& source = is_file ? *auth.secret_file : *auth.secret;
  const auto items = source.items_or_one(is_file ? "the path of a file, or a list of them"
                                                 : "a secret of visible ASCII characters, or a list of them");
  if (source.is_list() && items.empty()) source.fail("expected at least one secret, got an empty list");
  if (items.size() > secrets_max) {
    source.fail("expected at most " + std::to_string(secrets_max) + " secrets");
    return secrets;
  }
  for (const Value& item : items) {
    std::string secret = is_file ? read_secret(std::nullopt, item) : read_secret(item, std::nullopt);
    if (!secret.empty()) secrets.push_back(std::move(secret));
  }
  return secrets;
}

// RFC 4648 section 4, with or without its padding.
bool is_base64(std::string_view text) {
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  const bool is_complete = padding == 0 || (text.size() + padding) % 4 == 0;
  return !text.empty() && text.size() % 4 != 1 && is_complete &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '+' ||
                  c == '/';
         });
}

void check_secrets(const Value& value, const Auth& auth, const Webhook& hook) {
  const bool has_secret = auth.secret || auth.secret_file;
  const Value* secret = auth.secret ? &*auth.secret : auth.secret_file ? &*auth.secret_file : nullptr;
  if (hook.auth != HookAuth::none && !has_secret) {
    value.fail("'secret' is missing; expected 'secret' or 'secret_file' beside 'type'");
  }
  if (hook.auth == HookAuth::none && secret) secret->fail_at_key("has no meaning with type: none");
  if (hook.auth != HookAuth::standard || !secret) return;
  const auto is_broken = [](const std::string& text) {
    return text.starts_with(encoded_secret) &&
           !is_base64(std::string_view(text).substr(encoded_secret.size()));
  };
  if (std::any_of(hook.secrets.begin(), hook.secrets.end(), is_broken)) {
    secret->fail("expected base64 after whsec_");
  }
}

// How the keys of hmac go together.
void check_signature(const Auth& auth, const SignatureRule& rule) {
  if (auth.prefix && auth.signature_key) {
    auth.signature_key->fail_at_key("expected this or '" + auth.prefix->path() + "', not both");
  }
  if (auth.timestamp_key && !auth.signature_key) {
    auth.timestamp_key->fail_at_key("has a meaning beside signature_key only");
  }
  if (auth.timestamp_key && auth.timestamp_header) {
    auth.timestamp_header->fail_at_key("expected this or '" + auth.timestamp_key->path() + "', not both");
  }
  const bool signs_time = has_part(rule, SignedPart::What::timestamp);
  const bool may_sign_time =
      signs_time || (!rule.timestamp_header.empty() && has_part(rule, SignedPart::What::fields));
  if (rule.has_timestamp() && !may_sign_time) {
    const Value& key = auth.timestamp_key ? *auth.timestamp_key : *auth.timestamp_header;
    key.fail_at_key("proves nothing unless it is signed; expected 'signed' with {timestamp} beside it");
  }
  if (!auth.signed_text) return;
  if (signs_time && !rule.has_timestamp()) {
    auth.signed_text->fail("{timestamp} needs timestamp_key or timestamp_header beside it");
  }
  if (!has_part(rule, SignedPart::What::body)) auth.signed_text->fail("expected {body} in it");
}

}  // namespace

bool read_hook_auth(const Value& value, Webhook& hook) {
  const Auth auth = read_section(value, hook);
  hook.secrets = read_secrets(auth);
  if (!value.is_map()) return false;
  if (!auth.type) {
    value.fail("'type' is missing; expected " + std::string(types));
    return false;
  }
  const auto type = read_choice<HookAuth>(*auth.type, {{"standard", HookAuth::standard},
                                                       {"hmac", HookAuth::hmac},
                                                       {"bearer", HookAuth::bearer},
                                                       {"none", HookAuth::none}});
  if (!type) return false;
  hook.auth = *type;
  check_secrets(value, auth, hook);
  if (hook.auth == HookAuth::hmac) {
    check_signature(auth, hook.signature);
  } else {
    for (const Value& key : auth.of_hmac) key.fail_at_key("has a meaning with type: hmac only");
  }
  const bool has_timestamp =
      hook.auth == HookAuth::standard || (hook.auth == HookAuth::hmac && hook.signature.has_timestamp());
  if (auth.tolerance && !has_timestamp) {
    auth.tolerance->fail_at_key("has a meaning with type: standard, or hmac with a timestamp");
  }
  return true;
}

}  // namespace larder::config
