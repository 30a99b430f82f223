// Attempts at poisoning the cache, and what makes one a failure: a visitor who comes after it, before it, or
// amid it gets, byte for byte, what he gets from a Larder that nobody has attacked.
//
// Behind Larder stands the most unwary of applications: its pages show every line of the request that made
// them, it obeys every field that some framework obeys, its errors may be cached, and whatever path has
// "account" in it, however written, shows whose session asked.
#pragma once
#include <string>
#include <vector>

#include "support/scenario/larder.hpp"

namespace scenario {

struct Attack {
  const char* name;
  std::string request;            // as sent, all of it
  std::string target = "/page/";  // what the visitor asks for
  Lines lines = {};               // the fields he sends beside Host
  std::string host = "www.example.com";
};

// The bytes of a GET with these fields.
std::string attack(std::string_view target, const Lines& lines = {});

// Fails the test, by Catch2, when the attempt changes what the visitor gets.
void check_harmless(const Attack& attempt);
// Does it?
bool changes_what_is_seen(const Attack& attempt);

// A section of its own for each.
#define CHECK_ALL_HARMLESS(attempts)         \
  for (const Attack& attempt : (attempts)) { \
    DYNAMIC_SECTION(attempt.name) {          \
      check_harmless(attempt);               \
    }                                        \
  }

}  // namespace scenario
