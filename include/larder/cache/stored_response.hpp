// A stored response: an immutable head, ready to send, a body that may still be growing, and what the policy
// and the purge log need to know of it. Shared between threads by StoredPtr; nothing in it changes but
// what the purge log notes in it.
//
// Its life: made by a flight at the response head (body growing) -> in the store, read by those who waited
// and by later hits -> landed (made anew around the compacted body, or joined to a part of the same) ->
// perhaps renewed by a 304 or a HEAD (a new head around the same body) -> outdated, superseded, expired past
// its grace, or evicted; freed with its last reader.
#pragma once
#include <array>
#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "larder/base/time.hpp"
#include "larder/cache/body.hpp"
#include "larder/cache/key.hpp"
#include "larder/cache/stored_head.hpp"
#include "larder/cache/vary.hpp"
#include "larder/http/fields.hpp"

namespace larder::cache {

// RFC 9111 section 4.2, fixed when the response was received.
struct Freshness {
  base::MonoTime received_at{};
  base::Duration initial_age{};  // corrected_initial_age, section 4.2.3
  base::Duration lifetime{};
  base::Duration stale_while_revalidate{};  // grace, RFC 5861; zero: none
  base::Duration stale_if_error{};
  bool must_revalidate = false;         // never stale: must-revalidate, proxy-revalidate, s-maxage
  bool always_revalidate = false;       // no-cache: stored, but asked for each time
  bool is_given_by_route = false;       // ttl.default, min, max, force or status_ttl decided the lifetime
  bool may_answer_credentials = false;  // public, must-revalidate or s-maxage: RFC 9111 section 3.5
  // Nobody has said for how long it may stand in for an upstream that cannot be reached.
  bool may_outlive_upstream = false;

  base::Duration age(base::MonoTime now) const noexcept { return initial_age + (now - received_at); }
  base::Duration remaining(base::MonoTime now) const noexcept { return lifetime - age(now); }
  // True when grace of any kind could still serve it after a soft purge.
  bool has_grace() const noexcept {
    return !must_revalidate && (stale_while_revalidate.count() > 0 || stale_if_error.count() > 0);
  }
};

// Some texts in a row, each behind its size in four bytes: the labels of a stored response. A view.
class PackedTexts {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::string_view*;
    using reference = std::string_view;

    Iterator() = default;
    explicit Iterator(const char* at) noexcept : at_(at) {}
    std::string_view operator*() const noexcept { return {at_ + sizeof(std::uint32_t), size()}; }
    Iterator& operator++() noexcept {
      at_ += sizeof(std::uint32_t) + size();
      return *this;
    }
    Iterator operator++(int) noexcept {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    std::uint32_t size() const noexcept {
      std::uint32_t size = 0;
      std::memcpy(&size, at_, sizeof(size));
      return size;
    }
    const char* at_ = nullptr;
  };

  explicit PackedTexts(std::string_view packed) noexcept : packed_(packed) {}
  Iterator begin() const noexcept { return Iterator(packed_.data()); }
  Iterator end() const noexcept { return Iterator(packed_.data() + packed_.size()); }
  bool empty() const noexcept { return packed_.empty(); }

 private:
  std::string_view packed_;
};

// The bytes of a body that is whole, in order, at their final addresses. Valid as long as what it is of.
class BodyPieces {
 public:
  explicit BodyPieces(std::span<const std::string_view> pieces) noexcept
      : elsewhere_(pieces.data()), count_(pieces.size()) {}
  // Where the first is empty, so is the second.
  BodyPieces(std::string_view first, std::string_view second) noexcept
      : own_{first, second}, count_((first.empty() ? 0 : 1) + (second.empty() ? 0 : 1)) {}
  const std::string_view* begin() const noexcept { return elsewhere_ ? elsewhere_ : own_.data(); }
  const std::string_view* end() const noexcept { return begin() + count_; }
  std::size_t size() const noexcept { return count_; }

 private:
  const std::string_view* elsewhere_ = nullptr;
  std::array<std::string_view, 2> own_;
  std::size_t count_;
};

// A response that is still being made: whoever is done with it freezes it.
struct ResponseDraft {
  CacheKey key;
  std::string vary;       // text_of(VarySpec)
  std::string secondary;  // secondary_key() of the request that fetched it
  StoredHead head;
  std::shared_ptr<Body> body;
  Freshness freshness;
  std::uint64_t sequence = 0;          // the purge log's newest before its fetch connected
  std::vector<std::string> tags;       // route tags and response tag fields, without repeats; group labels
  std::vector<std::string> body_tags;  // those of `tags` that its body gave: what renews the head keeps them
  std::vector<std::string> captures;   // "slug:my-post"
  // What the purge log has noted: see StoredResponse.
  std::uint64_t checked_at = 0;
  bool is_soft_outdated = false;
  std::uint8_t is_counted = 0;
};

class StoredResponse;
void intrusive_ptr_add_ref(const StoredResponse* response) noexcept;
void intrusive_ptr_release(const StoredResponse* response) noexcept;
using StoredPtr = boost::intrusive_ptr<const StoredResponse>;

// The draft as it is kept. Its body is copied where it has landed and is small, else shared.
StoredPtr freeze(const ResponseDraft& draft);
// The same, of a draft that has no body yet and one that is whole.
StoredPtr freeze(ResponseDraft draft, std::string_view body);
// A response like `from`, to be given a head or a body of its own: what is stored does not change. It has
// been checked against no purge yet.
ResponseDraft draft_of(const StoredResponse& from);

// One block of memory holds all of it: this object, then its texts, then the bytes of a small body. What of
// these would leave the block's size class half empty stands in a second one. Behind the object comes first
// what is needed to find a body that is elsewhere.
//
//   | object | - , rest's address or Body | key | head | vary | secondary | hidden | labels | body's bytes |
class StoredResponse {
 public:
  // A landed body of at most so many bytes is copied into the response's own memory: it is sent by copying,
  // and what renews the head copies it again.
  static constexpr std::size_t own_body_max = 4096;

  StoredResponse(const StoredResponse&) = delete;
  StoredResponse& operator=(const StoredResponse&) = delete;

  KeyView key() const noexcept { return {key_, text_at(0, key_size_)}; }
  bool has_key(std::uint64_t hash, std::string_view text) const noexcept {
    return key_.hash == hash && text_at(0, key_size_) == text;
  }
  HeadView head() const noexcept;
  int status() const noexcept { return status_; }
  std::string_view head_text() const noexcept { return text_at(head_begin(), head_size_); }
  bool has_vary() const noexcept { return vary_size_ != 0; }
  // The time of receipt where the response has none.
  base::WallTime date() const noexcept { return date_; }
  std::string_view vary() const noexcept { return text_at(vary_begin(), vary_size_); }
  std::string_view secondary() const noexcept { return text_at(secondary_begin(), secondary_size_); }
  PackedTexts tags() const noexcept { return PackedTexts(text_at(tags_begin(), tags_size_)); }
  PackedTexts body_tags() const noexcept { return PackedTexts(text_at(body_tags_begin(), body_tags_size_)); }
  PackedTexts captures() const noexcept {
    return PackedTexts(text_at(captures_begin(), texts_size_ - captures_begin()));
  }

  // The body that grows or is large; null: a small one that has landed, in the response's own memory.
  const std::shared_ptr<Body>& body() const noexcept;
  // Has all of the body landed, and is it still here (not windowed)? Such a one never changes.
  bool is_whole() const noexcept;
  bool is_complete() const noexcept { return body_state() == Body::State::complete; }
  Body::State body_state() const noexcept;
  std::uint64_t body_size() const noexcept;  // so far; the final one once complete
  // Of a body that grows or is large, from its beginning: nothing for a small one, which is whole, nor where
  // the beginning is gone.
  std::optional<Body::Reader> reader() const;
  // Once whole.
  BodyPieces pieces() const noexcept;

  // Bytes of memory it holds, body and allocator waste included: what the budget counts. A store adds what
  // its index holds.
  std::uint64_t cost() const noexcept;

 private:
  // Where the body is, and how much room what leads to it takes behind the object.
  enum class BodyPlace : std::uint8_t {
    own = 0,
    own_in_two = sizeof(char*),
    shared = sizeof(std::shared_ptr<Body>)
  };
  struct Layout;
  static const std::shared_ptr<Body> no_body;
  friend StoredPtr freeze(const ResponseDraft& draft);
  friend StoredPtr freeze(ResponseDraft draft, std::string_view body);
  friend void intrusive_ptr_add_ref(const StoredResponse* response) noexcept;
  friend void intrusive_ptr_release(const StoredResponse* response) noexcept;

  // Of a body in our own memory: its pieces, of `size` bytes together. Nothing: it is elsewhere.
  struct OwnBody {
    std::span<const std::string_view> pieces;
    std::size_t size = 0;
  };
  static StoredPtr make(const ResponseDraft& draft, const std::optional<OwnBody>& body);
  StoredResponse(const ResponseDraft& draft, const Layout& layout, std::span<const std::string_view> pieces,
                 std::unique_ptr<char[]> rest);
  ~StoredResponse();
  static Layout layout_of(const ResponseDraft& draft, const std::optional<OwnBody>& body);
  void copy_body(std::span<const std::string_view> pieces, char* at, char* rest) const;

  const char* behind() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  const char* texts() const noexcept { return behind() + static_cast<std::size_t>(place_); }
  std::string_view text_at(std::size_t begin, std::size_t size) const noexcept {
    return {texts() + begin, size};
  }
  std::size_t head_begin() const noexcept { return key_size_; }
  std::size_t vary_begin() const noexcept { return head_begin() + head_size_; }
  std::size_t secondary_begin() const noexcept { return vary_begin() + vary_size_; }
  std::size_t hidden_begin() const noexcept { return secondary_begin() + secondary_size_; }
  std::size_t tags_begin() const noexcept { return hidden_begin() + hidden_size_; }
  std::size_t body_tags_begin() const noexcept { return tags_begin() + tags_size_; }
  std::size_t captures_begin() const noexcept { return body_tags_begin() + body_tags_size_; }
  char* rest() const noexcept;

  // The small ones fill each other's gaps, so that the object takes 160 bytes.
  mutable std::atomic<std::uint32_t> references_{0};
  std::uint16_t status_;
  std::uint8_t flags_;  // of the head
  BodyPlace place_;
  [[no_unique_address]] KeyPlaces key_;
  std::uint32_t key_size_;
  std::uint32_t head_size_;
  std::uint32_t vary_size_;
  std::uint32_t secondary_size_;
  std::uint32_t hidden_size_;
  std::uint32_t tags_size_;
  std::uint32_t body_tags_size_;
  std::uint32_t texts_size_;  // of all
  std::uint32_t etag_begin_;
  std::uint32_t etag_size_;
  std::uint16_t body_size_;   // of a body in our own memory
  std::uint16_t first_size_;  // what of it is in this block
  base::WallTime last_modified_;
  base::WallTime date_;

 public:
  [[no_unique_address]] const Freshness freshness;
  // A soft purge reached it whose line the log may have forgotten since; never cleared.
  mutable std::atomic<bool> is_soft_outdated;
  // The purge log has counted it as outdated, once for each mode: bits of its own.
  mutable std::atomic<std::uint8_t> is_counted;
  const std::uint64_t sequence;  // the purge log's newest before its fetch connected
  // The purge log's newest sequence at which this was found valid: the hot path's one comparison.
  mutable std::atomic<std::uint64_t> checked_at;
};

inline void intrusive_ptr_add_ref(const StoredResponse* response) noexcept {
  response->references_.fetch_add(1, std::memory_order_relaxed);
}

inline const std::shared_ptr<Body>& StoredResponse::body() const noexcept {
  if (place_ != BodyPlace::shared) return no_body;
  return *std::launder(reinterpret_cast<const std::shared_ptr<Body>*>(behind()));
}

inline bool StoredResponse::is_whole() const noexcept {
  if (place_ != BodyPlace::shared) return true;
  return body()->state() == Body::State::complete && !body()->is_windowed();
}

inline Body::State StoredResponse::body_state() const noexcept {
  return place_ == BodyPlace::shared ? body()->state() : Body::State::complete;
}

// Of two that a request selects, is `candidate` to be used rather than `other` (RFC 9111 sections 4 and 4.1)?
// What was fetched after a later purge goes before what was not, and what is fresh before what is stale; of
// their like one that names a Vary before one that does not, then the more recent by Date.
bool is_preferred(const StoredResponse& candidate, const StoredResponse& other, base::MonoTime now) noexcept;

// The most tags kept from one response; past it the response is not stored, since a purge could miss it.
inline constexpr std::size_t tags_max = 256;
inline constexpr std::size_t tag_size_max = 1024;

// The response's own tags (Surrogate-Key split at spaces, Cache-Tag and Cache-Groups at commas) and the
// route's; nothing when there are more than tags_max or one is longer than tag_size_max.
std::optional<std::vector<std::string>> tags_of(const http::Fields& response,
                                                const std::vector<std::string>& route_tags);

// Adds what the body says; false when there are more tags than are kept.
bool add_body_tags(ResponseDraft& draft, std::vector<std::string> tags);

}  // namespace larder::cache
