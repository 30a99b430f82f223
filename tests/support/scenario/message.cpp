#include "support/scenario/message.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "support/scenario/waiting.hpp"

namespace scenario {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view host = "www.example.com";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The line without its CRLF, taken off the front.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find(line_end);
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + line_end.size());
  return line;
}

void add_field(Fields& fields, std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) throw Failure("a field line without a colon: " + std::string(line));
  fields.add(std::string(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1))));
}

Fields parse_fields(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    add_field(fields, line);
  }
  return fields;
}

template <typename Number>
std::optional<Number> parse_number(std::string_view digits, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
  return value;
}

int status_of(const Head& head) {
  const std::string_view line = head.start_line;
  if (!line.starts_with("HTTP/1.") || line.size() < 12) throw Failure("no status line: " + head.start_line);
  return parse_number<int>(line.substr(9, 3)).value_or(0);
}

void append_lines(std::string& text, const Lines& lines) {
  for (const std::string& line : lines) text.append(line).append(line_end);
}

bool names_field(const Lines& lines, std::string_view name) {
  return std::any_of(lines.begin(), lines.end(),
                     [name](const std::string& line) { return lower(line).starts_with(name); });
}

std::string_view unquoted(std::string_view value) {
  const bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return is_quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

std::string Fields::operator[](std::string_view name) const {
  const std::string wanted = lower(name);
  std::string joined;
  for (const auto& [field, value] : lines_) {
    if (lower(field) == wanted) joined += (joined.empty() ? "" : ", ") + value;
  }
  return joined;
}

std::size_t Fields::count(std::string_view name) const {
  const std::string wanted = lower(name);
  return static_cast<std::size_t>(std::count_if(
      lines_.begin(), lines_.end(), [&wanted](const auto& line) { return lower(line.first) == wanted; }));
}

std::optional<Head> take_head(std::string& bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  Head head;
  head.text = bytes.substr(0, end + 4);
  bytes.erase(0, end + 4);
  std::string_view rest = head.text;
  head.start_line = take_line(rest);
  head.fields = parse_fields(rest);
  return head;
}

namespace {

// The place of the first `mark` that is in no quoted string; the text's size where there is none.
std::size_t find_unquoted(std::string_view text, char mark) {
  bool is_quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && text[at] == mark) {
      return at;
    }
  }
  return text.size();
}

}  // namespace

CacheStatus::CacheStatus(std::string_view field) {
  std::string_view member = field;
  for (std::size_t end = find_unquoted(member, ','); end < member.size(); end = find_unquoted(member, ','))
    member.remove_prefix(end + 1);
  bool is_first = true;
  while (!member.empty()) {
    const std::size_t end = find_unquoted(member, ';');
    const std::string_view part = trimmed(member.substr(0, end));
    member.remove_prefix(std::min(end + 1, member.size()));
    const std::size_t equals = part.find('=');
    if (std::exchange(is_first, false)) {
      cache_ = unquoted(part);
    } else if (equals == std::string_view::npos) {
      parameters_.emplace(part, "");
    } else {
      parameters_.emplace(part.substr(0, equals), unquoted(part.substr(equals + 1)));
    }
  }
}

std::string CacheStatus::operator[](const std::string& name) const {
  const auto found = parameters_.find(name);
  return found == parameters_.end() ? std::string() : found->second;
}

void ResponseReader::feed(std::string& bytes) {
  while (!is_finished() && step(bytes)) {
  }
}

bool ResponseReader::step(std::string& bytes) {
  switch (phase_) {
    case Phase::head:
      return read_head(bytes);
    case Phase::length:
      return read_data(bytes, Phase::finished);
    case Phase::chunk_size:
      return read_chunk_size(bytes);
    case Phase::chunk_data:
      return read_data(bytes, Phase::chunk_end);
    case Phase::chunk_end:
      return read_chunk_end(bytes);
    case Phase::trailers:
      return read_trailers(bytes);
    case Phase::until_close:
      response_.body += bytes;
      bytes.clear();
      return false;
    case Phase::finished:
      return false;
  }
  return false;
}

bool ResponseReader::read_head(std::string& bytes) {
  std::optional<Head> head = take_head(bytes);
  if (!head) return false;
  const int status = status_of(*head);
  if (status >= 100 && status < 200 && status != 101) {
    response_.interim.push_back({status, head->fields});
    return true;
  }
  response_.status = status;
  response_.head = std::move(*head);
  choose_body();
  return true;
}

void ResponseReader::choose_body() {
  const Fields& fields = response_.head.fields;
  const int status = response_.status;
  response_.is_chunked = lower(fields["Transfer-Encoding"]) == "chunked";
  if (response_.is_chunked && fields.has("Content-Length")) response_.problem = "both lengths";
  if (method_ == "HEAD" || status == 101 || status == 204 || status == 304) return complete();
  if (response_.is_chunked) {
    phase_ = Phase::chunk_size;
  } else if (fields.has("Content-Length")) {
    const std::optional<std::size_t> length = parse_number<std::size_t>(fields["Content-Length"]);
    if (!length) return fail("Content-Length is no number");
    remaining_ = *length;
    phase_ = Phase::length;
    if (remaining_ == 0) complete();
  } else {
    phase_ = Phase::until_close;
  }
}

bool ResponseReader::read_data(std::string& bytes, Phase next) {
  const std::size_t size = std::min(remaining_, bytes.size());
  response_.body.append(bytes, 0, size);
  bytes.erase(0, size);
  remaining_ -= size;
  if (remaining_ > 0) return false;
  if (next == Phase::finished) {
    complete();
  } else {
    phase_ = next;
  }
  return true;
}

bool ResponseReader::read_chunk_size(std::string& bytes) {
  const std::size_t end = bytes.find(line_end);
  if (end == std::string::npos) return false;
  const std::string_view line = std::string_view(bytes).substr(0, end);
  const std::optional<std::size_t> size = parse_number<std::size_t>(line.substr(0, line.find(';')), 16);
  bytes.erase(0, end + line_end.size());
  if (!size) {
    fail("a chunk size that is no number");
    return false;
  }
  remaining_ = *size;
  phase_ = remaining_ == 0 ? Phase::trailers : Phase::chunk_data;
  return true;
}

bool ResponseReader::read_chunk_end(std::string& bytes) {
  if (bytes.size() < line_end.size()) return false;
  if (!bytes.starts_with(line_end)) {
    fail("a chunk that does not end where its size says");
    return false;
  }
  bytes.erase(0, line_end.size());
  phase_ = Phase::chunk_size;
  return true;
}

bool ResponseReader::read_trailers(std::string& bytes) {
  const bool has_none = bytes.starts_with(line_end);
  const std::size_t end = has_none ? 0 : bytes.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const std::size_t size = has_none ? line_end.size() : end + 4;
  response_.trailers = parse_fields(std::string_view(bytes).substr(0, size));
  bytes.erase(0, size);
  complete();
  return true;
}

void ResponseReader::end_of_input(bool by_reset) {
  if (is_finished()) return;
  response_.is_reset = by_reset;
  if (phase_ == Phase::until_close && !by_reset) return complete();
  if (phase_ == Phase::head) return fail("closed before the head");
  fail("closed after " + std::to_string(response_.body.size()) + " bytes of the body");
}

void ResponseReader::fail(std::string problem) {
  response_.problem = std::move(problem);
  phase_ = Phase::finished;
}

void ResponseReader::complete() {
  response_.is_complete = response_.problem.empty();
  phase_ = Phase::finished;
}

std::string request_text(std::string_view method, std::string_view target, const Lines& lines,
                         std::string_view body) {
  std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n";
  if (!names_field(lines, "host:")) text.append("Host: ").append(host).append(line_end);
  append_lines(text, lines);
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text.append(line_end).append(body);
}

std::string head_text(std::string_view status, const Lines& lines) {
  std::string text = "HTTP/1.1 " + std::string(status) + "\r\n";
  append_lines(text, lines);
  return text.append(line_end);
}

std::string response_text(std::string_view status, std::string_view body, const Lines& lines) {
  Lines all = lines;
  all.push_back("Content-Length: " + std::to_string(body.size()));
  return head_text(status, all).append(body);
}

std::string ok(std::string_view body, const Lines& lines) {
  return response_text("200 OK", body, lines);
}

std::string fresh(std::string_view body, int seconds, const Lines& lines) {
  Lines all = lines;
  all.push_back("Cache-Control: max-age=" + std::to_string(seconds));
  return ok(body, all);
}

std::string distinct_text(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + " ";
  text.resize(size);
  return text;
}

std::string chunk(std::string_view data) {
  std::array<char, 16> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), data.size(), 16);
  return std::string(digits.data(), end).append(line_end).append(data).append(line_end);
}

}  // namespace scenario
