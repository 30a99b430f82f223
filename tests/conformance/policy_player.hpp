// A model of Larder made of its pure functions alone: no sockets, no threads, no clock. It calls them in the
// order in which proxy::Exchange and proxy::Flight do, and keeps the stored responses in a list.
#pragma once
#include <functional>

#include "conformance/story.hpp"
#include "larder/cache/landing.hpp"
#include "larder/cache/policy.hpp"
#include "larder/cache/validation.hpp"
#include "larder/config/config.hpp"
#include "larder/http/target.hpp"

namespace conformance {

class PolicyPlayer : public Player {
 public:
  // What happens to each response between being stored and being used: a copy that went through the codec,
  // or itself.
  using Keep = std::function<larder::cache::StoredPtr(const larder::cache::StoredPtr&, larder::base::Now)>;

  explicit PolicyPlayer(Keep keep);

  Instant now() const override;
  void advance(std::chrono::milliseconds by) override;
  Seen exchange(const Step& step) override;
  bool has_wire() const override { return false; }

 private:
  struct Visit;    // a request under way
  struct Landing;  // what a fetch came to
  // That a variant is not shareable (store::HitForMiss).
  struct Mark {
    larder::cache::CacheKey key;
    std::string vary;
    std::string secondary;
    larder::base::MonoTime expires_at;
  };

  void answer(Visit& visit);
  bool must_pass(Visit& visit) const;
  static bool asks_for_itself(const Visit& visit, larder::cache::Verdict verdict);
  void look_up(Visit& visit) const;
  void pass(Visit& visit);
  larder::cache::Validation validation_of(const Visit& visit, bool is_to_be_validated) const;
  larder::cache::FetchOf fetch_of(const Visit& visit) const;
  void fetch(Visit& visit, bool is_to_be_validated);
  void refresh(Visit& visit);
  std::optional<larder::http::ResponseHead> ask(Visit& visit, bool is_shared,
                                                const larder::cache::Validation& validation);
  Landing land(Visit& visit, const larder::cache::Validation& validation);
  Landing land_not_modified(Visit& visit, const larder::http::ResponseHead& head,
                            const larder::cache::Validation& validation, const larder::cache::StoredPtr& old);
  Landing land_failure(const Visit& visit, larder::cache::Failure failure) const;
  void keep(const larder::cache::StoredPtr& response);
  void remove(const larder::cache::StoredPtr& response);
  void mark_unless_shared(const Visit& visit, const larder::cache::StoredResponse& response);
  void mark_hit_for_miss(const Visit& visit, std::string vary, std::string secondary);
  void heed_head(Visit& visit, const larder::http::ResponseHead& head);
  void invalidate(const Visit& visit, const larder::http::ResponseHead& head);
  void keep_answer_to_post(Visit& visit, const larder::http::ResponseHead& head, const std::string& body);

  void deliver(Visit& visit, const larder::cache::StoredPtr& response, const larder::cache::HeadView& head,
               bool is_from_store) const;
  void deliver_head(Visit& visit, std::string_view head, const larder::cache::StoredPtr& response) const;
  void relay(Visit& visit, const larder::http::ResponseHead& head, const std::string& body) const;

  Keep keep_;
  larder::config::ConfigPtr config_;
  const larder::cache::RoutePolicy& policy_;
  larder::base::Now now_;
  std::vector<larder::cache::StoredPtr> stored_;  // the newest first
  std::vector<Mark> marks_;
};

}  // namespace conformance
