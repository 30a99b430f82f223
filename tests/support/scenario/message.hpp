// HTTP as the scenarios read and write it. Shares no line with Larder's own parser, so that the two cannot be
// wrong in the same way.
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scenario {

using Lines = std::vector<std::string>;  // "Name: value", without CRLF

class Fields {
 public:
  void add(std::string name, std::string value) { lines_.emplace_back(std::move(name), std::move(value)); }
  // The values of that name, whatever its case, joined by commas; empty when there is none.
  std::string operator[](std::string_view name) const;
  bool has(std::string_view name) const { return count(name) > 0; }
  std::size_t count(std::string_view name) const;
  auto begin() const { return lines_.begin(); }
  auto end() const { return lines_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

struct Head {
  std::string text;        // as received, with the empty line
  std::string start_line;  // without CRLF
  Fields fields;
};

// Takes a head off the front of `bytes` once its empty line is there. Throws Failure when a line has no
// colon.
std::optional<Head> take_head(std::string& bytes);
std::string lower(std::string_view text);

// The member of Cache-Status (RFC 9211) that this Larder wrote: the last one.
class CacheStatus {
 public:
  explicit CacheStatus(std::string_view field);
  const std::string& cache() const { return cache_; }  // "larder"
  bool has(const std::string& name) const { return parameters_.contains(name); }
  // Empty when it is missing or has no value.
  std::string operator[](const std::string& name) const;

 private:
  std::string cache_;
  std::map<std::string, std::string> parameters_;
};

struct Interim {
  int status = 0;
  Fields fields;
};

struct Response {
  int status = 0;
  Head head;
  std::vector<Interim> interim;  // the 1xx before it
  std::string body;              // decoded
  bool is_chunked = false;
  bool is_complete = false;  // the body came to its announced end
  bool is_reset = false;     // the connection ended by RST
  std::string problem;       // why it is not complete, or what is malformed
  Fields trailers;

  std::string operator[](std::string_view name) const { return head.fields[name]; }
  bool has(std::string_view name) const { return head.fields.has(name); }
  CacheStatus cache_status() const { return CacheStatus(head.fields["Cache-Status"]); }
  bool is_hit() const { return cache_status().has("hit"); }
};

// Reads one response out of bytes as they come.
//   head (1xx: again) -> none | length | chunk size -> data -> its CRLF ... -> trailers | until close ->
//   finished
class ResponseReader {
 public:
  explicit ResponseReader(std::string_view method = "GET") : method_(method) {}

  // Takes what belongs to this response off the front of `bytes`.
  void feed(std::string& bytes);
  void end_of_input(bool by_reset);
  bool has_head() const noexcept { return phase_ != Phase::head; }
  bool is_finished() const noexcept { return phase_ == Phase::finished; }
  Response& response() noexcept { return response_; }

 private:
  enum class Phase { head, length, chunk_size, chunk_data, chunk_end, trailers, until_close, finished };
  bool step(std::string& bytes);  // false: needs more
  bool read_head(std::string& bytes);
  void choose_body();
  bool read_data(std::string& bytes, Phase next);
  bool read_chunk_size(std::string& bytes);
  bool read_chunk_end(std::string& bytes);
  bool read_trailers(std::string& bytes);
  void fail(std::string problem);
  void complete();

  std::string method_;
  Phase phase_ = Phase::head;
  std::size_t remaining_ = 0;
  Response response_;
};

// Messages to send.
std::string request_text(std::string_view method, std::string_view target, const Lines& lines = {},
                         std::string_view body = {});
// "HTTP/1.1 200 OK" with a Content-Length.
std::string ok(std::string_view body, const Lines& lines = {});
// The same, fresh for `seconds`.
std::string fresh(std::string_view body, int seconds = 60, const Lines& lines = {});
std::string response_text(std::string_view status, std::string_view body, const Lines& lines = {});
// A head alone: what follows is the test's word.
std::string head_text(std::string_view status, const Lines& lines);
std::string chunk(std::string_view data);
// So many bytes, no two places of which are alike.
std::string distinct_text(std::size_t size);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace scenario
