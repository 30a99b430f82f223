// A conformance case: a story between a visitor, Larder, and an upstream that answers by a script. The values
// here are as written; times in them are filled in when the story is told (instant.hpp).
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conformance {

struct Line {
  std::string name;
  std::string value;
};

struct Interim {
  int status = 0;
  std::optional<Line> field;
};

// What the upstream does when it is asked.
struct Answer {
  enum class Kind : std::uint8_t { response, close, refuse };
  Kind kind = Kind::response;
  int status = 0;
  std::vector<Line> fields;
  std::string body;  // of 1xx, 204 and 304 never sent
  std::string version = "HTTP/1.1";
  std::vector<Interim> interim;
  std::vector<Line> trailers;  // of a chunked body
};

enum class Outcome : std::uint8_t { hit, stale, fetch, validate, error, gone, refuse };

struct Check {
  enum class Kind : std::uint8_t {
    field,
    no_field,
    body,
    status,
    asked_field,
    no_asked_field,
    cache_status,  // an empty value: only its presence
    no_cache_status,
    interim,  // name: the status; value: a field line, or empty
    no_interim,
    trailer,
    broken,
  };
  Kind kind = Kind::field;
  std::string name;  // in asked_field also ":method" and ":target"
  std::string value;
  bool is_part = false;  // the value is contained in what is found
  int line = 0;
};

struct Step {
  std::chrono::seconds pause{};  // before it
  std::string method;
  std::string target;
  std::string version = "HTTP/1.1";
  std::vector<Line> fields;
  std::string body;
  std::vector<Answer> answers;  // one for each time that the upstream is asked
  Outcome outcome = Outcome::hit;
  std::vector<Check> checks;
  int line = 0;
};

struct Case {
  std::string id;
  std::string file;
  int line = 0;
  std::vector<std::string> sources;  // "9111 5.2.2.10"
  bool needs_sockets = false;
  std::vector<Step> steps;
};

std::string_view name_of(Outcome outcome);

}  // namespace conformance
