#ifndef PDP_TESTS_SIMULATION_REFERRAL_PEER_H_
#define PDP_TESTS_SIMULATION_REFERRAL_PEER_H_

#include <functional>
#include <memory>
#include <string>

#include "libs/sim/peers.h"
#include "libs/sim/scheduler.h"
#include "pdp/referral/v1/queries.pb.h"

namespace pdp::sim {

// Referral as a delivery service asks it. A case is what the run's plan knows of it (`known`), with
// what has been told since in NAT: versions of person and sentence, death, custody, the end of an
// order or a requirement. A replica that reads NAT late answers without the newest of that, unless
// the question names the position. Commands are accepted, or refused with a reason by the seed.
class ReferralPeer final : public Peer {
 public:
  // False: there is no such referral. Fills what does not change, versions as they were at first.
  using Known = std::function<bool(const std::string& referral_id,
                                   referral::v1::GetReferralReply* reply)>;
  ReferralPeer(World& world, Known known);

  absl::StatusOr<std::string> Answer(const PeerCall& call, const projection::Surroundings* here,
                                     google::protobuf::Message* reply) override;

 private:
  absl::StatusOr<std::string> GetReferral(const referral::v1::GetReferralRequest& request,
                                          referral::v1::GetReferralReply* reply);

  World& world_;
  const Known known_;
  Dice dice_;
};

// Takes what NAT told about the person of a case into it, up to a place of NAT.
void TakeNatEvents(World& world, uint64_t nat_seq, referral::v1::GetReferralReply* reply);

}  // namespace pdp::sim

#endif  // PDP_TESTS_SIMULATION_REFERRAL_PEER_H_
