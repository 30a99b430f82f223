// What every fault of the upstream has in common: with grace the old page is served, without it an error with
// a reason; nothing broken is stored, and no short body looks whole.
#pragma once
#include <functional>
#include <vector>

#include "support/scenario/larder.hpp"

namespace scenario {

// Times so short that a test can wait for them.
inline const Lines impatient{"timeouts: {connect: 500ms, first_byte: 300ms, between_bytes: 300ms}"};

// Makes the upstream misbehave towards the requests that come from here on.
using Misbehaviour = std::function<void(Upstream&)>;

// One that answers with these bytes and then closes.
Misbehaviour answers_and_closes(std::string bytes);

// Faults before a response head is complete, or in the head itself.
// Cold: one of `statuses`, with a detail in Cache-Status, and nothing is stored.
void check_error_without_grace(const Misbehaviour& misbehave, const std::vector<int>& statuses);
// With a stored page past its lifetime and within stale-if-error: that page, as stale.
void check_stale_within_grace(const Misbehaviour& misbehave);
// The same for a visitor who asks while nothing has been stored, and for what POST gets.
void check_error_for_post(const Misbehaviour& misbehave, const std::vector<int>& statuses);

// Faults amid the body: whoever was already being answered sees that the body is not whole, over HTTP/1.1
// and 1.0, and nothing is stored.
void check_broken_body(const std::string& bytes);

}  // namespace scenario
