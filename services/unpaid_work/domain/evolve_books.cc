#include <algorithm>

#include "libs/base/check.h"
#include "services/unpaid_work/domain/evolve.h"

namespace pdp::unpaid_work::evolve {
namespace {

void Add(v1::Requirement& requirement, v1::Account account, int64_t minutes) {
  for (v1::Balance& balance : *requirement.mutable_balances()) {
    if (balance.account() == account) {
      balance.set_minutes(balance.minutes() + minutes);
      return;
    }
  }
  v1::Balance* balance = requirement.add_balances();
  balance->set_account(account);
  balance->set_minutes(minutes);
}

}  // namespace

v1::Requirement* MutableRequirement(v1::Case& c, const std::string& requirement_id) {
  for (v1::Requirement& requirement : *c.mutable_requirements()) {
    if (requirement.requirement_id() == requirement_id) return &requirement;
  }
  PDP_CHECK(false, "an event on a requirement that is not there");
  return nullptr;
}

v1::Group* MutableGroup(v1::Case& c, const std::string& group_id) {
  for (v1::Group& group : *c.mutable_groups()) {
    if (group.group_id() == group_id) return &group;
  }
  v1::Group* group = c.add_groups();
  group->set_group_id(group_id);
  return group;
}

void Registered(v1::Case& c, const v1::RequirementRegistered& event, const EventFacts& facts) {
  if (c.crn().empty()) {
    c.set_crn(event.crn());
    c.set_area(std::string(facts.area.code()));
    c.set_status(v1::CASE_REGISTERED);
    c.set_registered_on(event.requirement().registered_on());
    c.set_plan_minutes(420);
  }
  if (!event.org().empty()) c.set_org(event.org());
  if (!event.pdu().empty()) c.set_pdu(event.pdu());
  if (!event.first_offer_due().empty()) {
    c.set_first_offer_due(event.first_offer_due());
    c.set_first_offer_breached(false);
    c.clear_first_offered_on();
  }
  *c.add_requirements() = event.requirement();
  v1::Group* group = MutableGroup(c, event.requirement().group());
  group->add_members(event.requirement().requirement_id());
  group->set_lead(event.lead());
}

void Terminated(v1::Case& c, const v1::RequirementTerminated& event) {
  v1::Requirement* requirement = MutableRequirement(c, event.requirement_id());
  requirement->set_status(v1::REQUIREMENT_TERMINATED);
  requirement->set_termination(event.reason());
  requirement->set_terminated_on(event.on());
}

void HoursDone(v1::Case& c, const v1::RequirementHoursDone& event) {
  v1::Requirement* requirement = MutableRequirement(c, event.requirement_id());
  requirement->set_status(v1::REQUIREMENT_HOURS_DONE);
  requirement->set_times_done(event.n());
  requirement->set_done_on(event.work_date());
  requirement->set_done_org(event.org());
}

void Reopened(v1::Case& c, const v1::RequirementReopened& event) {
  v1::Requirement* requirement = MutableRequirement(c, event.requirement_id());
  requirement->set_status(v1::REQUIREMENT_LIVE);
  requirement->clear_done_on();
  requirement->clear_done_org();
}

void LeadSet(v1::Case& c, const v1::GroupLeadSet& event) {
  v1::Group* group = MutableGroup(c, event.group());
  group->set_lead(event.lead());
  group->set_fixed(event.fixed());
  group->set_ete_cap(event.ete_cap());
  group->set_ete_allotted(event.ete_allotted());
  if (!event.follows().empty()) {
    MutableRequirement(c, event.lead())->set_follows(event.follows());
  }
}

void Posted(v1::Case& c, const v1::MinutesPosted& event) {
  c.set_entries_posted(c.entries_posted() + 1);
  v1::Requirement* requirement = MutableRequirement(c, event.book());
  Add(*requirement, event.from(), -event.minutes());
  Add(*requirement, event.to(), event.minutes());
  if (!event.reverses().empty()) {
    auto* entries = c.mutable_entries();
    entries->erase(std::remove_if(entries->begin(), entries->end(),
                                  [&event](const v1::Entry& entry) {
                                    return entry.entry_id() == event.reverses();
                                  }),
                   entries->end());
    return;
  }
  // Only what can be taken back later is kept: attendance, travel, adjustments.
  if (event.appointment_id().empty() && event.adjustment_id().empty()) return;
  v1::Entry* entry = c.add_entries();
  entry->set_entry_id(event.entry_id());
  entry->set_book(event.book());
  entry->set_from(event.from());
  entry->set_to(event.to());
  entry->set_minutes(event.minutes());
  entry->set_cause(event.cause());
  entry->set_appointment_id(event.appointment_id());
  entry->set_adjustment_id(event.adjustment_id());
  entry->set_work_date(event.work_date());
}

void Drawn(v1::Case& c, const v1::SurplusDrawn& event) {
  auto* kept = c.mutable_surplus();
  for (auto it = kept->begin(); it != kept->end(); ++it) {
    if (it->appointment_id() != event.surplus().appointment_id() ||
        it->account() != event.surplus().account()) {
      continue;
    }
    it->set_minutes(it->minutes() - event.surplus().minutes());
    if (it->minutes() <= 0) kept->erase(it);
    return;
  }
}

}  // namespace pdp::unpaid_work::evolve
