// References resolve as the examples of RFC 3986 section 5.4 say.
#include <catch2/catch.hpp>

#include "larder/http/target.hpp"

using namespace larder::http;

TEST_CASE("References resolve as the examples of RFC 3986 section 5.4 say") {
  Target base;
  REQUIRE(parse_url("http://a/b/c/d;p?q", base) == TargetError::none);
  struct Row {
    const char* reference;
    const char* url;
  };
  for (const Row& row : {
           Row{"g", "http://a/b/c/g"},
           {"./g", "http://a/b/c/g"},
           {"g/", "http://a/b/c/g/"},
           {"/g", "http://a/g"},
           {"//g", "http://g/"},
           {"?y", "http://a/b/c/d;p?y"},
           {"g?y", "http://a/b/c/g?y"},
           {"#s", "http://a/b/c/d;p?q"},
           {"g#s", "http://a/b/c/g"},
           {"g?y#s", "http://a/b/c/g?y"},
           {";x", "http://a/b/c/;x"},
           {"", "http://a/b/c/d;p?q"},
           {".", "http://a/b/c/"},
           {"./", "http://a/b/c/"},
           {"..", "http://a/b/"},
           {"../g", "http://a/b/g"},
           {"../..", "http://a/"},
           {"../../g", "http://a/g"},
           {"../../../g", "http://a/g"},
           {"/./g", "http://a/g"},
           {"/../g", "http://a/g"},
           {"g.", "http://a/b/c/g."},
           {"..g", "http://a/b/c/..g"},
           {"./../g", "http://a/b/g"},
           {"g/./h", "http://a/b/c/g/h"},
           {"g/../h", "http://a/b/c/h"},
           {"g?y/../x", "http://a/b/c/g?y/../x"},
           {"g;x=1/../y", "http://a/b/c/y"},
           {"http://h/x/../y?z", "http://h/y?z"},
           {"HTTPS://H:443/x", "https://h/x"},
           {"//other:8080/x", "http://other:8080/x"},
       }) {
    INFO(row.reference);
    Target target;
    CHECK(parse_reference(row.reference, base, target) == TargetError::none);
    const std::string query = target.has_query ? "?" + target.query : "";
    CHECK(std::string(target.scheme) + "://" + target.host + target.path + query == row.url);
  }
}

TEST_CASE("A reference that names no HTTP resource is an error") {
  Target base;
  REQUIRE(parse_url("http://a/b", base) == TargetError::none);
  for (const char* reference :
       {"mailto:a@b", "http:g", "ftp://a/b", "http://user@a/b", "//", "http://a/%zz", "g:h", "http://a b/"}) {
    INFO(reference);
    Target target;
    CHECK(parse_reference(reference, base, target) != TargetError::none);
  }
}
