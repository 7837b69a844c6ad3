#include <map>

#include "absl/strings/str_cat.h"
#include "libs/base/hash.h"
#include "libs/base/timestamp.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/form.h"
#include "services/referral/domain/recorder.h"
#include "services/referral/domain/reference_number.h"
#include "services/referral/domain/routing_inputs.h"

// OpenReferral (REF-24, REF-27, REF-36).
namespace pdp::referral {
namespace {

// Form referrals: derived from the command id, so that a repeat names the same referral.
constexpr absl::string_view kFormNamespace = "207b7e68-7128-5e06-98c9-13dd29e511a3";

const v1::Requirement* FindRequirement(const v1::Sentence& sentence, const std::string& key) {
  const std::string sentence_key = SentenceKey(sentence.crn(), sentence.event_no());
  for (const v1::Requirement& requirement : sentence.requirements()) {
    if (RequirementKey(sentence_key, requirement.no()) == key) return &requirement;
  }
  return nullptr;
}

std::vector<Violation> CheckShape(const v1::OpenReferral& command) {
  std::vector<Violation> found;
  const auto add = [&](const char* code, const char* field) {
    found.push_back({.code = code, .field = field});
  };
  const bool line = command.line() == "PROGRAMME" || command.line() == "UPW" ||
                    command.line() == "SIGNPOST";
  if (!line) add("UNKNOWN_CODE", "line");
  if (!command.need().empty() && FindCode("need", command.need()) == nullptr) {
    add("UNKNOWN_CODE", "need");
  }
  if (!command.category().empty() && FindCode("signpost_category", command.category()) == nullptr) {
    add("UNKNOWN_CODE", "category");
  }
  const bool origin = command.origin().empty() || command.origin() == "FORM" ||
                      command.origin() == "REQUIREMENT";
  if (!origin) add("UNKNOWN_CODE", "origin");
  return found;
}

// REF-27.
bool IsLineAllowed(const v1::OpenReferral& command, const v1::Requirement* requirement) {
  if (command.line() == "UPW") return requirement != nullptr && requirement->kind() == "UPW";
  if (command.line() == "SIGNPOST") return !command.category().empty();
  const bool named = requirement != nullptr && !requirement->named_route().empty();
  const bool from_court = command.origin() == "REQUIREMENT" && requirement != nullptr &&
                          requirement->kind() == "AP";
  return !command.need().empty() || named || from_court;
}

// REF-24: what the records say already, as sections of the form. A court requirement only.
std::map<std::string, v1::Section> KnownSections(const v1::OpenReferral& command,
                                                 const std::string& need) {
  const v1::Person& person = command.facts().person();
  std::map<std::string, v1::Section> sections;
  const v1::Identity& identity = person.identity();
  auto* about = sections["PERSON"].mutable_person();
  *about->mutable_name() = identity.name();
  about->set_date_of_birth(identity.date_of_birth());
  about->set_sex(identity.sex());
  about->set_gender_identity(identity.gender_identity());
  about->set_ethnicity(identity.ethnicity());
  if (identity.has_contact()) *sections["CONTACT"].mutable_contact() = identity.contact();
  if (person.has_needs()) *sections["NEEDS"].mutable_needs() = person.needs();
  if (person.has_risk() && command.line() == "PROGRAMME") {
    *sections["RISK"].mutable_risk() = person.risk();
  }
  if (person.needs().has_ete() && command.line() == "UPW") {
    *sections["ETE"].mutable_ete() = person.needs().ete();
  }
  if (person.needs().has_work_limits() && command.line() == "UPW") {
    *sections["WORK_LIMITS"].mutable_work_limits() = person.needs().work_limits();
  }
  if (person.needs().has_times()) {
    auto* availability = sections["AVAILABILITY"].mutable_availability();
    availability->set_has_fixed_times(person.needs().times().has_fixed_times());
    *availability->mutable_windows() = person.needs().times().windows();
  }
  if (!need.empty()) sections["NEED_TYPE"].mutable_need_type()->set_need(need);
  return sections;
}

// Other slots of the person on the same line (REF-34: a warning only).
std::vector<std::string> PossibleDuplicates(const v1::OpenReferral& command,
                                            const std::string& own_id) {
  std::vector<std::string> others;
  const bool unpaid_work = command.line() == "UPW";
  if (command.line() == "SIGNPOST") return others;
  for (const v1::Slot& slot : command.facts().person().slots()) {
    const bool same_line = (slot.key().rfind("UPW|", 0) == 0) == unpaid_work;
    if (same_line && slot.referral_id() != own_id) others.push_back(slot.referral_id());
  }
  return others;
}

std::optional<Rejected> CheckSentence(const v1::OpenReferral& command,
                                      const v1::Requirement* requirement, const Facts& facts) {
  const v1::Sentence& sentence = command.facts().sentence();
  const bool matches = SentenceKey(sentence.crn(), sentence.event_no()) == command.sentence_key() &&
                       IsPersons(command.facts().person(), sentence.crn());
  if (!matches || sentence.status() != v1::SENTENCE_LIVE)
    return decider::Reject("SENTENCE_NOT_LIVE");
  const bool wants_requirement = !command.requirement_key().empty() || command.line() == "UPW";
  if (wants_requirement &&
      (requirement == nullptr || requirement->status() != v1::REQUIREMENT_LIVE)) {
    return decider::Reject("REQUIREMENT_NOT_LIVE");
  }
  if (!IsLineAllowed(command, requirement)) return decider::Reject("LINE_NOT_ALLOWED");
  if (absl::string_view(sentence.area()) != facts.area.code()) {
    return decider::Reject("AREA_MISMATCH");
  }
  return std::nullopt;
}

// REF-36: the next ordinal of the area; nullopt when the space is exhausted.
std::optional<std::string> TakeReference(Unit& unit, const Facts& facts) {
  const AggregateId book("reference_book", facts.area.code());
  const v1::State* state = unit.Find(book);
  const uint64_t ordinal = state == nullptr ? 0 : state->reference_book().next();
  std::optional<std::string> reference = FormatReference({facts.area, ordinal});
  if (!reference) return std::nullopt;
  v1::ReferenceTaken taken;
  taken.set_ordinal(ordinal);
  unit.Emit(book, Wrap(std::move(taken)));
  return reference;
}

v1::Reply OpenedReply(const std::string& id, const std::string& reference, bool existing) {
  v1::Reply reply;
  reply.mutable_open_referral()->set_referral_id(id);
  reply.mutable_open_referral()->set_reference(reference);
  reply.mutable_open_referral()->set_existing(existing);
  return reply;
}

}  // namespace

Verdict Handle(Unit& unit, const v1::OpenReferral& command, const Facts& facts) {
  const bool from_requirement = command.origin() == "REQUIREMENT";
  const AggregateId person = PersonId(command.crn());
  if (!IsPersons(command.facts().person(), command.crn())) return decider::NotFound(person);
  // REF-90, REF-92: whom the actor may not see, and the forms of another area.
  if (!MaySee(command.facts().person().access(), facts.actor) ||
      WorksElsewhere(facts.actor, facts.area)) {
    return decider::NotFound(person);
  }
  if (auto refused = from_requirement ? RequireRole(facts, {"SYS"})
                                      : RequireRole(facts, {"RO", "AA", "SYS"})) {
    return *refused;
  }
  if (command.facts().person().status() == v1::PERSON_ERASED) {
    return decider::Reject("PERSON_ERASED");
  }
  if (auto refused = RequireOccurredAt(facts)) return *refused;
  if (auto found = CheckShape(command); !found.empty()) {
    return decider::ValidationFailed(std::move(found));
  }
  const std::string id_text =
      from_requirement ? RequirementReferralId(command.requirement_key(), command.line())
                       : UuidV5(kFormNamespace, absl::StrCat("form/", facts.command_id.hex()));
  const AggregateId id = ReferralId(id_text);
  if (unit.Find(id) != nullptr) {
    return OpenedReply(id_text, ReferralAt(unit, id).reference(), true);
  }
  const v1::Requirement* requirement =
      FindRequirement(command.facts().sentence(), command.requirement_key());
  if (auto refused = CheckSentence(command, requirement, facts)) return *refused;
  const std::optional<std::string> reference = TakeReference(unit, facts);
  if (!reference) return decider::Reject("REFERENCE_SPACE_EXHAUSTED");
  std::string need = command.need();
  if (need.empty() && requirement != nullptr)
    need = MapCode("route_need", requirement->named_route());
  v1::ReferralOpened event;
  event.set_crn(command.crn());
  event.set_reference(*reference);
  event.set_origin(from_requirement ? "REQUIREMENT" : "FORM");
  event.set_line(command.line());
  event.set_need(need);
  event.set_category(command.category());
  event.set_sentence_key(command.sentence_key());
  event.set_requirement_key(command.requirement_key());
  event.set_area(std::string(facts.area.code()));
  event.set_pdu(command.pdu().empty() ? command.facts().person().pdu() : command.pdu());
  event.set_opened_by(facts.actor.id());
  if (from_requirement) {
    event.set_slot_key(
        SlotKey(command.line(), need, command.sentence_key(), command.requirement_key()));
  } else {
    event.set_expires_on(DraftExpiresOn(Today(facts), PolicyNow(facts)));
  }
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  if (from_requirement) {
    // Not in ReferralOpened: the draft's own key seals them, as all that is written in it (REF-32).
    for (auto& [name, section] : KnownSections(command, need)) {
      record.Emit(SectionSaved(command.crn(), id_text, std::move(section), facts.recorded_at));
    }
  }
  if (const auto others = PossibleDuplicates(command, id_text); !others.empty()) {
    v1::PossibleDuplicateFlagged flagged;
    for (const std::string& other : others) flagged.add_other_ids(other);
    record.Emit(std::move(flagged));
  }
  return record.Done(OpenedReply(id_text, *reference, false));
}

}  // namespace pdp::referral
