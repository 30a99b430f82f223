// Request heads for the properties: plausible ones, with a few bytes changed to what parsers disagree about.
#pragma once
#include <array>
#include <random>
#include <string>
#include <string_view>

namespace larder::http {

class MutatedHeads {
 public:
  std::string next() {
    std::string bytes(pick(seeds));
    for (std::size_t mutations = at_most(3); mutations > 0; --mutations) mutate(bytes);
    return bytes;
  }
  std::size_t at_most(std::size_t largest) {
    return std::uniform_int_distribution<std::size_t>(0, largest)(random_);
  }

 private:
  static constexpr auto seeds = std::to_array<std::string_view>({
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /a/b?c=d|e HTTP/1.0\r\nAccept: */*\r\nCookie: a=b; c=d\r\n\r\n",
      "POST /x HTTP/1.1\r\nHost: a.b:80\r\nContent-Length: 12\r\nUser-Agent: Mozilla/5.0 (X11)\r\n\r\n",
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
      "PUT http://a/b HTTP/1.1\r\nHost: a\r\nA:\r\nB: \t b c \t\r\nC:\x80\xff\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
      "PURGE /blog/ HTTP/1.1\r\nHost: www.example.com\r\nAccept-Encoding: gzip\r\n\r\n",
  });
  static constexpr auto morsels = std::to_array<std::string_view>({
      "\r",
      "\n",
      "\r\n",
      " ",
      "\t",
      ":",
      "\x01",
      "\x7f",
      "\x80",
      "\xff",
      "#",
      "%",
      "/",
      "?",
      ",",
      ";",
      "\"",
      "0",
      "1",
      "9",
      "a",
      "Z",
      "(",
      "@",
      "[",
      "|",
      "\r\n ",
      "\r\n\t",
      "\n\n",
      " :",
      "Host: b\r\n",
      "Content-Length: 7\r\n",
      "Transfer-Encoding: chunked\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "X: y\r\n",
      "HTTP/1.1",
      "HTTP/1.2",
      "HTTP/2.0",
  });

  template <typename Table>
  std::string_view pick(const Table& table) {
    return table[at_most(table.size() - 1)];
  }
  void mutate(std::string& bytes) {
    const std::size_t at = at_most(bytes.size());
    switch (at_most(3)) {
      case 0:
        bytes.insert(at, pick(morsels));
        break;
      case 1:
        bytes.replace(at, 1, pick(morsels));
        break;
      case 2:
        bytes.erase(at, 1 + at_most(2));
        break;
      default:
        // At the beginning of a line, where fields are.
        const std::size_t line = bytes.find('\n', at);
        bytes.insert(line == std::string::npos ? bytes.size() : line + 1, pick(morsels));
    }
    if (bytes.empty()) bytes = "G";
  }

  // The same heads in every run: a failure can be looked at again.
  std::mt19937 random_{20'240'229};  // NOLINT(*-msc51-cpp)
};

}  // namespace larder::http
