#include "services/unpaid_work/projections/cases.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/unpaid_work/projections/fold.h"

namespace pdp::unpaid_work {
namespace {

// UPW-04.
constexpr int64_t kTotalityHours = 300;

bool Live(const v1::Requirement& requirement) {
  return requirement.status() == v1::REQUIREMENT_LIVE;
}

// Latest of the live requirements; none when one of them has none.
std::string LastDay(const v1::Case& c) {
  std::string latest;
  for (const v1::Requirement& requirement : c.requirements()) {
    if (!Live(requirement)) continue;
    if (requirement.last_day().empty()) return "";
    latest = std::max(latest, requirement.last_day());
  }
  return latest;
}

// Hours over all groups with a live member; a group counts as its lead.
int64_t LiveHours(const v1::Case& c) {
  std::set<std::string> live;
  for (const v1::Requirement& requirement : c.requirements()) {
    if (Live(requirement)) live.insert(requirement.group());
  }
  int64_t hours = 0;
  for (const v1::Group& group : c.groups()) {
    if (live.count(group.group_id()) == 0) continue;
    for (const v1::Requirement& requirement : c.requirements()) {
      if (requirement.requirement_id() == group.lead()) hours += requirement.hours();
    }
  }
  return hours;
}

void AddFlags(const v1::Case& c, v1::CaseSummary* row) {
  const auto any_live = [&c](auto holds) {
    return std::any_of(c.requirements().begin(), c.requirements().end(),
                       [&](const v1::Requirement& row) { return Live(row) && holds(row); });
  };
  const bool open = any_live([](const v1::Requirement&) { return true; });
  if (any_live([](const v1::Requirement& r) { return r.out_of_bounds(); })) {
    row->add_flags("OUT_OF_BOUNDS");
  }
  if (LiveHours(c) > kTotalityHours) row->add_flags("TOTALITY");
  if (any_live([](const v1::Requirement& r) { return r.expired(); })) {
    row->add_flags("WINDOW_EXPIRED");
  }
  if (c.first_offer_breached()) row->add_flags("FIRST_OFFER_BREACHED");
  if (std::any_of(c.failures().begin(), c.failures().end(), [](const v1::Failure& failure) {
        return failure.status() == v1::FAILURE_OPEN;
      })) {
    row->add_flags("FAILURE_OPEN");
  }
  if (open && c.org().empty()) row->add_flags("ORGANISATION_MISSING");
}

}  // namespace

v1::CaseSummary Summarise(const v1::Case& c) {
  v1::CaseSummary row;
  row.set_crn(c.crn());
  row.set_area(c.area());
  row.set_org(c.org());
  row.set_pdu(c.pdu());
  row.set_status(c.status());
  if (c.has_suspended()) row.set_suspended(c.suspended().reason());
  row.set_owed(PersonOwed(c));
  row.set_open(PersonOpen(c));
  for (const v1::Requirement& requirement : c.requirements()) {
    for (const v1::Balance& balance : requirement.balances()) {
      if (balance.account() == v1::WORKED) row.set_worked(row.worked() + balance.minutes());
      if (balance.account() == v1::ETE_USED) row.set_ete_used(row.ete_used() + balance.minutes());
    }
  }
  row.set_last_day(LastDay(c));
  row.set_registered_on(c.registered_on());
  AddFlags(c, &row);
  return row;
}

absl::Status Cases::Project(const projection::RecordedEvent& recorded,
                            projection::RowWriter& rows) {
  if (recorded.aggregate.kind() != "case") return absl::OkStatus();
  const std::string fold_key = absl::StrCat("f/", recorded.aggregate.id());
  v1::State state;
  v1::Case before;
  if (rows.Get(fold_key, &before)) *state.mutable_case_() = std::move(before);
  Fold(recorded, state);
  DropPersonal(state.mutable_case_());
  rows.Put(fold_key, state.case_());
  rows.Put(absl::StrCat(kOrderPrefix, recorded.aggregate.id()), Summarise(state.case_()));
  return absl::OkStatus();
}

}  // namespace pdp::unpaid_work
