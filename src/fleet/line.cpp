#include "larder/fleet/line.hpp"

#include <nlohmann/json.hpp>

namespace larder::fleet {
namespace {

using Json = nlohmann::json;

// Kinds, modes and causes are written as numbers: all replicas of a site run one version of them, and a line
// that another version wrote is read as one for everything.
constexpr int version = 1;

template <typename Enum>
std::optional<Enum> read_enum(const Json& value, Enum last) {
  if (!value.is_number_unsigned()) return std::nullopt;
  const auto number = value.get<std::uint64_t>();
  if (number > static_cast<std::uint64_t>(last)) return std::nullopt;
  return static_cast<Enum>(number);
}

std::optional<std::string> read_text(const Json& value) {
  if (!value.is_string()) return std::nullopt;
  return value.get<std::string>();
}

std::optional<cache::Selector> read_selector(const Json& value) {
  if (!value.is_array() || value.size() != 3) return std::nullopt;
  const auto kind = read_enum(value[0], cache::SelectorKind::capture);
  auto text = read_text(value[1]);
  auto host = read_text(value[2]);
  if (!kind || !text || !host) return std::nullopt;
  return cache::Selector{*kind, std::move(*text), std::move(*host)};
}

// What a peer or an event put into a name need not be UTF-8.
std::string dumped(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

// Selectors are bytes, and have to come back as they were.
std::string as_latin1(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text.push_back(c);
    } else {
      text.push_back(static_cast<char>(0xc0U | (byte >> 6U)));
      text.push_back(static_cast<char>(0x80U | (byte & 0x3fU)));
    }
  }
  return text;
}

std::string from_latin1(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80 || i + 1 == text.size()) {
      bytes.push_back(text[i]);
    } else {
      const auto next = static_cast<unsigned char>(text[++i]);
      bytes.push_back(static_cast<char>(((byte & 0x03U) << 6U) | (next & 0x3fU)));
    }
  }
  return bytes;
}

}  // namespace

std::string text_of(const Line& line) {
  Json selectors = Json::array();
  for (const cache::Selector& selector : line.selectors) {
    selectors.push_back({static_cast<unsigned>(selector.kind), as_latin1(selector.value), selector.host});
  }
  const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(line.at.time_since_epoch()).count();
  return dumped({{"v", version},
                 {"s", std::move(selectors)},
                 {"m", static_cast<unsigned>(line.mode)},
                 {"t", at},
                 {"c", static_cast<unsigned>(line.origin.cause)},
                 {"d", line.origin.detail},
                 {"p", line.origin.peer}});
}

std::optional<Line> parse_line(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("v", Json()) != version) return std::nullopt;
  Line line;
  const Json selectors = json.value("s", Json());
  if (!selectors.is_array()) return std::nullopt;
  for (const Json& item : selectors) {
    auto selector = read_selector(item);
    if (!selector) return std::nullopt;
    selector->value = from_latin1(selector->value);
    line.selectors.push_back(std::move(*selector));
  }
  const auto mode = read_enum(json.value("m", Json()), cache::PurgeMode::soft);
  const auto cause = read_enum(json.value("c", Json()), cache::PurgeCause::epoch);
  auto detail = read_text(json.value("d", Json()));
  auto peer = read_text(json.value("p", Json()));
  const Json at = json.value("t", Json());
  if (!mode || !cause || !detail || !peer || !at.is_number_integer()) return std::nullopt;
  line.mode = *mode;
  line.at = base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(
      std::chrono::milliseconds(at.get<std::int64_t>())));
  line.origin = {*cause, std::move(*detail), std::move(*peer)};
  return line;
}

Line line_of_all(base::WallTime at, std::string detail) {
  return {{{cache::SelectorKind::all, {}, {}}},
          cache::PurgeMode::hard,
          at,
          {cache::PurgeCause::epoch, std::move(detail), {}}};
}

}  // namespace larder::fleet
