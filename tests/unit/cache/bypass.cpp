// What in a request speaks against the cache.
#include <catch2/catch.hpp>

#include "larder/cache/bypass.hpp"
#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

QueryRule bypassing(std::vector<std::string> names) {
  QueryRule rule;
  rule.bypass = std::move(names);
  return rule;
}

struct ParameterCase {
  const char* query;
  bool is_bypass;
};

const ParameterCase parameter_cases[] = {
    {"token=1", true},
    {"a=1&token=1", true},
    {"token", true},
    {"token=", true},
    {"&&token=1", true},
    // However a name may be spelt that the server reads as this one.
    {"%74oken=1", true},
    {"%74%6F%6b%65n=1", true},
    {"+token=1", true},
    {"token+=1", true},
    {"%00token%20=1", true},
    {"a=1;token=1", true},
    {"token[]=1", true},
    {"token%5B0%5D=1", true},
    {"preview_x=1", true},
    {"%70review%5fx=1", true},
    // Another's name.
    {"", false},
    {"a=token", false},
    {"a=%26token=1", false},
    {"tokens=1", false},
    {"xtoken=1", false},
    {"Token=1", false},
    {"%2574oken=1", false},
    {"%zztoken=1", false},
    {"preview=1", false},
    {"a%3Btoken=1", false},
};

TEST_CASE("a parameter of the bypass list is known however its name is spelt") {
  const QueryRule rule = bypassing({"token", "preview_*"});
  for (const ParameterCase& row : parameter_cases) {
    INFO(row.query);
    CHECK(has_bypass_parameter(row.query, rule) == row.is_bypass);
  }
  CHECK_FALSE(has_bypass_parameter("token=1", QueryRule{}));
}

TEST_CASE("a bypass list alone leaves the key byte for byte") {
  CHECK(bypassing({"token"}).is_exact());
}

TEST_CASE("a field that asks for another method is known in any spelling") {
  for (const char* name : {"X-HTTP-Method-Override", "x-http-method-override", "X_HTTP_METHOD_OVERRIDE",
                           "X-Http-Method", "X_HTTP-Method", "X-Method-Override"}) {
    INFO(name);
    CHECK(has_method_override(fixture::fields("Accept: */*\n" + std::string(name) + ": DELETE")));
    const auto reason =
        pass_reason(fixture::request(std::string(name) + ": HEAD"), fixture::control(""), RoutePolicy{});
    CHECK(reason == Reason::method_override);
  }
  CHECK_FALSE(has_method_override(fixture::fields("X-Method: DELETE\nMethod: DELETE\nX-HTTP-Methods: a")));
}

}  // namespace
}  // namespace larder::cache
