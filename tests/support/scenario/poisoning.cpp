#include "support/scenario/poisoning.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <cstdlib>

namespace scenario {
namespace {

// The names of the site, and nothing else that its profile does not say.
constexpr const char* site = R"(profile: wagtail
hosts:
  - {name: www.example.com, aliases: [example.com]}
)";

std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && i + 2 < text.size() && std::isxdigit(text[i + 1]) != 0;
    if (is_escape) {
      result += static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

// The first of these that the request has.
std::string first_of(const Request& request, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (request.has(name)) return request[name];
  }
  return {};
}

std::string cookie(const Request& request, std::string_view name) {
  const std::string all = "; " + request["Cookie"] + ";";
  const std::size_t at = all.find("; " + std::string(name) + "=");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 3;
  return all.substr(begin, all.find(';', begin) - begin);
}

// Every line of the head, but for Via: it tells of the client's HTTP version, which no page shows. The token
// that Django knows again it puts into a form, and says so by a Set-Cookie.
std::string shown(const Request& request) {
  std::string text;
  std::string rest = request.head().text;
  for (std::size_t end = rest.find("\r\n"); end != std::string::npos; end = rest.find("\r\n")) {
    const std::string line = rest.substr(0, end);
    if (!lower(line).starts_with("via:")) text += line + "\n";
    rest.erase(0, end + 2);
  }
  return text + request.body();
}

// A method that some field asks for.
std::string method_of(const Request& request) {
  const std::string other = first_of(
      request, {"X-HTTP-Method-Override", "X_HTTP_Method_Override", "X-HTTP-Method", "X-Method-Override"});
  return other.empty() ? request.method() : other;
}

constexpr const char* lasting = "Cache-Control: max-age=60";

// What it answers to what it does not like; errors, too, say that they may be stored.
std::string refusal(const Request& request) {
  const auto error = [](const char* status) { return response_text(status, status, {lasting}); };
  // As gunicorn does, whose limit is below Larder's (limit_request_field_size).
  if (request.head().text.size() > 9000) return error("400 Bad Request");
  if (request.has("X-Odd")) return error("400 Bad Request");
  if (request.has("X-Too-Much")) return error("413 Content Too Large");
  if (request["Expect"] == "the-impossible") return error("417 Expectation Failed");
  if (request["Accept"] == "application/x-none") return error("406 Not Acceptable");
  if (request["Accept-Encoding"].find("identity;q=0") != std::string::npos)
    return error("406 Not Acceptable");
  if (request.has("X-Too-Often")) return error("429 Too Many Requests");
  if (request.has("If-Match") || request.has("If-Unmodified-Since")) return error("412 Precondition Failed");
  const std::string method = method_of(request);
  if (method == "DELETE") return error("404 Not Found");
  if (method == "GARBAGE") return error("501 Not Implemented");
  return {};
}

std::string page(const Request& request) {
  if (request.has("Range")) return response_text("206 Partial Content", "p", {"Content-Range: bytes 0-0/9"});
  if (request.has("If-None-Match") || request.has("If-Modified-Since"))
    return head_text("304 Not Modified", {});
  Lines lines{"Content-Type: text/html; charset=utf-8"};
  std::string body = shown(request);
  const std::string target = request.target();
  if (target.starts_with("/api/")) {
    // As django-cors-headers does, and as it should not be done.
    if (target.starts_with("/api/v2/")) lines.emplace_back("Vary: Origin");
    if (request.has("Origin")) lines.push_back("Access-Control-Allow-Origin: " + request["Origin"]);
  }
  if (target.starts_with("/translated/")) {
    lines.emplace_back("Vary: Accept-Language");
    body += "in " + first_of(request, {"Accept_Language", "Accept-Language"});
  }
  if (request["Accept-Encoding"] == "gzip") lines.emplace_back("Content-Encoding: gzip");  // without Vary
  if (!cookie(request, "csrftoken").empty()) {
    lines.push_back("Set-Cookie: csrftoken=" + cookie(request, "csrftoken"));
  }
  if (unescaped(target).find("account") != std::string::npos) {
    body = "account of " + cookie(request, "sessionid") + " " + request["Authorization"];
  }
  if (method_of(request) == "HEAD" && request.method() != "HEAD") body.clear();
  return ok(body, lines);
}

void answer(Request request) {
  const std::string error = refusal(request);
  const std::string response = error.empty() ? page(request) : error;
  const bool is_head = request.method() == "HEAD";
  request.respond(is_head ? response.substr(0, response.find("\r\n\r\n") + 4) : response);
}

struct Place {
  Upstream upstream;
  Larder larder;
  explicit Place(const Upstream::Handler& handler)
      : upstream(handler), larder(upstream, {.site = site, .upstream = {}, .public_listener = {}}) {}
};

std::string visit_text(const Attack& attempt) {
  Lines lines = attempt.lines;
  lines.insert(lines.begin(), "Host: " + attempt.host);
  return request_text("GET", attempt.target, lines);
}

// What a visitor sees, and what his browser obeys.
std::string seen(const Response& response) {
  std::string text = response.head.start_line + "\n";
  for (const char* name : {"Content-Type", "Content-Encoding", "Location", "Set-Cookie", "Vary",
                           "Cache-Control", "Access-Control-Allow-Origin"}) {
    if (response.has(name)) text += std::string(name) + ": " + response[name] + "\n";
  }
  return text + (response.is_complete ? "" : "(" + response.problem + ")\n") + response.body;
}

std::string visit(const Larder& larder, const Attack& attempt) {
  Connection visitor = larder.connect();
  visitor.send(visit_text(attempt));
  return seen(visitor.read_response());
}

void carry_out(const Larder& larder, const Attack& attempt) {
  Connection attacker = larder.connect();
  attacker.send(attempt.request);
  attacker.read_response(attempt.request.substr(0, attempt.request.find(' ')));
}

struct Seen {
  const char* when;
  std::string what;
};

Seen after_it(const Attack& attempt) {
  Place place(answer);
  carry_out(place.larder, attempt);
  carry_out(place.larder, attempt);
  return {"after it", visit(place.larder, attempt)};
}

Seen after_a_visit_and_it(const Attack& attempt) {
  Place place(answer);
  visit(place.larder, attempt);
  carry_out(place.larder, attempt);
  return {"stored before it", visit(place.larder, attempt)};
}

// The visitor comes while the attacker's request is with the upstream, if it gets there.
Seen amid_it(const Attack& attempt) {
  Gate gate;
  Place place([&gate](Request request) {
    gate.pass("the visitor to come");
    answer(std::move(request));
  });
  Connection attacker = place.larder.connect();
  attacker.send(attempt.request);
  wait_until("the attack to reach something",
             [&] { return place.upstream.requests() > 0 || attacker.has_bytes(); });
  const std::size_t before = place.upstream.requests();
  Connection visitor = place.larder.connect();
  visitor.send(visit_text(attempt));
  wait_until("the visitor to wait", [&] {
    return place.upstream.requests() > before || place.larder.site().flights.stats().joined > 0;
  });
  gate.open();
  return {"amid it", seen(visitor.read_response())};
}

std::vector<Seen> all_ways(const Attack& attempt) {
  return {after_it(attempt), after_a_visit_and_it(attempt), amid_it(attempt)};
}

std::string untouched(const Attack& attempt) {
  Place place(answer);
  return visit(place.larder, attempt);
}

}  // namespace

std::string attack(std::string_view target, const Lines& lines) {
  return request_text("GET", target, lines);
}

void check_harmless(const Attack& attempt) {
  const std::string expected = untouched(attempt);
  for (const Seen& seen : all_ways(attempt)) {
    INFO(seen.when);
    CHECK(seen.what == expected);
  }
}

bool changes_what_is_seen(const Attack& attempt) {
  const std::string expected = untouched(attempt);
  const std::vector<Seen> ways = all_ways(attempt);
  return std::any_of(ways.begin(), ways.end(), [&](const Seen& seen) { return seen.what != expected; });
}

}  // namespace scenario
