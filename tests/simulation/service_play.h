#ifndef PDP_TESTS_SIMULATION_SERVICE_PLAY_H_
#define PDP_TESTS_SIMULATION_SERVICE_PLAY_H_

#include <memory>
#include <string>
#include <vector>

#include "libs/sim/judge.h"
#include "libs/sim/plan.h"
#include "libs/sim/play.h"
#include "tests/simulation/draft.h"

namespace pdp::sim {

// A service of the platform with its own decider, projections and those of its processes that need
// no other service to answer them. Clients first live a story that leads deep into its states, then
// do what is made up of the words of that story; judged by the decider itself.
class ServicePlay : public Play {
 public:
  void Draw(Plan* plan) const override;
  bool ReadsBack(const AggregateId&) const override { return true; }
  bool ComparesReplicas() const override { return true; }
  std::string Judge(World& world) const override { return JudgeByReplay(world); }

  // Events without which the service has not been played: many seeds together must have some of
  // each.
  virtual std::vector<std::string> main_events() const = 0;
  // What a draft of this seed says about its own scripted commands; empty when all are accepted.
  std::vector<std::string> RefusedInDraft(uint64_t seed) const;

 protected:
  virtual std::vector<std::string> areas() const = 0;
  virtual std::vector<std::string> roles() const = 0;
  virtual void Tell(Draft& draft) const = 0;
  // What other services tell meanwhile.
  virtual void Overhear(Draft& draft, Plan* plan) const {}
  // A public event of another service, as text of its envelope, told soon.
  static void Told(Plan* plan, const std::string& service, const std::string& area,
                   const google::protobuf::Message& envelope, Draft& draft);

 private:
  std::vector<std::string> Write(Plan* plan, bool alone) const;
};

const ServicePlay& ReferralPlay();
const ServicePlay& ProgrammesPlay();
const ServicePlay& UnpaidWorkPlay();
const ServicePlay& SubcontractorPlay();

std::vector<const ServicePlay*> ServicePlays();
// The bank and the four services, each with its share of the seeds.
Repertoire Everything();

}  // namespace pdp::sim

#endif  // PDP_TESTS_SIMULATION_SERVICE_PLAY_H_
