#include <algorithm>
#include <set>

#include "services/subcontractor/domain/commands.h"

// SuspendSubcontract, ResumeSubcontract, EndSubcontract: SUB-38, 41, 50. A suspension stops draws
// (E_SUSPENDED) and not payment: what was delivered stays charged. The notice days of the sheet
// bind the parties when they end a subcontract; the authority ends it without notice.
//
//   state      | suspend   | resume    | end
//   ACTIVE     | SUSPENDED | forbidden | notice; ENDED when the last day is over
//   SUSPENDED  | no effect | ACTIVE    | the same
//   ENDED      | forbidden | forbidden | forbidden (the timer: no effect)

namespace pdp::subcontractor {
namespace {

constexpr size_t kReasonBytesMax = 500;

// NOT_FOUND for outsiders, FUNCTION_REQUIRED for a party's user without ADMIN, then the version.
std::optional<Rejected> Admit(const Unit& unit, const v1::SubcontractState* state,
                              const AggregateId& id, const Facts& facts) {
  if (state == nullptr) return decider::NotFound(id);
  if (!IsAuthority(facts)) {
    const std::string& own = facts.actor.organisation();
    if (own.empty() || (own != state->org() && own != state->prime_org())) {
      return decider::NotFound(id);
    }
    if (!Holds(facts, own, "ADMIN")) return NotHeld(facts, own, "ADMIN");
  }
  return decider::CheckVersion(facts, id, unit.VersionOf(id));
}

void RequireReason(Checks& checks, const std::string& reason) {
  checks.Require(!reason.empty() && reason.size() <= kReasonBytesMax, "reason",
                 "must be 1 to 500 bytes");
}

bool IsRunning(const v1::SubcontractState& state) {
  return state.status() == v1::SUBCONTRACT_ACTIVE || state.status() == v1::SUBCONTRACT_SUSPENDED;
}

template <typename Out>
void FillScope(const v1::SubcontractState& state, Area area, const std::string& reason, Out* out) {
  const v1::TermSheet& sheet = state.versions(state.versions_size() - 1).sheet();
  out->set_contract_id(state.contract_id());
  out->set_subcontract_id(state.subcontract_id());
  out->set_org(state.org());
  out->set_area(std::string(area.code()));
  std::set<std::string> services, pdus;
  for (const v1::ServiceScope& scope : sheet.scope()) {
    services.insert(scope.service());
    pdus.insert(scope.pdus().begin(), scope.pdus().end());
  }
  for (const std::string& service : services) out->add_services(service);
  for (const std::string& pdu : pdus) out->add_pdus(pdu);
  out->set_from(sheet.start());
  out->set_to(LastDay(state));
  out->set_reason(reason);
}

// The last day is over: the end itself, and the provider's cover ends with it.
Verdict End(Unit& unit, const v1::SubcontractState& state, const AggregateId& id,
            const Facts& facts) {
  const std::string last = LastDay(state);
  if (!IsRunning(state) || FormatDate(Today(facts)) <= last) return v1::Reply();
  v1::Event ended;
  FillScope(state, facts.area, "", ended.mutable_subcontract_ended());
  v1::Event listing;
  v1::SubcontractListed* listed = listing.mutable_subcontract_listed();
  listed->set_subcontract_id(state.subcontract_id());
  *listed->mutable_scope() = state.versions(state.versions_size() - 1).sheet().scope();
  listed->set_from(ended.subcontract_ended().from());
  listed->set_to(last);
  unit.Emit(id, std::move(ended));
  unit.Emit(ProviderId(state.org()), std::move(listing));
  return v1::Reply();
}

}  // namespace

std::string LastDay(const v1::SubcontractState& state) {
  if (state.versions().empty()) return "";
  const std::string& end = state.versions(state.versions_size() - 1).sheet().end();
  return state.ends_on().empty() ? end : std::min(state.ends_on(), end);
}

Verdict Decide(Unit& unit, const v1::SuspendSubcontract& command, const Facts& facts) {
  const AggregateId id = SubcontractId(command.subcontract_id());
  const v1::SubcontractState* state = FindSubcontract(unit, command.subcontract_id());
  if (auto refused = Admit(unit, state, id, facts)) return *refused;
  Checks checks;
  RequireReason(checks, command.reason());
  if (!checks.ok()) return checks.Failed();
  if (!IsRunning(*state)) {
    return decider::StateForbidsCommand(v1::SubcontractStatus_Name(state->status()));
  }
  if (state->status() == v1::SUBCONTRACT_SUSPENDED) return v1::Reply();
  v1::Event event;
  FillScope(*state, facts.area, command.reason(), event.mutable_subcontract_suspended());
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::ResumeSubcontract& command, const Facts& facts) {
  const AggregateId id = SubcontractId(command.subcontract_id());
  const v1::SubcontractState* state = FindSubcontract(unit, command.subcontract_id());
  if (auto refused = Admit(unit, state, id, facts)) return *refused;
  Checks checks;
  RequireReason(checks, command.reason());
  if (!checks.ok()) return checks.Failed();
  if (state->status() != v1::SUBCONTRACT_SUSPENDED) {
    return decider::StateForbidsCommand(v1::SubcontractStatus_Name(state->status()));
  }
  v1::Event event;
  FillScope(*state, facts.area, command.reason(), event.mutable_subcontract_resumed());
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::EndSubcontract& command, const Facts& facts) {
  const AggregateId id = SubcontractId(command.subcontract_id());
  const v1::SubcontractState* state = FindSubcontract(unit, command.subcontract_id());
  if (state != nullptr && IsSystem(facts)) {
    return End(unit, v1::SubcontractState(*state), id, facts);
  }
  if (auto refused = Admit(unit, state, id, facts)) return *refused;
  Checks checks;
  RequireReason(checks, command.reason());
  const auto on = checks.DateField(command.on(), "on");
  checks.Require(!on || *on >= Today(facts), "on", "must not lie in the past");
  const std::string last = LastDay(*state);
  checks.Require(!on || last.empty() || command.on() <= last, "on",
                 "lies behind the end that stands already");
  if (!checks.ok()) return checks.Failed();
  if (!IsRunning(*state)) {
    return decider::StateForbidsCommand(v1::SubcontractStatus_Name(state->status()));
  }
  if (!IsAuthority(facts)) {
    const int64_t notice = state->versions(state->versions_size() - 1).sheet().notice_days();
    const Date earliest = Today(facts) + static_cast<int>(notice);
    if (*on < earliest) {
      Rejected rejected = decider::Reject("NOTICE_TOO_SHORT",
                                          absl::StrCat("notice is ", notice, " days"));
      rejected.metadata["earliest"] = FormatDate(earliest);
      return rejected;
    }
  }
  if (state->ends_on() == command.on()) return v1::Reply();
  v1::Event event;
  v1::SubcontractEndNoticed* noticed = event.mutable_subcontract_end_noticed();
  noticed->set_subcontract_id(command.subcontract_id());
  noticed->set_on(command.on());
  if (!IsAuthority(facts)) noticed->set_by_org(facts.actor.organisation());
  noticed->set_reason(command.reason());
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

}  // namespace pdp::subcontractor
