#include "larder/config/redis.hpp"

#include <algorithm>

#include "larder/base/text.hpp"
#include "sections.hpp"
#include "values.hpp"

namespace larder::config {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t name_space_size_max = 64;
// Shorter than the least of it, a hiccup of the network would count as a loss; longer than the most, a purge
// could not wait for a dead replica's and be answered within the lease and a second.
constexpr Range<base::Duration> lease_range{500ms, 9s};
constexpr Range<base::Duration> serve_for_range{1s, 24h * 30};
// A miss waits for so long when Redis stalls, before it goes on without it.
constexpr Range<base::Duration> read_budget_range{1ms, 5s};

bool is_name_space(std::string_view text) {
  return !text.empty() && text.size() <= name_space_size_max &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '_' ||
                  c == '.' || c == '-';
         });
}

void read_name_space(const Value& value, Redis& redis) {
  constexpr std::string_view what = "a name of 1 to 64 letters, digits and ._-";
  const auto text = value.text(what);
  if (!text) return;
  if (!is_name_space(*text)) return value.expected(what);
  redis.name_space = *text;
}

void read_ca(const Value& value, Redis& redis) {
  const auto path = value.text("the path of a file of certificates (PEM)");
  if (!path) return;
  redis.ca_file = *path;
  const auto& read_file = value.reader().surroundings().read_file;
  auto content = read_file ? read_file(*path) : std::nullopt;
  if (!content) return value.fail("cannot read the file \"" + *path + "\"");
  if (content->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    return value.fail("expected certificates in PEM in the file");
  }
  redis.ca = std::move(*content);
}

struct Keys {
  std::optional<Value> url;
  std::optional<Value> password;
  std::optional<Value> password_file;
  std::optional<Value> ca;
};

// Messages about the URL show nothing of it: it may hold a password.
void read_url(const Value& value, Redis& redis) {
  if (!value.is_text()) return value.expected("a URL such as redis://127.0.0.1:6379/0");
  const auto url = value.text("a URL such as redis://127.0.0.1:6379/0");
  if (!url) return;
  if (const auto problem = parse_redis_url(*url, redis)) value.fail(*problem);
}

void read_password(const Keys& keys, Redis& redis) {
  if (!keys.password && !keys.password_file) {
    if (!redis.user.empty() && redis.password.empty()) {
      keys.url->fail("expected a password beside the user, in the URL or as 'password' or 'password_file'");
    }
    return;
  }
  const bool is_in_url = !redis.password.empty();
  std::string password = read_secret(keys.password, keys.password_file);
  if (is_in_url) {
    const Value& key = keys.password ? *keys.password : *keys.password_file;
    key.fail_at_key("expected this or the password of the URL, not both");
  }
  redis.password = std::move(password);
}

}  // namespace

std::string_view name_of(OnLoss on_loss) noexcept {
  constexpr std::string_view names[] = {"revalidate", "serve", "bypass"};
  return names[static_cast<std::size_t>(on_loss)];
}

void read_redis(const Value& value, Config& config) {
  Redis redis;
  Keys keys;
  Choices<OnLoss> choices;
  for (const OnLoss on_loss : {OnLoss::revalidate, OnLoss::serve, OnLoss::bypass}) {
    choices.emplace_back(name_of(on_loss), on_loss);
  }
  value.section({{"url", into(keys.url)},
                 {"password", into(keys.password)},
                 {"password_file", into(keys.password_file)},
                 {"ca", into(keys.ca)},
                 {"namespace", [&](const Value& v) { read_name_space(v, redis); }},
                 {"on_loss", into(redis.on_loss, std::move(choices))},
                 {"lease", into(redis.lease, lease_range)},
                 {"serve_for", into(redis.serve_for, serve_for_range)},
                 {"read_budget", into(redis.read_budget, read_budget_range)}});
  if (!value.is_map()) return;
  if (!keys.url) return value.fail("'url' is missing; expected such as url: \"redis://127.0.0.1:6379/0\"");
  read_url(*keys.url, redis);
  read_password(keys, redis);
  if (keys.ca) {
    if (!redis.uses_tls) keys.ca->fail_at_key("has a meaning with a rediss:// URL only");
    read_ca(*keys.ca, redis);
  }
  config.redis = std::move(redis);
}

}  // namespace larder::config
