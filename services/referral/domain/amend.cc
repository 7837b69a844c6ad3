#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/referral/domain/field_changes.h"
#include "services/referral/domain/form.h"
#include "services/referral/domain/reconsider.h"
#include "services/referral/domain/routing_inputs.h"

// Amend (REF-70): one topic at a time, with typed differences and a reason.
namespace pdp::referral {
namespace {

constexpr int kNoteMin = 10;

enum class Who { kOfficer, kOfficerOrAdministrator, kAndLeadCaseworker };

struct TopicRule {
  absl::string_view topic;
  // An input of the decision (REF-57).
  bool decision_input;
  Who who;
  // Up to IN_DELIVERY; else before ACCEPTED only.
  bool while_held;
  // The part of the values that it changes; of the needs, their sections.
  absl::string_view value;
  std::vector<absl::string_view> sections;
};

const std::vector<TopicRule>& Topics() {
  static const auto* const topics = new std::vector<TopicRule>{
      {"NEED_TYPE", true, Who::kOfficer, false, "need_type", {}},
      {"SENTENCE_LINK", true, Who::kOfficer, false, "sentence_link", {}},
      {"RISK", true, Who::kOfficerOrAdministrator, true, "risk", {}},
      {"LEARNING_DIFFICULTY", true, Who::kOfficerOrAdministrator, true, "needs",
       {"LEARNING_DIFFICULTY"}},
      {"SENTENCE_END", true, Who::kOfficerOrAdministrator, true, "sentence_end", {}},
      {"INTERPRETER", false, Who::kAndLeadCaseworker, true, "needs", {"INTERPRETER"}},
      {"WRITTEN_FORMAT", false, Who::kAndLeadCaseworker, true, "needs", {"WRITTEN"}},
      {"ACCESS_NEEDS", false, Who::kAndLeadCaseworker, true, "needs", {"ACCESS"}},
      {"WOMEN_OPTIONS", false, Who::kAndLeadCaseworker, true, "needs",
       {"WOMEN_PROGRAMME", "WOMEN_WORK"}},
      {"BARRIERS", false, Who::kAndLeadCaseworker, true, "needs", {"BARRIERS"}},
      {"TIMES", false, Who::kAndLeadCaseworker, true, "availability", {}},
      {"EMPLOYMENT", false, Who::kAndLeadCaseworker, true, "needs", {"ETE"}},
      {"CONTACT", false, Who::kAndLeadCaseworker, true, "contact", {}},
      {"LOCATION", false, Who::kOfficerOrAdministrator, true, "location", {}},
      {"RELEASE_DATE", false, Who::kOfficerOrAdministrator, true, "location", {}},
      {"RESPONSIBLE_OFFICER", false, Who::kOfficerOrAdministrator, true, "responsible_officer", {}},
      {"COMPLETION_TARGET", false, Who::kOfficerOrAdministrator, true, "completion_target", {}},
  };
  return *topics;
}

const TopicRule* FindTopic(const std::string& topic) {
  for (const TopicRule& rule : Topics()) {
    if (rule.topic == absl::string_view(topic)) return &rule;
  }
  return nullptr;
}

bool IsOpen(const TopicRule& rule, v1::ReferralState state) {
  switch (state) {
    case v1::SUBMITTED:
    case v1::NEEDS_INFO:
    case v1::REVIEW:
    case v1::DEFERRED:
    case v1::CONFLICT:
    case v1::ROUTED:
    case v1::OFFERED:
    case v1::UNPLACED:
      return true;
    case v1::ACCEPTED:
    case v1::ASSIGNED:
    case v1::IN_DELIVERY:
      return rule.while_held;
    case v1::DRAFT:
    case v1::DISCARDED:
    case v1::EXPIRED:
    case v1::ENDED:
    case v1::CONCLUDED:
    case v1::CLOSED:
    case v1::MOVED:
    case v1::REFERRAL_STATE_UNSPECIFIED:
    case v1::ReferralState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ReferralState_INT_MAX_SENTINEL_DO_NOT_USE_:
      return false;
  }
  return false;
}

bool IsLead(const v1::Referral& referral, const std::string& user) {
  return std::any_of(
      referral.caseworkers().begin(), referral.caseworkers().end(),
      [&](const v1::Caseworker& one) { return one.lead() && one.id() == user; });
}

std::optional<Rejected> Admit(const Unit& unit, const AggregateId& id, const TopicRule* rule,
                              const Facts& facts) {
  const std::string holder = ReferralAt(unit, id).holder_org();
  const Who who = rule == nullptr ? Who::kAndLeadCaseworker : rule->who;
  if (who == Who::kOfficer) return AdmitReferral(unit, facts, id, {"RO"}, holder);
  if (who == Who::kOfficerOrAdministrator) {
    return AdmitReferral(unit, facts, id, {"RO", "AA"}, holder);
  }
  if (auto refused = AdmitReferral(unit, facts, id, {"RO", "AA", "CW"}, holder)) return refused;
  if (facts.HasAnyRole("RO", "AA") || IsLead(ReferralAt(unit, id), facts.actor.id())) {
    return std::nullopt;
  }
  return decider::NotAuthorised("the lead caseworker amends this topic");
}

// The values the topic may set; everything else of the message is not looked at.
v1::AmendValues Only(const TopicRule& rule, const v1::AmendValues& given) {
  v1::AmendValues kept;
  const auto* access = given.GetReflection();
  const auto* field = v1::AmendValues::descriptor()->FindFieldByName(std::string(rule.value));
  if (!access->HasField(given, field)) return kept;
  if (rule.value == "completion_target") {
    kept.set_completion_target(given.completion_target());
    return kept;
  }
  if (rule.value == "location") {
    v1::Location* location = kept.mutable_location();
    if (rule.topic == "RELEASE_DATE") {
      location->set_release_on(given.location().release_on());
      return kept;
    }
    location->set_kind(given.location().kind());
    location->set_establishment(given.location().establishment());
    return kept;
  }
  if (rule.value != "needs") {
    access->MutableMessage(&kept, field)->CopyFrom(access->GetMessage(given, field));
    return kept;
  }
  v1::Needs needs;
  const auto* of_needs = needs.GetReflection();
  for (const absl::string_view section : rule.sections) {
    const auto* part =
        v1::Needs::descriptor()->FindFieldByName(absl::AsciiStrToLower(section));
    if (!of_needs->HasField(given.needs(), part)) continue;
    of_needs->MutableMessage(&needs, part)->CopyFrom(of_needs->GetMessage(given.needs(), part));
  }
  if (needs.ByteSizeLong() > 0 || !SectionsOf(needs).empty()) *kept.mutable_needs() = needs;
  return kept;
}

// As they count now.
v1::AmendValues Current(const TopicRule& rule, const v1::Referral& referral,
                        const v1::NatFacts& nat) {
  v1::AmendValues all;
  const auto section = [&](const char* name) -> const v1::Section& {
    const auto it = referral.sections().find(name);
    return it == referral.sections().end() ? v1::Section::default_instance() : it->second;
  };
  const PersonFacts newest = NewestFacts(nat.person(), referral);
  *all.mutable_need_type() = section("NEED_TYPE").need_type();
  all.mutable_need_type()->set_need(referral.need());
  all.mutable_need_type()->set_category(referral.category());
  all.mutable_sentence_link()->set_sentence_key(referral.sentence_key());
  all.mutable_sentence_link()->set_requirement_key(referral.requirement_key());
  *all.mutable_risk() = newest.risk;
  const bool amended = nat.sentence_version() <= referral.end_amended_at_version();
  all.mutable_sentence_end()->set_end_on(amended ? referral.end_on() : nat.sentence().end_on());
  all.mutable_sentence_end()->set_open_ended(amended ? referral.open_ended()
                                                     : nat.sentence().open_ended());
  *all.mutable_needs() = newest.needs;
  *all.mutable_availability() = section("AVAILABILITY").availability();
  *all.mutable_contact() = newest.identity.contact();
  *all.mutable_location() =
      referral.has_location() ? referral.location() : nat.person().location();
  *all.mutable_responsible_officer() = referral.has_responsible_officer()
                                           ? referral.responsible_officer()
                                           : nat.person().responsible_officer();
  all.set_completion_target(referral.completion_target());
  return Only(rule, all);
}

std::vector<Violation> CheckLink(const v1::Referral& referral,
                                 const v1::AmendValues::SentenceLink& link,
                                 const v1::NatFacts& nat) {
  const v1::Sentence& sentence = nat.sentence();
  const bool live = SentenceKey(sentence.crn(), sentence.event_no()) == link.sentence_key() &&
                    IsPersons(nat.person(), sentence.crn()) &&
                    sentence.status() == v1::SENTENCE_LIVE &&
                    sentence.area() == referral.area();
  if (!live) return {{.code = "SENTENCE_NOT_LIVE", .field = "values.sentence_link.sentence_key"}};
  const bool needed = referral.line() == "UPW" || !link.requirement_key().empty();
  bool found = false;
  for (const v1::Requirement& requirement : sentence.requirements()) {
    found = found ||
            (RequirementKey(link.sentence_key(), requirement.no()) == link.requirement_key() &&
             requirement.status() == v1::REQUIREMENT_LIVE &&
             (referral.line() == "UPW") == (requirement.kind() == "UPW"));
  }
  if (!needed || found) return {};
  return {{.code = "REQUIREMENT_NOT_LIVE", .field = "values.sentence_link.requirement_key"}};
}

std::vector<Violation> CheckValues(const TopicRule& rule, const v1::AmendValues& values,
                                   const v1::Referral& referral, const v1::NatFacts& nat,
                                   const Facts& facts) {
  std::vector<Violation> found;
  const auto add = [&](const char* code, const std::string& field) {
    found.push_back({.code = code, .field = field});
  };
  if (values.ByteSizeLong() == 0) {
    add("FIELD_MISSING", absl::StrCat("values.", rule.value));
    return found;
  }
  if (values.has_need_type()) {
    const bool signpost = referral.line() == "SIGNPOST";
    if (signpost ? FindCode("signpost_category", values.need_type().category()) == nullptr
                 : FindCode("need", values.need_type().need()) == nullptr) {
      add("UNKNOWN_CODE", signpost ? "values.need_type.category" : "values.need_type.need");
    }
  }
  if (values.has_sentence_link()) return CheckLink(referral, values.sentence_link(), nat);
  if (values.has_risk()) {
    if (!ParseDate(values.risk().assessed_on())) add("DATE_MALFORMED", "values.risk.assessed_on");
    const std::string reason = CheckRisk(values.risk(), Today(facts));
    if (!reason.empty()) found.push_back({.code = reason, .field = "values.risk"});
  }
  if (values.has_sentence_end()) {
    const v1::AmendValues::SentenceEnd& end = values.sentence_end();
    const bool dated = ParseDate(end.end_on()).has_value();
    if (end.open_ended() ? !end.end_on().empty() : !dated) {
      add("DATE_MALFORMED", "values.sentence_end.end_on");
    }
  }
  if (values.has_needs()) {
    found = CheckNeeds(values.needs(), Today(facts), PolicyNow(facts), "values.needs");
  }
  if (values.has_availability()) {
    v1::Needs times;
    times.mutable_times()->set_has_fixed_times(values.availability().has_fixed_times());
    *times.mutable_times()->mutable_windows() = values.availability().windows();
    found = CheckNeeds(times, Today(facts), PolicyNow(facts), "values.availability");
  }
  if (rule.topic == "LOCATION" && values.location().kind() != "COMMUNITY" &&
      values.location().kind() != "CUSTODY") {
    add("UNKNOWN_CODE", "values.location.kind");
  }
  if (rule.topic == "RELEASE_DATE" && !ParseDate(values.location().release_on())) {
    add("DATE_MALFORMED", "values.location.release_on");
  }
  if (values.has_responsible_officer() && values.responsible_officer().id().empty()) {
    add("FIELD_MISSING", "values.responsible_officer.id");
  }
  if (!values.completion_target().empty() && !ParseDate(values.completion_target())) {
    add("DATE_MALFORMED", "values.completion_target");
  }
  return found;
}

// The slot that the referral holds once amended (REF-33); unchanged for most topics.
std::string NewSlotKey(const v1::Referral& referral, const v1::AmendValues& values) {
  if (!values.has_need_type() && !values.has_sentence_link()) return referral.slot_key();
  const bool moved = values.has_sentence_link();
  return SlotKey(referral.line(), values.has_need_type() ? values.need_type().need()
                                                         : referral.need(),
                 moved ? values.sentence_link().sentence_key() : referral.sentence_key(),
                 moved ? values.sentence_link().requirement_key() : referral.requirement_key());
}

// DUPLICATE_OPEN_REFERRAL, SLOT_NOT_RESERVED: as at submission.
std::optional<Rejected> CheckSlot(const v1::Referral& referral, const std::string& key,
                                  const v1::Person& person) {
  if (key == referral.slot_key() || key.empty()) return std::nullopt;
  bool held = false;
  for (const v1::Slot& slot : person.slots()) {
    if (slot.key() != key) continue;
    if (slot.referral_id() != referral.id()) {
      Rejected rejected = decider::Reject("DUPLICATE_OPEN_REFERRAL");
      rejected.metadata["ids"] = slot.referral_id();
      return rejected;
    }
    held = true;
  }
  if (held) return std::nullopt;
  return decider::Reject("SLOT_NOT_RESERVED");
}

v1::ReferralAmended Amended(const v1::Referral& before, const v1::Amend& command,
                            const TopicRule& rule, const v1::AmendValues& values,
                            std::vector<v1::AmendedField> changes) {
  v1::ReferralAmended event;
  event.set_crn(before.origin_crn());
  event.set_topic(command.topic());
  for (v1::AmendedField& change : changes) {
    event.add_fields(change.field());
    *event.add_changes() = std::move(change);
  }
  event.set_reason(command.reason());
  event.set_note(command.note());
  event.set_decision_input(rule.decision_input);
  *event.mutable_values() = values;
  event.set_sentence_key(values.sentence_link().sentence_key());
  event.set_requirement_key(values.sentence_link().requirement_key());
  event.set_end_on(values.sentence_end().end_on());
  event.set_open_ended(values.sentence_end().open_ended());
  event.set_sentence_version(command.facts().sentence_version());
  event.set_need(values.need_type().need());
  event.set_completion_target(values.completion_target());
  if (values.has_sentence_link()) event.set_order_kind(command.facts().sentence().order_kind());
  const std::string key = NewSlotKey(before, values);
  if (key != before.slot_key()) {
    event.set_old_slot_key(before.slot_key());
    event.set_new_slot_key(key);
  }
  return event;
}

}  // namespace

std::string SlotKeyAfter(const v1::Referral& referral, const v1::Amend& command) {
  const TopicRule* rule = FindTopic(command.topic());
  if (rule == nullptr || !IsOpen(*rule, referral.state())) return "";
  const std::string key = NewSlotKey(referral, Only(*rule, command.values()));
  return key == referral.slot_key() ? "" : key;
}

Verdict Handle(Unit& unit, const v1::Amend& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  const TopicRule* rule = FindTopic(command.topic());
  if (auto refused = Admit(unit, id, rule, facts)) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  if (!IsPersons(command.facts().person(), before.origin_crn())) {
    return decider::NotFound(PersonId(before.origin_crn()));
  }
  std::vector<Violation> found;
  if (rule == nullptr) {
    found.push_back({.code = "UNKNOWN_CODE", .field = "topic", .detail = command.topic()});
  }
  const v1::CodeList::Code* reason = FindCode("amend_reason", command.reason());
  if (reason == nullptr) {
    found.push_back({.code = "UNKNOWN_CODE", .field = "reason", .detail = command.reason()});
  }
  v1::AmendValues values = rule == nullptr ? v1::AmendValues() : Only(*rule, command.values());
  if (values.has_needs()) ClearDetails(values.mutable_needs());
  if (rule != nullptr) {
    for (Violation& v : CheckValues(*rule, values, before, command.facts(), facts)) {
      found.push_back(std::move(v));
    }
  }
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  if (!IsOpen(*rule, before.state())) return decider::Reject("TOPIC_CLOSED");
  if (reason->note_required()) {
    if (auto refused = RequireNote(command.note(), kNoteMin)) return *refused;
  }
  const v1::AmendValues now = Current(*rule, before, command.facts());
  const std::string end_on = before.end_on();
  if (!values.completion_target().empty() && !before.open_ended() && !end_on.empty() &&
      values.completion_target() > end_on) {
    return decider::Reject("TARGET_AFTER_SENTENCE_END");
  }
  std::vector<v1::AmendedField> changes = FieldChanges(now, values);
  if (changes.empty()) return decider::Reject("NOTHING_TO_CHANGE");
  if (auto refused = CheckSlot(before, NewSlotKey(before, values), command.facts().person())) {
    return *refused;
  }
  Recorder record(unit, facts, id);
  record.Emit(Amended(before, command, *rule, values, std::move(changes)));
  const v1::Referral after = ReferralAt(unit, id);
  const google::protobuf::RepeatedPtrField<v1::Estimate> none;
  const std::string cause = absl::StrCat("AMENDED:", command.topic());
  Reconsider(record, after, {command.facts(), command.catalogue(), none, cause}, PolicyNow(facts),
             Today(facts));
  return record.Done();
}

}  // namespace pdp::referral
