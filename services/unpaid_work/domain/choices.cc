#include <algorithm>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/policy.h"

// What the person chooses and when they can come: availability, plan, composition, consent.

namespace pdp::unpaid_work {
namespace {

constexpr uint32_t kWeekBits = (1u << 21) - 1;

void CheckBlock(const v1::AvailabilityBlock& block, const std::string& field, Checks& checks) {
  const auto from = checks.DateField(block.from(), absl::StrCat(field, ".from"));
  const auto to = checks.DateField(block.to(), absl::StrCat(field, ".to"));
  checks.Require(!from || !to || *from <= *to, field, "ends before it begins");
  checks.Require(block.start() >= 0 && block.start() < block.end() && block.end() <= 1440, field,
                 "must be 0 <= start < end <= 1440");
  checks.Require(!block.block_id().empty(), absl::StrCat(field, ".block_id"), "is missing");
  checks.KnownIn("block_reason", block.reason(), absl::StrCat(field, ".reason"));
}

void EmitAvailability(Unit& unit, const std::string& crn, const v1::Availability& availability) {
  v1::Event event;
  *event.mutable_availability_set()->mutable_availability() = availability;
  unit.Emit(CaseId(crn), std::move(event));
}

// Every session ahead in which the person sits (UPW-46, 49).
void CheckRostersOf(Unit& unit, const std::string& crn, const Facts& facts) {
  const auto appointments = FindCase(unit, crn)->appointments();
  for (const v1::Appointment& appointment : appointments) {
    if (appointment.status() == v1::APPOINTMENT_BOOKED) {
      CheckRoster(unit, appointment.session_id(), facts);
    }
  }
}

}  // namespace

Verdict Decide(Unit& unit, const v1::SetAvailability& command, const Facts& facts) {
  Checks checks;
  checks.Require(command.availability().week_bits() <= kWeekBits, "availability.week_bits",
                 "has 21 bits: 7 days of 3 parts");
  for (const v1::AvailabilityBlock& block : command.availability().blocks()) {
    CheckBlock(block, "availability.blocks", checks);
  }
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"RO", "CO", "SP"}, checks)) {
    return *rejected;
  }
  v1::Availability availability = command.availability();
  // What another service booked is not for this form to remove.
  for (const v1::AvailabilityBlock& block :
       FindCase(unit, command.crn())->availability().blocks()) {
    if (block.reason() == "PROGRAMME") *availability.add_blocks() = block;
  }
  EmitAvailability(unit, command.crn(), availability);
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RecordAvailabilityBlock& command, const Facts& facts) {
  Checks checks;
  CheckBlock(command.block(), "block", checks);
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"SYS", "RO", "CO"}, checks)) {
    return *rejected;
  }
  v1::Availability availability = FindCase(unit, command.crn())->availability();
  auto* blocks = availability.mutable_blocks();
  const auto it = std::find_if(blocks->begin(), blocks->end(), [&](const auto& block) {
    return block.block_id() == command.block().block_id();
  });
  // Nobody said when the person can come: the block does not make them unavailable all week.
  if (!FindCase(unit, command.crn())->has_availability()) availability.set_week_bits(kWeekBits);
  if (it != blocks->end()) {
    *it = command.block();
  } else {
    *blocks->Add() = command.block();
  }
  EmitAvailability(unit, command.crn(), availability);
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RemoveAvailabilityBlock& command, const Facts& facts) {
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"SYS", "RO", "CO"}, Checks())) {
    return *rejected;
  }
  v1::Availability availability = FindCase(unit, command.crn())->availability();
  auto* blocks = availability.mutable_blocks();
  const auto it = std::find_if(blocks->begin(), blocks->end(), [&](const auto& block) {
    return block.block_id() == command.block_id();
  });
  if (it == blocks->end()) return v1::Reply();
  blocks->erase(it);
  EmitAvailability(unit, command.crn(), availability);
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::SetWeeklyPlan& command, const Facts& facts) {
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"RO", "CO", "SP"}, Checks())) {
    return *rejected;
  }
  const Policy policy(OccurredOn(facts));
  const int64_t minutes = command.plan_minutes();
  if (minutes != 0 && (minutes < policy.Int("upw.week.min_minutes") ||
                       minutes > policy.Int("upw.week.max_minutes"))) {
    return decider::Reject("WEEKLY_PLAN_OUT_OF_RANGE");
  }
  v1::Event event;
  event.mutable_weekly_plan_set()->set_plan_minutes(minutes);
  unit.Emit(CaseId(command.crn()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RecordCompositionChoice& command, const Facts& facts) {
  Checks checks;
  checks.Require(command.composition_class() != v1::COMPOSITION_CLASS_UNSPECIFIED,
                 "composition_class", "is missing");
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"RO", "CO", "SP"}, checks)) {
    return *rejected;
  }
  // UPW-47: the option is a woman's.
  if (command.composition_class() != v1::CLASS_F &&
      command.women_option() != v1::WOMEN_OPTION_UNSPECIFIED) {
    return decider::Reject("CONSENT_NOT_APPLICABLE");
  }
  v1::Event event;
  auto* composition = event.mutable_composition_choice_recorded()->mutable_composition();
  composition->set_composition_class(command.composition_class());
  composition->set_women_option(command.women_option());
  composition->set_recorded_here(true);
  unit.Emit(CaseId(command.crn()), std::move(event));
  CheckRostersOf(unit, command.crn(), facts);
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RecordConsent& command, const Facts& facts) {
  Checks checks;
  checks.Require(command.scope() != v1::CONSENT_SCOPE_UNSPECIFIED, "scope", "is missing");
  const bool named =
      command.scope() == v1::SCOPE_ANY ? command.scope_id().empty()
      : command.scope() == v1::SCOPE_SESSION
          ? FindSession(unit, command.scope_id()) != nullptr
          : FindProject(unit, command.scope_id()) != nullptr;
  checks.Require(named, "scope_id", "names nothing of that scope");
  const auto until = checks.DateField(command.until(), "until");
  checks.Require(!until.has_value() || *until >= Today(facts), "until", "lies in the past");
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"RO", "CO", "SP"}, checks)) {
    return *rejected;
  }
  const v1::Case& c = *FindCase(unit, command.crn());
  if (c.composition().composition_class() != v1::CLASS_F) {
    return decider::Reject("CONSENT_NOT_APPLICABLE");
  }
  v1::Event event;
  auto* consent = event.mutable_consent_recorded()->mutable_consent();
  consent->set_consent_id(absl::StrCat(command.crn(), "/consent/", c.consents_recorded() + 1));
  consent->set_scope(command.scope());
  consent->set_scope_id(command.scope_id());
  consent->set_from(FormatDate(OccurredOn(facts)));
  consent->set_until(command.until());
  event.mutable_consent_recorded()->set_consent_id(consent->consent_id());
  v1::Reply reply;
  reply.mutable_record_consent()->set_consent_id(consent->consent_id());
  unit.Emit(CaseId(command.crn()), std::move(event));
  CheckRostersOf(unit, command.crn(), facts);
  return reply;
}

Verdict Decide(Unit& unit, const v1::WithdrawConsent& command, const Facts& facts) {
  const v1::Case* c = FindCase(unit, command.crn());
  const v1::Consent* consent = nullptr;
  if (c != nullptr) {
    for (const v1::Consent& row : c->consents()) {
      if (row.consent_id() == command.consent_id()) consent = &row;
    }
  }
  const AggregateId id = CaseId(command.crn());
  if (c != nullptr && consent == nullptr) return decider::NotFound(id);
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"RO", "CO", "SP"}, Checks())) {
    return *rejected;
  }
  if (c->composition().composition_class() != v1::CLASS_F) {
    return decider::Reject("CONSENT_NOT_APPLICABLE");
  }
  if (!consent->withdrawn_on().empty()) return decider::StateForbidsCommand("WITHDRAWN");
  v1::Event event;
  event.mutable_consent_withdrawn()->set_consent_id(command.consent_id());
  event.mutable_consent_withdrawn()->set_on(FormatDate(OccurredOn(facts)));
  unit.Emit(id, std::move(event));
  CheckRostersOf(unit, command.crn(), facts);
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
