// The query as the key and as the upstream has it.
#include <catch2/catch.hpp>

#include "larder/cache/key.hpp"

namespace larder::cache {
namespace {

using Globs = std::vector<std::string>;

QueryRule sorting() {
  QueryRule rule;
  rule.sort = true;
  return rule;
}
QueryRule ignoring(Globs ignore) {
  QueryRule rule;
  rule.ignore = std::move(ignore);
  return rule;
}
QueryRule allowing(Globs allow) {
  QueryRule rule;
  rule.allow = std::move(allow);
  return rule;
}
// As the contract's example of a list of popular posts has it.
QueryRule popular() {
  QueryRule rule = allowing({"limit", "days"});
  rule.fallback = {{"limit", "5"}, {"days", "30"}};
  return rule;
}
QueryRule forwarding(QueryRule rule) {
  rule.forward_ignored = true;
  return rule;
}

struct QueryCase {
  const char* name;
  QueryRule rule;
  const char* query;
  const char* normalised;
};

const QueryCase cases[] = {
    {"no rule: byte for byte", {}, "b=%7E&a=%2f&&;", "b=%7E&a=%2f&&;"},
    {"sorted by name", sorting(), "b=1&a=2&c=3", "a=2&b=1&c=3"},
    {"equal names keep their order", sorting(), "b=2&a=9&b=1", "a=9&b=2&b=1"},
    {"sorted by the whole name", sorting(), "ab=1&a=2&a-=3", "a=2&a-=3&ab=1"},
    {"a name without '='", sorting(), "b&a=", "a=&b"},
    {"'=' in a value", sorting(), "b=1=2&a", "a&b=1=2"},
    {"empty parts are left out", sorting(), "&b=1&&a=2&", "a=2&b=1"},
    {"RFC 3986 6.2.2.2: unreserved escapes", sorting(), "%62=%7e%2d", "b=~-"},
    {"RFC 3986 6.2.2.1: the case of the others", sorting(), "a=%2f%3D", "a=%2F%3D"},
    {"an escaped '&' does not separate", sorting(), "b=%26&a=1", "a=1&b=%26"},
    {"an escaped '=' does not end a name", sorting(), "b%3d=1&a=1", "a=1&b%3D=1"},
    {"an escaped '%' is not decoded twice", sorting(), "a=%2561", "a=%2561"},
    {"a malformed escape stays", sorting(), "b=%zz&a=%4&c=%", "a=%4&b=%zz&c=%"},
    {"'+' is no space", sorting(), "a=b+c", "a=b+c"},
    {"ignored by name", ignoring({"gclid"}), "b=1&gclid=2&a=3", "b=1&a=3"},
    {"ignored by pattern", ignoring({"utm_*"}), "utm_source=1&b=2&utm_=3", "b=2"},
    {"ignored: an escaped name", ignoring({"utm_*"}), "%75tm%5fsource=1&b=2", "b=2"},
    {"ignored: names have case", ignoring({"gclid"}), "GCLID=1", "GCLID=1"},
    {"ignored: not by value", ignoring({"gclid"}), "a=gclid", "a=gclid"},
    {"ignored: all of them", ignoring({"*"}), "a=1&b", ""},
    {"without sort the order stays", ignoring({"x"}), "b=1&x=2&a=3", "b=1&a=3"},
    {"allowed", allowing({"page"}), "page=2&evil=3", "page=2"},
    {"allowed: an escaped name", allowing({"limit"}), "%6cimit=7&%6Cimit=8", "limit=7&limit=8"},
    {"allowed: none", allowing({}), "a=1", ""},
    {"allowed, but ignored",
     [] {
       auto r = allowing({"*"});
       r.ignore = {"a"};
       return r;
     }(),
     "a=1&b=2", "b=2"},
    {"default: none sent", popular(), "", "days=30&limit=5"},
    {"default: as sent", popular(), "limit=5", "days=30&limit=5"},
    {"default: both sent, in another order", popular(), "limit=5&days=30", "days=30&limit=5"},
    {"default: another value", popular(), "limit=6", "days=30&limit=6"},
    {"default: an empty value is a value", popular(), "limit=", "days=30&limit="},
    {"default: no value is one too", popular(), "limit", "days=30&limit"},
    {"default: an escaped name", popular(), "%6cimit=5", "days=30&limit=5"},
    {"default: an escaped value", popular(), "limit=%35", "days=30&limit=5"},
    {"default: what is not allowed", popular(), "x=1&limit=5", "days=30&limit=5"},
    {"default: twice sent", popular(), "limit=7&limit=5", "days=30&limit=7&limit=5"},
    {"';' hides nothing from the key that the upstream sees", forwarding(ignoring({"utm_*"})),
     "utm_a=1;page=2", "utm_a=1;page=2"},
    {"';' in an ignored one that the upstream does not see", ignoring({"utm_*"}), "utm_a=1;page=2", ""},
};

TEST_CASE("the query as the key has it") {
  for (const QueryCase& row : cases) {
    INFO(row.name);
    CHECK(normalise_query(row.query, row.rule) == row.normalised);
  }
}

TEST_CASE("a normalised query is normalised") {
  for (const QueryCase& row : cases) {
    INFO(row.name);
    CHECK(normalise_query(row.normalised, row.rule) == row.normalised);
  }
}

TEST_CASE("more parameters than are held without allocating are sorted as well") {
  std::string query;
  std::string sorted;
  for (int i = 199; i >= 100; --i) query += "&p" + std::to_string(i) + "=x";
  for (int i = 100; i <= 199; ++i) sorted += (sorted.empty() ? "p" : "&p") + std::to_string(i) + "=x";
  CHECK(normalise_query(query, sorting()) == sorted);
}

struct ForwardCase {
  const char* name;
  QueryRule rule;
  const char* query;
  const char* forwarded;
};

const ForwardCase forward_cases[] = {
    {"no rule", {}, "b=%7e&&a", "b=%7e&&a"},
    {"sorted as the key is", sorting(), "b=1&&a=2", "a=2&b=1"},
    {"spelt as the key is", sorting(), "a=%7e%2f&%62=%zz", "a=~%2F&b=%zz"},
    {"what is ignored is left out", ignoring({"utm_*"}), "b=%7e&utm_x=1&a", "b=~&a"},
    {"nothing ignored: without empty parts", ignoring({"utm_*"}), "b=1&&a=2&", "b=1&a=2"},
    {"an escaped name", ignoring({"utm_*"}), "%75tm_x=1&a", "a"},
    {"what is not allowed is left out", allowing({"page"}), "x=1&page=2", "page=2"},
    {"forward_ignored", forwarding(ignoring({"utm_*"})), "b=1&utm_x=1", "b=1&utm_x=1"},
    {"forward_ignored: as sent", forwarding(sorting()), "b=1&&a=2", "b=1&&a=2"},
    {"no defaults are added", popular(), "limit=7", "limit=7"},
    {"in the order that defaults ask for", popular(), "limit=7&days=1", "days=1&limit=7"},
    {"all left out", allowing({}), "a=1&b=2", ""},
};

TEST_CASE("the query as the upstream gets it") {
  for (const ForwardCase& row : forward_cases) {
    INFO(row.name);
    CHECK(forwarded_query(row.query, row.rule) == row.forwarded);
  }
}

}  // namespace
}  // namespace larder::cache
