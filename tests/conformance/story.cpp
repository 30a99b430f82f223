#include "conformance/story.hpp"

#include <algorithm>

namespace conformance {
namespace {

// So long takes an exchange, that something is older than nothing.
constexpr std::chrono::milliseconds exchange_time{10};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

std::string shown(const std::optional<std::string>& value) {
  return value ? "'" + *value + "'" : "absent";
}

// The member that Larder wrote, the last one: its parameters (RFC 9211).
std::vector<Line> cache_status_of(const Seen& seen) {
  std::string field = find(seen.fields, "Cache-Status").value_or("");
  const std::size_t comma = field.rfind(',');
  std::string_view member = std::string_view(field).substr(comma == std::string::npos ? 0 : comma + 1);
  std::vector<Line> parameters;
  while (!member.empty()) {
    const std::size_t end = std::min(member.find(';'), member.size());
    std::string_view part = member.substr(0, end);
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    const std::size_t equals = std::min(part.find('='), part.size());
    parameters.push_back({std::string(part.substr(0, equals)),
                          std::string(equals < part.size() ? part.substr(equals + 1) : std::string_view())});
    member.remove_prefix(std::min(end + 1, member.size()));
  }
  return parameters;
}

bool is_empty_by_status(int status) {
  return status < 200 || status == 204 || status == 304;
}

// Compares one exchange.
class Judge {
 public:
  Judge(const Case& told, const Step& step, const Seen& seen, const std::vector<std::string>& earlier_bodies,
        bool has_wire)
      : case_(told), step_(step), seen_(seen), earlier_bodies_(earlier_bodies), has_wire_(has_wire) {}

  std::vector<std::string> judge() {
    judge_outcome();
    const bool may_break = !has_wire_ || has_check(Check::Kind::broken);
    expect(may_break || !seen_.is_broken, "the response broke off");
    for (const Check& check : step_.checks) judge_check(check);
    return std::move(problems_);
  }

 private:
  void judge_outcome() {
    switch (step_.outcome) {
      case Outcome::hit:
      case Outcome::stale:
        expect(seen_.is_from_store, "not answered from the store");
        expect_asked();
        expect_stored_body();
        break;
      case Outcome::fetch:
        expect_asked();
        expect(!seen_.is_from_store, "answered from the store");
        expect(!carries_own_condition(), "the upstream was asked with a condition of Larder's");
        expect_passed_on();
        break;
      case Outcome::validate:
        expect_asked();
        expect(carries_condition(), "the upstream was asked without a condition");
        if (last_answer().status == 304) {
          expect_stored_body();
        } else {
          expect_passed_on();
        }
        break;
      case Outcome::error:
        expect_asked();
        expect_stored_body();
        break;
      case Outcome::gone:
        expect_asked();
        expect(!seen_.is_from_store, "answered from the store");
        if (!checks_status()) {
          expect(seen_.status == 502 || seen_.status == 504, "the status is " + std::to_string(seen_.status));
        }
        break;
      case Outcome::refuse:
        expect_asked();
        expect(!seen_.is_from_store, "answered from the store");
        if (!checks_status()) expect_status(504);
        break;
    }
  }

  // A refused connection asks nobody.
  void expect_asked() {
    const auto wanted = std::count_if(step_.answers.begin(), step_.answers.end(), [](const Answer& answer) {
      return answer.kind != Answer::Kind::refuse;
    });
    const auto asked = static_cast<std::ptrdiff_t>(seen_.asked.size());
    expect(asked == wanted,
           "the upstream was asked " + std::to_string(asked) + " times, not " + std::to_string(wanted));
  }

  void expect_stored_body() {
    if (step_.method == "HEAD" || seen_.status == 206 || seen_.status == 416 || checks_body()) return;
    if (is_empty_by_status(seen_.status)) {
      expect(seen_.body.empty(), "a body where there is none: '" + seen_.body + "'");
      return;
    }
    const bool is_known =
        std::find(earlier_bodies_.begin(), earlier_bodies_.end(), seen_.body) != earlier_bodies_.end();
    expect(is_known, "the body is not a stored one: '" + seen_.body + "'");
  }

  void expect_passed_on() {
    const Answer& answer = last_answer();
    if (answer.kind != Answer::Kind::response) return;
    if (!checks_status()) expect_status(answer.status);
    if (seen_.status != answer.status || checks_body() || has_check(Check::Kind::broken)) return;
    const bool has_body = step_.method != "HEAD" && !is_empty_by_status(seen_.status);
    const std::string& wanted = has_body ? answer.body : std::string();
    expect(seen_.body == wanted, "the body is '" + seen_.body + "', not '" + wanted + "'");
  }

  void judge_check(const Check& check) {
    line_ = check.line;
    switch (check.kind) {
      case Check::Kind::field:
        expect_value(check.name, find(seen_.fields, check.name), check);
        break;
      case Check::Kind::no_field:
        expect_absent(check.name, find(seen_.fields, check.name));
        break;
      case Check::Kind::body:
        expect_value("the body", seen_.body, check);
        break;
      case Check::Kind::status:
        expect_value("the status", std::to_string(seen_.status), check);
        break;
      case Check::Kind::asked_field:
        expect_value("asked " + check.name, find_asked(check.name), check);
        break;
      case Check::Kind::no_asked_field:
        expect_absent("asked " + check.name, find_asked(check.name));
        break;
      default:
        if (has_wire_) judge_on_wire(check);
        break;
    }
  }

  void judge_on_wire(const Check& check) {
    switch (check.kind) {
      case Check::Kind::cache_status:
        expect_value("Cache-Status " + check.name, find(cache_status_of(seen_), check.name), check);
        break;
      case Check::Kind::no_cache_status:
        expect_absent("Cache-Status " + check.name, find(cache_status_of(seen_), check.name));
        break;
      case Check::Kind::interim:
        expect(has_interim(check), "no interim response '" + check.name + " " + check.value + "' came");
        break;
      case Check::Kind::no_interim:
        expect(seen_.interim.empty(), "an interim response came");
        break;
      case Check::Kind::broken:
        expect(seen_.is_broken, "the response is whole");
        break;
      default:
        expect_value("trailer " + check.name, find(seen_.trailers, check.name), check);
        break;
    }
  }

  bool has_interim(const Check& check) const {
    return std::any_of(seen_.interim.begin(), seen_.interim.end(), [&check](const SeenInterim& interim) {
      if (std::to_string(interim.status) != check.name) return false;
      return check.value.empty() ||
             std::any_of(interim.fields.begin(), interim.fields.end(),
                         [&check](const Line& line) { return line.name + ": " + line.value == check.value; });
    });
  }

  std::optional<std::string> find_asked(std::string_view name) const {
    if (seen_.asked.empty()) return std::nullopt;
    const Asked& asked = seen_.asked.front();
    if (name == ":method") return asked.method;
    if (name == ":target") return asked.target;
    return find(asked.fields, name);
  }

  bool carries_condition() const { return find_asked("If-None-Match") || find_asked("If-Modified-Since"); }
  // The visitor's own may be passed on.
  bool carries_own_condition() const {
    const auto is_own = [this](std::string_view name) {
      const auto asked = find_asked(name);
      return asked && asked != find(step_.fields, name);
    };
    return is_own("If-None-Match") || is_own("If-Modified-Since");
  }

  const Answer& last_answer() const { return step_.answers.back(); }
  bool has_check(Check::Kind kind) const {
    return std::any_of(step_.checks.begin(), step_.checks.end(),
                       [kind](const Check& check) { return check.kind == kind; });
  }
  bool checks_status() const { return has_check(Check::Kind::status); }
  bool checks_body() const { return has_check(Check::Kind::body); }

  void expect_status(int wanted) {
    expect(seen_.status == wanted,
           "the status is " + std::to_string(seen_.status) + ", not " + std::to_string(wanted));
  }
  void expect_value(const std::string& what, const std::optional<std::string>& value, const Check& check) {
    const bool holds =
        check.is_part ? value && value->find(check.value) != std::string::npos : value == check.value;
    expect(holds,
           what + " is " + shown(value) + ", not " + (check.is_part ? "with '" : "'") + check.value + "'");
  }
  void expect_absent(const std::string& what, const std::optional<std::string>& value) {
    expect(!value, what + " is " + shown(value) + ", not absent");
  }
  void expect(bool holds, const std::string& otherwise) {
    if (holds) return;
    problems_.push_back(case_.file + ":" + std::to_string(line_ > 0 ? line_ : step_.line) + ": " + otherwise);
  }

  const Case& case_;
  const Step& step_;
  const Seen& seen_;
  const std::vector<std::string>& earlier_bodies_;
  bool has_wire_;
  int line_ = 0;  // of the check under way
  std::vector<std::string> problems_;
};

void fill_in(std::vector<Line>& fields, Instant now) {
  for (Line& line : fields) line.value = with_times(line.value, now);
}

// What went wrong is best understood beside what happened.
std::string told_of(const Seen& seen) {
  std::string text = "    the visitor got " + std::to_string(seen.status) +
                     (seen.is_from_store ? " from the store" : "") + ", body '" + seen.body.substr(0, 200) +
                     "'";
  for (const Line& line : seen.fields) text += "\n      " + line.name + ": " + line.value;
  for (const Asked& asked : seen.asked) {
    text += "\n    the upstream was asked " + asked.method + " " + asked.target;
    for (const Line& line : asked.fields) text += "\n      " + line.name + ": " + line.value;
  }
  return text;
}

}  // namespace

Step at_time(const Step& step, Instant now) {
  Step filled = step;
  fill_in(filled.fields, now);
  for (Answer& answer : filled.answers) {
    fill_in(answer.fields, now);
    for (Interim& interim : answer.interim) {
      if (interim.field) interim.field->value = with_times(interim.field->value, now);
    }
  }
  for (Check& check : filled.checks) check.value = with_times(check.value, now);
  return filled;
}

std::optional<std::string> find(const std::vector<Line>& fields, std::string_view name) {
  const std::string wanted = lower(name);
  std::optional<std::string> joined;
  for (const Line& line : fields) {
    if (lower(line.name) != wanted) continue;
    joined = joined ? *joined + ", " + line.value : line.value;
  }
  return joined;
}

std::vector<Line> lines_of(std::string_view head) {
  std::vector<Line> lines;
  head.remove_prefix(std::min(head.find("\r\n") + 2, head.size()));
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos) {
      lines.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))});
    }
    head.remove_prefix(std::min(end + 2, head.size()));
  }
  return lines;
}

std::vector<std::string> play(const Case& told, Player& player) {
  std::vector<std::string> bodies;
  for (const Step& written : told.steps) {
    player.advance(written.pause);
    const Step step = at_time(written, player.now());
    const Seen seen = player.exchange(step);
    std::vector<std::string> problems = Judge(told, step, seen, bodies, player.has_wire()).judge();
    if (!problems.empty()) {
      problems.push_back(told_of(seen));
      return problems;
    }
    for (const Answer& answer : step.answers) bodies.push_back(answer.body);
    player.advance(exchange_time);
  }
  return {};
}

}  // namespace conformance
