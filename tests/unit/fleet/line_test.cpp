// A line of the shared log as text.
#include "larder/fleet/line.hpp"

#include <catch2/catch.hpp>

namespace larder::fleet {
namespace {

Line sample() {
  return {{{cache::SelectorKind::path, "/blog/\xc3\xa9t\xc3\xa9", "www.example.com"},
           {cache::SelectorKind::tag_prefix, "blog-", ""},
           {cache::SelectorKind::tag, std::string("\x00\xff\x80\x7f", 4), ""},
           {cache::SelectorKind::all, "", ""}},
          cache::PurgeMode::soft,
          base::WallTime(std::chrono::milliseconds(1'764'000'000'123)),
          {cache::PurgeCause::webhook, "wagtail page.published", "10.0.0.7"}};
}

TEST_CASE("a line reads back as it was, whatever bytes are in it") {
  const Line line = sample();
  const auto back = parse_line(text_of(line));
  REQUIRE(back);
  CHECK(back->selectors == line.selectors);
  CHECK(back->mode == line.mode);
  CHECK(back->at == line.at);
  CHECK(back->origin.cause == line.origin.cause);
  CHECK(back->origin.detail == line.origin.detail);
  CHECK(back->origin.peer == line.origin.peer);
}

TEST_CASE("names that are no UTF-8 do not keep a line from being written") {
  Line line = sample();
  line.origin.detail = "\xff\xfe";
  CHECK(parse_line(text_of(line)));
}

TEST_CASE("what was not written by this version is no line") {
  const std::string good = text_of(sample());
  const std::string other_version = [&] {
    std::string text = good;
    const std::size_t at = text.find("\"v\":1");
    REQUIRE(at != std::string::npos);
    return text.replace(at, 5, "\"v\":2");
  }();
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), std::string("nonsense"),
        good.substr(0, good.size() - 1), other_version,
        std::string(R"({"v":1,"s":[[0,"",""]],"m":2,"t":0,"c":0,"d":"","p":""})"),
        std::string(R"({"v":1,"s":[[99,"",""]],"m":0,"t":0,"c":0,"d":"","p":""})"),
        std::string(R"({"v":1,"s":[[0,""]],"m":0,"t":0,"c":0,"d":"","p":""})"),
        std::string(R"({"v":1,"s":[[0,"",""]],"m":0,"t":0,"c":-1,"d":"","p":""})"),
        std::string(R"({"v":1,"s":[[0,"",""]],"m":0,"t":"x","c":0,"d":"","p":""})")}) {
    INFO(text);
    CHECK_FALSE(parse_line(text));
  }
}

}  // namespace
}  // namespace larder::fleet
