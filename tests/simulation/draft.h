#ifndef PDP_TESTS_SIMULATION_DRAFT_H_
#define PDP_TESTS_SIMULATION_DRAFT_H_

#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "libs/engine/domain.h"
#include "libs/sim/plan.h"
#include "libs/sim/scheduler.h"
#include "tests/simulation/vocabulary.h"

namespace pdp::sim {

// Writes what the clients of a run want, as the run would go without a fault: each command is
// decided on pure states, so that the next one can speak of what it made. Nothing here is judged;
// what happens in the run is another matter.
class Draft {
 public:
  // `roles`: all that the service knows. `alone`: nobody comes between the commands of a story.
  Draft(std::shared_ptr<const engine::Domain> domain, Plan* plan, std::vector<std::string> roles,
        bool alone);

  // The commands that follow are wanted by this client, one after the other.
  void As(int client) { client_ = client % plan_.clients; }
  // The next command is one person's: not that of whoever has its role.
  void By(std::string who) { who_ = std::move(who); }
  // Clocks leap by so much before the next command is sent.
  void Later(absl::Duration by);
  // One command, in text format; `$W` stands for words that nobody else uses. Refusals of scripted
  // commands are kept: there should be none.
  const engine::Decision& Do(absl::string_view area, const std::string& role,
                             const std::string& text, const std::string& org = "");
  const engine::Decision& Do(absl::string_view area, const std::string& role,
                             std::unique_ptr<google::protobuf::Message> command,
                             const std::string& org = "");
  std::unique_ptr<google::protobuf::Message> Parse(const std::string& text);
  // `count` commands made up of what has been spoken of, each of any client.
  void MakeUp(int count);

  // The state of an aggregate of type T; default when there is none.
  template <typename T>
  const T& State(absl::string_view area, const AggregateId& id) const {
    const auto* found = states_.at(std::string(area)).Find(id);
    return found == nullptr ? T::default_instance() : static_cast<const T&>(*found);
  }
  Version VersionOf(absl::string_view area, const AggregateId& id) const {
    return states_.at(std::string(area)).VersionOf(id);
  }
  template <typename T>
  T Reply() const {
    T reply;
    reply.ParseFromString(decision_.reply_bytes);
    return reply;
  }
  absl::Time now() const { return now_; }
  Dice& dice() { return dice_; }
  Vocabulary& vocabulary() { return vocabulary_; }
  // "PM register_site {...}: NOT_AUTHORISED" of every scripted command that was refused.
  const std::vector<std::string>& refused() const { return refused_; }

 private:
  class States final : public engine::StateReader {
   public:
    const google::protobuf::Message* Find(const AggregateId& id) const override;
    Version VersionOf(const AggregateId& id) const override;
    std::map<std::string, engine::NewState> all;
  };

  void Add(Op op);
  void Decide(const Op& op);
  Op MadeUp();
  common::v1::Actor AnyActor();

  const std::shared_ptr<const engine::Domain> domain_;
  Plan& plan_;
  const std::vector<std::string> roles_;
  const bool alone_;
  Dice dice_;
  std::mt19937 wild_;
  Vocabulary vocabulary_;
  absl::Time now_;
  absl::Duration leap_;
  int client_ = 0;
  std::string who_;
  std::map<std::string, States> states_;
  engine::Decision decision_;
  std::vector<std::string> refused_;
};

}  // namespace pdp::sim

#endif  // PDP_TESTS_SIMULATION_DRAFT_H_
