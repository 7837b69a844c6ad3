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
  static AggregateId AliasId(const std::string& alias) { return AggregateId("alias", alias); }
  // Where money goes that nobody can receive.
  static constexpr char kSuspense[] = "suspense";

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
Bank::Command ClaimAlias(const std::string& owner, const std::string& alias);
Bank::Command ReleaseAlias(const std::string& owner, const std::string& alias);
Bank::Command PayInterestAt(const std::string& owner, int64_t pence, absl::Time at);
Bank::Command Remit(const std::string& from, const std::string& to_area, const std::string& to,
                    int64_t pence);

}  // namespace pdp::engine::testing

#endif  // PDP_LIBS_ENGINE_TESTING_BANK_H_
