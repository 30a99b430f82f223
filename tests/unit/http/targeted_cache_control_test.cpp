// Targeted fields (RFC 9213) and Surrogate-Control.
#include "larder/http/targeted_cache_control.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace larder;
using namespace larder::http;

namespace {

using Targets = std::vector<std::string>;

const Targets by_default{"Larder-Cache-Control", "CDN-Cache-Control"};

// "max-age=60 s-maxage=stale no-store ...": what the parsed values say.
std::string written(const DeltaSeconds& lifetime, const char* name) {
  if (!lifetime.present) return "";
  return std::string(name) + "=" + (lifetime.value ? std::to_string(lifetime.value->count()) : "unreadable") +
         " ";
}

std::string written(const ResponseCacheControl& control) {
  std::string text = control.is_targeted ? "targeted " : "";
  if (control.is_public) text += "public ";
  if (control.no_store) text += "no-store ";
  if (control.no_transform) text += "no-transform ";
  if (control.must_revalidate) text += "must-revalidate ";
  if (control.proxy_revalidate) text += "proxy-revalidate ";
  if (control.must_understand) text += "must-understand ";
  if (control.immutable) text += "immutable ";
  if (control.no_cache) text += "no-cache ";
  if (control.is_private) text += "private ";
  for (const std::string& name : control.no_cache_fields) text += "no-cache:" + name + " ";
  for (const std::string& name : control.private_fields) text += "private:" + name + " ";
  text += written(control.max_age, "max-age") + written(control.s_maxage, "s-maxage") +
          written(control.stale_while_revalidate, "stale-while-revalidate") +
          written(control.stale_if_error, "stale-if-error");
  if (!text.empty()) text.pop_back();
  return text;
}

Fields fields_of(const std::vector<std::pair<std::string, std::string>>& lines) {
  Fields fields;
  for (const auto& [name, value] : lines) fields.add(name, value);
  return fields;
}

std::string targeted(std::string_view value) {
  Fields fields;
  fields.add("CDN-Cache-Control", value);
  const auto control = parse_targeted_cache_control(fields, "CDN-Cache-Control");
  return control ? written(*control) : "ignored";
}

std::string surrogate(std::string_view value) {
  Fields fields;
  fields.add("Surrogate-Control", value);
  const auto control = parse_targeted_cache_control(fields, "surrogate-control");
  return control ? written(*control) : "ignored";
}

struct Row {
  const char* value;
  const char* expected;
};

}  // namespace

TEST_CASE("a targeted field's directives, RFC 9213 sections 2.1 and 2.2") {
  const Row row = GENERATE(values<Row>({
      {"max-age=60", "targeted max-age=60"},
      {"max-age=0", "targeted max-age=0"},
      // RFC 9111 section 1.2.2: what is too large is as large as can be; 15 digits is what an integer has.
      {"max-age=999999999999999", "targeted max-age=2147483648"},
      {"max-age=1000000000000000", "ignored"},
      {"must-revalidate, no-store, no-cache, private", "targeted no-store must-revalidate no-cache private"},
      {"public, s-maxage=5, proxy-revalidate, must-understand, immutable, no-transform",
       "targeted public no-transform proxy-revalidate must-understand immutable s-maxage=5"},
      {"max-age=1, stale-while-revalidate=2, stale-if-error=3",
       "targeted max-age=1 stale-while-revalidate=2 stale-if-error=3"},
      {"no-cache=\"Set-Cookie, X-A\", private=\"x-b\"",
       "targeted no-cache:set-cookie no-cache:x-a private:x-b"},
      // Section 2.2: "unrecognized extension directives are ignored", whatever their type.
      {"none", "targeted"},
      {"foobar, max-age=60", "targeted max-age=60"},
      {"a=(1 2), b=1.5, c=:Zg==:, d=\"x\", e=y, f=@1, max-age=60", "targeted max-age=60"},
      // Section 2.1: "parameters received on cache directives are to be ignored".
      {"max-age=60;foo=bar;max-age=5", "targeted max-age=60"},
      {"no-store;a", "targeted no-store"},
      {"max-age=60, max-age=5", "targeted max-age=5"},
      {"no-store=?1", "targeted no-store"},
      // Section 2.1: empty, or a parsing error, and "that field MUST be ignored".
      {"", "ignored"},
      {"max-age=60, &&&", "ignored"},
      {"max-age=60, ", "ignored"},
      {"max-age=60,, no-store", "ignored"},
      {"max-age =60", "ignored"},
      {"max-age= 60", "ignored"},
      {"Max-Age=60", "ignored"},
      {"max-age=60; Foo", "ignored"},
      // RFC 9213 section 2.1: values of another type SHOULD NOT be consumed. RFC 9651 section 2.2: "when
      // field-specific constraints are violated, the entire field is also ignored".
      {"max-age=\"60\"", "ignored"},
      {"max-age=60.0", "ignored"},
      {"max-age=sixty", "ignored"},
      {"max-age", "ignored"},
      {"max-age=-1", "ignored"},
      {"max-age=(60)", "ignored"},
      {"max-age=@60", "ignored"},
      {"no-store, s-maxage=?1", "ignored"},
      {"no-store=1", "ignored"},
      {"no-store=\"\"", "ignored"},
      {"no-store=?0", "ignored"},
      {"public=yes", "ignored"},
      {"must-revalidate=()", "ignored"},
      {"no-cache=set-cookie", "ignored"},
      {"private=?0", "ignored"},
      // A list that names nothing restricts everything, as in Cache-Control.
      {"private=\"\"", "targeted private"},
  }));
  INFO(row.value);
  CHECK(targeted(row.value) == row.expected);
}

TEST_CASE("the first target that is valid and not empty counts, RFC 9213 section 2.2") {
  struct Case {
    std::vector<std::pair<std::string, std::string>> lines;
    Targets targets;
    const char* expected;
  };
  const std::vector<Case> cases = {
      {{{"Cache-Control", "max-age=60, s-maxage=120"}, {"CDN-Cache-Control", "max-age=600"}},
       by_default,
       "targeted max-age=600"},
      {{{"CDN-Cache-Control", "max-age=600"}, {"Cache-Control", "no-store"}},
       by_default,
       "targeted max-age=600"},
      {{{"Cache-Control", "no-store"}}, by_default, "no-store"},
      {{{"Cache-Control", "no-store"}, {"CDN-Cache-Control", "none"}}, by_default, "targeted"},
      {{{"CDN-Cache-Control", "max-age=1"}, {"Larder-Cache-Control", "max-age=2"}},
       by_default,
       "targeted max-age=2"},
      {{{"CDN-Cache-Control", "max-age=1"}, {"Larder-Cache-Control", ""}}, by_default, "targeted max-age=1"},
      {{{"CDN-Cache-Control", "max-age=1"}, {"Larder-Cache-Control", "max-age=2,"}},
       by_default,
       "targeted max-age=1"},
      {{{"CDN-Cache-Control", "x y"},
        {"Larder-Cache-Control", "max-age=\"2\""},
        {"Cache-Control", "private"}},
       by_default,
       "private"},
      {{{"CDN-Cache-Control", "max-age=1"}, {"Cache-Control", "max-age=9"}}, {}, "max-age=9"},
      {{{"CDN-Cache-Control", "max-age=1"}, {"Larder-Cache-Control", "max-age=2"}},
       {"CDN-Cache-Control", "Larder-Cache-Control"},
       "targeted max-age=1"},
      // "Targeted fields that are not on a cache's target list MUST NOT change that cache's behavior", and
      // the suffix alone makes none (section 2.4).
      {{{"Other-Cache-Control", "no-store"}, {"Cache-Control", "max-age=9"}}, by_default, "max-age=9"},
      {{{"other-cache-control", "no-store"}, {"Cache-Control", "max-age=9"}},
       {"Other-Cache-Control"},
       "targeted no-store"},
      {{{"Surrogate-Control", "max-age=1"}, {"Cache-Control", "max-age=9"}}, by_default, "max-age=9"},
      {{{"Surrogate-Control", "max-age=1+1"}, {"Cache-Control", "max-age=9"}},
       {"Surrogate-Control"},
       "targeted max-age=1 stale-while-revalidate=1 stale-if-error=1"},
      // Lines are one value; of a directive the last counts (RFC 9651 section 4.2.2).
      {{{"CDN-Cache-Control", "max-age=1"}, {"CDN-Cache-Control", "max-age=2"}},
       by_default,
       "targeted max-age=2"},
  };
  for (const Case& c : cases) {
    for (const auto& [name, value] : c.lines) UNSCOPED_INFO(name << ": " << value);
    const ResponseCacheControl control = effective_cache_control(fields_of(c.lines), c.targets);
    CHECK(written(control) == c.expected);
    CHECK(control.present);
  }
  CHECK_FALSE(effective_cache_control({}, by_default).present);
}

TEST_CASE("Surrogate-Control, Edge Architecture Specification 1.0") {
  const Row row = GENERATE(values<Row>({
      {"max-age=3600", "targeted max-age=3600"},
      {"max-age=3600+600", "targeted max-age=3600 stale-while-revalidate=600 stale-if-error=600"},
      {"no-store", "targeted no-store"},
      {"no-store, content=\"ESI/1.0\", max-age=60", "targeted no-store max-age=60"},
      {"content=\"ESI/1.0 a;b, c\", max-age=60", "targeted max-age=60"},
      // Directives aimed at one surrogate.
      {"max-age=60;abc", "ignored"},
      {"max-age=60;larder", "targeted max-age=60"},
      {"max-age=60 ; Larder", "targeted max-age=60"},
      {"max-age=60;abc;larder", "targeted max-age=60"},
      {"max-age=600;larder, max-age=60", "targeted max-age=600"},
      {"max-age=60+5, max-age=600;larder", "targeted max-age=600"},
      {"no-store;abc, max-age=60", "targeted max-age=60"},
      {"no-store;larder, max-age=60", "targeted no-store max-age=60"},
      {"max-age=60;\"abc;larder\"", "ignored"},
      // What restricts counts by whatever name Cache-Control knows it.
      {"max-age=60, private", "targeted private max-age=60"},
      {"max-age=60, max-age=5", "targeted max-age=5"},
      // Nothing about storing.
      {"", "ignored"},
      {"content=\"ESI/1.0\"", "ignored"},
      {"no-store-remote", "ignored"},
      // Unreadable.
      {"max-age", "ignored"},
      {"max-age=", "ignored"},
      {"max-age=-1", "ignored"},
      {"max-age=60+", "ignored"},
      {"max-age=60+x", "ignored"},
      {"max-age=+60", "ignored"},
      {"max-age=\"60\"", "ignored"},
      {"no-store, max-age=x", "ignored"},
      {"max-age=x;abc, max-age=60", "targeted max-age=60"},
  }));
  INFO(row.value);
  CHECK(surrogate(row.value) == row.expected);
}
