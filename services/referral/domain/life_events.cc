#include "services/referral/domain/commands.h"
#include "services/referral/domain/wrap.h"

// SetLocation, MoveHomeArea, RecordDeath: what happens to a person. What follows for the referrals
// is the processes' (REF-25, REF-85).
namespace pdp::referral {

Verdict Handle(Unit& unit, const v1::SetLocation& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"RO", "AA", "CF"})) return *refused;
  std::vector<Violation> found;
  const v1::Location& location = command.location();
  if (location.kind() != "COMMUNITY" && location.kind() != "CUSTODY") {
    found.push_back({.code = "UNKNOWN_CODE", .field = "location.kind"});
  }
  if (!ParseDate(location.from())) {
    found.push_back({.code = "DATE_MALFORMED", .field = "location.from"});
  }
  if (!location.release_on().empty() && !ParseDate(location.release_on())) {
    found.push_back({.code = "DATE_MALFORMED", .field = "location.release_on"});
  }
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  const v1::Person& person = PersonAt(unit, id);
  const std::string was = person.location().kind().empty() ? "COMMUNITY" : person.location().kind();
  // Back in, or still in, the community is no news; another prison or release date is.
  const bool same = was == location.kind() &&
                    person.location().establishment() == location.establishment() &&
                    person.location().release_on() == location.release_on();
  if (same) return decider::Reject("NOTHING_TO_CHANGE");
  v1::LocationChanged event;
  event.set_crn(command.crn());
  *event.mutable_old_location() = person.location();
  *event.mutable_new_location() = location;
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::MoveHomeArea& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"RO", "AA", "CF"})) return *refused;
  if (!ParseDate(command.from())) {
    return decider::ValidationFailed({{.code = "DATE_MALFORMED", .field = "from"}});
  }
  const auto area = Area::FromCode(command.area());
  if (!area || area->is_nat()) return decider::Reject("UNKNOWN_AREA");
  const v1::Person& person = PersonAt(unit, id);
  if (person.home_area() == command.area() && person.pdu() == command.pdu()) {
    return decider::Reject("NOTHING_TO_CHANGE");
  }
  v1::HomeAreaMoved event;
  event.set_crn(command.crn());
  event.set_old_area(person.home_area());
  event.set_new_area(command.area());
  event.set_old_pdu(person.pdu());
  event.set_new_pdu(command.pdu());
  event.set_from(command.from());
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RecordDeath& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"RO", "AA", "CF"})) return *refused;
  const auto died_on = ParseDate(command.died_on());
  if (!died_on || *died_on > Today(facts)) {
    return decider::ValidationFailed(
        {{.code = died_on ? "VALUE_OUT_OF_RANGE" : "DATE_MALFORMED", .field = "died_on"}});
  }
  if (PersonAt(unit, id).dead() && PersonAt(unit, id).died_on() == command.died_on()) {
    return decider::Reject("NOTHING_TO_CHANGE");
  }
  v1::DeathRecorded event;
  event.set_crn(command.crn());
  event.set_died_on(command.died_on());
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

}  // namespace pdp::referral
