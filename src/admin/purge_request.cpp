#include "larder/admin/purge_request.hpp"

#include <array>
#include <utility>

#include "admin/json.hpp"
#include "larder/base/text.hpp"
#include "larder/http/target.hpp"

namespace larder::admin {
namespace {

constexpr std::array<std::string_view, 4> member_names = {"select", "mode", "refresh", "dry_run"};

constexpr std::string_view dry_run_field = "Larder-Dry-Run";

PurgeError unknown_member(std::string_view name) {
  std::string message = "unknown member '" + std::string(name) + "'";
  if (const auto nearest = base::nearest_word(name, member_names)) {
    message += "; did you mean '" + std::string(*nearest) + "'?";
  } else {
    message += "; expected select, mode, refresh or dry_run";
  }
  return {std::move(message)};
}

using Problem = std::optional<PurgeError>;

Problem read_selector(const nlohmann::json& value, PurgeOrder& order) {
  if (!value.is_string()) return PurgeError{"'select' expects texts such as \"path:/blog/\""};
  const auto& text = value.get_ref<const std::string&>();
  auto selector = cache::parse_selector(text);
  if (const auto* error = std::get_if<cache::SelectorError>(&selector)) {
    return PurgeError{"bad selector \"" + text.substr(0, 200) + "\": " + error->message};
  }
  order.selectors.push_back(std::move(std::get<cache::Selector>(selector)));
  return std::nullopt;
}

Problem read_select(const nlohmann::json& value, PurgeOrder& order) {
  if (!value.is_array() || value.empty()) {
    return PurgeError{"'select' expects a list of selectors, such as [\"path:/blog/\", \"slug:hello\"]"};
  }
  if (value.size() > cache::selectors_max) {
    return PurgeError{"'select' expects at most " + std::to_string(cache::selectors_max) + " selectors"};
  }
  for (const nlohmann::json& item : value) {
    if (Problem problem = read_selector(item, order)) return problem;
  }
  return std::nullopt;
}

Problem read_mode(const nlohmann::json& value, PurgeOrder& order) {
  if (value == "hard") {
    order.mode = cache::PurgeMode::hard;
  } else if (value == "soft") {
    order.mode = cache::PurgeMode::soft;
  } else {
    return PurgeError{"'mode' expects \"hard\" or \"soft\""};
  }
  return std::nullopt;
}

Problem read_refresh(const nlohmann::json& value, PurgeOrder& order) {
  if (!value.is_boolean()) return PurgeError{"'refresh' expects true or false"};
  order.wants_refresh = value.get<bool>();
  return std::nullopt;
}

Problem read_dry_run(const nlohmann::json& value, PurgeOrder& order) {
  if (!value.is_boolean()) return PurgeError{"'dry_run' expects true or false"};
  order.is_dry_run = value.get<bool>();
  return std::nullopt;
}

Problem read_member(const std::string& name, const nlohmann::json& value, PurgeOrder& order) {
  if (name == "select") return read_select(value, order);
  if (name == "mode") return read_mode(value, order);
  if (name == "refresh") return read_refresh(value, order);
  if (name == "dry_run") return read_dry_run(value, order);
  return unknown_member(name);
}

}  // namespace

std::variant<PurgeOrder, PurgeError> order_of_purge(const Request& request) {
  http::RequestHead head;
  head.method_text = request.method;
  head.target = request.target;
  head.fields = request.fields;
  http::Target target;
  if (http::request_target(head, "http", target) != http::TargetError::none) {
    return PurgeError{"PURGE expects a path and one valid Host, or a http URL"};
  }
  const bool has_path = target.form == http::TargetForm::origin || target.form == http::TargetForm::absolute;
  if (!has_path) return PurgeError{"PURGE expects a path that begins with '/', or a http URL"};
  // The scheme does not matter to a purge: a site on https is named with its own default port.
  const std::optional<std::string> host = http::normalise_host(target.host, "https");
  if (!host || host->empty()) return PurgeError{"PURGE expects a valid Host"};
  // Refused rather than guessed: who asks for a dry run must not get a purge.
  const std::string_view dry_run = request.fields.find(dry_run_field).value_or("false");
  if (dry_run != "true" && dry_run != "false") return PurgeError{"Larder-Dry-Run expects true or false"};
  PurgeOrder order;
  order.selectors.push_back(cache::purge_selector(*host, target.path));
  order.is_dry_run = dry_run == "true";
  return order;
}

std::variant<PurgeOrder, PurgeError> order_of_body(std::string_view json) {
  auto parsed = parse_json(json);
  if (const auto* error = std::get_if<JsonError>(&parsed)) return PurgeError{error->message};
  const auto& body = std::get<nlohmann::json>(parsed);
  if (!body.is_object()) return PurgeError{"expected an object such as {\"select\": [\"path:/blog/\"]}"};
  PurgeOrder order;
  for (const auto& [name, value] : body.items()) {
    if (Problem problem = read_member(name, value, order)) return *problem;
  }
  if (order.selectors.empty()) return PurgeError{"'select' is missing; expected a list of selectors"};
  return order;
}

}  // namespace larder::admin
