#include <algorithm>
#include <tuple>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/ledger.h"
#include "services/unpaid_work/domain/policy.h"
#include "services/unpaid_work/domain/requirement.h"

namespace pdp::unpaid_work {

HoursBounds BoundsOf(v1::Origin origin, Date order_date) {
  const Policy policy(order_date);
  return {policy.Int(origin == v1::BREACH ? "upw.hours.min.breach" : "upw.hours.min.original"),
          policy.Int("upw.hours.max")};
}

int64_t OccasionHours(const v1::Case& c, const std::string& occasion_id,
                      const std::string& requirement_id, const std::string& group,
                      int64_t hours) {
  int64_t total = 0;
  bool counted = false;
  for (const v1::Group& row : c.groups()) {
    int64_t largest = 0;
    for (const std::string& member : row.members()) {
      const v1::Requirement& requirement = *FindRequirement(c, member);
      if (requirement.occasion_id() != occasion_id || member == requirement_id) continue;
      if (requirement.status() == v1::REQUIREMENT_TERMINATED) continue;
      largest = std::max(largest, requirement.hours());
    }
    if (row.group_id() == group) {
      largest = std::max(largest, hours);
      counted = true;
    }
    total += largest;
  }
  return counted ? total : total + hours;
}

std::string ChooseLead(const v1::Case& c, const v1::Group& group) {
  std::string lead;
  int64_t most = -1;
  for (const std::string& member : group.members()) {
    const v1::Requirement& requirement = *FindRequirement(c, member);
    if (!IsRunning(requirement)) continue;
    const int64_t minutes = OrderedMinutes(requirement);
    if (minutes > most || (minutes == most && member < lead)) {
      most = minutes;
      lead = member;
    }
  }
  return lead;
}

void EmitLead(Unit& unit, const std::string& crn, const std::string& group_id,
              const std::string& lead, bool fixed, const std::string& follows) {
  const v1::Case& c = *FindCase(unit, crn);
  const v1::Group& group = *FindGroup(c, group_id);
  const v1::Requirement& requirement = *FindRequirement(c, lead);
  // UPW-23: of the lead's ordered minutes, by its order date.
  const int64_t percent = Policy(DateOf(requirement.order_date())).Int("upw.ete.percent");
  const int64_t cap = OrderedMinutes(requirement) * percent / 100;
  // UPW-24: the allotment falls with the cap, never below what is used.
  const int64_t allotted =
      std::min(group.ete_allotted(), std::max(cap, BalanceOf(requirement, v1::ETE_USED)));
  if (group.lead() == lead && group.fixed() == fixed && group.ete_cap() == cap &&
      group.ete_allotted() == allotted && follows.empty()) {
    return;
  }
  v1::Event event;
  auto* set = event.mutable_group_lead_set();
  set->set_group(group_id);
  set->set_lead(lead);
  set->set_fixed(fixed);
  set->set_ete_cap(cap);
  set->set_ete_allotted(allotted);
  set->set_policy_version(PolicyVersion());
  set->set_follows(follows);
  unit.Emit(CaseId(crn), std::move(event));
}

void FlagTotality(Unit& unit, const std::string& crn) {
  const v1::Case& c = *FindCase(unit, crn);
  int64_t hours = 0;
  for (const v1::Group& group : c.groups()) {
    if (IsLive(c, group)) hours += LeadOf(c, group)->hours();
  }
  if (hours <= 300) return;
  v1::Event event;
  event.mutable_totality_flagged()->set_hours(hours);
  unit.Emit(CaseId(crn), std::move(event));
}

namespace {

// The rules UPW-01 to 05 that may refuse, in the printed order.
std::optional<Rejected> Refuse(const v1::Case* c, const v1::RegisterRequirement& command,
                               const Facts& facts, bool* out_of_bounds) {
  const v1::ListedCode* type = FindCode("order_type", command.order_type());
  if (!type->upw() || type->disabled()) return decider::Reject("ORDER_TYPE_NOT_ELIGIBLE");
  if (c != nullptr && FindRequirement(*c, command.requirement_id()) != nullptr) {
    return decider::Reject("REQUIREMENT_EXISTS");
  }
  const Date order_date = DateOf(command.order_date());
  if (order_date > Today(facts)) return decider::Reject("ORDER_DATE_IN_FUTURE");
  const bool confirmed = command.court_confirmed() && !command.court_ref().empty();
  const HoursBounds bounds = BoundsOf(command.origin(), order_date);
  const bool below = command.hours() < bounds.min, above = command.hours() > bounds.max;
  if (below && !confirmed) return decider::Reject("HOURS_BELOW_MINIMUM");
  if (above && !confirmed) return decider::Reject("HOURS_ABOVE_MAXIMUM");
  *out_of_bounds = below || above;
  if (!command.concurrent_with().empty()) {
    const v1::Requirement& other = *FindRequirement(*c, command.concurrent_with());
    if (other.occasion_id() != command.occasion_id()) {
      return decider::Reject("CONCURRENCY_DIFFERENT_OCCASION");
    }
    if (FindGroup(*c, other.group())->fixed()) {
      return decider::Reject("CONCURRENCY_AFTER_CREDIT");
    }
  }
  if (c != nullptr && !command.occasion_id().empty()) {
    const std::string group = command.concurrent_with().empty()
                                  ? command.requirement_id()
                                  : FindRequirement(*c, command.concurrent_with())->group();
    const bool exceeded = OccasionHours(*c, command.occasion_id(), command.requirement_id(), group,
                                        command.hours()) > bounds.max;
    if (exceeded && !confirmed) return decider::Reject("OCCASION_TOTAL_EXCEEDED");
    *out_of_bounds = *out_of_bounds || exceeded;
  }
  return std::nullopt;
}

}  // namespace

Verdict Decide(Unit& unit, const v1::RegisterRequirement& command, const Facts& facts) {
  const v1::Case* c = FindCase(unit, command.crn());
  Checks checks;
  checks.IdField(command.crn(), "crn");
  checks.IdField(command.requirement_id(), "requirement_id");
  checks.IdField(command.referral_id(), "referral_id");
  checks.IdField(command.order_id(), "order_id");
  checks.DateField(command.order_date(), "order_date");
  checks.Require(command.origin() != v1::ORIGIN_UNSPECIFIED, "origin", "is missing");
  checks.Require(command.hours() > 0 && command.hours() <= 10000, "hours",
                 "must be whole hours, 1 or more");
  checks.Require(!command.court_confirmed() || !command.court_ref().empty(), "court_ref",
                 "is needed when the court confirmed");
  checks.Require(command.concurrent_with().empty() ||
                     (c != nullptr && FindRequirement(*c, command.concurrent_with()) != nullptr),
                 "concurrent_with", "names no requirement of this case");
  checks.KnownIn("order_type", command.order_type(), "order_type");
  const AggregateId id = CaseId(command.crn());
  if (auto rejected = Admit(unit, facts, {id, true, {"SYS", "CO"}}, checks)) return *rejected;
  bool out_of_bounds = false;
  if (auto rejected = Refuse(c, command, facts, &out_of_bounds)) return *rejected;

  const Date on = OccurredOn(facts);
  // UPW-35: the clock starts with a case that has nothing live.
  const bool opens = c == nullptr || c->status() >= v1::CASE_COMPLETED;
  std::string first_offer_due;
  if (opens) {
    const auto due = AddWorkingDays(
        on, static_cast<int>(Policy(on).Int("upw.sla.first_offer_business_days")));
    if (!due.has_value()) return decider::Reject("CALENDAR_NOT_COVERED");
    first_offer_due = FormatDate(*due);
  }

  v1::Event event;
  auto* registered = event.mutable_requirement_registered();
  registered->set_crn(command.crn());
  auto* requirement = registered->mutable_requirement();
  requirement->set_requirement_id(command.requirement_id());
  requirement->set_referral_id(command.referral_id());
  requirement->set_order_id(command.order_id());
  requirement->set_order_type(command.order_type());
  requirement->set_order_date(command.order_date());
  requirement->set_occasion_id(command.occasion_id().empty() ? command.requirement_id()
                                                             : command.occasion_id());
  requirement->set_origin(command.origin());
  requirement->set_hours(command.hours());
  requirement->set_status(v1::REQUIREMENT_LIVE);
  requirement->set_out_of_bounds(out_of_bounds);
  requirement->set_registered_on(FormatDate(on));
  std::string lead = command.requirement_id();
  if (command.concurrent_with().empty()) {
    requirement->set_group(command.requirement_id());
  } else {
    const v1::Group& group = *GroupOf(*c, command.concurrent_with());
    requirement->set_group(group.group_id());
    const v1::Requirement& now = *LeadOf(*c, group);
    // UPW-05: most ordered minutes, ties the smallest id.
    if (std::make_tuple(-now.hours(), now.requirement_id()) <
        std::make_tuple(-command.hours(), command.requirement_id())) {
      lead = now.requirement_id();
    }
  }
  registered->set_lead(lead);
  registered->set_org(command.org());
  registered->set_pdu(command.pdu());
  registered->set_case_reopened(c != nullptr && opens);
  registered->set_policy_version(PolicyVersion());
  registered->set_first_offer_due(first_offer_due);
  const std::string group = requirement->group();
  unit.Emit(id, std::move(event));

  v1::Event window;
  window.mutable_window_set()->set_requirement_id(command.requirement_id());
  const Date order_date = DateOf(command.order_date());
  if (const auto months = Policy(order_date).IntOrNone("upw.window.months")) {
    window.mutable_window_set()->set_last_day(
        FormatDate(PeriodLastDay(order_date, static_cast<int>(*months))));
  }
  window.mutable_window_set()->set_policy_version(PolicyVersion());
  unit.Emit(id, std::move(window));

  Ledger ledger(unit, command.crn(), facts, absl::StrCat("ord/", command.requirement_id()));
  ledger.Order(command.requirement_id(), command.hours() * 60);
  EmitLead(unit, command.crn(), group, lead, false, "");
  ledger.Finish();
  FlagTotality(unit, command.crn());
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
