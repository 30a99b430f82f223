#include <algorithm>

#include "larder/base/text.hpp"
#include "larder/config/redis.hpp"

namespace larder::config {
namespace {

using Problem = std::optional<std::string>;

constexpr std::string_view redis_port = "6379";
constexpr std::string_view sentinel_port = "26379";
// More than anybody configures (`databases`, 16 by default).
constexpr std::uint64_t database_max = 65'535;
// A majority of more would take longer to ask than to wait for.
constexpr std::size_t sentinels_max = 16;

bool is_master_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '.' ||
           c == '-' || c == '_';
  });
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = base::hex_value(text[i + 1]);
    const int low = base::hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_master_name({&c, 1})) {  // letters, digits and marks that stand for themselves everywhere
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.append("%").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return encoded;
}

Problem read_credentials(std::string_view text, Redis& redis) {
  const std::size_t colon = text.find(':');
  auto user = percent_decoded(text.substr(0, colon));
  auto password = colon == std::string_view::npos ? std::string() : percent_decoded(text.substr(colon + 1));
  if (!user || !password) return "expected two hexadecimal digits after each % of user and password";
  redis.user = std::move(*user);
  redis.password = std::move(*password);
  return std::nullopt;
}

Problem read_database(std::string_view text, Redis& redis) {
  const auto database = base::parse_uint(text);
  if (!database || *database > database_max) {
    return "expected the number of a database, from 0 to " + std::to_string(database_max) + ", at the end";
  }
  redis.database = static_cast<std::uint32_t>(*database);
  return std::nullopt;
}

Problem read_server(std::string_view text, std::string_view port, Redis& redis) {
  std::string address(text);
  const std::size_t bracket = text.rfind(']');
  if (text.find(':', bracket == std::string_view::npos ? 0 : bracket) == std::string_view::npos) {
    address.append(":").append(port);
  }
  auto server = parse_address(address);
  // An empty host would mean every interface, which nobody can connect to.
  if (!server || server->is_unix() || server->host.empty()) {
    return "expected a host such as redis.internal or [::1], and a port from 1 to 65535 after a colon";
  }
  if (std::find(redis.servers.begin(), redis.servers.end(), *server) != redis.servers.end()) {
    return "expected each sentinel once";  // a majority counts them
  }
  redis.servers.push_back(std::move(*server));
  return std::nullopt;
}

Problem read_unix(std::string_view path, Redis& redis) {
  const std::size_t mark = path.find('?');
  auto address = parse_address("unix:" + std::string(path.substr(0, mark)));
  if (!address) return "expected the absolute path of a socket, of at most 107 bytes";
  redis.servers.push_back(std::move(*address));
  if (mark == std::string_view::npos) return std::nullopt;
  const std::string_view query = path.substr(mark + 1);
  if (!query.starts_with("db=")) return "expected nothing but ?db=N after the path";
  return read_database(query.substr(3), redis);
}

// "host:port/database"
Problem read_tcp(std::string_view rest, Redis& redis) {
  const std::size_t slash = rest.find('/');
  if (auto problem = read_server(rest.substr(0, slash), redis_port, redis)) return problem;
  const std::string_view database = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  if (database.empty()) return std::nullopt;
  return read_database(database, redis);
}

// "host:port,host:port/master/database"
Problem read_sentinels(std::string_view rest, Redis& redis) {
  const std::size_t slash = rest.find('/');
  std::string_view path = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  std::string_view list = rest.substr(0, slash);
  for (;;) {
    const std::size_t comma = list.find(',');
    if (auto problem = read_server(list.substr(0, comma), sentinel_port, redis)) return problem;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  if (redis.servers.size() > sentinels_max) {
    return "expected at most " + std::to_string(sentinels_max) + " sentinels";
  }
  const std::size_t end = path.find('/');
  redis.master_name = path.substr(0, end);
  if (!is_master_name(redis.master_name)) {
    return "expected the master's name, of letters, digits and .-_, after the sentinels: "
           "sentinel://host1,host2,host3/mymaster";
  }
  if (end == std::string_view::npos || end + 1 == path.size()) return std::nullopt;
  return read_database(path.substr(end + 1), redis);
}

}  // namespace

std::optional<std::string> parse_redis_url(std::string_view url, Redis& redis) {
  if (url.starts_with("unix:/") && !url.starts_with("unix://")) return read_unix(url.substr(5), redis);
  const std::size_t mark = url.find("://");
  const std::string_view scheme = url.substr(0, mark);
  const bool is_unix = scheme == "redis+unix";
  const bool is_tcp = scheme == "redis" || scheme == "rediss";
  if (mark == std::string_view::npos || (!is_unix && !is_tcp && scheme != "sentinel")) {
    return "expected redis://host:6379/0, rediss://host, unix:/path, redis+unix:///path?db=0 or "
           "sentinel://host1,host2,host3/mymaster";
  }
  redis.uses_tls = scheme == "rediss";
  std::string_view rest = url.substr(mark + 3);
  // The password may hold an @, the rest may not; a / before it belongs to neither.
  const std::size_t at = rest.substr(0, rest.find('/')).rfind('@');
  if (at != std::string_view::npos) {
    if (auto problem = read_credentials(rest.substr(0, at), redis)) return problem;
    rest.remove_prefix(at + 1);
  }
  if (is_unix) return read_unix(rest, redis);
  return is_tcp ? read_tcp(rest, redis) : read_sentinels(rest, redis);
}

std::string url_of(const Redis& redis) {
  if (redis.servers.empty()) return {};
  const std::string credentials = redis.user.empty() ? "" : percent_encoded(redis.user) + "@";
  const std::string database = redis.database == 0 ? "" : std::to_string(redis.database);
  if (redis.servers.front().is_unix()) {
    const std::string query = database.empty() ? "" : "?db=" + database;
    return "redis+unix://" + credentials + redis.servers.front().unix_path + query;
  }
  std::string url = redis.uses_sentinel() ? "sentinel://" : redis.uses_tls ? "rediss://" : "redis://";
  url += credentials;
  for (std::size_t i = 0; i < redis.servers.size(); ++i) {
    url.append(i > 0 ? "," : "").append(text_of(redis.servers[i]));
  }
  if (redis.uses_sentinel()) url.append("/").append(redis.master_name);
  return database.empty() ? url : url + "/" + database;
}

}  // namespace larder::config
