// Tells a case over real sockets: a visitor and an upstream that share no parser with Larder.
#pragma once
#include <functional>
#include <memory>
#include <mutex>

#include "conformance/stand.hpp"
#include "conformance/story.hpp"
#include "support/scenario/client.hpp"
#include "support/scenario/upstream.hpp"

namespace conformance {

class SocketPlayer : public Player {
 public:
  using MakeStand = std::function<std::unique_ptr<Stand>(const scenario::Upstream&)>;

  explicit SocketPlayer(const MakeStand& make_stand);

  Instant now() const override { return stand_->now(); }
  void advance(std::chrono::milliseconds by) override { stand_->advance(by); }
  Seen exchange(const Step& step) override;
  bool has_wire() const override { return true; }
  bool has_forgotten() const override { return stand_->has_forgotten(); }

 private:
  // What the upstream's threads share with the test.
  struct Script {
    std::mutex mutex;
    std::vector<Answer> answers;
    std::size_t next = 0;
    std::vector<Asked> asked;
  };

  static void answer(Script& script, scenario::Request request);
  Seen ask(const Step& step) const;

  Script script_;
  scenario::Upstream upstream_;
  std::unique_ptr<Stand> stand_;
};

}  // namespace conformance
