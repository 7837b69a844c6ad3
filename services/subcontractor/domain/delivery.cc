#include <algorithm>

#include "services/subcontractor/domain/commands.h"

// What delivery tells the pool: bypass check (SUB-53) and open allocations (SUB-42).

namespace pdp::subcontractor {

void CheckBypass(Unit& unit, const std::string& referral_id, const std::string& org,
                 const std::string& on, const std::string& actor, const std::string& fact_kind,
                 const std::string& fact_id) {
  if (referral_id.empty()) return;
  if (const v1::ReferralIndexState* index = FindReferralIndex(unit, referral_id)) {
    for (const auto& round : index->rounds()) {
      if (round.org() == org && round.held()) return;
    }
    const auto& reported = index->bypass_orgs();
    if (std::find(reported.begin(), reported.end(), org) != reported.end()) return;
  }
  v1::Event event;
  v1::AllocationBypassed* bypassed = event.mutable_allocation_bypassed();
  bypassed->set_referral_id(referral_id);
  bypassed->set_org(org);
  bypassed->set_on(on);
  bypassed->set_actor(actor);
  bypassed->set_fact_kind(fact_kind);
  bypassed->set_fact_id(fact_id);
  unit.Emit(ReferralIndexId(referral_id), std::move(event));
}

Verdict Decide(Unit& unit, const v1::RecordDeliveryStart& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  Checks checks;
  checks.IdField(command.referral_id(), "referral_id");
  checks.IdField(command.org(), "org");
  checks.DateField(command.on(), "on");
  if (!checks.ok()) return checks.Failed();
  CheckBypass(unit, command.referral_id(), command.org(), command.on(), command.actor(), "START",
              "");
  const v1::ReferralIndexState* index = FindReferralIndex(unit, command.referral_id());
  if (index != nullptr && index->started_org() == command.org() &&
      index->started_on() == command.on()) {
    return v1::Reply();
  }
  v1::Event event;
  event.mutable_referral_delivery_recorded()->set_started_org(command.org());
  event.mutable_referral_delivery_recorded()->set_started_on(command.on());
  unit.Emit(ReferralIndexId(command.referral_id()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RecordDeliveryEnd& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  Checks checks;
  checks.IdField(command.referral_id(), "referral_id");
  checks.DateField(command.on(), "on");
  if (!checks.ok()) return checks.Failed();
  const v1::ReferralIndexState* index = FindReferralIndex(unit, command.referral_id());
  // Never apportioned here: nothing is open.
  if (index == nullptr) return v1::Reply();
  std::vector<uint32_t> rounds;
  for (const auto& round : index->rounds()) rounds.push_back(round.round());
  for (const uint32_t round : rounds) {
    const v1::Allocation* found =
        FindAllocation(unit, ApportionmentId(command.referral_id(), round));
    if (found == nullptr || !found->open()) continue;
    v1::Allocation allocation = *found;
    v1::Event closed;
    closed.mutable_allocation_closed()->set_apportionment_id(
        allocation.request().apportionment_id());
    closed.mutable_allocation_closed()->set_org(allocation.winner());
    unit.Emit(PoolId(facts.area, allocation.request().service()), std::move(closed));
    allocation.set_open(false);
    RecordAllocation(unit, allocation);
  }
  v1::Event event;
  event.mutable_referral_delivery_recorded()->set_ended_on(command.on());
  unit.Emit(ReferralIndexId(command.referral_id()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RecordReopening& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  Checks checks;
  checks.IdField(command.referral_id(), "referral_id");
  checks.DateField(command.on(), "on");
  if (!checks.ok()) return checks.Failed();
  const v1::ReferralIndexState* index = FindReferralIndex(unit, command.referral_id());
  // Never ended here: nothing to open again.
  if (index == nullptr || index->ended_on().empty()) return v1::Reply();
  uint32_t held = 0;
  for (const auto& round : index->rounds()) {
    if (round.held()) held = std::max(held, round.round());
  }
  const v1::Allocation* found =
      FindAllocation(unit, ApportionmentId(command.referral_id(), held));
  // Only what still stands for the referral counts as open: a refunded round holds nothing, and
  // what was uncharged for want of membership never counted.
  if (found != nullptr && !found->open() && !found->bucket().empty()) {
    v1::Allocation allocation = *found;
    v1::Event reopened;
    reopened.mutable_allocation_reopened()->set_apportionment_id(
        allocation.request().apportionment_id());
    reopened.mutable_allocation_reopened()->set_org(allocation.winner());
    unit.Emit(PoolId(facts.area, allocation.request().service()), std::move(reopened));
    allocation.set_open(true);
    RecordAllocation(unit, allocation);
  }
  v1::Event event;
  event.mutable_referral_delivery_recorded()->set_reopened_on(command.on());
  unit.Emit(ReferralIndexId(command.referral_id()), std::move(event));
  return v1::Reply();
}

}  // namespace pdp::subcontractor
