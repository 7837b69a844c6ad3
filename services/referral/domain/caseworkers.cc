#include <set>

#include "services/referral/domain/access.h"
#include "services/referral/domain/recorder.h"

// AssignCaseworkers (REF-66).
namespace pdp::referral {

Verdict Handle(Unit& unit, const v1::AssignCaseworkers& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  const std::string holder = ReferralAt(unit, id).holder_org();
  if (auto refused = AdmitReferral(unit, facts, id, {"PV"}, holder)) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  std::set<std::string> ids;
  int leads = 0;
  for (const v1::Caseworker& caseworker : command.caseworkers()) {
    if (caseworker.id().empty() || !ids.insert(caseworker.id()).second) {
      return decider::ValidationFailed({{.code = "CASEWORKER_REPEATED", .field = "caseworkers"}});
    }
    leads += caseworker.lead();
  }
  if (auto refused = RequireState(before, {v1::ACCEPTED, v1::ASSIGNED, v1::IN_DELIVERY})) {
    return *refused;
  }
  const int count = command.caseworkers_size();
  if (count < 1 || count > PolicyNow(facts).Int("caseworkers.max")) {
    return decider::Reject("CASEWORKER_COUNT");
  }
  if (leads != 1) return decider::Reject("LEAD_COUNT");
  // REF-66: each of them passes REF-90 as a user of the holder.
  if (const v1::State* access = unit.Find(AccessId(before.origin_crn()))) {
    Rejected refused = decider::Reject("ASSIGNEE_NOT_CLEARED");
    for (const v1::Caseworker& caseworker : command.caseworkers()) {
      common::v1::Actor actor;
      actor.set_id(caseworker.id());
      actor.set_organisation(holder);
      actor.add_roles("CW");
      if (MaySee(access->access().lists(), actor)) continue;
      refused.violations.push_back({.code = "ASSIGNEE_NOT_CLEARED", .subject = caseworker.id()});
    }
    if (!refused.violations.empty()) return refused;
  }
  Recorder record(unit, facts, id);
  bool changed = false;
  for (const v1::Caseworker& old : before.caseworkers()) {
    if (ids.contains(old.id())) continue;
    v1::CaseworkerUnassigned event;
    event.set_id(old.id());
    record.Emit(std::move(event));
    changed = true;
  }
  for (const v1::Caseworker& caseworker : command.caseworkers()) {
    bool same = false;
    for (const v1::Caseworker& old : before.caseworkers()) {
      same = same || (old.id() == caseworker.id() && old.lead() == caseworker.lead());
    }
    if (same) continue;
    v1::CaseworkerAssigned event;
    *event.mutable_caseworker() = caseworker;
    record.Emit(std::move(event));
    changed = true;
  }
  if (!changed) return decider::Reject("NOTHING_TO_CHANGE");
  return record.Done();
}

}  // namespace pdp::referral
