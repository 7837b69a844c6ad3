// Facilitators, sites and rooms (PRG-31, 34, 37, 38, 40).

#include "libs/base/calendar.h"
#include "services/programmes/domain/programmes.h"

namespace pdp::programmes {
namespace {

// DATES_INVALID when a range is malformed or backwards.
std::optional<Rejected> CheckRange(const v1::DateRange& range) {
  const auto from = ParseDate(range.from()), to = ParseDate(range.to());
  if (from.has_value() && to.has_value() && *from <= *to) return std::nullopt;
  return Reject("DATES_INVALID", "from and to are dates, from not behind to");
}

}  // namespace

Verdict Handle(Unit& unit, const v1::RegisterFacilitator& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"PM", "TM"})) return *refused;
  if (auto refused = CheckOrganisation(facts, command.org())) return *refused;
  if (command.staff_id().empty() || command.org().empty()) {
    return decider::ValidationFailed({{"FIELD_MISSING", "", "staff_id, org", "must be given"}});
  }
  if (const v1::Facilitator* known = FindFacilitator(unit, command.staff_id())) {
    if (known->org() == command.org()) return v1::Reply();
    return decider::StateForbidsCommand("REGISTERED");
  }
  v1::Event event;
  event.mutable_facilitator_registered()->set_staff_id(command.staff_id());
  event.mutable_facilitator_registered()->set_org(command.org());
  unit.Emit(FacilitatorId(command.staff_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RecordCapability& command, const Facts& facts) {
  const v1::Facilitator* staff = FindFacilitator(unit, command.staff_id());
  if (staff == nullptr) return decider::NotFound(FacilitatorId(command.staff_id()));
  if (auto refused = CheckRole(facts, {"PM", "TM"})) return *refused;
  if (auto refused = CheckOrganisation(facts, staff->org())) return *refused;
  const auto gained = ParseDate(command.capability().gained_on());
  const auto expires = ParseDate(command.capability().expires_on());
  if (!gained.has_value() || (!command.capability().expires_on().empty() && !expires.has_value()) ||
      (expires.has_value() && *expires < *gained)) {
    return Reject("DATES_INVALID", "gained_on is a date, expires_on a later one or absent");
  }
  v1::Event event;
  *event.mutable_capability_recorded()->mutable_capability() = command.capability();
  unit.Emit(FacilitatorId(command.staff_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RecordLeave& command, const Facts& facts) {
  const v1::Facilitator* staff = FindFacilitator(unit, command.staff_id());
  if (staff == nullptr) return decider::NotFound(FacilitatorId(command.staff_id()));
  if (auto refused = CheckRole(facts, {"PM", "TM"})) return *refused;
  if (auto refused = CheckOrganisation(facts, staff->org())) return *refused;
  if (auto refused = CheckRange(command.leave())) return *refused;
  v1::Event event;
  *event.mutable_leave_recorded()->mutable_leave() = command.leave();
  unit.Emit(FacilitatorId(command.staff_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::DeclareStaffIdentity& command, const Facts& facts) {
  if (FindFacilitator(unit, command.staff_id()) == nullptr) {
    return decider::NotFound(FacilitatorId(command.staff_id()));
  }
  if (auto refused = CheckRole(facts, {"FAC"})) return *refused;
  if (command.gender().empty() && command.identity_codes().empty()) {
    return decider::ValidationFailed(
        {{"FIELD_MISSING", "", "gender, identity_codes", "one of them is declared"}});
  }
  if (command.consent_id().empty()) return Reject("CONSENT_REQUIRED");
  if (facts.actor.id() != command.staff_id()) {
    return Reject("NOT_SELF", "staff declare for themselves only");
  }
  v1::Event event;
  v1::StaffIdentityDeclared* declared = event.mutable_staff_identity_declared();
  declared->set_staff_id(command.staff_id());
  declared->set_gender(command.gender());
  *declared->mutable_identity_codes() = command.identity_codes();
  declared->set_consent_id(command.consent_id());
  unit.Emit(FacilitatorId(command.staff_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::WithdrawStaffIdentity& command, const Facts& facts) {
  const v1::Facilitator* staff = FindFacilitator(unit, command.staff_id());
  if (staff == nullptr) return decider::NotFound(FacilitatorId(command.staff_id()));
  if (auto refused = CheckRole(facts, {"FAC"})) return *refused;
  if (facts.actor.id() != command.staff_id()) return Reject("NOT_SELF");
  if (staff->consent_id().empty()) return v1::Reply();
  v1::Event event;
  event.mutable_staff_identity_withdrawn()->set_staff_id(command.staff_id());
  event.mutable_staff_identity_withdrawn()->set_on(FormatDate(Today(facts)));
  unit.Emit(FacilitatorId(command.staff_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RegisterSite& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"PM", "SCH"})) return *refused;
  std::vector<Violation> bad;
  if (command.site_id().empty()) bad.push_back({"FIELD_MISSING", "", "site_id", "must be given"});
  if (command.pdu().empty()) bad.push_back({"FIELD_MISSING", "", "pdu", "must be given"});
  if (command.opens_min() < 0 || command.opens_min() >= command.closes_min() ||
      command.closes_min() > 24 * 60) {
    bad.push_back({"OUT_OF_RANGE", "", "opens_min, closes_min", "minutes of one day, in order"});
  }
  if (!bad.empty()) return decider::ValidationFailed(std::move(bad));
  if (FindSite(unit, command.site_id()) != nullptr) return v1::Reply();
  v1::Event event;
  event.mutable_site_registered()->set_site_id(command.site_id());
  event.mutable_site_registered()->set_pdu(command.pdu());
  event.mutable_site_registered()->set_opens_min(command.opens_min());
  event.mutable_site_registered()->set_closes_min(command.closes_min());
  unit.Emit(SiteId(command.site_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::PutRoom& command, const Facts& facts) {
  if (FindSite(unit, command.site_id()) == nullptr) {
    return decider::NotFound(SiteId(command.site_id()));
  }
  if (auto refused = CheckRole(facts, {"PM", "SCH"})) return *refused;
  if (command.room_id().empty() || command.capacity() < 1) {
    return decider::ValidationFailed(
        {{"FIELD_MISSING", "", "room_id, capacity", "a name and seats"}});
  }
  v1::Event event;
  event.mutable_room_put()->set_room_id(command.room_id());
  event.mutable_room_put()->set_capacity(command.capacity());
  *event.mutable_room_put()->mutable_attributes() = command.attributes();
  unit.Emit(SiteId(command.site_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::CloseSite& command, const Facts& facts) {
  if (FindSite(unit, command.site_id()) == nullptr) {
    return decider::NotFound(SiteId(command.site_id()));
  }
  if (auto refused = CheckRole(facts, {"PM", "SCH"})) return *refused;
  if (auto refused = CheckRange(command.closure())) return *refused;
  v1::Event event;
  *event.mutable_site_closed()->mutable_closure() = command.closure();
  unit.Emit(SiteId(command.site_id()), event);
  return v1::Reply();
}

}  // namespace pdp::programmes
