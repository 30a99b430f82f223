#include "store/ghost.hpp"

#include <algorithm>
#include <bit>

namespace larder::store {

// What was in it is lost, which happens a few times while a store fills, and hardly once it evicts.
void Ghost::grow_to(std::size_t window) {
  const std::size_t buckets = std::max(bucket_count_min, std::bit_ceil(window / bucket_size + 1));
  if (places_.size() >= buckets * bucket_size) return;
  std::vector<Place>().swap(places_);
  places_.resize(buckets * bucket_size);
}

Ghost::Place* Ghost::bucket_of(std::uint64_t hash) {
  const std::size_t buckets = places_.size() / bucket_size;
  return &places_[(hash & (buckets - 1)) * bucket_size];
}

void Ghost::add(std::uint64_t hash, std::size_t window) {
  grow_to(window);
  if (++clock_ == 0) clock_ = 1;
  Place* const bucket = bucket_of(hash);
  // Empty places are the oldest of all; ages survive the clock's turning over.
  Place* const oldest =
      std::max_element(bucket, bucket + bucket_size, [this](const Place& a, const Place& b) {
        const auto age = [this](const Place& place) {
          return place.stamp == 0 ? UINT32_MAX : clock_ - place.stamp;
        };
        return age(a) < age(b);
      });
  *oldest = {static_cast<std::uint32_t>(hash >> 32), clock_};
}

bool Ghost::take(std::uint64_t hash, std::size_t window) {
  if (places_.empty()) return false;
  Place* const bucket = bucket_of(hash);
  const auto fingerprint = static_cast<std::uint32_t>(hash >> 32);
  Place* const found = std::find_if(bucket, bucket + bucket_size, [fingerprint](const Place& place) {
    return place.stamp != 0 && place.fingerprint == fingerprint;
  });
  if (found == bucket + bucket_size) return false;
  const bool is_recent = clock_ - found->stamp < window;
  *found = {};
  return is_recent;
}

}  // namespace larder::store
