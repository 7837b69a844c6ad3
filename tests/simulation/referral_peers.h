#ifndef PDP_TESTS_SIMULATION_REFERRAL_PEERS_H_
#define PDP_TESTS_SIMULATION_REFERRAL_PEERS_H_

#include "libs/sim/peers.h"
#include "libs/sim/scheduler.h"
#include "pdp/programmes/v1/queries.pb.h"
#include "pdp/subcontractor/v1/commands.pb.h"

namespace pdp::sim {

// Those whom referral asks. Subcontractor draws ORG-A in odd rounds and ORG-B in even ones, at once
// or later, unless the organisation is excluded; what it draws it tells as an event too. It
// settles, or refuses with a reason. Programmes estimates, or does not. Another process of referral
// itself reads the person, the sentence or the sealed referral that it is asked for.
class ReferralPeers final : public Peer {
 public:
  explicit ReferralPeers(World& world);

  absl::StatusOr<std::string> Answer(const PeerCall& call, const projection::Surroundings* here,
                                     google::protobuf::Message* reply) override;

 private:
  std::string Execute(Area area, const subcontractor::v1::Command& command,
                      subcontractor::v1::Reply* reply);
  std::string Apportion(Area area, const subcontractor::v1::Apportion& apportion,
                        subcontractor::v1::ApportionReply* reply);
  void TellDraw(Area area, const subcontractor::v1::Apportion& apportion, const std::string& org);

  World& world_;
  Dice dice_;
};

}  // namespace pdp::sim

#endif  // PDP_TESTS_SIMULATION_REFERRAL_PEERS_H_
