#include "proxy/tag_reader.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <variant>

#include "larder/base/text.hpp"
#include "larder/cache/selector.hpp"
#include "larder/cache/stored_response.hpp"

namespace larder::proxy {
namespace {

using nlohmann::json;

// "/a~1b/c" -> "a/b", "c" (RFC 6901 section 4)
std::vector<std::string> parts_of(std::string_view pointer) {
  std::vector<std::string> parts;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    std::string part(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(part.size());
    for (std::size_t at = 0; (at = part.find('~', at)) != std::string::npos; ++at) {
      part[at] = part[at + 1] == '1' ? '/' : '~';
      part.erase(at + 1, 1);
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

// The labels by which a purge of `label` finds it: as a tag, and as a capture, which is written as in a path.
void add_labels(const std::string& label, std::vector<std::string>& tags) {
  const auto add = [&tags](const std::string& tag) {
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
  };
  add(label);
  const auto parsed = cache::parse_selector(label);
  const auto* selector = std::get_if<cache::Selector>(&parsed);
  if (selector != nullptr && selector->kind == cache::SelectorKind::capture) add(selector->value);
}

// Follows the parser through the text, and builds nothing but the tags.
class Finder : public json::json_sax_t {
 public:
  explicit Finder(const std::vector<cache::BodyTagRule>& rules) {
    for (const cache::BodyTagRule& rule : rules) rules_.push_back({&rule, parts_of(rule.pointer)});
  }
  std::vector<std::string>& tags() noexcept { return tags_; }

  bool null() override { return next_item(); }
  bool boolean(bool value) override { return scalar(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return scalar(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return scalar(text); }
  bool string(string_t& value) override { return scalar(value); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return enter(false); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(true); }
  bool end_array() override { return leave(); }
  bool key(string_t& name) override {
    frames_.back().name = name;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override { return false; }

 private:
  struct Frame {
    bool is_array = false;
    std::size_t index = 0;  // of an array's item
    std::string name;       // of an object's member
  };
  struct Rule {
    const cache::BodyTagRule* rule;
    std::vector<std::string> parts;
  };

  bool enter(bool is_array) {
    frames_.push_back({is_array, 0, {}});
    return frames_.size() <= json_depth_max;
  }
  bool leave() {
    frames_.pop_back();
    return next_item();
  }
  bool next_item() {
    if (!frames_.empty() && frames_.back().is_array) ++frames_.back().index;
    return true;
  }

  // An array stands for each of its items, unless the pointer names one by its index.
  bool is_at(const std::vector<std::string>& parts) const {
    auto part = parts.begin();
    for (const Frame& frame : frames_) {
      if (!frame.is_array) {
        if (part == parts.end() || *part != frame.name) return false;
        ++part;
        continue;
      }
      const auto index = part == parts.end() ? std::nullopt : base::parse_uint(*part);
      if (!index) continue;
      if (*index != frame.index) return false;
      ++part;
    }
    return part == parts.end();
  }

  bool scalar(const std::string& value) {
    for (const Rule& rule : rules_) {
      if (value.empty() || !is_at(rule.parts)) continue;
      add_labels(rule.rule->before + value + rule.rule->after, tags_);
      if (tags_.size() > cache::tags_max || tags_.back().size() > cache::tag_size_max) return false;
    }
    return next_item();
  }

  std::vector<Rule> rules_;
  std::vector<Frame> frames_;
  std::vector<std::string> tags_;
};

}  // namespace

bool has_tags_in_body(const cache::RoutePolicy& policy, const http::ResponseHead& head) {
  if (policy.tags_from.empty()) return false;
  const std::string_view type = head.fields.find(http::FieldId::content_type).value_or("");
  const std::string essence = base::lower(base::trim(type.substr(0, type.find(';'))));
  return essence == "application/json" || essence == "text/json" || essence.ends_with("+json");
}

std::optional<std::vector<std::string>> tags_in_json(std::string_view text,
                                                     const std::vector<cache::BodyTagRule>& rules) {
  Finder finder(rules);
  if (!json::sax_parse(text, &finder)) return std::nullopt;
  return std::move(finder.tags());
}

TagReader::TagReader(const std::vector<cache::BodyTagRule>& rules, const http::ResponseHead& head)
    : rules_(rules), unfolder_(head, text_size_max) {}

cache::Reason TagReader::read(std::string_view bytes) {
  const bool is_read = unfolder_.feed(bytes, [this](std::string_view text) {
    text_.append(text);
    return text_.size() <= text_size_max;
  });
  return is_read ? cache::Reason::none : unread();
}

cache::Reason TagReader::end() {
  auto tags = unfolder_.is_whole() ? tags_in_json(text_, rules_) : std::nullopt;
  text_.clear();
  text_.shrink_to_fit();
  if (!tags) return unread();
  tags_ = std::move(*tags);
  return cache::Reason::none;
}

}  // namespace larder::proxy
