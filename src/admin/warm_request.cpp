#include "larder/admin/warm_request.hpp"

#include <array>
#include <optional>

#include "admin/json.hpp"
#include "larder/base/text.hpp"
#include "larder/http/target.hpp"

namespace larder::admin {
namespace {

using Problem = std::optional<WarmError>;

constexpr std::array<std::string_view, 6> member_names = {"urls",        "sitemap", "hot",
                                                          "concurrency", "rate",    "force"};

Problem unknown_member(std::string_view name) {
  std::string message = "unknown member '" + std::string(name) + "'";
  if (const auto nearest = base::nearest_word(name, member_names)) {
    message += "; did you mean '" + std::string(*nearest) + "'?";
  } else {
    message += "; expected urls, sitemap, hot, concurrency, rate or force";
  }
  return WarmError{std::move(message)};
}

std::string shown(const std::string& text) {
  return "\"" + text.substr(0, 200) + "\"";
}

Problem check_url(const std::string& url, const config::Config& config) {
  http::Target target;
  if (http::parse_url(url, target) != http::TargetError::none)
    return WarmError{shown(url) + " is no http or https URL"};
  if (!config.hosts.empty() && !config.canonical_host(target.host))
    return WarmError{shown(url) + " is not of one of 'hosts'"};
  return std::nullopt;
}

Problem read_url(const nlohmann::json& value, const config::Config& config, WarmOrder& order) {
  if (!value.is_string()) return WarmError{"'urls' expects texts such as \"https://www.example.com/\""};
  const auto& url = value.get_ref<const std::string&>();
  if (Problem problem = check_url(url, config)) return problem;
  order.urls.push_back(url);
  return std::nullopt;
}

Problem read_sitemap(const nlohmann::json& value, const config::Config& config, WarmOrder& order) {
  if (!value.is_string())
    return WarmError{"'sitemap' expects a text such as \"https://www.example.com/sitemap.xml\""};
  order.sitemap = value.get<std::string>();
  return check_url(order.sitemap, config);
}

Problem read_urls(const nlohmann::json& value, const config::Config& config, WarmOrder& order) {
  if (!value.is_array() || value.empty())
    return WarmError{"'urls' expects a list such as [\"https://www.example.com/\"]"};
  for (const nlohmann::json& item : value) {
    if (Problem problem = read_url(item, config, order)) return problem;
  }
  return std::nullopt;
}

Problem read_count(const nlohmann::json& value, std::string_view name, std::uint32_t max,
                   std::uint32_t& target) {
  const bool is_count =
      value.is_number_unsigned() && value.get<std::uint64_t>() >= 1 && value.get<std::uint64_t>() <= max;
  if (!is_count)
    return WarmError{"'" + std::string(name) + "' expects a whole number from 1 to " + std::to_string(max)};
  target = value.get<std::uint32_t>();
  return std::nullopt;
}

Problem read_member(const std::string& name, const nlohmann::json& value, const config::Config& config,
                    WarmOrder& order) {
  if (name == "urls") return read_urls(value, config, order);
  if (name == "sitemap") return read_sitemap(value, config, order);
  if (name == "hot") return read_count(value, name, warm_hot_max, order.hot);
  if (name == "concurrency") return read_count(value, name, warm_concurrency_max, order.concurrency);
  if (name == "rate") return read_count(value, name, warm_rate_max, order.rate);
  if (name != "force") return unknown_member(name);
  if (!value.is_boolean()) return WarmError{"'force' expects true or false"};
  order.is_forced = value.get<bool>();
  return std::nullopt;
}

}  // namespace

std::variant<WarmOrder, WarmError> warm_order_of(std::string_view json, const config::Config& config) {
  auto parsed = parse_json(json);
  if (const auto* error = std::get_if<JsonError>(&parsed)) return WarmError{error->message};
  const auto& body = std::get<nlohmann::json>(parsed);
  if (!body.is_object())
    return WarmError{"expected an object such as {\"urls\": [\"https://www.example.com/\"]}"};
  WarmOrder order;
  for (const auto& [name, value] : body.items()) {
    if (Problem problem = read_member(name, value, config, order)) return *problem;
  }
  const int sources = !order.urls.empty() + !order.sitemap.empty() + (order.hot > 0);
  if (sources != 1) return WarmError{"expected one of 'urls', 'sitemap' and 'hot'"};
  return order;
}

}  // namespace larder::admin
