#include "larder/cache/codec.hpp"

#include <concepts>
#include <iterator>

#include "larder/base/hash.hpp"

namespace larder::cache {
namespace {

constexpr std::string_view magic = "LRD";
constexpr std::size_t checksum_at = magic.size() + 1;
// Milliseconds: 100,000 years, which sums of a few stay far from overflowing.
constexpr base::Duration::rep duration_max = 3'155'695'200'000'000;
constexpr std::size_t parts_at = checksum_at + sizeof(std::uint64_t);

class Writer {
 public:
  Writer() {
    bytes_.append(magic).push_back(codec_version);
    integer(std::uint64_t{0});  // the checksum's place
  }

  template <std::integral Integer>
  void integer(Integer value) {
    auto bits = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof(Integer); ++i, bits >>= 8U)
      bytes_.push_back(static_cast<char>(bits & 0xFFU));
  }
  void duration(base::Duration value) { integer(value.count()); }
  void wall(base::WallTime value) { duration(value.time_since_epoch()); }
  void optional_wall(const std::optional<base::WallTime>& value) {
    integer(value.has_value());
    wall(value.value_or(base::WallTime()));
  }
  void text(std::string_view value) {
    integer(static_cast<std::uint64_t>(value.size()));
    bytes_.append(value);
  }
  void texts(const PackedTexts& values) {
    integer(static_cast<std::uint32_t>(std::distance(values.begin(), values.end())));
    for (const std::string_view value : values) text(value);
  }
  void body(const StoredResponse& response) {
    integer(response.body_size());
    for (const std::string_view piece : response.pieces()) bytes_.append(piece);
  }

  std::string take() {
    Writer sum;
    sum.bytes_.clear();
    sum.integer(base::hash64(std::string_view(bytes_).substr(parts_at)));
    bytes_.replace(checksum_at, sum.bytes_.size(), sum.bytes_);
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

// Past the first thing that is not there, everything reads as empty and has_failed() says so.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <std::integral Integer>
  Integer integer() {
    const std::string_view bytes = take(sizeof(Integer));
    std::uint64_t bits = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) bits = (bits << 8U) | static_cast<unsigned char>(bytes[i]);
    return static_cast<Integer>(bits);
  }
  bool flag() { return integer<std::uint8_t>() != 0; }
  base::Duration duration() {
    const auto count = integer<base::Duration::rep>();
    has_failed_ = has_failed_ || count > duration_max || count < -duration_max;
    return base::Duration(has_failed_ ? 0 : count);
  }
  base::WallTime wall() { return base::WallTime(duration()); }
  std::optional<base::WallTime> optional_wall() {
    const bool is_there = flag();
    const base::WallTime value = wall();
    return is_there ? std::optional(value) : std::nullopt;
  }
  std::string_view text() { return take(integer<std::uint64_t>()); }
  std::vector<std::string> texts() {
    std::vector<std::string> values;
    // The count is not trusted with an allocation: each text is seen first.
    for (auto left = integer<std::uint32_t>(); left > 0 && !has_failed_; --left) values.emplace_back(text());
    return values;
  }
  bool has_failed() const noexcept { return has_failed_; }
  bool is_at_end() const noexcept { return rest_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    if (has_failed_ || size > rest_.size()) {
      has_failed_ = true;
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool has_failed_ = false;
};

void write_key(const KeyView& key, Writer& out) {
  out.text(key.text);
  for (const std::uint32_t at :
       {key.host_begin, key.path_begin, key.path_end, key.url_end, key.session_begin})
    out.integer(at);
}

CacheKey read_key(Reader& in) {
  CacheKey key;
  key.text = in.text();
  key.hash = base::hash64(key.text);
  for (std::uint32_t* const at :
       {&key.host_begin, &key.path_begin, &key.path_end, &key.url_end, &key.session_begin})
    *at = in.integer<std::uint32_t>();
  return key;
}

void write_head(const HeadView& head, Writer& out) {
  out.integer(static_cast<std::uint16_t>(head.status));
  out.text(head.text);
  out.text(head.hidden);
  for (const bool flag :
       {head.replaced_cache_control, head.generated_etag, head.added_vary, head.sets_cookie}) {
    out.integer(flag);
  }
  out.integer(head.etag_begin);
  out.integer(head.etag_size);
  out.optional_wall(head.last_modified);
  out.optional_wall(head.date);
}

StoredHead read_head(Reader& in) {
  StoredHead head;
  head.status = in.integer<std::uint16_t>();
  head.text = in.text();
  head.hidden = in.text();
  for (bool* const flag :
       {&head.replaced_cache_control, &head.generated_etag, &head.added_vary, &head.sets_cookie}) {
    *flag = in.flag();
  }
  head.etag_begin = in.integer<std::uint32_t>();
  head.etag_size = in.integer<std::uint32_t>();
  head.last_modified = in.optional_wall();
  head.date = in.optional_wall();
  return head;
}

void write_freshness(const Freshness& freshness, base::Now now, Writer& out) {
  out.wall(now.wall - (now.mono - freshness.received_at));
  for (const base::Duration value : {freshness.initial_age, freshness.lifetime,
                                     freshness.stale_while_revalidate, freshness.stale_if_error}) {
    out.duration(value);
  }
  for (const bool flag : {freshness.must_revalidate, freshness.always_revalidate, freshness.is_given_by_route,
                          freshness.may_answer_credentials, freshness.may_outlive_upstream}) {
    out.integer(flag);
  }
}

Freshness read_freshness(base::Now now, Reader& in) {
  Freshness freshness;
  freshness.received_at = now.mono - (now.wall - in.wall());
  for (base::Duration* const value : {&freshness.initial_age, &freshness.lifetime,
                                      &freshness.stale_while_revalidate, &freshness.stale_if_error}) {
    *value = in.duration();
  }
  for (bool* const flag :
       {&freshness.must_revalidate, &freshness.always_revalidate, &freshness.is_given_by_route,
        &freshness.may_answer_credentials, &freshness.may_outlive_upstream}) {
    *flag = in.flag();
  }
  return freshness;
}

// Would a reader of its views stay inside? The checksum speaks against chance, not against an old mistake.
bool is_sound(const ResponseDraft& response) noexcept {
  const CacheKey& key = response.key;
  const bool is_ordered =
      key.host_begin <= key.path_begin && key.path_begin <= key.path_end && key.path_end <= key.url_end &&
      key.url_end <= key.text.size() &&
      (key.session_begin == 0 || key.session_begin + std::tuple_size_v<base::DigestText> <= key.text.size());
  const StoredHead& head = response.head;
  return is_ordered && head.text.ends_with("\r\n") &&
         std::uint64_t{head.etag_begin} + head.etag_size <= head.text.size();
}

}  // namespace

std::string encode(const StoredResponse& response, base::Now now) {
  Writer out;
  write_key(response.key(), out);
  out.text(response.vary());
  out.text(response.secondary());
  write_head(response.head(), out);
  write_freshness(response.freshness, now, out);
  out.integer(response.sequence);
  out.integer(response.is_soft_outdated.load(std::memory_order_relaxed));
  out.texts(response.tags());
  out.texts(response.body_tags());
  out.texts(response.captures());
  out.body(response);
  return out.take();
}

std::optional<ResponseDraft> decode(std::string_view bytes, base::Now now) {
  if (bytes.size() < parts_at || bytes.substr(0, magic.size()) != magic) return std::nullopt;
  if (bytes[magic.size()] != codec_version) return std::nullopt;
  const auto checksum = Reader(bytes.substr(checksum_at)).integer<std::uint64_t>();
  if (checksum != base::hash64(bytes.substr(parts_at))) return std::nullopt;
  Reader in(bytes.substr(parts_at));
  ResponseDraft response;
  response.key = read_key(in);
  response.vary = in.text();
  response.secondary = in.text();
  response.head = read_head(in);
  response.freshness = read_freshness(now, in);
  response.sequence = in.integer<std::uint64_t>();
  response.is_soft_outdated = in.flag();
  response.tags = in.texts();
  response.body_tags = in.texts();
  response.captures = in.texts();
  const std::string_view body = in.text();
  if (in.has_failed() || !in.is_at_end() || !is_sound(response)) return std::nullopt;
  response.body = Body::complete(body);
  return response;
}

}  // namespace larder::cache
