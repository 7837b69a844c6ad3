#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/timestamp.h"
#include "services/referral/domain/apply.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/needs.h"

namespace pdp::referral {
namespace {

void Mark(v1::Person& person, const std::string& section, const EventFacts& facts) {
  (*person.mutable_recorded_at())[section] = ToTimestamp(facts.recorded_at);
}

}  // namespace

void Apply(v1::Person& person, const v1::PersonRegistered& event, const EventFacts& facts) {
  person.set_crn(event.crn());
  person.set_status(v1::PERSON_ACTIVE);
  *person.mutable_identity() = event.identity();
  person.set_home_area(event.home_area());
  person.set_pdu(event.pdu());
  Mark(person, "IDENTITY", facts);
}
void Apply(v1::Person& person, const v1::IdentityCorrected& event, const EventFacts& facts) {
  v1::Identity* identity = person.mutable_identity();
  // Whole fields are replaced, never merged into.
  for (const std::string& name : event.fields()) {
    identity->GetReflection()->ClearField(identity,
                                          v1::Identity::descriptor()->FindFieldByName(name));
  }
  identity->MergeFrom(event.new_values());
  Mark(person, "IDENTITY", facts);
}
void Apply(v1::Person& person, const v1::NeedsRecorded& event, const EventFacts& facts) {
  ReplaceSections(event.answers(), person.mutable_needs());
  Mark(person, event.section(), facts);
}
// The section itself came with NeedsRecorded; these two are for readers of the log.
void Apply(v1::Person&, const v1::BarrierRecorded&, const EventFacts&) {}
void Apply(v1::Person&, const v1::BarrierClosed&, const EventFacts&) {}
void Apply(v1::Person& person, const v1::RiskRecorded& event, const EventFacts& facts) {
  *person.mutable_risk() = event.risk();
  Mark(person, "RISK", facts);
}
void Apply(v1::Person& person, const v1::ResponsibleOfficerChanged& event, const EventFacts&) {
  *person.mutable_responsible_officer() = event.new_officer();
}
void Apply(v1::Person& person, const v1::SlotReserved& event, const EventFacts& facts) {
  v1::Slot* slot = person.add_slots();
  slot->set_key(event.key());
  slot->set_referral_id(event.referral_id());
  slot->set_override_code(event.override_code());
  *slot->mutable_reserved_at() = ToTimestamp(facts.recorded_at);
  if (event.has_check_at()) *slot->mutable_check_at() = event.check_at();
}
void Apply(v1::Person& person, const v1::SlotReleased& event, const EventFacts&) {
  for (int i = 0; i < person.slots_size(); ++i) {
    if (person.slots(i).key() != event.key() ||
        person.slots(i).referral_id() != event.referral_id()) {
      continue;
    }
    person.mutable_slots()->DeleteSubrange(i, 1);
    return;
  }
}

// A question to those who know the referral; nothing changes here.
void Apply(v1::Person&, const v1::SlotCheckDue&, const EventFacts&) {}

void Apply(v1::OrganisationCopy& organisation, const v1::OrganisationContracted& event,
           const EventFacts&) {
  for (v1::Contracted& known : *organisation.mutable_contracts()) {
    if (known.contract_id() != event.contract().contract_id()) continue;
    known = event.contract();
    return;
  }
  *organisation.add_contracts() = event.contract();
}

void Apply(v1::Sentence& sentence, const v1::SentenceRegistered& event, const EventFacts&) {
  sentence.set_crn(event.crn());
  sentence.set_event_no(event.event_no());
  sentence.set_status(v1::SENTENCE_LIVE);
  sentence.set_order_type(event.order_type());
  sentence.set_order_kind(event.order_kind());
  sentence.set_sentenced_on(event.sentenced_on());
  sentence.set_end_on(event.end_on());
  sentence.set_open_ended(event.open_ended());
  sentence.set_court(event.court());
  sentence.set_area(event.area());
  *sentence.mutable_offences() = event.offences();
}
void Apply(v1::Sentence& sentence, const v1::RequirementRegistered& event, const EventFacts&) {
  *sentence.add_requirements() = event.requirement();
}

void Apply(v1::Person& person, const v1::LocationChanged& event, const EventFacts&) {
  *person.mutable_location() = event.new_location();
}
void Apply(v1::Person& person, const v1::HomeAreaMoved& event, const EventFacts&) {
  person.set_home_area(event.new_area());
  person.set_pdu(event.new_pdu());
}
void Apply(v1::Person& person, const v1::DeathRecorded& event, const EventFacts&) {
  person.set_dead(true);
  person.set_died_on(event.died_on());
}
void Apply(v1::Person& person, const v1::AccessRestricted& event, const EventFacts&) {
  *person.mutable_access() = event.lists();
}
void Apply(v1::Person& person, const v1::RestrictionLifted& event, const EventFacts&) {
  *person.mutable_access() = event.lists();
}
void Apply(v1::Person& person, const v1::AccessCleared& event, const EventFacts&) {
  *person.mutable_access() = event.lists();
}
void Apply(v1::Person& person, const v1::ClearanceRevoked& event, const EventFacts&) {
  *person.mutable_access() = event.lists();
}
void Apply(v1::AccessCopy& copy, const v1::AccessCopied& event, const EventFacts&) {
  *copy.mutable_lists() = event.lists();
  copy.set_person_version(event.person_version());
  copy.set_nat_order(event.nat_order());
}

void Apply(v1::Person& person, const v1::PersonMerged& event, const EventFacts&) {
  person.set_status(v1::PERSON_MERGED);
  person.set_merged_into(event.to());
}
void Apply(v1::Person& person, const v1::PersonAbsorbed& event, const EventFacts&) {
  person.mutable_aliases()->MergeFrom(event.aliases());
}
void Apply(v1::Person& person, const v1::PersonUnmerged&, const EventFacts&) {
  person.set_status(v1::PERSON_ACTIVE);
  person.clear_merged_into();
}
void Apply(v1::Person& person, const v1::PersonReleased& event, const EventFacts&) {
  auto* aliases = person.mutable_aliases();
  for (const std::string& gone : event.aliases()) {
    aliases->erase(std::remove(aliases->begin(), aliases->end(), gone), aliases->end());
  }
}

void Apply(v1::Sentence& sentence, const v1::RequirementVaried& event, const EventFacts&) {
  for (v1::Requirement& requirement : *sentence.mutable_requirements()) {
    if (requirement.no() == event.new_requirement().no()) requirement = event.new_requirement();
  }
}
void Apply(v1::Sentence& sentence, const v1::RequirementEnded& event, const EventFacts&) {
  const v1::RequirementStatus status = event.cause() == "COMPLETED"    ? v1::REQUIREMENT_COMPLETED
                                       : event.cause() == "TERMINATED" ? v1::REQUIREMENT_TERMINATED
                                       : event.cause() == "EXPIRED"    ? v1::REQUIREMENT_EXPIRED
                                                                       : v1::REQUIREMENT_REVOKED;
  for (v1::Requirement& requirement : *sentence.mutable_requirements()) {
    if (requirement.no() == event.no()) requirement.set_status(status);
  }
}
void Apply(v1::Sentence& sentence, const v1::SentenceEndChanged& event, const EventFacts&) {
  sentence.set_end_on(event.new_end_on());
  sentence.set_open_ended(event.open_ended());
}
void Apply(v1::Sentence& sentence, const v1::SentenceEnded& event, const EventFacts&) {
  sentence.set_status(v1::SENTENCE_ENDED);
  sentence.set_ended_cause(event.cause());
  sentence.set_ended_on(event.on());
}

}  // namespace pdp::referral
