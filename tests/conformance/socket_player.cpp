#include "conformance/socket_player.hpp"

#include <algorithm>

#include "support/scenario/message.hpp"

namespace conformance {
namespace {

scenario::Lines wire_lines(const std::vector<Line>& fields) {
  scenario::Lines lines;
  for (const Line& line : fields) lines.push_back(line.name + ": " + line.value);
  return lines;
}

bool is_chunked(const std::vector<Line>& fields) {
  return scenario::lower(find(fields, "Transfer-Encoding").value_or("")).ends_with("chunked");
}

bool is_framed(const std::vector<Line>& fields) {
  return find(fields, "Content-Length") || find(fields, "Transfer-Encoding");
}

std::string chunked(const std::string& body, const std::vector<Line>& trailers) {
  std::string text = body.empty() ? "" : scenario::chunk(body);
  text += "0\r\n";
  for (const Line& line : trailers) text += line.name + ": " + line.value + "\r\n";
  return text + "\r\n";
}

std::string request_of(const Step& step) {
  std::string text = step.method + " " + step.target + " " + step.version + "\r\n";
  if (!find(step.fields, "Host")) text += "Host: www.example.com\r\n";
  for (const std::string& line : wire_lines(step.fields)) text += line + "\r\n";
  if (is_chunked(step.fields)) return text + "\r\n" + chunked(step.body, {});
  if (!step.body.empty() && !is_framed(step.fields)) {
    text += "Content-Length: " + std::to_string(step.body.size()) + "\r\n";
  }
  return text + "\r\n" + step.body;
}

bool has_no_body(const Answer& answer) {
  return answer.status < 200 || answer.status == 204 || answer.status == 304;
}

// The length as the case gives it may lie; else it is added.
std::string response_of(const Answer& answer, bool is_head) {
  std::string text = answer.version + " " + std::to_string(answer.status) + " Answer\r\n";
  for (const std::string& line : wire_lines(answer.fields)) text += line + "\r\n";
  if (!is_framed(answer.fields) && !has_no_body(answer) && !is_head) {
    text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  }
  text += "\r\n";
  if (is_head || has_no_body(answer)) return text;
  return text + (is_chunked(answer.fields) ? chunked(answer.body, answer.trailers) : answer.body);
}

std::string interim_of(const Interim& interim) {
  std::string text = "HTTP/1.1 " + std::to_string(interim.status) + " Interim\r\n";
  if (interim.field) text += interim.field->name + ": " + interim.field->value + "\r\n";
  return text + "\r\n";
}

std::vector<Line> lines_of_fields(const scenario::Fields& fields) {
  std::vector<Line> lines;
  for (const auto& [name, value] : fields) lines.push_back({name, value});
  return lines;
}

// What comes after such a response on its connection is not known to be the next one.
bool must_close(const Answer& answer) {
  const auto length = find(answer.fields, "Content-Length");
  const auto coding = find(answer.fields, "Transfer-Encoding");
  return (length && *length != std::to_string(answer.body.size())) ||
         (coding && !is_chunked(answer.fields)) ||
         find(answer.fields, "Connection").value_or("") == "close" || answer.version == "HTTP/1.0";
}

}  // namespace

SocketPlayer::SocketPlayer(const MakeStand& make_stand)
    : upstream_([this](scenario::Request request) { answer(script_, std::move(request)); }),
      stand_(make_stand(upstream_)) {}

// On the upstream's thread. Beyond its script it closes; a Larder that then tries another connection, since
// the first one had been idle, has asked once.
void SocketPlayer::answer(Script& script, scenario::Request request) {
  Answer chosen;
  chosen.kind = Answer::Kind::close;
  {
    const std::lock_guard lock(script.mutex);
    const bool is_again = script.next > 0 && script.next == script.answers.size() &&
                          script.answers.back().kind == Answer::Kind::close;
    if (script.next < script.answers.size()) chosen = script.answers[script.next++];
    if (!is_again) {
      script.asked.push_back({request.method(), request.target(), lines_of(request.head().text)});
    }
  }
  if (chosen.kind != Answer::Kind::response) return request.close();
  for (const Interim& interim : chosen.interim) request.send(interim_of(interim));
  request.send(response_of(chosen, request.method() == "HEAD"));
  if (must_close(chosen)) return request.close();
  request.finish();
}

Seen SocketPlayer::exchange(const Step& step) {
  {
    const std::lock_guard lock(script_.mutex);
    script_.answers = step.answers;
    script_.next = 0;
    script_.asked.clear();
  }
  const bool refuses = std::any_of(step.answers.begin(), step.answers.end(),
                                   [](const Answer& answer) { return answer.kind == Answer::Kind::refuse; });
  if (refuses) upstream_.stop();
  Seen seen = ask(step);
  stand_->settle();
  if (refuses) upstream_.start();
  const std::lock_guard lock(script_.mutex);
  seen.asked = script_.asked;
  return seen;
}

Seen SocketPlayer::ask(const Step& step) const {
  scenario::Connection visitor(stand_->port());
  visitor.send(request_of(step));
  const scenario::Response response = visitor.read_response(step.method);
  Seen seen;
  seen.status = response.status;
  seen.fields = lines_of(response.head.text);
  seen.body = response.body;
  seen.is_broken = !response.is_complete;
  seen.is_from_store = response.is_hit();
  for (const scenario::Interim& interim : response.interim) {
    seen.interim.push_back({interim.status, lines_of_fields(interim.fields)});
  }
  seen.trailers = lines_of_fields(response.trailers);
  return seen;
}

}  // namespace conformance
