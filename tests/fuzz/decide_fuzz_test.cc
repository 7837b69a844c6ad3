// Commands of every service, made by reflection: the domain decides each of them, on a state that
// grows, without a fault that a sanitizer knows, twice to the same bytes, and refuses for a reason
// that is registered. More of them, from another seed: PDP_FUZZ_COMMANDS, PDP_FUZZ_SEED.

#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/deterministic_bytes.h"
#include "libs/base/hash.h"
#include "libs/engine/domain.h"
#include "libs/rpc/reason_registry.h"
#include "services/programmes/domain/programmes.h"
#include "services/referral/domain/domain.h"
#include "services/subcontractor/domain/subcontractor.h"
#include "services/unpaid_work/domain/unpaid_work.h"
#include "tests/fuzz/messages.h"

namespace pdp::fuzz {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t fallback) {
  const char* text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : fallback;
}

// The states of one cell.
class World final : public engine::StateReader {
 public:
  const google::protobuf::Message* Find(const AggregateId& id) const override {
    const auto it = states_.find(id.text());
    return it == states_.end() ? nullptr : it->second.state.get();
  }
  Version VersionOf(const AggregateId& id) const override {
    const auto it = states_.find(id.text());
    return it == states_.end() ? Version(0) : it->second.version;
  }
  void Apply(const engine::Decision& decision) {
    for (const engine::NewState& state : decision.states) {
      states_.insert_or_assign(state.aggregate.text(), state);
    }
  }
  size_t size() const { return states_.size(); }

 private:
  std::map<std::string, engine::NewState> states_;
};

std::string BytesOf(const engine::Decision& decision) {
  std::string bytes = decision.rejected ? decision.rejected->reason : decision.reply_bytes;
  for (const auto& event : decision.events) {
    absl::StrAppend(&bytes, event.aggregate.text(), event.version.value(),
                    DeterministicBytes(*event.event));
  }
  return bytes;
}

bool Changed(const engine::Decision& decision, const AggregateId& id) {
  for (const auto& event : decision.events) {
    if (event.aggregate == id) return true;
  }
  return false;
}

std::map<std::string, std::string> Bytes(const engine::Decision& decision) {
  std::map<std::string, std::string> bytes;
  for (const auto& state : decision.states) {
    if (!Changed(decision, state.aggregate)) continue;
    bytes[state.aggregate.text()] = DeterministicBytes(*state.state);
  }
  return bytes;
}

// The states that follow from the events alone, as a restart or a standby makes them.
std::map<std::string, std::string> Replayed(const engine::Domain& domain, const World& before,
                                            const engine::Decision& decision,
                                            const decider::Facts& facts) {
  std::map<std::string, std::unique_ptr<google::protobuf::Message>> states;
  for (const engine::EmittedEvent& event : decision.events) {
    auto& state = states[event.aggregate.text()];
    if (state == nullptr) {
      state = domain.NewState();
      if (const auto* old = before.Find(event.aggregate)) state->CopyFrom(*old);
    }
    // As it is read from the log.
    const auto read = domain.NewEvent();
    EXPECT_TRUE(read->ParseFromString(event.event->SerializeAsString()));
    domain.Evolve(*state, event.aggregate, *read,
                  {facts.area, event.version, facts.recorded_at, facts.occurred_at});
  }
  std::map<std::string, std::string> bytes;
  for (const auto& [id, state] : states) bytes[id] = DeterministicBytes(*state);
  return bytes;
}

decider::Facts FactsOf(uint64_t n, std::mt19937& random) {
  decider::Facts facts;
  facts.area = random() % 4 == 0 ? Area::Nat() : *Area::FromCode("N56");
  facts.command_id = DerivedCommandId("fuzz", absl::StrCat(n));
  facts.recorded_at = absl::FromUnixSeconds(1'772'323'200 + static_cast<int64_t>(n) * 600);
  facts.occurred_at = facts.recorded_at - absl::Minutes(random() % 3000);
  facts.actor.set_id("somebody");
  facts.actor.set_organisation(random() % 2 == 0 ? "S01" : "");
  for (const char* role : {"RO", "AA", "SYS", "PM", "TM", "SCH", "MG", "FAC", "CO", "PL", "EO",
                           "ADMIN", "SU", "PV", "CW", "A", "FIN", "SUP"}) {
    if (random() % 4 != 0) facts.actor.add_roles(role);
  }
  return facts;
}

template <typename D>
void DecideMany(const char* service) {
  const auto domain = engine::MakeDomain<D>();
  const auto seed = static_cast<uint32_t>(FromEnvironment("PDP_FUZZ_SEED", 20190601));
  std::mt19937 random(seed);
  World world;
  std::map<std::string, uint64_t> reasons;
  uint64_t accepted = 0;
  std::unique_ptr<google::protobuf::Message> command;
  const uint64_t count = FromEnvironment("PDP_FUZZ_COMMANDS", 20000);
  for (uint64_t n = 0; n < count; ++n) {
    // Every third is the one before with a few fields changed.
    if (command == nullptr || n % 3 != 2) {
      command = Make(*domain->NewCommand()->GetDescriptor(), random);
    } else {
      Change(*command, random);
    }
    const decider::Facts facts = FactsOf(n, random);
    SCOPED_TRACE(absl::StrCat(service, " seed ", seed, " command ", n));
    const engine::Decision decision = domain->Decide(world, *command, facts);
    ASSERT_EQ(BytesOf(decision), BytesOf(domain->Decide(world, *command, facts)))
        << command->ShortDebugString().substr(0, 2000);
    if (decision.rejected.has_value()) {
      const std::string& reason = decision.rejected->reason;
      ASSERT_NE(rpc::ReasonRegistry::Global().Find(reason), nullptr)
          << reason << " is not registered; " << command->ShortDebugString().substr(0, 2000);
      ASSERT_TRUE(decision.events.empty());
      ++reasons[reason];
      continue;
    }
    ++accepted;
    ASSERT_EQ(Replayed(*domain, world, decision, facts), Bytes(decision))
        << command->ShortDebugString().substr(0, 2000);
    world.Apply(decision);
  }
  std::printf("%-14s %6llu commands: %llu accepted, %zu aggregates, %zu reasons of refusal\n",
              service, static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(accepted), world.size(), reasons.size());
  // Else nothing behind the first check has been tried.
  EXPECT_GE(reasons.size(), 3u);
}

TEST(DecideFuzzTest, Referral) { DecideMany<referral::ReferralDomain>("referral"); }
TEST(DecideFuzzTest, Programmes) { DecideMany<programmes::Programmes>("programmes"); }
TEST(DecideFuzzTest, UnpaidWork) { DecideMany<unpaid_work::UnpaidWork>("unpaid_work"); }
TEST(DecideFuzzTest, Subcontractor) {
  DecideMany<subcontractor::Subcontractor>("subcontractor");
}

}  // namespace
}  // namespace pdp::fuzz
