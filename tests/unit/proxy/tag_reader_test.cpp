#include "proxy/tag_reader.hpp"

#include <zlib.h>

#include <catch2/catch.hpp>

using namespace larder;
using cache::Reason;
using proxy::has_tags_in_body;
using proxy::TagReader;
using proxy::tags_in_json;

namespace {

using Texts = std::vector<std::string>;

struct TagCase {
  const char* title;
  const char* pointer;
  const char* json;
  Texts tags;
};

std::optional<Texts> tags_of(const char* pointer, std::string_view json) {
  return tags_in_json(json, {{pointer, "slug:", ""}});
}

http::ResponseHead head_with(std::string_view type, std::string_view coding = {}) {
  http::ResponseHead head;
  head.status = 200;
  if (!type.empty()) head.fields.add("Content-Type", type);
  if (!coding.empty()) head.fields.add("Content-Encoding", coding);
  return head;
}

std::string folded(std::string_view text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

const std::vector<cache::BodyTagRule> rules = {{"/slug", "slug:", ""}};

}  // namespace

TEST_CASE("A body's members become tags") {
  const TagCase cases[] = {
      {"a text", "/slug", R"({"slug":"a"})", {"slug:a"}},
      {"deeper", "/meta/slug", R"({"slug":"no","meta":{"other":1,"slug":"a"}})", {"slug:a"}},
      {"a number", "/id", R"({"id":17})", {"slug:17"}},
      {"a negative one", "/id", R"({"id":-1})", {"slug:-1"}},
      {"a fraction, as it is written", "/id", R"({"id":1.50})", {"slug:1.50"}},
      {"a boolean", "/is", R"({"is":true})", {"slug:true"}},
      {"an array of texts", "/slugs", R"({"slugs":["a","b","a"]})", {"slug:a", "slug:b"}},
      {"of arrays", "/slugs", R"({"slugs":[["a"],["b",["c"]]]})", {"slug:a", "slug:b", "slug:c"}},
      {"of objects",
       "/items/slug",
       R"({"items":[{"slug":"a"},{"id":1},{"slug":"b"}]})",
       {"slug:a", "slug:b"}},
      {"at the top", "/slug", R"([{"slug":"a"},{"slug":"b"}])", {"slug:a", "slug:b"}},
      {"one of them", "/items/1/slug", R"({"items":[{"slug":"a"},{"slug":"b"}]})", {"slug:b"}},
      {"one of the texts", "/slugs/0", R"({"slugs":["a","b"]})", {"slug:a"}},
      {"missing", "/slug", R"({"other":"a"})", {}},
      {"null", "/slug", R"({"slug":null})", {}},
      {"empty", "/slug", R"({"slug":""})", {}},
      {"an object", "/slug", R"({"slug":{"x":"a"}})", {}},
      {"below a text", "/slug/x", R"({"slug":"a"})", {}},
      {"an empty array", "/slug", R"({"slug":[]})", {}},
      {"twice: both, since nobody knows which counts",
       "/slug",
       R"({"slug":"a","slug":"b"})",
       {"slug:a", "slug:b"}},
      {"escaped names", "/a~1b/c~0d", R"({"a/b":{"c~d":"a"}})", {"slug:a"}},
      {"an escaped value", "/slug", R"({"slug":"\u0061"})", {"slug:a"}},
      // A purge of slug:café names it as paths do, one of tag:slug:café as it is.
      {"not ASCII", "/slug", R"({"slug":"caf\u00e9"})", {"slug:caf\xc3\xa9", "slug:caf%C3%A9"}},
      {"no object", "/slug", R"("a")", {}},
  };
  for (const TagCase& c : cases) {
    INFO(c.title);
    CHECK(tags_of(c.pointer, c.json) == c.tags);
  }
}

TEST_CASE("Several rules look at one body") {
  const std::vector<cache::BodyTagRule> both = {{"/slug", "slug:", ""}, {"/id", "post-", "-de"}};
  CHECK(tags_in_json(R"({"id":3,"slug":"a"})", both) == Texts{"post-3-de", "slug:a"});
}

TEST_CASE("What is no JSON, too deep or too much has no tags that are known") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + "1" + std::string(depth, ']');
  };
  CHECK(tags_of("/slug", nested(64)));
  CHECK_FALSE(tags_of("/slug", nested(65)));
  CHECK_FALSE(tags_of("/slug", nested(100000)));
  for (const char* text : {"", "{", R"({"slug":"a")", R"({"slug":"a"} x)", R"({"slug":"a",})",
                           "{\"slug\":\"\xff\"}", "<html>"}) {
    INFO(text);
    CHECK_FALSE(tags_of("/slug", text));
  }
  std::string many = "[0";
  for (int i = 1; i < 256; ++i) many += "," + std::to_string(i);
  CHECK(tags_of("/", "{\"\":" + many + "]}")->size() == 256);
  CHECK_FALSE(tags_of("/", "{\"\":" + many + ",256]}"));
  CHECK_FALSE(tags_of("/slug", "{\"slug\":\"" + std::string(1020, 'a') + "\"}"));
}

TEST_CASE("Only JSON is read for tags, and only where the route asks for it") {
  cache::RoutePolicy policy;
  CHECK_FALSE(has_tags_in_body(policy, head_with("application/json")));
  policy.tags_from = rules;
  CHECK(has_tags_in_body(policy, head_with("application/json")));
  CHECK(has_tags_in_body(policy, head_with("Application/LD+JSON; charset=utf-8")));
  CHECK(has_tags_in_body(policy, head_with("text/json")));
  for (const char* type : {"text/html", "application/jsonp", "application/json-seq", ""}) {
    INFO(type);
    CHECK_FALSE(has_tags_in_body(policy, head_with(type)));
  }
}

TEST_CASE("Tags are read wherever the pieces end, and out of gzip") {
  const std::string json = R"({"title":")" + std::string(40000, 'x') + R"(","slug":"a"})";
  const std::size_t size = GENERATE(1, 7, 4096, 100000);
  const std::string_view coding = GENERATE("", "gzip");
  INFO(size << " bytes a piece, " << coding);
  const std::string wire = coding.empty() ? json : folded(json);
  TagReader reader(rules, head_with("application/json", coding));
  for (std::string_view rest = wire; !rest.empty(); rest.remove_prefix(std::min(size, rest.size())))
    REQUIRE(reader.read(rest.substr(0, size)) == Reason::none);
  CHECK(reader.end() == Reason::none);
  CHECK(reader.tags() == Texts{"slug:a"});
}

TEST_CASE("A body whose tags cannot be read is said to be so") {
  SECTION("a coding that we do not know") {
    TagReader reader(rules, head_with("application/json", "br"));
    CHECK(reader.read("anything") == Reason::unread_tags);
  }
  SECTION("cut short") {
    TagReader reader(rules, head_with("application/json"));
    CHECK(reader.read(R"({"slug":"a")") == Reason::none);
    CHECK(reader.end() == Reason::unread_tags);
  }
  SECTION("gzip that ends early") {
    const std::string wire = folded(R"({"slug":"a"})");
    TagReader reader(rules, head_with("application/json", "gzip"));
    CHECK(reader.read(std::string_view(wire).substr(0, wire.size() - 9)) == Reason::none);
    CHECK(reader.end() == Reason::unread_tags);
  }
  SECTION("gzip that unfolds without end") {
    TagReader reader(rules, head_with("application/json", "gzip"));
    CHECK(reader.read(folded(std::string(TagReader::text_size_max + 1, ' '))) == Reason::unread_tags);
  }
}
