// Heads as text, and what the writer makes of them.
#pragma once
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "proxy/head_writer.hpp"

namespace larder::proxy::fixture {

inline net::Peer peer_at(std::string_view address) {
  net::Peer peer;
  peer.text.assign(address);
  peer.is_unix = address == "unix";
  if (const auto ip = config::parse_ip(address)) peer.ip = *ip;
  return peer;
}

// A head that owns the text it views.
class Head {
 public:
  explicit Head(std::string text) : text_(std::make_unique<const std::string>(std::move(text))) {
    const http::HeadResult result = http::parse_request_head(*text_, {}, head_);
    if (result.error != http::HeadError::none) throw std::runtime_error("no head: " + *text_);
  }
  const std::string& text() const { return *text_; }
  const http::RequestHead& operator*() const { return head_; }
  const http::RequestHead* operator->() const { return &head_; }
  // All lines of a name joined; empty when there is none.
  std::string operator[](std::string_view name) const { return head_.fields.joined(name).value_or(""); }
  bool has(std::string_view name) const { return head_.fields.has(name); }
  std::string start_line() const { return text_->substr(0, text_->find("\r\n")); }

 private:
  std::unique_ptr<const std::string> text_;
  http::RequestHead head_;
};

// "GET /page/?q=1" and the lines after it; the Host is www.example.com.
inline Head asked(std::string_view start, std::string_view lines = "") {
  std::string text(start);
  text.append(" HTTP/1.1\r\nHost: www.example.com\r\n").append(lines).append("\r\n");
  return Head(std::move(text));
}

struct Way {
  std::string peer = "203.0.113.7";
  bool is_trusted = false;
  Origin origin;
  ForwardOptions options;
};

// What goes upstream.
inline Head forwarded(const Head& request, Way way = {}) {
  if (way.options.host.empty()) way.options.host = "www.example.com";
  http::Target target;
  if (http::request_target(*request, way.origin.scheme, target) != http::TargetError::none)
    throw std::runtime_error("no target: " + request.text());
  base::TextBuffer text;
  write_request_head(*request, target, peer_at(way.peer), way.is_trusted, way.origin,
                     http::request_framing(*request), way.options, text);
  return Head(std::string(text.view()));
}

}  // namespace larder::proxy::fixture
