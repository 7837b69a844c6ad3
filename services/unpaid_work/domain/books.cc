#include <algorithm>
#include <tuple>

#include "libs/base/check.h"
#include "services/unpaid_work/domain/ledger.h"
#include "services/unpaid_work/domain/policy.h"

// Reading the books of a case.

namespace pdp::unpaid_work {

int64_t BalanceOf(const v1::Requirement& requirement, v1::Account account) {
  for (const v1::Balance& balance : requirement.balances()) {
    if (balance.account() == account) return balance.minutes();
  }
  return 0;
}

int64_t OrderedMinutes(const v1::Requirement& requirement) {
  return -BalanceOf(requirement, v1::COURT);
}

const v1::Requirement* FindRequirement(const v1::Case& c, absl::string_view requirement_id) {
  for (const v1::Requirement& requirement : c.requirements()) {
    if (absl::string_view(requirement.requirement_id()) == requirement_id) return &requirement;
  }
  return nullptr;
}

const v1::Group* FindGroup(const v1::Case& c, absl::string_view group_id) {
  for (const v1::Group& group : c.groups()) {
    if (absl::string_view(group.group_id()) == group_id) return &group;
  }
  return nullptr;
}

const v1::Group* GroupOf(const v1::Case& c, absl::string_view requirement_id) {
  const v1::Requirement* requirement = FindRequirement(c, requirement_id);
  return requirement == nullptr ? nullptr : FindGroup(c, requirement->group());
}

const v1::Requirement* LeadOf(const v1::Case& c, const v1::Group& group) {
  const v1::Requirement* lead = FindRequirement(c, group.lead());
  PDP_CHECK(lead != nullptr, "a group has no lead");
  return lead;
}

bool IsLive(const v1::Requirement& requirement) {
  return requirement.status() == v1::REQUIREMENT_LIVE;
}

bool IsRunning(const v1::Requirement& requirement) {
  return IsLive(requirement) || requirement.status() == v1::REQUIREMENT_HOURS_DONE;
}

bool IsLive(const v1::Case& c, const v1::Group& group) {
  return std::any_of(group.members().begin(), group.members().end(), [&c](const auto& member) {
    return IsLive(*FindRequirement(c, member));
  });
}

int64_t GroupOwed(const v1::Case& c, const v1::Group& group) {
  return BalanceOf(*LeadOf(c, group), v1::OWED);
}

int64_t GroupOpen(const v1::Case& c, const v1::Group& group) {
  int64_t open = 0;
  for (const v1::Appointment& appointment : c.appointments()) {
    if (appointment.group() == group.group_id()) open += appointment.offer().open();
  }
  return open;
}

int64_t EteUsed(const v1::Case& c, const v1::Group& group) {
  return BalanceOf(*LeadOf(c, group), v1::ETE_USED);
}

int64_t OpenEte(const v1::Case& c, const v1::Group& group) {
  int64_t open = 0;
  for (const v1::Appointment& appointment : c.appointments()) {
    if (appointment.group() != group.group_id() || appointment.kind() != v1::ETE) continue;
    open += appointment.offer().open();
  }
  return open;
}

bool WindowInForce(Date on) {
  return Policy(on).IntOrNone("upw.window.months").has_value();
}

std::optional<Date> GroupLastDay(const v1::Case& c, const v1::Group& group, Date as_of) {
  std::optional<Date> latest;
  for (const std::string& member : group.members()) {
    const v1::Requirement& requirement = *FindRequirement(c, member);
    if (!IsLive(requirement)) continue;
    if (requirement.last_day().empty()) return std::nullopt;
    const Date last_day = DateOf(requirement.last_day());
    if (!latest.has_value() || last_day > *latest) latest = last_day;
  }
  // The repeal reaches what runs past its day (UPW-06).
  if (latest.has_value() && !WindowInForce(std::max(as_of, *latest + 1))) return std::nullopt;
  return latest;
}

std::vector<const v1::Group*> GroupsInOrder(const v1::Case& c, Date as_of) {
  std::vector<const v1::Group*> groups;
  for (const v1::Group& group : c.groups()) {
    if (IsRunning(*LeadOf(c, group))) groups.push_back(&group);
  }
  const auto key = [&](const v1::Group* group) {
    const std::optional<Date> last_day = GroupLastDay(c, *group, as_of);
    return std::make_tuple(!last_day.has_value(), last_day.value_or(Date()),
                           LeadOf(c, *group)->order_date(), group->lead());
  };
  std::sort(groups.begin(), groups.end(),
            [&key](const v1::Group* a, const v1::Group* b) { return key(a) < key(b); });
  return groups;
}

const v1::Group* OfferingGroup(const v1::Case& c, Date as_of) {
  for (const v1::Group* group : GroupsInOrder(c, as_of)) {
    if (GroupOwed(c, *group) - GroupOpen(c, *group) > 0) return group;
  }
  return nullptr;
}

int64_t PersonOwed(const v1::Case& c) {
  int64_t owed = 0;
  for (const v1::Group& group : c.groups()) {
    if (IsLive(c, group)) owed += GroupOwed(c, group);
  }
  return owed;
}

int64_t PersonOpen(const v1::Case& c) {
  int64_t open = 0;
  for (const v1::Appointment& appointment : c.appointments()) open += appointment.offer().open();
  return open;
}

}  // namespace pdp::unpaid_work
