// Repeats of purges: when, which are one, and what becomes of too many.
#include "larder/proxy/purge_repeats.hpp"

#include <catch2/catch.hpp>

namespace larder::proxy {
namespace {

constexpr base::MonoTime at(int milliseconds) {
  return base::MonoTime(base::Duration(milliseconds));
}

PurgeRepeat repeat_of(std::string_view selector, std::string detail = "of 1") {
  return {{std::get<cache::Selector>(cache::parse_selector(selector))},
          cache::PurgeMode::hard,
          {cache::PurgeCause::settle, std::move(detail), "10.0.0.1"}};
}

std::vector<std::string> texts_of(const std::vector<PurgeRepeat>& repeats) {
  std::vector<std::string> texts;
  for (const PurgeRepeat& repeat : repeats) texts.push_back(cache::text_of(repeat.selectors.at(0)));
  return texts;
}

using Texts = std::vector<std::string>;

TEST_CASE("a repeat comes once its time has come, and not before") {
  PurgeRepeats repeats;
  repeats.add(repeat_of("path:/b"), at(2100));
  repeats.add(repeat_of("path:/a"), at(1000));
  CHECK(repeats.take_due(at(999), 10).empty());
  CHECK(texts_of(repeats.take_due(at(1000), 10)) == Texts{"path:/a"});
  CHECK(repeats.take_due(at(2100), 10).empty());  // times are rounded up
  CHECK(repeats.stats().pending == 1);
  const auto due = repeats.take_due(at(2250), 10);
  REQUIRE(texts_of(due) == Texts{"path:/b"});
  CHECK(due[0].origin.detail == "of 1");
  CHECK(repeats.stats().pending == 0);
}

TEST_CASE("equal repeats at one time are one; later ones do not put the earlier off") {
  PurgeRepeats repeats;
  repeats.add(repeat_of("path:/a"), at(1010));
  repeats.add(repeat_of("path:/a", "of 2"), at(1200));
  repeats.add(repeat_of("path:/b"), at(1200));
  repeats.add(repeat_of("path:/a", "of 3"), at(1300));
  CHECK(repeats.stats().pending == 3);
  CHECK(texts_of(repeats.take_due(at(1250), 10)) == Texts{"path:/a", "path:/b"});
  CHECK(texts_of(repeats.take_due(at(1500), 10)) == Texts{"path:/a"});
}

TEST_CASE("so many at a time") {
  PurgeRepeats repeats;
  for (int i = 0; i < 5; ++i) repeats.add(repeat_of("path:/" + std::to_string(i)), at(1000));
  CHECK(repeats.take_due(at(1000), 3).size() == 3);
  CHECK(repeats.take_due(at(1000), 3).size() == 2);
}

TEST_CASE("past the bound everything is repeated, at its time") {
  PurgeRepeats repeats;
  for (std::size_t i = 0; i < PurgeRepeats::pending_max; ++i)
    repeats.add(repeat_of("path:/" + std::to_string(i)), at(1000));
  CHECK(repeats.stats().widened == 0);
  for (int i = 0; i < 100; ++i) repeats.add(repeat_of("path:/more-" + std::to_string(i)), at(5000));
  repeats.add(repeat_of("path:/0"), at(1000));  // known already
  CHECK(repeats.stats().widened == 100);
  CHECK(repeats.stats().pending == PurgeRepeats::pending_max + 1);
  CHECK(repeats.take_due(at(1000), 100'000).size() == PurgeRepeats::pending_max);
  CHECK(repeats.take_due(at(4999), 10).empty());
  CHECK(texts_of(repeats.take_due(at(5000), 10)) == Texts{"all"});
}

TEST_CASE("past so many bytes too") {
  PurgeRepeats repeats;
  const std::string filling(8000, 'x');
  for (int i = 0; i < 1000; ++i) repeats.add(repeat_of("path:/" + filling + std::to_string(i)), at(1000));
  CHECK(repeats.stats().widened > 0);
  CHECK(repeats.stats().pending * filling.size() < PurgeRepeats::bytes_max);
}

}  // namespace
}  // namespace larder::proxy
