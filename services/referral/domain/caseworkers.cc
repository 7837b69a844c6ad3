#include <algorithm>
#include <set>

#include "libs/base/hash.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/recorder.h"

// AssignCaseworkers (REF-66).
namespace pdp::referral {
namespace {

constexpr size_t kUserIdBytesMax = 64;

bool IsCaseworkerOf(const v1::Referral& referral, const std::string& user) {
  return std::any_of(referral.caseworkers().begin(), referral.caseworkers().end(),
                     [&](const v1::Caseworker& known) { return known.id() == user; });
}

// Another organisation holds a case here on which it has them.
bool WorksForAnother(const Unit& unit, const std::string& user, const std::string& org) {
  const v1::State* state = unit.Find(CaseworkerId(user));
  if (state == nullptr || state->caseworker().org() == org) return false;
  const v1::CaseworkerRecord& record = state->caseworker();
  return std::any_of(record.referral_ids().begin(), record.referral_ids().end(),
                     [&](const std::string& referral_id) {
                       const v1::Referral& referral = ReferralAt(unit, ReferralId(referral_id));
                       return referral.holder_org() == record.org() &&
                              !IsFinished(referral.state()) && referral.state() != v1::MOVED &&
                              IsCaseworkerOf(referral, user);
                     });
}

// The authority has named them as a user of another organisation, and of this one nowhere.
bool IsNamedElsewhere(const v1::AccessLists& lists, const std::string& user,
                      const std::string& org) {
  bool elsewhere = false, here = false;
  for (const auto* list : {&lists.excluded(), &lists.restricted(), &lists.cleared()}) {
    for (const v1::AccessEntry& entry : *list) {
      if (entry.user_id() != user || entry.org().empty()) continue;
      (entry.org() == org ? here : elsewhere) = true;
    }
  }
  return elsewhere && !here;
}

// Everybody who is not as `is_fit` says, under that code.
template <typename IsFit>
std::optional<Rejected> RequireEach(const v1::AssignCaseworkers& command, const char* code,
                                    IsFit is_fit) {
  Rejected refused = decider::Reject(code);
  for (const v1::Caseworker& caseworker : command.caseworkers()) {
    if (is_fit(caseworker.id())) continue;
    refused.violations.push_back({.code = code, .subject = caseworker.id()});
  }
  if (refused.violations.empty()) return std::nullopt;
  return refused;
}

}  // namespace

AggregateId CaseworkerId(absl::string_view user_id) {
  return AggregateId("caseworker", user_id.size() <= kUserIdBytesMax ? std::string(user_id)
                                                                     : Sha256(user_id).hex());
}

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
  const v1::State* access = unit.Find(AccessId(before.origin_crn()));
  const v1::AccessLists lists = access == nullptr ? v1::AccessLists() : access->access().lists();
  // All of holder_org. No service publishes who the users of an organisation are: another's are
  // those whom this area knows to be, by a case it has them on or by an access list.
  if (auto refused =
          RequireEach(command, "ASSIGNEE_NOT_IN_ORGANISATION", [&](const std::string& user) {
            return !WorksForAnother(unit, user, holder) && !IsNamedElsewhere(lists, user, holder);
          })) {
    return *refused;
  }
  // Each of them passes REF-90 as a user of the holder.
  if (auto refused = RequireEach(command, "ASSIGNEE_NOT_CLEARED", [&](const std::string& user) {
        common::v1::Actor actor;
        actor.set_id(user);
        actor.set_organisation(holder);
        actor.add_roles("CW");
        return MaySee(lists, actor);
      })) {
    return *refused;
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
    if (IsCaseworkerOf(before, caseworker.id())) continue;
    v1::CaseworkerPosted posted;
    posted.set_org(holder);
    posted.set_referral_id(before.id());
    unit.Emit(CaseworkerId(caseworker.id()), Wrap(std::move(posted)));
  }
  if (!changed) return decider::Reject("NOTHING_TO_CHANGE");
  return record.Done();
}

}  // namespace pdp::referral
