#include "services/unpaid_work/domain/commands.h"

namespace pdp::unpaid_work {

Verdict Decide(Unit& unit, const v1::ReserveCase& command, const Facts& facts) {
  Checks checks;
  checks.IdField(command.crn(), "crn");
  const std::optional<Area> area = Area::FromCode(command.area());
  checks.Require(area.has_value() && !area->is_nat(), "area", "is none of the 12 areas");
  checks.Require(facts.area.is_nat(), "area", "a case is reserved in the cell NAT");
  const AggregateId id = CaseSlotId(command.crn());
  if (auto rejected = Admit(unit, facts, {id, true, {"SYS"}}, checks)) return *rejected;
  const v1::State* state = unit.Find(id);
  if (state != nullptr) {
    const v1::CaseSlot& slot = state->case_slot();
    // UPW-76: one area owns the case of a person.
    if (slot.area() != command.area()) return decider::Reject("OUT_OF_AREA", slot.area());
    if (slot.in_transit()) return decider::Reject("CASE_IN_TRANSIT");
    return v1::Reply();
  }
  v1::Event event;
  event.mutable_case_slot_set()->set_crn(command.crn());
  event.mutable_case_slot_set()->set_area(command.area());
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

// Told again as often as it is asked: the last answer counts.
Verdict Decide(Unit& unit, const v1::ConfirmErasure& command, const Facts& facts) {
  Checks checks;
  checks.IdField(command.crn(), "crn");
  const AggregateId id = ErasureId(command.crn());
  if (auto rejected = Admit(unit, facts, {id, true, {"SYS"}}, checks)) return *rejected;
  v1::Event event;
  event.mutable_erasure_confirmed()->set_crn(command.crn());
  *event.mutable_erasure_confirmed()->mutable_gaps() = command.gaps();
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RaiseIntakeException& command, const Facts& facts) {
  Checks checks;
  checks.IdField(command.referral_id(), "referral_id");
  checks.Require(!command.code().empty(), "code", "is missing");
  const AggregateId id = IntakeExceptionId(command.referral_id());
  if (auto rejected = Admit(unit, facts, {id, true, {"SYS"}}, checks)) return *rejected;
  const v1::State* state = unit.Find(id);
  if (state != nullptr && !state->intake_exception().resolved() &&
      state->intake_exception().code() == command.code()) {
    return v1::Reply();
  }
  v1::Event event;
  auto* exception = event.mutable_intake_exception_raised()->mutable_exception();
  exception->set_referral_id(command.referral_id());
  exception->set_crn(command.crn());
  exception->set_code(command.code());
  exception->set_detail(command.detail());
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::ResolveIntakeException& command, const Facts& facts) {
  const AggregateId id = IntakeExceptionId(command.referral_id());
  const v1::State* state = unit.Find(id);
  Checks checks;
  checks.Require(!command.resolution().empty(), "resolution", "is missing");
  if (auto rejected = Admit(unit, facts, {id, state != nullptr, {"CO", "MG", "SYS"}}, checks)) {
    return *rejected;
  }
  if (state->intake_exception().resolved()) return decider::StateForbidsCommand("RESOLVED");
  v1::Event event;
  event.mutable_intake_exception_resolved()->set_resolution(command.resolution());
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
