// Generated heads and times: the policy agrees with the model.
#include "freshness_model.hpp"

#include <catch2/catch.hpp>
#include <ctime>
#include <random>

#include "policy_fixture.hpp"

namespace larder::cache {
namespace {

using model::Ms;

// What means the same is written in many ways.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  long up_to(long most) { return std::uniform_int_distribution<long>(0, most)(random_); }
  bool one_in(long count) { return up_to(count - 1) == 0; }
  template <typename Value>
  const Value& one_of(const std::vector<Value>& values) {
    return values[static_cast<std::size_t>(up_to(static_cast<long>(values.size()) - 1))];
  }

  // Mostly a number, often a small one, so that several of them meet.
  model::Delta delta() {
    using Form = model::Delta::Form;
    model::Delta delta;
    delta.value = one_in(3) ? up_to(5) : one_in(2) ? up_to(100) : up_to(100'000);
    if (one_in(4)) {
      delta.form = one_of<Form>({Form::quoted, Form::huge, Form::negative, Form::fraction, Form::empty,
                                 Form::bare, Form::word, Form::spaced});
    }
    return delta;
  }
  std::vector<model::Delta> deltas(long one_among) {
    std::vector<model::Delta> written;
    if (one_in(one_among)) written.push_back(delta());
    if (!written.empty() && one_in(6)) written.push_back(delta());
    return written;
  }
  model::Date date(long one_among, long offset_max) {
    using Form = model::Date::Form;
    model::Date date;
    if (!one_in(one_among)) return date;
    date.form = one_of<Form>(
        {Form::fixdate, Form::fixdate, Form::fixdate, Form::rfc850, Form::asctime, Form::zero, Form::word});
    date.offset = one_in(2) ? up_to(20) - 10 : up_to(2 * offset_max) - offset_max;
    return date;
  }

  model::Response response() {
    model::Response response;
    response.status =
        one_of<int>({200, 200, 200, 203, 204, 300, 301, 302, 307, 404, 410, 500, 501, 503, 599});
    response.is_public = one_in(6);
    response.is_private = one_in(20);
    response.no_store = one_in(20);
    response.no_cache = one_in(12);
    response.must_revalidate = one_in(8);
    response.proxy_revalidate = one_in(12);
    response.s_maxage = deltas(5);
    response.max_age = deltas(2);
    response.stale_while_revalidate = deltas(4);
    response.date = date(2, 100'000);
    response.expires = date(3, 100'000);
    response.last_modified = date(3, 10'000'000);
    response.has_etag = one_in(3);
    if (one_in(3)) response.age = delta();
    response.came_over_http_1_0 = one_in(5);
    response.delay = one_in(2) ? Ms(0) : Ms(up_to(5'000));
    response.since_second = one_in(2) ? Ms(0) : Ms(up_to(999));
    return response;
  }
  model::Request request() {
    model::Request request;
    request.no_cache = one_in(12);
    request.only_if_cached = one_in(10);
    request.max_age = deltas(4);
    request.min_fresh = deltas(5);
    request.max_stale = deltas(4);
    return request;
  }
  // Often where something ends, or just beside it.
  Ms resident(const model::Response& response) {
    const Ms grace = model::least_or_zero(response.stale_while_revalidate);
    const Ms to_end = model::freshness_lifetime(response) - model::initial_age(response);
    const Ms moment = one_in(3)   ? to_end
                      : one_in(2) ? to_end + grace
                                  : Ms(up_to(one_in(2) ? 10'000 : 200'000'000));
    return std::max(Ms::zero(), moment + one_of<Ms>({Ms(-1000), Ms(-1), Ms(0), Ms(1), Ms(1000)}));
  }

  std::string text_of(const model::Delta& delta) {
    using Form = model::Delta::Form;
    const std::string number = std::to_string(delta.value);
    switch (delta.form) {
      case Form::plain:
        return "=" + (one_in(4) ? "00" + number : number);
      case Form::quoted:
        return "=\"" + number + "\"";
      case Form::huge:
        return one_in(2) ? "=2147483649" : "=99999999999999999999999999";
      case Form::negative:
        return "=-" + number;
      case Form::fraction:
        return "=" + number + ".5";
      case Form::empty:
        return "=";
      case Form::bare:
        return "";
      case Form::word:
        return one_of<std::string>({"=soon", "=1x", "=0x10", "=+5", "=1 2"});
      case Form::spaced:
        return one_of<std::string>({" =", "= "}) + number;
    }
    return "";
  }
  std::string text_of(const model::Date& date) {
    using Form = model::Date::Form;
    const std::time_t moment =
        fixture::received_wall.time_since_epoch() / std::chrono::seconds(1) + date.offset;
    std::tm parts{};
    ::gmtime_r(&moment, &parts);
    const char* form = date.form == Form::rfc850    ? "%A, %d-%b-%y %H:%M:%S GMT"
                       : date.form == Form::asctime ? "%a %b %e %H:%M:%S %Y"
                                                    : "%a, %d %b %Y %H:%M:%S GMT";
    char text[64];
    const std::string written(text, std::strftime(text, sizeof text, form, &parts));
    if (date.form == Form::zero) return one_of<std::string>({"0", "-1", ""});
    if (date.form == Form::word) return one_of<std::string>({"tomorrow", written + " x", written.substr(1)});
    return written;
  }

  // The directives in any order, on one line or several, between others that mean nothing.
  std::string cache_control_lines(std::vector<std::string> directives) {
    for (long i = up_to(2); i > 0; --i) {
      directives.push_back(one_of<std::string>({"", "x-new", "x-new=\"max-age=9, no-store\"", "max-agee=9"}));
    }
    std::shuffle(directives.begin(), directives.end(), random_);
    std::string lines;
    bool is_open = false;
    for (std::string directive : directives) {
      if (one_in(4)) {
        std::transform(
            directive.begin(),
            directive.begin() + static_cast<long>(directive.find_first_of("=\"") == std::string::npos
                                                      ? directive.size()
                                                      : directive.find_first_of("=\"")),
            directive.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      }
      const bool continues = is_open && !one_in(4);
      lines += continues ? one_of<std::string>({",", ", ", " ,\t", ",,"}) : "\nCache-Control: ";
      lines += directive;
      is_open = true;
    }
    return lines + "\n";
  }

  std::string text_of(const model::Response& response) {
    std::vector<std::string> directives;
    const auto add = [&directives](bool is_there, const char* name) {
      if (is_there) directives.emplace_back(name);
    };
    add(response.is_public, "public");
    add(response.is_private, "private");
    add(response.no_store, "no-store");
    add(response.no_cache, "no-cache");
    add(response.must_revalidate, "must-revalidate");
    add(response.proxy_revalidate, "proxy-revalidate");
    add_deltas("s-maxage", response.s_maxage, directives);
    add_deltas("max-age", response.max_age, directives);
    add_deltas("stale-while-revalidate", response.stale_while_revalidate, directives);
    std::string lines = cache_control_lines(directives);
    const auto add_date = [&](const char* name, const model::Date& date) {
      if (date.is_present()) lines += std::string(name) + ": " + text_of(date) + "\n";
    };
    add_date("Date", response.date);
    add_date("Expires", response.expires);
    add_date("Last-Modified", response.last_modified);
    if (response.has_etag) lines += one_of<std::string>({"ETag: \"a\"\n", "etag: W/\"a\"\n"});
    if (response.age) lines += "Age:" + text_of_age(*response.age) + "\n";
    return lines;
  }
  std::string text_of(const model::Request& request) {
    std::vector<std::string> directives;
    if (request.no_cache) directives.emplace_back("no-cache");
    if (request.only_if_cached) directives.emplace_back("only-if-cached");
    add_deltas("max-age", request.max_age, directives);
    add_deltas("min-fresh", request.min_fresh, directives);
    add_deltas("max-stale", request.max_stale, directives);
    return cache_control_lines(directives);
  }
  bool is_said_by_via() { return one_in(2); }

 private:
  void add_deltas(const std::string& name, const std::vector<model::Delta>& deltas,
                  std::vector<std::string>& directives) {
    for (const model::Delta& delta : deltas) directives.push_back(name + text_of(delta));
  }
  std::string text_of_age(const model::Delta& age) {
    std::string text = text_of(age);
    return text.empty() ? "" : text.substr(text.find('=') + 1);
  }

  std::mt19937 random_;
};

// Age has no quotes and no spaces before its number: those forms mean something else there, or nothing.
bool is_for_age(const model::Delta& delta) {
  return delta.form != model::Delta::Form::quoted && delta.form != model::Delta::Form::spaced;
}

model::Answer answer_of(const Decision& decision) {
  switch (decision.verdict) {
    case Verdict::use:
      return model::Answer::stored;
    case Verdict::use_stale_and_refresh:
      return model::Answer::stored_and_refresh;
    case Verdict::revalidate:
      return model::Answer::ask_with_validators;
    case Verdict::fetch:
      return model::Answer::ask;
    case Verdict::refuse:
      return model::Answer::refuse;
  }
  return model::Answer::refuse;
}

struct Round {
  model::Response meant;
  http::ResponseHead head;
  FetchTimes times;
  std::string text;
};

Round round_of(Generator& generator) {
  Round round;
  round.meant = generator.response();
  if (round.meant.age && !is_for_age(*round.meant.age)) round.meant.age->form = model::Delta::Form::plain;
  round.text = generator.text_of(round.meant);
  if (round.meant.came_over_http_1_0 && generator.is_said_by_via()) round.text += "Via: 1.1 near, 1.0 far\n";
  round.head = fixture::response(round.meant.status, round.text);
  if (round.meant.came_over_http_1_0 && round.text.find("Via:") == std::string::npos)
    round.head.minor_version = 0;
  const base::Now received{fixture::received_wall + round.meant.since_second, fixture::received_mono};
  round.times = {fixture::received_mono - round.meant.delay, received};
  return round;
}

}  // namespace

TEST_CASE("Generated heads are stored, and for as long, as the model of the RFC's formulas says") {
  Generator generator(9111);
  const RoutePolicy policy;
  const http::RequestHead get = fixture::request("");
  int stored = 0;
  for (int i = 0; i < 30'000; ++i) {
    const Round round = round_of(generator);
    const Storability storability = storable(get, round.head, policy, round.times);
    const bool is_stored = model::is_stored(round.meant);
    if (storability.is_storable != is_stored) {
      CAPTURE(i, round.meant.status, round.text);
      CHECK(storability.is_storable == is_stored);
      return;
    }
    if (!is_stored) continue;
    ++stored;
    const Freshness& freshness = storability.freshness;
    // With no-cache no lifetime is ever used.
    const bool is_lifetime_right =
        round.meant.no_cache || freshness.lifetime == model::freshness_lifetime(round.meant);
    const bool is_right =
        is_lifetime_right && freshness.initial_age == model::initial_age(round.meant) &&
        freshness.must_revalidate == model::forbids_stale(round.meant) &&
        freshness.stale_while_revalidate == model::least_or_zero(round.meant.stale_while_revalidate);
    if (is_right) continue;
    CAPTURE(i, round.meant.status, round.text, round.meant.delay.count(), round.meant.since_second.count());
    CHECK(freshness.lifetime == model::freshness_lifetime(round.meant));
    CHECK(freshness.initial_age == model::initial_age(round.meant));
    CHECK(freshness.must_revalidate == model::forbids_stale(round.meant));
    CHECK(freshness.stale_while_revalidate == model::least_or_zero(round.meant.stale_while_revalidate));
    return;
  }
  CHECK(stored > 10'000);
}

TEST_CASE("Generated requests get of generated responses, at any time, what the model says") {
  Generator generator(5861);
  const RoutePolicy policy;
  const http::RequestHead get = fixture::request("");
  std::array<int, 5> counts{};
  for (int i = 0; i < 30'000; ++i) {
    const Round round = round_of(generator);
    const Storability storability = storable(get, round.head, policy, round.times);
    if (!storability.is_storable) continue;
    ResponseDraft draft;
    draft.freshness = storability.freshness;
    draft.head = make_head(round.head, policy, false, round.times.received.wall);
    const StoredPtr stored = freeze(draft);
    for (int asked = 0; asked < 3; ++asked) {
      const model::Request meant = generator.request();
      const Ms resident = generator.resident(round.meant);
      const std::string text = generator.text_of(meant);
      const Decision decision = decide(fixture::control(text), stored.get(), false, Validity::valid, policy,
                                       fixture::received_mono + resident);
      const model::Answer wanted = model::reuse(round.meant, meant, resident);
      ++counts.at(static_cast<std::size_t>(wanted));
      if (answer_of(decision) == wanted) continue;
      CAPTURE(i, round.meant.status, round.text, text, resident.count(), round.meant.delay.count(),
              round.meant.since_second.count());
      CHECK(static_cast<int>(answer_of(decision)) == static_cast<int>(wanted));
      return;
    }
  }
  for (const int count : counts) CHECK(count > 1'000);
}

}  // namespace larder::cache
