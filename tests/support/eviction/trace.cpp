#include "support/eviction/trace.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace larder::eviction {
namespace {

// The standard's engine is the same everywhere, its distributions are not: numbers are made of its bits.
double to_unit(std::uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

class Zipf {
 public:
  Zipf(std::size_t count, double skew) : sums_(count) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      sum += std::pow(static_cast<double>(i + 1), -skew);
      sums_[i] = sum;
    }
  }
  std::size_t rank(double unit) const {
    const auto found = std::upper_bound(sums_.begin(), sums_.end(), unit * sums_.back());
    return std::min(static_cast<std::size_t>(found - sums_.begin()), sums_.size() - 1);
  }

 private:
  std::vector<double> sums_;
};

class Maker {
 public:
  explicit Maker(const Plan& plan)
      : plan_(plan),
        random_(plan.seed),
        zipf_(plan.objects, plan.skew),
        object_of_rank_(plan.objects),
        next_new_(static_cast<Object>(plan.objects)),
        due_(plan.visits) {
    std::iota(object_of_rank_.begin(), object_of_rank_.end(), Object{0});
  }

  Trace make() {
    while (trace_.size() < plan_.visits) step();
    return std::move(trace_);
  }

 private:
  double unit() { return to_unit(random_()); }

  void step() {
    const std::size_t now = trace_.size();
    const double kind = unit();
    if (!due_[now].empty()) {
      std::vector<Object>& due = due_[now];
      trace_.push_back(due.back());
      due.pop_back();
      if (now + 1 < due_.size()) due_[now + 1].insert(due_[now + 1].end(), due.begin(), due.end());
    } else if (kind < plan_.scans / static_cast<double>(plan_.scan_length)) {
      for (std::size_t i = 0; i < plan_.scan_length; ++i) trace_.push_back(next_new_++);
    } else if (kind > 1 - plan_.bursts) {
      burst(now);
    } else {
      if (plan_.change > 0 && unit() < plan_.change)
        object_of_rank_[random_() % object_of_rank_.size()] = next_new_++;
      trace_.push_back(object_of_rank_[zipf_.rank(unit())]);
    }
    trace_.resize(std::min(trace_.size(), plan_.visits));
  }

  void burst(std::size_t now) {
    const Object object = next_new_++;
    trace_.push_back(object);
    const std::size_t visits = burst_visits();
    std::size_t when = now;
    for (std::size_t i = 1; i < visits && when < due_.size(); ++i) {
      when += burst_distance();
      if (when < due_.size()) due_[when].push_back(object);
    }
  }

  std::size_t burst_visits() {
    if (plan_.burst_tail == 0) return plan_.burst_visits;
    return static_cast<std::size_t>(std::pow(1 - unit(), -1 / plan_.burst_tail));
  }

  std::size_t burst_distance() {
    if (plan_.burst_tail == 0) return plan_.burst_distance + random_() % plan_.burst_distance;
    return static_cast<std::size_t>(10 * std::pow(static_cast<double>(plan_.burst_distance) / 10, unit()));
  }

  const Plan& plan_;
  std::mt19937_64 random_;
  Zipf zipf_;
  std::vector<Object> object_of_rank_;
  Object next_new_;
  std::vector<std::vector<Object>> due_;  // later visits of bursts, by their place in the trace
  Trace trace_;
};

}  // namespace

Trace make_trace(const Plan& plan) {
  return Maker(plan).make();
}

std::size_t varied_size(Object object, std::size_t median) {
  std::mt19937_64 random(object);
  // A normal deviate of two uniform ones (Box and Muller, 1958).
  const double radius = std::sqrt(-2 * std::log(1 - to_unit(random())));
  const double normal = radius * std::cos(2 * M_PI * to_unit(random()));
  const double size = static_cast<double>(median) * std::exp(normal);
  return static_cast<std::size_t>(std::clamp(size, 64.0, static_cast<double>(median) * 64));
}

}  // namespace larder::eviction
