// Reads files of conformance cases; docs/conformance.md describes the format. Each error names its file and
// line, and leaves the other cases usable.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "conformance/case.hpp"

namespace conformance {

struct CaseFiles {
  std::vector<Case> cases;
  std::vector<std::string> errors;  // "cases/freshness.cases:12: no such outcome: 'hitt'"
};

// Adds the cases of one file's text. Ids are unique over all that is added, and begin with the file's name.
void add_cases(std::string_view text, const std::string& file, CaseFiles& into);
// All files *.cases of a directory, in the order of their names.
CaseFiles read_cases(const std::string& directory);

}  // namespace conformance
