// Who is believed: bearer tokens, signatures as hooks describe them, Standard Webhooks.
#include <catch2/catch.hpp>

#include "larder/admin/webhook.hpp"
#include "support.hpp"

namespace larder::admin {
namespace {

using config::HookAuth;
using Encoding = config::SignatureRule::Encoding;
using Verdict = Authenticity::Verdict;
using namespace std::chrono_literals;

base::WallTime at(std::int64_t seconds) {
  return base::WallTime(base::Seconds(seconds));
}

bool is_authentic(const config::Webhook& hook, const http::Fields& fields, const std::string& body) {
  const Request request{"POST", "/hooks/wagtail", fields, body};
  return authenticate(hook, request, at(0)).verdict == Verdict::authentic;
}

struct SignatureCase {
  const char* title;
  std::string algorithm;
  bool is_base64;
  std::string prefix;
  std::string field;
  bool is_authentic;
};

// RFC 4231 section 4.3 (test case 2) and, for SHA-1, RFC 2202 section 3 (test case 2).
const std::string rfc_secret = "Jefe";
const std::string rfc_body = "what do ya want for nothing?";
const std::string rfc_sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
const std::string rfc_sha1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
const std::string rfc_sha512 =
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a3"
    "4d4a6b4"
    "b636e070a38bce737";

TEST_CASE("a signature is the HMAC of the raw body, as the hook writes it") {
  const SignatureCase cases[] = {
      {"sha256", "sha256", false, "", rfc_sha256, true},
      {"sha1", "sha1", false, "", rfc_sha1, true},
      {"sha512", "sha512", false, "", rfc_sha512, true},
      {"with a prefix", "sha256", false, "sha256=", "sha256=" + rfc_sha256, true},
      {"without its prefix", "sha256", false, "sha256=", rfc_sha256, false},
      {"with a prefix that is not asked for", "sha256", false, "", "sha256=" + rfc_sha256, false},
      {"upper case", "sha256", false, "", "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843",
       true},
      {"base64", "sha256", true, "", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=", true},
      {"base64 without padding", "sha256", true, "", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM", true},
      {"hex where base64 is asked for", "sha256", true, "", rfc_sha256, false},
      {"one digit changed", "sha256", false, "",
       "4bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", false},
      {"cut short", "sha256", false, "", rfc_sha256.substr(0, 32), false},
      {"empty", "sha256", false, "", "", false},
      {"another algorithm's", "sha512", false, "", rfc_sha256, false},
      {"an algorithm that is not known", "md5", false, "", rfc_sha256, false},
  };
  for (const SignatureCase& c : cases) {
    INFO(c.title);
    config::Webhook hook = hook_of(HookAuth::hmac, rfc_secret);
    hook.signature.algorithm = c.algorithm;
    hook.signature.encoding = c.is_base64 ? Encoding::base64 : Encoding::hex;
    hook.signature.prefix = c.prefix;
    CHECK(is_authentic(hook, fields_of({{"X-Signature", c.field}}), rfc_body) == c.is_authentic);
  }
}

TEST_CASE("one changed byte of the body is noticed") {
  const config::Webhook hook = hook_of(HookAuth::hmac, rfc_secret);
  CHECK_FALSE(is_authentic(hook, fields_of({{"X-Signature", rfc_sha256}}), rfc_body + " "));
}

TEST_CASE("a signature stands in one field, whose name is the hook's") {
  config::Webhook hook = hook_of(HookAuth::hmac, rfc_secret);
  CHECK_FALSE(is_authentic(hook, {}, rfc_body));
  CHECK_FALSE(
      is_authentic(hook, fields_of({{"X-Signature", rfc_sha256}, {"X-Signature", "other"}}), rfc_body));
  hook.signature.header = "X-Hub-Signature-256";
  CHECK(is_authentic(hook, fields_of({{"x-hub-signature-256", rfc_sha256}}), rfc_body));
}

TEST_CASE("an empty secret opens nothing") {
  // HMAC-SHA256 of the empty text under the empty key.
  const std::string of_nothing = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  CHECK_FALSE(is_authentic(hook_of(HookAuth::hmac, ""), fields_of({{"X-Signature", of_nothing}}), ""));
  CHECK_FALSE(is_authentic(hook_of(HookAuth::bearer, ""), fields_of({{"Authorization", "Bearer "}}), ""));
}

TEST_CASE("a bearer token is compared whole") {
  const config::Webhook hook = hook_of(HookAuth::bearer, "s3cret");
  CHECK(is_authentic(hook, fields_of({{"Authorization", "Bearer s3cret"}}), ""));
  CHECK(is_authentic(hook, fields_of({{"authorization", "bearer s3cret"}}), ""));
  CHECK_FALSE(is_authentic(hook, {}, ""));
  for (const char* value :
       {"Bearer s3cre", "Bearer s3crets", "Bearer S3CRET", "Basic s3cret", "s3cret", "Bearer"}) {
    INFO(value);
    CHECK_FALSE(is_authentic(hook, fields_of({{"Authorization", value}}), ""));
  }
}

TEST_CASE("any of several secrets is right, and no other") {
  config::Webhook bearer = hook_of(HookAuth::bearer, "old");
  bearer.secrets.push_back("new");
  for (const auto& [token, is_right] :
       {std::pair("old", true), {"new", true}, {"newer", false}, {"", false}}) {
    INFO(token);
    const std::string value = "Bearer " + std::string(token);
    CHECK(is_authentic(bearer, fields_of({{"Authorization", value}}), "") == is_right);
  }
  config::Webhook hmac = hook_of(HookAuth::hmac, "another");
  hmac.secrets.push_back(rfc_secret);
  CHECK(is_authentic(hmac, fields_of({{"X-Signature", rfc_sha256}}), rfc_body));
  hmac.secrets.pop_back();
  CHECK_FALSE(is_authentic(hmac, fields_of({{"X-Signature", rfc_sha256}}), rfc_body));
}

// The example of the reference libraries (github.com/standard-webhooks/standard-webhooks, libraries/).
const std::string standard_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const std::string standard_body = R"({"test": 2432232314})";
const std::string standard_signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr std::int64_t standard_time = 1614265330;

struct StandardCase {
  const char* title;
  FieldList fields;
  std::string body;
  std::int64_t now;
  Verdict verdict;
};

FieldList standard_fields(std::string_view signature, std::string_view id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
                          std::string_view timestamp = "1614265330") {
  return {{"webhook-id", std::string(id)},
          {"webhook-timestamp", std::string(timestamp)},
          {"webhook-signature", std::string(signature)}};
}

TEST_CASE("Standard Webhooks: id, time and body are signed, within the tolerance") {
  const std::string other = "v1,AAAA9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
  const std::string rotated = other + " " + standard_signature;
  const std::string many = [&] {
    std::string list;
    for (int i = 0; i < 16; ++i) list += other + " ";
    return list + standard_signature;
  }();
  const FieldList good = standard_fields(standard_signature);
  const StandardCase cases[] = {
      {"the example", good, standard_body, standard_time, Verdict::authentic},
      {"two signatures", standard_fields(rotated), standard_body, standard_time, Verdict::authentic},
      {"more signatures than are read", standard_fields(many), standard_body, standard_time,
       Verdict::refused},
      {"another signature", standard_fields(other), standard_body, standard_time, Verdict::refused},
      {"an asymmetric one", standard_fields("v1a," + standard_signature.substr(3)), standard_body,
       standard_time, Verdict::refused},
      {"without its version", standard_fields(standard_signature.substr(3)), standard_body, standard_time,
       Verdict::refused},
      {"no signature", standard_fields(""), standard_body, standard_time, Verdict::refused},
      {"another body", good, standard_body + " ", standard_time, Verdict::refused},
      {"another id", standard_fields(standard_signature, "msg_2"), standard_body, standard_time,
       Verdict::refused},
      {"an id with a full stop", standard_fields(standard_signature, "msg.p5jXN8AQM9LWM0D4loKWxJek"),
       standard_body, standard_time, Verdict::refused},
      {"another time", standard_fields(standard_signature, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265331"),
       standard_body, standard_time, Verdict::refused},
      {"no time", standard_fields(standard_signature, "msg_p5jXN8AQM9LWM0D4loKWxJek", "now"), standard_body,
       standard_time, Verdict::refused},
      {"without its fields",
       {{"webhook-signature", standard_signature}},
       standard_body,
       standard_time,
       Verdict::refused},
      {"at the end of the tolerance", good, standard_body, standard_time + 300, Verdict::authentic},
      {"after it", good, standard_body, standard_time + 301, Verdict::stale},
      {"as early as may be", good, standard_body, standard_time - 300, Verdict::authentic},
      {"too early", good, standard_body, standard_time - 301, Verdict::stale},
      {"stale and wrong", standard_fields(other), standard_body, standard_time + 301, Verdict::refused},
  };
  config::Webhook hook = hook_of(HookAuth::standard, "whsec_b3RoZXI=");
  hook.secrets.push_back(standard_secret);
  for (const StandardCase& c : cases) {
    INFO(c.title);
    const Authenticity proof =
        authenticate(hook, request_of("POST", "/hooks/wagtail", c.fields, c.body), at(c.now));
    CHECK(proof.verdict == c.verdict);
    CHECK(proof.once == (c.verdict == Verdict::authentic ? "msg_p5jXN8AQM9LWM0D4loKWxJek" : ""));
    if (c.verdict == Verdict::authentic) CHECK(proof.until == at(standard_time + 300));
  }
  hook.secrets = {"whsec_b3RoZXI=", ""};
  const Request request = request_of("POST", "/hooks/wagtail", good, standard_body);
  CHECK(authenticate(hook, request, at(standard_time)).verdict == Verdict::refused);
}

TEST_CASE("Standard Webhooks: a secret without whsec_ is the bytes themselves") {
  // printf 'a.1.{}' | openssl dgst -sha256 -hmac plain -binary | base64
  const config::Webhook hook = hook_of(HookAuth::standard, "plain");
  const FieldList fields = standard_fields("v1,9gANenXI7azKMUSDjUP7zfn/2LL7b0dhDFZeVWclj6E=", "a", "1");
  CHECK(authenticate(hook, request_of("POST", "/", fields, "{}"), at(1)).verdict == Verdict::authentic);
}

struct DatedCase {
  const char* title;
  std::string field;
  std::int64_t now_ms;
  Verdict verdict;
};

// The example of @sanity/webhook (github.com/sanity-io/webhook-toolkit, test/signature.test.ts).
TEST_CASE("an HMAC may be dated in its own field") {
  config::Webhook hook = hook_of(HookAuth::hmac, "test");
  hook.signature.header = "sanity-webhook-signature";
  hook.signature.encoding = Encoding::base64url;
  hook.signature.signature_key = "v1";
  hook.signature.timestamp_key = "t";
  hook.signature.signed_parts = {{"", config::SignedPart::What::timestamp, ""},
                                 {".", config::SignedPart::What::body, ""}};
  const std::string digest = "tLa470fx7qkLLEcMOcEUFuBbRSkGujyskxrNXcoh0N0";
  constexpr std::int64_t now = 1633519811129;
  const DatedCase cases[] = {
      {"as it is sent", "t=1633519811129,v1=" + digest, now, Verdict::authentic},
      {"with a space", "t=1633519811129, v1=" + digest, now, Verdict::authentic},
      {"in another order", "v1=" + digest + ",t=1633519811129", now, Verdict::authentic},
      {"beside another", "t=1633519811129,v1=abc,v1=" + digest, now, Verdict::authentic},
      {"five minutes later", "t=1633519811129,v1=" + digest, now + 300000, Verdict::authentic},
      {"later than that", "t=1633519811129,v1=" + digest, now + 300001, Verdict::stale},
      {"earlier than that", "t=1633519811129,v1=" + digest, now - 300001, Verdict::stale},
      {"at another time", "t=1633519811128,v1=" + digest, now, Verdict::refused},
      {"at two times", "t=1633519811129,t=1633519811128,v1=" + digest, now, Verdict::refused},
      {"by another key", "t=1633519811129,v5=" + digest, now, Verdict::refused},
      {"not dated", "v1=" + digest, now, Verdict::refused},
      {"empty", "", now, Verdict::refused},
  };
  for (const DatedCase& c : cases) {
    INFO(c.title);
    const Request request =
        request_of("POST", "/", {{"Sanity-Webhook-Signature", c.field}}, R"({"_id":"resume"})");
    const Authenticity proof = authenticate(hook, request, base::WallTime(base::Duration(c.now_ms)));
    CHECK(proof.verdict == c.verdict);
    CHECK(proof.once.empty() == (c.verdict != Verdict::authentic));
  }
}

// What was signed tells one request from another, whichever of the secrets signed it.
TEST_CASE("a dated HMAC is once what was signed") {
  config::Webhook hook = hook_of(HookAuth::hmac, "test");
  hook.signature.signature_key = "v1";
  hook.signature.timestamp_key = "t";
  hook.signature.encoding = Encoding::base64url;
  hook.signature.signed_parts = {{"", config::SignedPart::What::timestamp, ""},
                                 {".", config::SignedPart::What::body, ""}};
  const auto once = [&](const char* field, const char* body) {
    const Request request = request_of("POST", "/", {{"X-Signature", field}}, body);
    return authenticate(hook, request, base::WallTime(1633519811129ms)).once;
  };
  const std::string digest = "tLa470fx7qkLLEcMOcEUFuBbRSkGujyskxrNXcoh0N0";
  const std::string first = once(("t=1633519811129,v1=" + digest).c_str(), R"({"_id":"resume"})");
  CHECK(first.size() == 32);
  hook.secrets.insert(hook.secrets.begin(), "newer");
  CHECK(once(("v1=" + digest + ", v1=x, t=1633519811129").c_str(), R"({"_id":"resume"})") == first);
}

// Slack's way, and Contentful's: the time in a field of its own, which is one of those that are signed.
TEST_CASE("an HMAC may be dated in another field, and sign fields, method and target") {
  config::Webhook hook = hook_of(HookAuth::hmac, "secret");
  hook.signature.timestamp_header = "X-Time";
  hook.signature.signed_parts = {{"", config::SignedPart::What::method, ""},
                                 {"\n", config::SignedPart::What::target, ""},
                                 {"\n", config::SignedPart::What::fields, "X-Signed"},
                                 {"\n", config::SignedPart::What::body, ""}};
  const auto verdict = [&](const FieldList& fields) {
    return authenticate(hook, request_of("POST", "/hooks/c", fields, "{}"), at(1000)).verdict;
  };
  // printf 'POST\n/hooks/c\nx-time:1000;x-topic:Entry.publish\n{}' | openssl dgst -sha256 -hmac secret
  const std::string both = "f6bf496e2520d5649e1b15812f6b7ee4f54c57b875be5a3bc03eeb9744524122";
  CHECK(verdict({{"X-Signature", both},
                 {"X-Time", "1000"},
                 {"X-Topic", "Entry.publish"},
                 {"X-Signed", "X-Time, x-topic"}}) == Verdict::authentic);
  CHECK(verdict({{"X-Signature", both},
                 {"X-Time", "1000"},
                 {"X-Topic", "Entry.delete"},
                 {"X-Signed", "X-Time, x-topic"}}) == Verdict::refused);
  // printf 'POST\n/hooks/c\nx-topic:Entry.publish\n{}' | openssl dgst -sha256 -hmac secret
  const std::string undated = "6eaa7414ef7ddceec2cace0f2679695d58fda333986fe0c4d3be06f57a333a47";
  CHECK(verdict({{"X-Signature", undated},
                 {"X-Time", "1000"},
                 {"X-Topic", "Entry.publish"},
                 {"X-Signed", "x-topic"}}) == Verdict::refused);
  CHECK(verdict({{"X-Signature", undated}, {"X-Topic", "Entry.publish"}, {"X-Signed", "x-topic"}}) ==
        Verdict::refused);
}

}  // namespace
}  // namespace larder::admin
