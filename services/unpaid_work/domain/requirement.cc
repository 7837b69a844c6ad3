#include "services/unpaid_work/domain/requirement.h"

#include <algorithm>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/ledger.h"
#include "services/unpaid_work/domain/policy.h"

namespace pdp::unpaid_work {
namespace {

const v1::Requirement* Find(const Unit& unit, const std::string& crn,
                            const std::string& requirement_id) {
  const v1::Case* c = FindCase(unit, crn);
  return c == nullptr ? nullptr : FindRequirement(*c, requirement_id);
}

// UPW-09: with the new hours, does some follower exceed the lead?
bool LeadExceeded(const v1::Case& c, const v1::Group& group, const std::string& requirement_id,
                  int64_t new_hours) {
  const auto hours = [&](const std::string& member) {
    return member == requirement_id ? new_hours : FindRequirement(c, member)->hours();
  };
  return std::any_of(group.members().begin(), group.members().end(), [&](const auto& member) {
    return IsRunning(*FindRequirement(c, member)) && hours(member) > hours(group.lead());
  });
}

}  // namespace

Verdict Decide(Unit& unit, const v1::VaryRequirement& command, const Facts& facts) {
  const v1::Requirement* requirement = Find(unit, command.crn(), command.requirement_id());
  Checks checks;
  checks.Require(command.new_hours() > 0 && command.new_hours() <= 10000, "new_hours",
                 "must be whole hours, 1 or more");
  checks.Require(!command.court_ref().empty(), "court_ref", "is missing: only a court varies");
  const AggregateId id = CaseId(command.crn());
  if (auto rejected = Admit(unit, facts, {id, requirement != nullptr, {"SYS", "CO"}}, checks)) {
    return *rejected;
  }
  const v1::Case& c = *FindCase(unit, command.crn());
  if (c.status() == v1::CASE_CLOSED) return decider::Reject("CASE_CLOSED");
  if (!IsLive(*requirement)) return decider::Reject("REQUIREMENT_NOT_LIVE");
  const HoursBounds bounds = BoundsOf(requirement->origin(), DateOf(requirement->order_date()));
  const bool below = command.new_hours() < bounds.min, above = command.new_hours() > bounds.max;
  const bool confirmed = command.court_confirmed();
  if (below && !confirmed) return decider::Reject("HOURS_BELOW_MINIMUM");
  if (above && !confirmed) return decider::Reject("HOURS_ABOVE_MAXIMUM");
  const int64_t ordered = OrderedMinutes(*requirement);
  const int64_t discharged = ordered - BalanceOf(*requirement, v1::OWED);
  if (command.new_hours() * 60 < discharged) return decider::Reject("HOURS_BELOW_DISCHARGED");
  const v1::Group& group = *FindGroup(c, requirement->group());
  // Before the first discharge the lead moves to whoever now has most (UPW-05).
  if (group.fixed() &&
      LeadExceeded(c, group, command.requirement_id(), command.new_hours())) {
    return decider::Reject("CONCURRENCY_LEAD_EXCEEDED");
  }
  const bool exceeded =
      OccasionHours(c, requirement->occasion_id(), command.requirement_id(), group.group_id(),
                    command.new_hours()) > bounds.max;
  if (exceeded && !confirmed) return decider::Reject("OCCASION_TOTAL_EXCEEDED");

  const std::string group_id = group.group_id();
  const bool fixed = group.fixed();
  v1::Event event;
  auto* varied = event.mutable_requirement_varied();
  varied->set_requirement_id(command.requirement_id());
  varied->set_old_hours(requirement->hours());
  varied->set_new_hours(command.new_hours());
  varied->set_court_ref(command.court_ref());
  varied->set_out_of_bounds(below || above || exceeded);
  varied->set_policy_version(PolicyVersion());
  const uint32_t n = requirement->variations() + 1;
  unit.Emit(id, std::move(event));

  Ledger ledger(unit, command.crn(), facts,
                absl::StrCat("var/", command.requirement_id(), "/", n));
  ledger.Order(command.requirement_id(), command.new_hours() * 60 - ordered);
  const v1::Case& after = ledger.Read();
  const v1::Group& now = *FindGroup(after, group_id);
  EmitLead(unit, command.crn(), group_id, fixed ? now.lead() : ChooseLead(after, now), fixed, "");
  ledger.Finish();
  FlagTotality(unit, command.crn());
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::ExtendWindow& command, const Facts& facts) {
  const v1::Requirement* requirement = Find(unit, command.crn(), command.requirement_id());
  Checks checks;
  const auto new_last_day = checks.DateField(command.new_last_day(), "new_last_day");
  checks.Require(!command.court_ref().empty(), "court_ref", "is missing: only a court extends");
  const AggregateId id = CaseId(command.crn());
  if (auto rejected = Admit(unit, facts, {id, requirement != nullptr, {"SYS", "RO"}}, checks)) {
    return *rejected;
  }
  if (!IsLive(*requirement)) return decider::Reject("REQUIREMENT_NOT_LIVE");
  if (requirement->last_day().empty() || *new_last_day <= DateOf(requirement->last_day())) {
    return decider::Reject("WINDOW_NOT_LATER");
  }
  v1::Event event;
  auto* extended = event.mutable_window_extended();
  extended->set_requirement_id(command.requirement_id());
  extended->set_old_last_day(requirement->last_day());
  extended->set_new_last_day(command.new_last_day());
  extended->set_court_ref(command.court_ref());
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::TerminateRequirement& command, const Facts& facts) {
  const v1::Requirement* requirement = Find(unit, command.crn(), command.requirement_id());
  Checks checks;
  checks.Require(command.reason() != v1::TERMINATION_REASON_UNSPECIFIED, "reason", "is missing");
  const auto on = checks.DateField(command.on(), "on");
  checks.Require(!on.has_value() || *on <= Today(facts), "on", "lies in the future");
  const AggregateId id = CaseId(command.crn());
  if (auto rejected = Admit(unit, facts, {id, requirement != nullptr, {"SYS", "RO"}}, checks)) {
    return *rejected;
  }
  if (!IsLive(*requirement)) return decider::Reject("REQUIREMENT_NOT_LIVE");
  const std::string group_id = requirement->group();
  v1::Event event;
  auto* terminated = event.mutable_requirement_terminated();
  terminated->set_requirement_id(command.requirement_id());
  terminated->set_referral_id(requirement->referral_id());
  terminated->set_reason(command.reason());
  terminated->set_on(command.on());
  terminated->set_org(FindCase(unit, command.crn())->org());
  terminated->set_cause(command.cause());
  terminated->set_policy_version(PolicyVersion());
  unit.Emit(id, std::move(event));

  Ledger ledger(unit, command.crn(), facts, absl::StrCat("end/", command.requirement_id()));
  ledger.Cancel(command.requirement_id());
  const v1::Case& after = ledger.Read();
  const v1::Group& group = *FindGroup(after, group_id);
  if (group.lead() == command.requirement_id()) {
    // UPW-20: the live follower with most ordered minutes leads on.
    const std::string lead = ChooseLead(after, group);
    if (!lead.empty()) {
      EmitLead(unit, command.crn(), group_id, lead, true, command.requirement_id());
    }
  }
  ledger.Finish();
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
