#include "services/unpaid_work/domain/ledger.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "services/unpaid_work/domain/policy.h"

namespace pdp::unpaid_work {
namespace {

// What has been served of a book, whoever it counts for.
int64_t Discharged(const v1::Requirement& requirement) {
  int64_t minutes = 0;
  for (const v1::Account account : {v1::WORKED, v1::ETE_USED, v1::TRAVEL, v1::ADJUST, v1::EARNED,
                                    v1::CONCURRENT}) {
    minutes += BalanceOf(requirement, account);
  }
  return minutes;
}

bool IsWork(v1::Account account) { return account == v1::WORKED || account == v1::ETE_USED; }

}  // namespace

Ledger::Ledger(Unit& unit, std::string crn, const Facts& facts, std::string cause)
    : unit_(unit), crn_(std::move(crn)), facts_(facts), cause_(std::move(cause)) {}

const v1::Case& Ledger::Read() const {
  const v1::Case* c = FindCase(unit_, crn_);
  PDP_CHECK(c != nullptr, "the ledger of a case that is not there");
  return *c;
}

void Ledger::Post(const std::string& book, Posting posting) {
  PDP_CHECK(posting.minutes > 0, "a posting moves minutes (UPW-11)");
  v1::Event event;
  auto* posted = event.mutable_minutes_posted();
  posted->set_entry_id(absl::StrCat(crn_, "/", Read().entries_posted() + 1));
  posted->set_book(book);
  posted->set_from(posting.from);
  posted->set_to(posting.to);
  posted->set_minutes(posting.minutes);
  posted->set_cause(cause_);
  posted->set_appointment_id(std::move(posting.appointment_id));
  posted->set_adjustment_id(std::move(posting.adjustment_id));
  posted->set_work_date(std::move(posting.work_date));
  posted->set_reverses(std::move(posting.reverses));
  unit_.Emit(CaseId(crn_), std::move(event));
  PDP_CHECK(BalanceOf(*FindRequirement(Read(), book), v1::OWED) >= 0, "OWED below 0 (UPW-11)");
}

void Ledger::Reverse(const v1::Entry& entry) {
  const v1::Requirement& requirement = *FindRequirement(Read(), entry.book());
  const bool terminated = requirement.status() == v1::REQUIREMENT_TERMINATED;
  if (terminated && std::find(former_.begin(), former_.end(), entry.book()) == former_.end()) {
    former_.push_back(entry.book());
  }
  const std::string book = entry.book();
  const int64_t minutes = entry.minutes();
  Post(book, {.from = entry.to(),
              .to = entry.from(),
              .minutes = minutes,
              .appointment_id = entry.appointment_id(),
              .adjustment_id = entry.adjustment_id(),
              .work_date = entry.work_date(),
              .reverses = entry.entry_id()});
  // Nothing is owed under an order that has ended (UPW-20).
  if (terminated) Post(book, {.from = v1::OWED, .to = v1::CANCELLED, .minutes = minutes});
}

void Ledger::Order(const std::string& requirement_id, int64_t minutes) {
  if (minutes > 0) {
    Post(requirement_id, {.from = v1::COURT, .to = v1::OWED, .minutes = minutes});
  } else if (minutes < 0) {
    Post(requirement_id, {.from = v1::OWED, .to = v1::COURT, .minutes = -minutes});
  }
}

void Ledger::Cancel(const std::string& requirement_id) {
  const int64_t owed = BalanceOf(*FindRequirement(Read(), requirement_id), v1::OWED);
  if (owed > 0) Post(requirement_id, {.from = v1::OWED, .to = v1::CANCELLED, .minutes = owed});
}

int64_t Ledger::Room(const v1::Group& group, v1::Account account) const {
  const v1::Case& c = Read();
  int64_t room = GroupOwed(c, group);
  if (account == v1::ETE_USED) room = std::min(room, group.ete_allotted() - EteUsed(c, group));
  return std::max<int64_t>(0, room);
}

int64_t Ledger::CreditGroups(const Work& work) {
  int64_t left = work.minutes;
  // The order is fixed before the first posting: filling one group does not move another.
  std::vector<std::string> groups;
  for (const v1::Group* group : GroupsInOrder(Read(), Today(facts_))) {
    groups.push_back(group->group_id());
  }
  for (const std::string& group_id : groups) {
    const v1::Group& group = *FindGroup(Read(), group_id);
    // Work done before an order was made cannot serve it.
    if (work.work_date < LeadOf(Read(), group)->order_date()) continue;
    const int64_t minutes = std::min(left, Room(group, work.account));
    if (minutes == 0) continue;
    const std::string lead = group.lead();
    Post(lead, {.from = v1::OWED,
                .to = work.account,
                .minutes = minutes,
                .appointment_id = work.appointment_id,
                .work_date = work.work_date});
    left -= minutes;
  }
  return work.minutes - left;
}

int64_t Ledger::CreditFormer(const Work& work) {
  int64_t left = work.minutes;
  for (const std::string& book : former_) {
    const v1::Requirement& requirement = *FindRequirement(Read(), book);
    if (work.work_date > requirement.terminated_on()) continue;
    const int64_t minutes = std::min(left, BalanceOf(requirement, v1::CANCELLED));
    if (minutes == 0) continue;
    Post(book, {.from = v1::CANCELLED, .to = v1::OWED, .minutes = minutes});
    Post(book, {.from = v1::OWED,
                .to = work.account,
                .minutes = minutes,
                .appointment_id = work.appointment_id,
                .work_date = work.work_date});
    left -= minutes;
  }
  return work.minutes - left;
}

int64_t Ledger::Credit(const Work& work) {
  if (work.minutes <= 0) return 0;
  int64_t posted = CreditFormer(work);
  Work rest = work;
  rest.minutes -= posted;
  if (rest.minutes > 0) posted += CreditGroups(rest);
  if (posted < work.minutes && work.keep_surplus) {
    v1::Event event;
    auto* surplus = event.mutable_surplus_kept()->mutable_surplus();
    surplus->set_work_date(work.work_date);
    surplus->set_appointment_id(work.appointment_id);
    surplus->set_minutes(work.minutes - posted);
    surplus->set_account(work.account);
    unit_.Emit(CaseId(crn_), std::move(event));
  }
  return posted;
}

void Ledger::ReverseAppointment(const std::string& appointment_id, bool with_travel) {
  const auto entries = Read().entries();
  for (const v1::Entry& entry : entries) {
    if (entry.appointment_id() != appointment_id) continue;
    if (IsWork(entry.to()) || with_travel) Reverse(entry);
  }
  const auto kept = Read().surplus();
  for (const v1::Surplus& surplus : kept) {
    if (surplus.appointment_id() != appointment_id) continue;
    v1::Event event;
    *event.mutable_surplus_drawn()->mutable_surplus() = surplus;
    event.mutable_surplus_drawn()->set_reversed(true);
    unit_.Emit(CaseId(crn_), std::move(event));
  }
}

void Ledger::Adjust(const v1::Adjustment& adjustment) {
  const std::string lead = GroupOf(Read(), adjustment.group())->lead();
  const bool decrease = adjustment.direction() == v1::DECREASE;
  Post(lead, {.from = decrease ? v1::OWED : v1::ADJUST,
              .to = decrease ? v1::ADJUST : v1::OWED,
              .minutes = adjustment.minutes(),
              .adjustment_id = adjustment.adjustment_id(),
              .work_date = adjustment.on()});
}

void Ledger::ReverseAdjustment(const std::string& adjustment_id) {
  const auto entries = Read().entries();
  for (const v1::Entry& entry : entries) {
    if (entry.adjustment_id() == adjustment_id) Reverse(entry);
  }
}

void Ledger::RedrawSurplus() {
  auto kept = Read().surplus();
  std::sort(kept.begin(), kept.end(), [](const v1::Surplus& a, const v1::Surplus& b) {
    return std::tie(a.work_date(), a.appointment_id()) <
           std::tie(b.work_date(), b.appointment_id());
  });
  for (const v1::Surplus& surplus : kept) {
    const int64_t drawn = CreditGroups({.account = surplus.account(),
                                        .minutes = surplus.minutes(),
                                        .appointment_id = surplus.appointment_id(),
                                        .work_date = surplus.work_date()});
    if (drawn == 0) continue;
    v1::Event event;
    *event.mutable_surplus_drawn()->mutable_surplus() = surplus;
    event.mutable_surplus_drawn()->mutable_surplus()->set_minutes(drawn);
    unit_.Emit(CaseId(crn_), std::move(event));
  }
}

// UPW-20: what counted for a follower while another led stays, and follows that work's corrections.
void Ledger::SettleLeads() {
  const auto groups = Read().groups();
  for (const v1::Group& group : groups) {
    const v1::Requirement& lead = *LeadOf(Read(), group);
    if (lead.follows().empty() || !IsRunning(lead)) continue;
    const int64_t concurrent = BalanceOf(lead, v1::CONCURRENT);
    const int64_t own = Discharged(lead) - concurrent;
    const int64_t target = std::min(Discharged(*FindRequirement(Read(), lead.follows())),
                                    OrderedMinutes(lead) - own);
    if (target > concurrent) {
      Post(group.lead(), {.from = v1::OWED, .to = v1::CONCURRENT, .minutes = target - concurrent});
    } else if (target < concurrent) {
      Post(group.lead(), {.from = v1::CONCURRENT, .to = v1::OWED, .minutes = concurrent - target});
    }
  }
}

// UPW-11: CONCURRENT = min(ordered, lead.ordered - lead.OWED).
void Ledger::SettleFollowers() {
  const auto groups = Read().groups();
  for (const v1::Group& group : groups) {
    const v1::Requirement& lead = *LeadOf(Read(), group);
    if (!IsRunning(lead)) continue;
    const int64_t served = OrderedMinutes(lead) - BalanceOf(lead, v1::OWED);
    for (const std::string& member : group.members()) {
      const v1::Requirement& follower = *FindRequirement(Read(), member);
      if (member == group.lead() || !IsRunning(follower)) continue;
      const int64_t target = std::min(OrderedMinutes(follower), served);
      const int64_t now = BalanceOf(follower, v1::CONCURRENT);
      if (target > now) {
        Post(member, {.from = v1::OWED, .to = v1::CONCURRENT, .minutes = target - now});
      } else if (target < now) {
        Post(member, {.from = v1::CONCURRENT, .to = v1::OWED, .minutes = now - target});
      }
    }
  }
}

// UPW-05: the lead is fixed at the first discharge.
void Ledger::FixLeads() {
  const auto groups = Read().groups();
  for (const v1::Group& group : groups) {
    if (group.fixed() || Discharged(*LeadOf(Read(), group)) == 0) continue;
    v1::Event event;
    auto* set = event.mutable_group_lead_set();
    set->set_group(group.group_id());
    set->set_lead(group.lead());
    set->set_fixed(true);
    set->set_ete_cap(group.ete_cap());
    set->set_ete_allotted(group.ete_allotted());
    set->set_policy_version(PolicyVersion());
    unit_.Emit(CaseId(crn_), std::move(event));
  }
}

void Ledger::MarkDone(const v1::Requirement& requirement) {
  const v1::Case& c = Read();
  const v1::Group& group = *GroupOf(c, requirement.requirement_id());
  // The work date of the latest posting of its own book, or of the lead's for a follower.
  std::string work_date;
  for (const v1::Entry& entry : c.entries()) {
    if (entry.book() == group.lead() || entry.book() == requirement.requirement_id()) {
      work_date = std::max(work_date, entry.work_date());
    }
  }
  if (work_date.empty()) work_date = FormatDate(OccurredOn(facts_));
  v1::Event event;
  auto* done = event.mutable_requirement_hours_done();
  done->set_requirement_id(requirement.requirement_id());
  done->set_referral_id(requirement.referral_id());
  done->set_work_date(work_date);
  const std::optional<Date> last_day = GroupLastDay(c, group, Today(facts_));
  done->set_in_window(!last_day.has_value() || DateOf(work_date) <= *last_day);
  done->set_org(c.org());
  done->set_n(requirement.times_done() + 1);
  done->set_policy_version(PolicyVersion());
  if (!c.org().empty()) {
    auto* fact = done->mutable_fact();
    fact->set_fact_id(absl::StrCat("unpaid_work/done/", requirement.requirement_id(), "/",
                                   done->n()));
    fact->set_kind(common::v1::DeliveryFact::HOURS_DONE);
    fact->set_service("UPW");
    fact->set_delivery_org(c.org());
    fact->set_area(c.area());
    fact->set_pdu(c.pdu());
    fact->set_referral_id(requirement.referral_id());
    fact->set_service_date(work_date);
    fact->set_quantity_centi(100);
  }
  unit_.Emit(CaseId(crn_), std::move(event));
}

void Ledger::MarkReopened(const v1::Requirement& requirement) {
  v1::Event event;
  auto* reopened = event.mutable_requirement_reopened();
  reopened->set_requirement_id(requirement.requirement_id());
  reopened->set_referral_id(requirement.referral_id());
  reopened->set_cause(cause_);
  reopened->set_org(requirement.done_org());
  reopened->set_policy_version(PolicyVersion());
  if (!requirement.done_org().empty()) {
    // Names what was charged: the organisation, area and day of the done it cancels.
    auto* fact = reopened->mutable_fact();
    const std::string done = absl::StrCat("unpaid_work/done/", requirement.requirement_id(), "/",
                                          requirement.times_done());
    fact->set_fact_id(absl::StrCat(done, "/x"));
    fact->set_supersedes(done);
    fact->set_cancelled(true);
    fact->set_kind(common::v1::DeliveryFact::HOURS_DONE);
    fact->set_service("UPW");
    fact->set_delivery_org(requirement.done_org());
    fact->set_area(Read().area());
    fact->set_pdu(Read().pdu());
    fact->set_referral_id(requirement.referral_id());
    fact->set_service_date(requirement.done_on());
  }
  unit_.Emit(CaseId(crn_), std::move(event));
}

void Ledger::UpdateRequirements() {
  const auto requirements = Read().requirements();
  for (const v1::Requirement& requirement : requirements) {
    const bool owed = BalanceOf(requirement, v1::OWED) > 0;
    if (IsLive(requirement) && !owed) MarkDone(requirement);
    if (requirement.status() == v1::REQUIREMENT_HOURS_DONE && owed) MarkReopened(requirement);
  }
}

void Ledger::UpdateCase() {
  const v1::Case& c = Read();
  const bool live = std::any_of(c.requirements().begin(), c.requirements().end(),
                                [](const auto& requirement) { return IsLive(requirement); });
  v1::CaseStatus to = c.status();
  if (!live) {
    to = v1::CASE_COMPLETED;
  } else if (c.status() == v1::CASE_COMPLETED || c.status() == v1::CASE_CLOSED) {
    to = HighestStatus(c);
  }
  if (to == c.status() || (!live && c.status() == v1::CASE_CLOSED)) return;
  v1::Event event;
  event.mutable_case_status_changed()->set_from(c.status());
  event.mutable_case_status_changed()->set_to(to);
  unit_.Emit(CaseId(crn_), std::move(event));
}

void Ledger::Finish() {
  SettleLeads();
  RedrawSurplus();
  SettleFollowers();
  FixLeads();
  UpdateRequirements();
  UpdateCase();
  TrimOffers(unit_, crn_, facts_);
}

}  // namespace pdp::unpaid_work
