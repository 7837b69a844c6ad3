#ifndef PDP_SERVICES_SUBCONTRACTOR_DOMAIN_REPLAY_H_
#define PDP_SERVICES_SUBCONTRACTOR_DOMAIN_REPLAY_H_

#include <map>
#include <string>

#include "services/subcontractor/domain/subcontractor.h"

namespace pdp::subcontractor {

// Replays the history of one pool and decides every draw again (SUB-52): eligible set, increments,
// deficits before, winner, tie, merges and reversals must come out as recorded. The figures are
// folded with the same Evolve that the cell uses. Stops at the first difference.
//
//   PoolReplay replay(area, "TSP", seeds);
//   for (event of the pool, in order) if (!replay.Apply(event, facts)) break;
//   replay.finding();
class PoolReplay {
 public:
  // Revealed seeds by date, 32 bytes each. A tie by HMAC on another day is taken as recorded, after
  // a check that the recorded values name the winner; it counts in ties_unproved.
  PoolReplay(Area area, const std::string& service, std::map<std::string, std::string> seeds);

  // False when the event is not what the replay gives.
  bool Apply(const v1::Event& event, const EventFacts& facts);

  // Empty while intact.
  const std::string& finding() const { return finding_; }
  const std::string& differing_referral_id() const { return referral_id_; }
  uint64_t draws() const { return draws_; }
  uint64_t ties_unproved() const { return ties_unproved_; }
  const v1::PoolState& pool() const { return state_.pool(); }

 private:
  bool Differs(const std::string& referral_id, std::string finding);
  bool CheckDraw(const v1::Draw& draw);
  bool CheckRefund(const v1::AllocationRefunded& refunded, const EventFacts& facts);
  bool CheckOverride(const v1::AllocationOverridden& overridden);
  bool CheckLeave(const v1::PoolMemberLeft& left, const EventFacts& facts);

  AggregateId id_;
  v1::State state_;
  std::map<std::string, std::string> seeds_;
  // What each live round added, to check reversals.
  std::map<std::string, std::map<std::string, int64_t>> deltas_;
  std::string finding_;
  std::string referral_id_;
  uint64_t draws_ = 0;
  uint64_t ties_unproved_ = 0;
};

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_DOMAIN_REPLAY_H_
