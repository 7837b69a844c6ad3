#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/needs.h"
#include "services/referral/domain/wrap.h"

// RegisterPerson, CorrectIdentity, RecordNeeds, RecordRisk, SetResponsibleOfficer (REF-1 to
// REF-12).
namespace pdp::referral {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

std::vector<Violation> CheckIdentity(const v1::Identity& identity) {
  std::vector<Violation> found;
  const auto add = [&found](const char* code, const char* field) {
    found.push_back({.code = code, .field = field});
  };
  if (!identity.date_of_birth().empty() && !ParseDate(identity.date_of_birth())) {
    add("DATE_MALFORMED", "identity.date_of_birth");
  }
  if (!identity.sex().empty() && FindCode("sex", identity.sex()) == nullptr) {
    add("UNKNOWN_CODE", "identity.sex");
  }
  if (!identity.gender_identity().empty() &&
      FindCode("gender_identity", identity.gender_identity()) == nullptr) {
    add("UNKNOWN_CODE", "identity.gender_identity");
  }
  for (const v1::ExternalIdentifier& external : identity.identifiers()) {
    const bool known =
        external.kind() == "PNC" || external.kind() == "CRO" || external.kind() == "NOMS";
    if (!known) add("UNKNOWN_CODE", "identity.identifiers");
  }
  return found;
}

bool IsBornAfter(const v1::Identity& identity, Date today) {
  const std::optional<Date> born = ParseDate(identity.date_of_birth());
  return born && *born > today;
}

bool SameField(const v1::Identity& a, const v1::Identity& b, const FieldDescriptor* field) {
  v1::Identity one, other;
  one.CopyFrom(a);
  other.CopyFrom(b);
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < v1::Identity::descriptor()->field_count(); ++i) {
    const FieldDescriptor* candidate = v1::Identity::descriptor()->field(i);
    if (candidate == field) continue;
    one.GetReflection()->ClearField(&one, candidate);
    other.GetReflection()->ClearField(&other, candidate);
  }
  return one.SerializeAsString() == other.SerializeAsString();
}

// Keeps only the fields of `keep` in `message`.
void KeepOnly(const std::vector<const FieldDescriptor*>& keep, v1::Identity* message) {
  for (int i = 0; i < v1::Identity::descriptor()->field_count(); ++i) {
    const FieldDescriptor* field = v1::Identity::descriptor()->field(i);
    if (std::find(keep.begin(), keep.end(), field) == keep.end()) {
      message->GetReflection()->ClearField(message, field);
    }
  }
}

void EmitBarrierChanges(Unit& unit, const AggregateId& id, const std::string& crn,
                        const v1::Needs::Barriers& before, const v1::Needs::Barriers& after) {
  const auto find = [](const v1::Needs::Barriers& in, const std::string& code) {
    for (const v1::Barrier& barrier : in.barriers()) {
      if (barrier.code() == code) return &barrier;
    }
    return static_cast<const v1::Barrier*>(nullptr);
  };
  for (const v1::Barrier& barrier : after.barriers()) {
    const v1::Barrier* old = find(before, barrier.code());
    if (old != nullptr && old->SerializeAsString() == barrier.SerializeAsString()) continue;
    v1::BarrierRecorded event;
    event.set_crn(crn);
    *event.mutable_barrier() = barrier;
    unit.Emit(id, Wrap(std::move(event)));
  }
  for (const v1::Barrier& barrier : before.barriers()) {
    if (find(after, barrier.code()) != nullptr) continue;
    v1::BarrierClosed event;
    event.set_crn(crn);
    event.set_code(barrier.code());
    unit.Emit(id, Wrap(std::move(event)));
  }
}

}  // namespace

Verdict Handle(Unit& unit, const v1::RegisterPerson& command, const Facts& facts) {
  if (auto refused = RequireRole(facts, {"RO", "AA", "CF"})) return *refused;
  if (auto refused = RequireOccurredAt(facts)) return *refused;
  std::vector<Violation> found = CheckIdentity(command.identity());
  const std::optional<std::string> crn = NormaliseCrn(command.crn());
  if (!crn) found.push_back({.code = "CRN_MALFORMED", .field = "crn"});
  if (command.identity().name().family().empty()) {
    found.push_back({.code = "FIELD_MISSING", .field = "identity.name.family"});
  }
  const std::optional<Area> area = Area::FromCode(command.home_area());
  if (!area || area->is_nat()) found.push_back({.code = "UNKNOWN_AREA", .field = "home_area"});
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  const AggregateId id = PersonId(*crn);
  if (IsErased(unit, *crn)) return decider::Reject("PERSON_ERASED");
  if (unit.Find(id) != nullptr) return decider::Reject("PERSON_EXISTS");
  if (IsBornAfter(command.identity(), Today(facts))) return decider::Reject("DOB_IN_FUTURE");
  v1::PersonRegistered event;
  event.set_crn(*crn);
  *event.mutable_identity() = command.identity();
  event.set_home_area(command.home_area());
  event.set_pdu(command.pdu());
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::CorrectIdentity& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"RO", "AA", "CF"})) return *refused;
  if (auto found = CheckIdentity(command.identity()); !found.empty()) {
    return decider::ValidationFailed(std::move(found));
  }
  if (IsBornAfter(command.identity(), Today(facts))) return decider::Reject("DOB_IN_FUTURE");
  const v1::Identity& now = PersonAt(unit, id).identity();
  std::vector<const FieldDescriptor*> fields, changed;
  command.identity().GetReflection()->ListFields(command.identity(), &fields);
  for (const FieldDescriptor* field : fields) {
    if (!SameField(now, command.identity(), field)) changed.push_back(field);
  }
  if (changed.empty()) return decider::Reject("NOTHING_TO_CHANGE");
  v1::IdentityCorrected event;
  event.set_crn(command.crn());
  *event.mutable_old_values() = now;
  *event.mutable_new_values() = command.identity();
  KeepOnly(changed, event.mutable_old_values());
  KeepOnly(changed, event.mutable_new_values());
  for (const FieldDescriptor* field : changed) event.add_fields(field->name());
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RecordNeeds& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"RO", "AA", "CW"})) return *refused;
  v1::Needs answers = command.answers();
  std::vector<Violation> found =
      CheckNeeds(answers, Today(facts), PolicyNow(facts), "answers");
  const std::vector<std::string> sections = SectionsOf(answers);
  if (sections.size() != 1) found.push_back({.code = "ONE_SECTION_EXPECTED", .field = "answers"});
  const bool known_source = command.source() == "RO" || command.source() == "PERSON" ||
                            command.source() == "PROVIDER";
  if (!known_source) found.push_back({.code = "UNKNOWN_CODE", .field = "source"});
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  const std::vector<std::string> cleared = ClearDetails(&answers);
  const v1::Person& person = PersonAt(unit, id);
  v1::Needs merged = person.needs();
  ReplaceSections(answers, &merged);
  if (person.recorded_at().contains(sections[0]) &&
      merged.SerializeAsString() == person.needs().SerializeAsString()) {
    return decider::Reject("NOTHING_TO_CHANGE");
  }
  const v1::Needs::Barriers before = person.needs().barriers();
  v1::NeedsRecorded event;
  event.set_crn(command.crn());
  event.set_section(sections[0]);
  *event.mutable_answers() = answers;
  for (const std::string& field : cleared) event.add_cleared(field);
  event.set_source(command.source());
  unit.Emit(id, Wrap(std::move(event)));
  if (answers.has_barriers())
    EmitBarrierChanges(unit, id, command.crn(), before, answers.barriers());
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RecordRisk& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"RO"})) return *refused;
  if (!ParseDate(command.risk().assessed_on())) {
    return decider::ValidationFailed({{.code = "DATE_MALFORMED", .field = "risk.assessed_on"}});
  }
  if (std::string reason = CheckRisk(command.risk(), Today(facts)); !reason.empty()) {
    return decider::Reject(std::move(reason));
  }
  v1::RiskRecorded event;
  event.set_crn(command.crn());
  *event.mutable_risk() = command.risk();
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::SetResponsibleOfficer& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"RO", "AA", "CF"})) return *refused;
  std::vector<Violation> found;
  if (command.officer().id().empty())
    found.push_back({.code = "FIELD_MISSING", .field = "officer.id"});
  if (!ParseDate(command.officer().from())) {
    found.push_back({.code = "DATE_MALFORMED", .field = "officer.from"});
  }
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  const v1::ResponsibleOfficer& now = PersonAt(unit, id).responsible_officer();
  if (now.SerializeAsString() == command.officer().SerializeAsString()) {
    return decider::Reject("NOTHING_TO_CHANGE");
  }
  v1::ResponsibleOfficerChanged event;
  event.set_crn(command.crn());
  *event.mutable_old_officer() = now;
  *event.mutable_new_officer() = command.officer();
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

}  // namespace pdp::referral
