// What an exchange is told of the errand that it runs (errand.hpp), and what it leaves behind.
#pragma once
#include <cstdint>
#include <string_view>

#include "larder/cache/reason.hpp"
#include "larder/obs/exchange_record.hpp"

namespace larder::proxy {

struct ErrandNote {
  std::string_view scheme = "http";  // of the key; no proxy has to claim it
  std::uint32_t uses = 0;
  bool is_forced = false;
  bool reads = false;  // the answer is wanted, whether it may be stored or not

  enum class End : std::uint8_t {
    delivered,   // to the wire, as to a visitor
    fresh,       // it was stored already
    landed,      // another's fetch has stored it meanwhile
    left_alone,  // no request was sent: it would not be stored
    not_kept,    // one was sent, and its answer may not be stored
  };
  End end = End::delivered;
  obs::ExchangeRecord record;  // its texts are gone
  cache::Reason detail = cache::Reason::none;
  bool is_in_store = false;
  bool is_stale = false;  // what is stored stands in for a fetch that failed
};

}  // namespace larder::proxy
