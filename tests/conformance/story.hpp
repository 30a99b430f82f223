// Tells a case to a Larder and compares what happens with what must.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/case.hpp"
#include "conformance/instant.hpp"

namespace conformance {

// A request that reached the upstream.
struct Asked {
  std::string method;
  std::string target;
  std::vector<Line> fields;
};

struct SeenInterim {
  int status = 0;
  std::vector<Line> fields;
};

// What came of one exchange, whoever looked.
struct Seen {
  int status = 0;
  std::vector<Line> fields;
  std::string body;
  bool is_broken = false;  // it did not come to its announced end
  std::vector<SeenInterim> interim;
  std::vector<Line> trailers;
  bool is_from_store = false;
  std::vector<Asked> asked;  // the refresh behind a stale answer included
};

// The times of a step filled in.
Step at_time(const Step& step, Instant now);
// All values of that name, joined by ", "; nothing when there is none.
std::optional<std::string> find(const std::vector<Line>& fields, std::string_view name);

// The field lines of a head.
std::vector<Line> lines_of(std::string_view head);

// Some form of Larder, with an empty store, in which one case happens. Its time stands still but for
// advance().
class Player {
 public:
  virtual ~Player() = default;
  virtual Instant now() const = 0;
  virtual void advance(std::chrono::milliseconds by) = 0;
  virtual Seen exchange(const Step& step) = 0;
  // False: it has no wire, and shows neither Cache-Status, interim responses nor trailers.
  virtual bool has_wire() const = 0;
  // True: of what it had stored something is gone that one server's memory would still have.
  virtual bool has_forgotten() const { return false; }
};

// What was not as it must be; empty when the case holds: "cases/vary.cases:12: Age is ...".
std::vector<std::string> play(const Case& told, Player& player);

}  // namespace conformance
