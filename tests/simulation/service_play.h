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

// A service of the platform with its own decider, projections and processes. Clients first live a
// story that leads deep into its states, then do what is made up of the words of that story; judged
// by the decider itself.
class ServicePlay : public Play {
 public:
  void Draw(Plan* plan) const override;
  bool ReadsBack(const AggregateId&) const override { return true; }
  bool ComparesReplicas() const override { return true; }
  std::string Judge(World& world) const override;

  // Events without which the service has not been played: many seeds together must have some of
  // each.
  virtual std::vector<std::string> main_events() const = 0;
  // What its processes must have come to likewise: "deed ReceiveReferral" is a command of a process
  // that took effect, "effects at referral" one at another service.
  virtual std::vector<std::string> main_deeds() const { return {}; }
  // What one of the others tells, in its order.
  struct Word {
    std::string service, area;
    // Envelope of its public events.
    std::shared_ptr<const google::protobuf::Message> event;
    // Not before the run is so old.
    absl::Duration after;
  };
  using Stream = std::vector<Word>;
  template <typename Event>
  static void Say(Stream* stream, const std::string& service, const std::string& area,
                  const Event& event, absl::Duration after = absl::ZeroDuration()) {
    stream->push_back({service, area, std::make_shared<Event>(event), after});
  }
  // What a draft of this seed says about its own scripted commands; empty when all are accepted.
  std::vector<std::string> RefusedInDraft(uint64_t seed) const;

 protected:
  virtual std::vector<std::string> areas(Dice& dice) const = 0;
  // Whether each process reads the cell of its area alone.
  virtual bool apart(Dice&) const { return false; }
  virtual std::vector<std::string> roles() const = 0;
  virtual void Tell(Draft& draft) const = 0;
  virtual bool asks_peers() const { return true; }
  // What other services tell meanwhile; which of the streams goes on next is drawn.
  virtual std::vector<Stream> Overhear(Draft& draft) const { return {}; }
  // What the subcontractor service tells of one charity's contract for a service.
  static Stream OneContract(Dice& dice, const std::string& service, const std::string& pdu);
  // At the end of a run with processes: somebody of whom older facts are known here than referral
  // has told; empty when nobody is.
  virtual std::string FindOldFacts(World&) const { return ""; }

 private:
  std::vector<std::string> Write(Plan* plan, bool alone) const;
  void Hear(std::vector<Stream> streams, Plan* plan) const;
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
