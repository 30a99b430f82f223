// A command as its user runs it: a process with arguments, and what it prints.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace scenario {

struct Ended {
  int code = -1;  // of its exit; -1: a signal ended it
  std::string out;
  std::string err;
};

struct Invocation {
  std::vector<std::string> arguments;      // the program's path first
  std::string_view input{};                // its standard input, a few kilobytes at most
  bool is_terminal = false;                // its standard error is one
  std::vector<std::string> environment{};  // "NAME=value", nothing else is in it
};

// Runs it to its end. Throws Failure where that does not come in time.
Ended run(const Invocation& invocation);

}  // namespace scenario
