#include "conformance/case_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "conformance/instant.hpp"

namespace conformance {
namespace {

// What is wrong with a line; the caller knows which.
using Error = std::runtime_error;

constexpr std::array outcomes{
    std::pair{std::string_view("hit"), Outcome::hit},
    std::pair{std::string_view("stale"), Outcome::stale},
    std::pair{std::string_view("fetch"), Outcome::fetch},
    std::pair{std::string_view("validate"), Outcome::validate},
    std::pair{std::string_view("error"), Outcome::error},
    std::pair{std::string_view("gone"), Outcome::gone},
    std::pair{std::string_view("refuse"), Outcome::refuse},
};

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The first word, taken off the front.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text = trimmed(text.substr(end));
  return word;
}

template <typename Number>
std::optional<Number> number_of(std::string_view digits) {
  Number value{};
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value);
  if (digits.empty() || result.ec != std::errc{} || result.ptr != end || value < 0) return std::nullopt;
  return value;
}

int status_of(std::string_view text) {
  const auto status = number_of<int>(text);
  if (!status || *status < 100 || *status > 999) throw Error("no status: '" + std::string(text) + "'");
  return *status;
}

std::string checked_times(std::string_view value) {
  if (const auto problem = problem_of_times(value)) throw Error(*problem);
  return std::string(value);
}

bool is_token(std::string_view text) {
  static constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || others.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool is_field(std::string_view line) {
  return is_token(line.substr(0, std::min(line.find(':'), line.size()))) &&
         line.find(':') != std::string_view::npos;
}

Line field_of(std::string_view line) {
  if (!is_field(line)) throw Error("no field line: '" + std::string(line) + "'");
  const std::size_t colon = line.find(':');
  return {std::string(line.substr(0, colon)), checked_times(trimmed(line.substr(colon + 1)))};
}

// "103 Link: </a>", the field being optional.
Interim interim_of(std::string_view text) {
  Interim interim;
  interim.status = status_of(take_word(text));
  if (interim.status >= 200) throw Error("no interim status: " + std::to_string(interim.status));
  if (!text.empty()) interim.field = field_of(text);
  return interim;
}

bool is_checkable(std::string_view name) {
  return is_token(name.starts_with(':') ? name.substr(1) : name);
}

// "NAME: VALUE", "NAME ~ PART OF IT"; `separator` may be another than the colon.
void read_value(std::string_view text, char separator, Check& check) {
  const std::size_t tilde = text.find(" ~ ");
  const std::size_t colon = text.find(separator, 1);
  check.is_part = tilde < colon;
  const std::size_t end = check.is_part ? tilde : std::min(colon, text.size());
  check.name = trimmed(text.substr(0, end));
  if (!is_checkable(check.name)) throw Error("no name to check: '" + std::string(text) + "'");
  if (end == text.size()) return;
  check.value = checked_times(trimmed(text.substr(end + (check.is_part ? 3 : 1))));
}

Check absence_of(std::string_view name) {
  Check check;
  check.name = name;
  if (name == "body") {
    check.kind = Check::Kind::body;
  } else if (name == "interim") {
    check.kind = Check::Kind::no_interim;
  } else {
    check.kind = Check::Kind::no_field;
    if (!is_token(name)) throw Error("what is absent has a name, and no value: '" + std::string(name) + "'");
  }
  return check;
}

Check asked_check(std::string_view rest) {
  Check check;
  if (rest.starts_with('!')) {
    check = absence_of(rest.substr(1));
    check.kind = Check::Kind::no_asked_field;
    return check;
  }
  check.kind = Check::Kind::asked_field;
  // ":target /page" has no colon after its name.
  if (rest.starts_with(':') && rest.find(" ~ ") == std::string_view::npos) {
    check.name = take_word(rest);
    check.value = rest;
  } else if (is_field(rest) || rest.find(" ~ ") != std::string_view::npos) {
    read_value(rest, ':', check);
  } else {
    throw Error("no field line after 'asked': '" + std::string(rest) + "'");
  }
  return check;
}

Check cache_status_check(std::string_view rest) {
  Check check;
  if (rest.starts_with('!')) {
    check = absence_of(rest.substr(1));
    check.kind = Check::Kind::no_cache_status;
  } else {
    check.kind = Check::Kind::cache_status;
    read_value(rest, '=', check);
  }
  return check;
}

Check interim_check(std::string_view rest) {
  const Interim interim = interim_of(rest);
  Check check;
  check.kind = Check::Kind::interim;
  check.name = std::to_string(interim.status);
  if (interim.field) check.value = interim.field->name + ": " + interim.field->value;
  return check;
}

Check check_of(std::string_view line) {
  if (line.starts_with('!')) return absence_of(line.substr(1));
  std::string_view rest = line;
  const std::string_view word = take_word(rest);
  Check check;
  if (rest.starts_with("~ ")) {
    read_value(line, ':', check);
    if (word == "body") check.kind = Check::Kind::body;
  } else if (is_field(line)) {
    read_value(line, ':', check);
  } else if (word == "asked") {
    check = asked_check(rest);
  } else if (word == "cs") {
    check = cache_status_check(rest);
  } else if (word == "interim") {
    check = interim_check(rest);
  } else if (word == "trailer") {
    read_value(rest, ':', check);
    check.kind = Check::Kind::trailer;
  } else if (line == "broken") {
    check.kind = Check::Kind::broken;
  } else if (word == "body" || word == "status") {
    check.kind = word == "body" ? Check::Kind::body : Check::Kind::status;
    if (word == "status") status_of(rest);
    check.value = rest;
  } else {
    throw Error("no check: '" + std::string(line) + "'");
  }
  return check;
}

// "HTTP/1.0" at the end of a start line, taken off.
std::string take_version(std::string_view& text) {
  const std::size_t space = text.rfind(' ');
  const std::string_view last = space == std::string_view::npos ? text : trimmed(text.substr(space + 1));
  if (!last.starts_with("HTTP/")) return "HTTP/1.1";
  text = trimmed(text.substr(0, text.size() - last.size()));
  return std::string(last);
}

class Parser {
 public:
  Parser(std::string file, CaseFiles& into)
      : file_(std::move(file)), prefix_(std::filesystem::path(file_).stem()), into_(into) {}

  void read(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++number_;
      read_line(trimmed(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    finish_case();
  }

 private:
  // What the lines below it belong to.
  enum class Part : std::uint8_t { none, head, request, answer, outcome };

  void read_line(std::string_view line) {
    if (line.empty() || line.starts_with('#')) return;
    try {
      std::string_view rest = line;
      const std::string_view word = take_word(rest);
      if (word == "case") {
        finish_case();
        begin_case(rest);
      } else if (part_ == Part::none) {
        if (!is_broken_) throw Error("a line outside of a case: '" + std::string(line) + "'");
      } else if (!read_structure(word, rest)) {
        read_detail(line, word, rest);
      }
    } catch (const Error& error) {
      complain(number_, error.what());
    }
  }

  void begin_case(std::string_view id) {
    case_ = Case{};
    case_.id = id;
    case_.file = file_;
    case_.line = number_;
    is_broken_ = false;
    part_ = Part::head;
    pause_ = {};
    const auto is_allowed = [](unsigned char c) {
      return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '.' || c == '-';
    };
    if (!std::all_of(id.begin(), id.end(), is_allowed) || !id.starts_with(prefix_ + ".")) {
      throw Error("an id is " + prefix_ + ".words-of-a-z0-9: '" + std::string(id) + "'");
    }
    for (const Case& other : into_.cases) {
      if (other.id != id) continue;
      throw Error("'" + case_.id + "' is also " + other.file + ":" + std::to_string(other.line));
    }
  }

  // The lines that begin a part. False: it is a detail of the part under way.
  bool read_structure(std::string_view word, std::string_view rest) {
    if (word == ">") {
      begin_step(rest);
    } else if (word == "<") {
      begin_answer(rest);
    } else if (word == "=") {
      begin_outcome(rest);
    } else if (word.size() > 1 && word.front() == '+' && rest.empty()) {
      finish_step();
      pause_ += pause_of(word.substr(1));
      part_ = Part::head;
    } else {
      return false;
    }
    return true;
  }

  void read_detail(std::string_view line, std::string_view word, std::string_view rest) {
    switch (part_) {
      case Part::none:
        break;
      case Part::head:
        read_head(line, word, rest);
        break;
      case Part::request:
        if (word == "body") {
          step().body = rest;
        } else {
          step().fields.push_back(field_of(line));
        }
        break;
      case Part::answer:
        if (word == "body") {
          step().answers.back().body = rest;
        } else if (word == "interim") {
          step().answers.back().interim.push_back(interim_of(rest));
        } else if (word == "trailer") {
          step().answers.back().trailers.push_back(field_of(rest));
        } else {
          step().answers.back().fields.push_back(field_of(line));
        }
        break;
      case Part::outcome:
        step().checks.push_back(check_of(line));
        step().checks.back().line = number_;
        break;
    }
  }

  void read_head(std::string_view line, std::string_view word, std::string_view rest) {
    if (!case_.steps.empty()) throw Error("an exchange begins with '>': '" + std::string(line) + "'");
    if (word == "rfc") {
      const std::string_view number = take_word(rest);
      const bool is_section = rest.find_first_not_of("0123456789.ABCDEFGH") == std::string_view::npos;
      if (!number_of<int>(number) || rest.empty() || !is_section)
        throw Error("'rfc NUMBER SECTION' is wanted");
      case_.sources.push_back(std::string(number) + " " + std::string(rest));
    } else if (word == "only" && rest == "sockets") {
      case_.needs_sockets = true;
    } else {
      throw Error("not known here: '" + std::string(line) + "'");
    }
  }

  void begin_step(std::string_view rest) {
    finish_step();
    Step step;
    step.line = number_;
    step.pause = std::exchange(pause_, {});
    step.method = take_word(rest);
    step.version = take_version(rest);
    step.target = rest.empty() ? "/page" : rest;
    if (!is_token(step.method)) throw Error("no method after '>'");
    case_.steps.push_back(std::move(step));
    part_ = Part::request;
    is_step_open_ = true;
  }

  void begin_answer(std::string_view rest) {
    if (part_ != Part::request && part_ != Part::answer) throw Error("'<' stands between '>' and '='");
    Answer answer;
    answer.body = "body " + std::to_string(case_.steps.size());
    if (rest == "close") {
      answer.kind = Answer::Kind::close;
    } else if (rest == "refuse") {
      answer.kind = Answer::Kind::refuse;
    } else {
      answer.version = take_version(rest);
      answer.status = status_of(rest);
    }
    step().answers.push_back(std::move(answer));
    part_ = Part::answer;
  }

  void begin_outcome(std::string_view rest) {
    if (part_ != Part::request && part_ != Part::answer) throw Error("'=' stands after '>' and '<'");
    part_ = Part::outcome;
    is_step_open_ = false;
    const auto* const found = std::find_if(outcomes.begin(), outcomes.end(),
                                           [rest](const auto& known) { return known.first == rest; });
    if (found == outcomes.end()) throw Error("no such outcome: '" + std::string(rest) + "'");
    step().outcome = found->second;
    const bool is_answered = !step().answers.empty();
    const bool wants_answer = found->second != Outcome::hit && found->second != Outcome::refuse;
    if (wants_answer && !is_answered) throw Error("'" + std::string(rest) + "' needs an answer ('<')");
    if (!wants_answer && is_answered)
      throw Error("'" + std::string(rest) + "' asks nobody: an answer ('<') is too much");
  }

  static std::chrono::seconds pause_of(std::string_view text) {
    const auto pause = duration_of(text);
    if (!pause) throw Error("no time: '+" + std::string(text) + "'");
    return *pause;
  }

  Step& step() { return case_.steps.back(); }

  void finish_step() {
    if (std::exchange(is_step_open_, false)) complain(step().line, "an exchange without '='");
  }

  void finish_case() {
    if (part_ == Part::none) return;
    finish_step();
    if (case_.steps.empty()) complain(case_.line, "a case without an exchange");
    if (case_.sources.empty()) complain(case_.line, "a case without 'rfc NUMBER SECTION'");
    if (!is_broken_) into_.cases.push_back(std::move(case_));
    part_ = Part::none;
  }

  void complain(int line, const std::string& what) {
    is_broken_ = true;
    into_.errors.push_back(file_ + ":" + std::to_string(line) + ": " + what);
  }

  std::string file_;
  std::string prefix_;
  CaseFiles& into_;
  Case case_;
  Part part_ = Part::none;
  std::chrono::seconds pause_{};
  int number_ = 0;
  bool is_step_open_ = false;
  bool is_broken_ = false;
};

}  // namespace

std::string_view name_of(Outcome outcome) {
  for (const auto& [name, value] : outcomes) {
    if (value == outcome) return name;
  }
  return {};
}

void add_cases(std::string_view text, const std::string& file, CaseFiles& into) {
  Parser(file, into).read(text);
}

CaseFiles read_cases(const std::string& directory) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".cases") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  CaseFiles all;
  for (const std::string& file : files) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    add_cases(text.str(), file, all);
  }
  return all;
}

}  // namespace conformance
