// Poisoning by the query changes nothing.
// Parameters that are not in the key, or that two readers read in two ways (Kettle, "Web Cache
// Entanglement", 2020).
#include <catch2/catch.hpp>

#include "support/scenario/poisoning.hpp"

using namespace scenario;

namespace {

const std::vector<Attack> attempts{
    {"utm_content", attack("/page/?utm_content=<script>")},
    {"an ignored name, escaped", attack("/page/?%75tm%5fcontent=evil")},
    {"';' behind an ignored one", attack("/page/?utm_content=x;page=evil")},
    {"';' behind an ignored one, beside the same name", attack("/page/?page=1&utm_content=x;page=evil"),
     "/page/?page=1"},
    {"an escaped '&' in an ignored one", attack("/page/?utm_content=x%26page=evil")},
    {"an escaped '#' in an ignored one", attack("/page/?utm_content=x%23page=evil")},
    {"a '?' in an ignored one", attack("/page/?utm_content=x?page=evil")},
    {"an escaped line end in an ignored one", attack("/page/?utm_content=x%0d%0aSet-Cookie:%20evil")},
    {"a fragment", attack("/page/#evil")},
    {"a fragment behind the query", attack("/page/?a=1#evil"), "/page/?a=1"},
    {"the same name twice", attack("/page/?a=1&a=evil"), "/page/?a=1"},
    {"the same name twice, one escaped", attack("/page/?a=1&%61=evil"), "/page/?a=1"},
    {"another order", attack("/page/?b=2&a=1"), "/page/?a=1&b=2"},
    {"another spelling", attack("/page/?%61=%7e%2f"), "/page/?a=~%2F"},
    {"empty parts", attack("/page/?&a=1&&"), "/page/?a=1"},
    {"a question mark alone", attack("/page/?")},
    {"a '+' and a space", attack("/page/?a=x+y"), "/page/?a=x%20y"},
    {"no value and an empty one", attack("/page/?a"), "/page/?a="},
    {"_method", attack("/page/?_method=DELETE")},
    {"a body (fat GET)", request_text("GET", "/page/", {}, "page=evil")},
    {"a body of a form (fat GET)",
     request_text("GET", "/page/?a=1", {"Content-Type: application/x-www-form-urlencoded"}, "a=evil"),
     "/page/?a=1"},
    {"a chunked body (fat GET)", attack("/page/", {"Transfer-Encoding: chunked"}) + "4\r\nevil\r\n0\r\n\r\n"},
    {"a preview token", attack("/page/?token=evil")},
    {"a preview token, escaped", attack("/page/?%74oken=evil")},
};

}  // namespace

TEST_CASE("Poisoning by the query changes nothing") {
  CHECK_ALL_HARMLESS(attempts);
}
