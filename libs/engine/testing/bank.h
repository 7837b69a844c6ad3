#ifndef PDP_LIBS_ENGINE_TESTING_BANK_H_
#define PDP_LIBS_ENGINE_TESTING_BANK_H_

#include <string>
#include <vector>

#include "libs/decider/decider.h"
#include "pdp/testing/v1/bank.pb.h"

// The decider of the test domain: accounts of people, see bank.proto.

namespace pdp::engine::testing {

struct Bank {
  using Command = pdp::testing::v1::Command;
  using Event = pdp::testing::v1::Event;
  using State = pdp::testing::v1::State;
  using Reply = pdp::testing::v1::Reply;
  static constexpr char kService[] = "bank";

  static AggregateId Id(const std::string& owner) { return AggregateId("account", owner); }

  static decider::Verdict<Reply> Decide(decider::Unit<Bank>& unit, const Command& command,
                                        const decider::Facts& facts);
  static void Evolve(State& state, const AggregateId& id, const Event& event,
                     const decider::EventFacts& facts);
  static std::vector<decider::TimerChange<Command>> Timers(const AggregateId& id,
                                                           const State& after, const Event& event,
                                                           const decider::EventFacts& facts);
};

Bank::Command OpenAccount(const std::string& owner, const std::string& full_name);
Bank::Command Deposit(const std::string& owner, int64_t pence);
Bank::Command Transfer(const std::string& from, const std::string& to, int64_t pence);
Bank::Command CloseAt(const std::string& owner, absl::Time at);
Bank::Command Forget(const std::string& owner);

}  // namespace pdp::engine::testing

#endif  // PDP_LIBS_ENGINE_TESTING_BANK_H_
