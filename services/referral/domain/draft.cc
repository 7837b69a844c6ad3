#include <algorithm>

#include "absl/strings/str_join.h"
#include "libs/base/timestamp.h"
#include "services/referral/domain/form.h"
#include "services/referral/domain/needs.h"
#include "services/referral/domain/recorder.h"
#include "services/referral/domain/routing_inputs.h"

// SaveSection, SubmitReferral, DiscardDraft (REF-30 to REF-34).
namespace pdp::referral {
namespace {

std::vector<Violation> CheckSection(v1::Section* section, const v1::Referral& referral,
                                    const Facts& facts) {
  std::vector<Violation> found;
  const std::string name = SectionName(*section);
  const std::vector<std::string> known = SectionsOfLine(referral.line());
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    found.push_back({.code = "SECTION_NOT_OF_LINE", .subject = name, .field = "section"});
    return found;
  }
  const Policy policy = PolicyNow(facts);
  if (section->has_needs()) {
    found = CheckNeeds(section->needs(), Today(facts), policy, "section.needs");
    ClearDetails(section->mutable_needs());
  }
  if (section->has_risk()) {
    const std::string reason = CheckRisk(section->risk(), Today(facts));
    if (!reason.empty()) found.push_back({.code = reason, .field = "section.risk"});
  }
  if (section->has_need_type()) {
    const auto& type = section->need_type();
    if (!type.need().empty() && FindCode("need", type.need()) == nullptr) {
      found.push_back({.code = "UNKNOWN_CODE", .field = "section.need_type.need"});
    }
    if (!type.category().empty() && FindCode("signpost_category", type.category()) == nullptr) {
      found.push_back({.code = "UNKNOWN_CODE", .field = "section.need_type.category"});
    }
  }
  if (section->has_availability()) {
    v1::Needs times;
    times.mutable_times()->set_has_fixed_times(section->availability().has_fixed_times());
    *times.mutable_times()->mutable_windows() = section->availability().windows();
    for (Violation& v : CheckNeeds(times, Today(facts), policy, "section.availability")) {
      found.push_back(std::move(v));
    }
  }
  return found;
}

// The slot key as the form now says: the need may have been chosen in NEED_TYPE.
std::string NeedOf(const v1::Referral& referral) {
  const auto it = referral.sections().find("NEED_TYPE");
  if (it != referral.sections().end() && !it->second.need_type().need().empty()) {
    return it->second.need_type().need();
  }
  return referral.need();
}

std::vector<std::string> OtherHolders(const v1::Person& person, const std::string& key,
                                      const std::string& own_id, bool* held) {
  std::vector<std::string> others;
  for (const v1::Slot& slot : person.slots()) {
    if (slot.key() != key) continue;
    if (slot.referral_id() == own_id) {
      *held = true;
    } else {
      others.push_back(slot.referral_id());
    }
  }
  return others;
}

}  // namespace

Verdict Handle(Unit& unit, const v1::SaveSection& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"RO", "AA"})) return *refused;
  const v1::Referral& referral = ReferralAt(unit, id);
  v1::Section section = command.section();
  if (auto found = CheckSection(&section, referral, facts); !found.empty()) {
    return decider::ValidationFailed(std::move(found));
  }
  const std::optional<absl::Time> expires = DraftExpiresAt(referral);
  if (referral.state() == v1::EXPIRED ||
      (referral.state() == v1::DRAFT && expires && facts.recorded_at >= *expires)) {
    return decider::Reject("DRAFT_EXPIRED");
  }
  if (auto refused = RequireState(referral, {v1::DRAFT})) return *refused;
  v1::DraftSectionSaved event = SectionSaved(referral.origin_crn(), referral.id(),
                                             std::move(section), facts.recorded_at);
  if (referral.origin() == "FORM") {
    event.set_expires_on(DraftExpiresOn(Today(facts), PolicyNow(facts)));
  }
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::SubmitReferral& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"RO", "AA"})) return *refused;
  const v1::Referral& referral = ReferralAt(unit, id);
  if (!IsPersons(command.facts().person(), referral.origin_crn())) {
    return decider::NotFound(PersonId(referral.origin_crn()));
  }
  if (auto refused = CheckSubmit(referral, command, facts)) return *refused;
  const std::string need = NeedOf(referral);
  const std::string key =
      SlotKey(referral.line(), need, referral.sentence_key(), referral.requirement_key());
  bool held = key.empty();
  const std::vector<std::string> others =
      OtherHolders(command.facts().person(), key, referral.id(), &held);
  if (!others.empty() && !command.has_slot_override()) {
    Rejected rejected = decider::Reject("DUPLICATE_OPEN_REFERRAL");
    rejected.metadata["ids"] = absl::StrJoin(others, ",");
    return rejected;
  }
  // REF-33: service.cc reserves the slot first; without it another could be submitted beside this.
  if (!held) return decider::Reject("SLOT_NOT_RESERVED");
  Recorder record(unit, facts, id);
  if (!others.empty()) {
    v1::DuplicateOverridden overridden;
    overridden.set_crn(referral.origin_crn());
    for (const std::string& other : others) overridden.add_other_ids(other);
    overridden.set_override_code(command.slot_override().code());
    overridden.set_note(command.slot_override().note());
    record.Emit(std::move(overridden));
  }
  v1::ReferralSubmitted event;
  event.set_crn(referral.origin_crn());
  *event.mutable_snapshot() = referral.sections();
  event.set_person_version(command.facts().person_version());
  event.set_sentence_version(command.facts().sentence_version());
  event.set_slot_key(key);
  event.set_submitted_by(facts.actor.id());
  event.set_order_kind(command.facts().sentence().order_kind());
  event.set_end_on(command.facts().sentence().end_on());
  event.set_open_ended(command.facts().sentence().open_ended());
  event.set_need(need);
  event.set_reference(referral.reference());
  event.set_line(referral.line());
  event.set_sentence_key(referral.sentence_key());
  event.set_requirement_key(referral.requirement_key());
  event.set_pdu(referral.pdu());
  event.set_submitted_on(FormatDate(LocalDate(facts.occurred_at)));
  const auto type = referral.sections().find("NEED_TYPE");
  event.set_category(type == referral.sections().end() ? referral.category()
                                                       : type->second.need_type().category());
  record.Emit(std::move(event));
  v1::Reply reply;
  reply.mutable_submit_referral();
  return record.Done(std::move(reply));
}

Verdict Handle(Unit& unit, const v1::DiscardDraft& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  // SYS: its requirement, its sentence or its person is no more (REF-25).
  if (auto refused = AdmitReferral(unit, facts, id, {"RO", "AA", "SYS"})) return *refused;
  const v1::Referral referral = ReferralAt(unit, id);
  const std::optional<absl::Time> expires = DraftExpiresAt(referral);
  if (referral.state() == v1::EXPIRED || (expires && facts.recorded_at >= *expires)) {
    return decider::Reject("DRAFT_EXPIRED");
  }
  if (auto refused = RequireState(referral, {v1::DRAFT})) return *refused;
  // REF-32: the court's requirement needs its referral as long as it lives; its end withdraws it.
  if (referral.origin() == "REQUIREMENT" && !facts.HasRole("SYS")) {
    return decider::Reject("REQUIREMENT_DRAFT_CANNOT_BE_DISCARDED");
  }
  v1::DraftDiscarded event;
  event.set_on(FormatDate(Today(facts)));
  event.set_crn(referral.origin_crn());
  event.set_slot_key(referral.slot_key());
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

}  // namespace pdp::referral
