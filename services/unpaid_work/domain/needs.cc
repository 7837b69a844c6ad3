#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/ledger.h"
#include "services/unpaid_work/domain/policy.h"

// What is known of the person: communication needs, assessment, ETE needs (UPW-22 to 24, 30 to 33).

namespace pdp::unpaid_work {
namespace {

constexpr absl::string_view kFromTokens = "TOKENS";

bool IsLanguage(const std::string& code) {
  return (code.size() == 2 || code.size() == 3) &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

const v1::AnswerRule* FindRule(absl::string_view section, absl::string_view key,
                               absl::string_view value) {
  for (const v1::AnswerRule& rule : ShippedCodes().answer_rules()) {
    if (rule.section() == section && rule.key() == key &&
        (rule.value().empty() || rule.value() == value)) {
      return &rule;
    }
  }
  return nullptr;
}

// The answers of a section and key come from a closed list.
bool HasRules(absl::string_view section, absl::string_view key) {
  const auto& rules = ShippedCodes().answer_rules();
  return std::any_of(rules.begin(), rules.end(), [&](const v1::AnswerRule& rule) {
    return rule.section() == section && rule.key() == key;
  });
}

template <typename Visit>
void ForEachRule(const v1::AssessmentSection& section, Visit visit) {
  for (const v1::SectionAnswer& answer : section.answers()) {
    for (const std::string& value : answer.values()) {
      if (const v1::AnswerRule* rule = FindRule(section.section(), answer.key(), value)) {
        visit(*rule, value);
      }
    }
  }
}

bool ParameterFits(const std::string& constraint, const std::string& value) {
  if (constraint == "EXCLUSION_ZONE") {
    const std::vector<std::string> parts = absl::StrSplit(value, ',');
    int64_t number = 0;
    return parts.size() == 3 && std::all_of(parts.begin(), parts.end(), [&](const auto& part) {
             return absl::SimpleAtoi(part, &number) && number >= 0 && number <= 2'000'000;
           });
  }
  if (constraint == "RELIGIOUS_OBSERVANCE") {
    return value.size() == 1 && value[0] >= '1' && value[0] <= '7';
  }
  if (constraint == "PLACEMENT_KIND") {
    v1::Kind kind;
    return v1::Kind_Parse(value, &kind) && kind != v1::KIND_UNSPECIFIED;
  }
  if (constraint == "FACILITY_NEED") return KnownCode("facility_tag", value);
  return !value.empty() && value.size() <= 64;
}

std::vector<v1::Constraint> ConstraintsOf(const v1::AssessmentSection& section) {
  std::vector<v1::Constraint> constraints;
  ForEachRule(section, [&](const v1::AnswerRule& rule, const std::string& value) {
    if (rule.constraint().empty()) return;
    v1::Constraint& constraint = constraints.emplace_back();
    constraint.set_code(rule.constraint());
    if (rule.value().empty()) constraint.set_param(value);
    constraint.set_source(section.section());
  });
  return constraints;
}

std::vector<v1::Constraint> ConstraintsOf(const v1::PersonFacts& person) {
  std::vector<v1::Constraint> constraints;
  for (const std::string& token : person.tokens()) {
    const v1::ListedCode* facility = FindCode("facility_tag", token);
    const bool staff = token == "STAFF_NOT_MALE" || token == "STAFF_NOT_FEMALE";
    if (facility == nullptr && !staff) continue;
    v1::Constraint& constraint = constraints.emplace_back();
    constraint.set_code(staff ? token : "FACILITY_NEED");
    if (!staff) constraint.set_param(token);
    constraint.set_source(std::string(kFromTokens));
  }
  return constraints;
}

// Replaces what came from one source; keeps what stays the same.
void ReplaceConstraints(Unit& unit, const std::string& crn, absl::string_view source,
                        std::vector<v1::Constraint> wanted) {
  const auto equal = [](const v1::Constraint& a, const v1::Constraint& b) {
    return google::protobuf::util::MessageDifferencer::Equals(a, b);
  };
  const auto before = FindCase(unit, crn)->constraints();
  for (const v1::Constraint& old : before) {
    if (old.source() != source) continue;
    const auto it = std::find_if(wanted.begin(), wanted.end(),
                                 [&](const auto& now) { return equal(old, now); });
    if (it != wanted.end()) {
      wanted.erase(it);
      continue;
    }
    v1::Event event;
    event.mutable_constraint_withdrawn()->set_code(old.code());
    *event.mutable_constraint_withdrawn()->mutable_constraint() = old;
    unit.Emit(CaseId(crn), std::move(event));
  }
  for (v1::Constraint& constraint : wanted) {
    v1::Event event;
    event.mutable_constraint_derived()->set_code(constraint.code());
    *event.mutable_constraint_derived()->mutable_constraint() = std::move(constraint);
    unit.Emit(CaseId(crn), std::move(event));
  }
}

// UPW-33 and interfaces C1: all support needs, as the records now say.
void DeriveSupportNeeds(Unit& unit, const std::string& crn) {
  const v1::Case& c = *FindCase(unit, crn);
  std::vector<std::string> tags;
  for (const v1::AssessmentSection& section : c.assessment()) {
    ForEachRule(section, [&](const v1::AnswerRule& rule, const std::string&) {
      tags.insert(tags.end(), rule.support_needs().begin(), rule.support_needs().end());
    });
  }
  for (const std::string& token : c.person().tokens()) {
    if (absl::StartsWith(token, "INTERPRETER:") || token == "SPECIALIST_REFERRAL_SUPPORT") {
      tags.push_back(token);
    }
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  if (std::equal(tags.begin(), tags.end(), c.support_needs().begin(), c.support_needs().end())) {
    return;
  }
  v1::Event event;
  for (std::string& tag : tags) event.mutable_support_needs_derived()->add_tags(std::move(tag));
  unit.Emit(CaseId(crn), std::move(event));
}

}  // namespace

bool SectionCounts(const v1::AssessmentSection& section) {
  if (!HasRules(section.section(), "LEVEL")) return true;
  for (const v1::SectionAnswer& answer : section.answers()) {
    if (answer.key() != "LEVEL" || answer.values_size() != 1) continue;
    const v1::AnswerRule* rule = FindRule(section.section(), "LEVEL", answer.values(0));
    return rule != nullptr && !rule->missing();
  }
  return false;
}

std::vector<std::string> NeededFormats(const v1::Case& c) {
  std::vector<std::string> formats(c.communication().formats().begin(),
                                   c.communication().formats().end());
  for (const v1::AssessmentSection& section : c.assessment()) {
    ForEachRule(section, [&](const v1::AnswerRule& rule, const std::string&) {
      formats.insert(formats.end(), rule.formats().begin(), rule.formats().end());
    });
  }
  const auto& tokens = c.person().tokens();
  if (std::find(tokens.begin(), tokens.end(), "ACCESSIBLE_MATERIALS") != tokens.end()) {
    formats.push_back("EASY_READ");
  }
  std::sort(formats.begin(), formats.end());
  formats.erase(std::unique(formats.begin(), formats.end()), formats.end());
  return formats;
}

void UpdateAssessed(Unit& unit, const std::string& crn) {
  RaiseStatus(unit, crn, HighestStatus(*FindCase(unit, crn)));
}

Verdict Decide(Unit& unit, const v1::TakeOverPersonFacts& command, const Facts& facts) {
  Checks checks;
  const v1::PersonFacts& person = command.person();
  checks.Require(person.person_version() > 0, "person.person_version", "is missing");
  if (!person.date_of_birth().empty()) {
    checks.DateField(person.date_of_birth(), "person.date_of_birth");
  }
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"SYS"}, checks)) return *rejected;
  const v1::Case& c = *FindCase(unit, command.crn());
  if (person.person_version() <= c.person().person_version()) return v1::Reply();
  v1::Event event;
  auto* taken = event.mutable_person_facts_taken_over();
  *taken->mutable_person() = person;
  taken->set_person_version(person.person_version());
  // Her own answer stands; before that what intake was told (interfaces C13, UPW-47).
  if (!c.composition().recorded_here()) {
    taken->mutable_composition()->set_composition_class(command.composition_class());
    for (const std::string& token : person.tokens()) {
      if (command.composition_class() != v1::CLASS_F) break;
      if (token != "WOMEN_ONLY_WORK") continue;
      taken->mutable_composition()->set_women_option(v1::WOMEN_ONLY);
    }
  }
  unit.Emit(CaseId(command.crn()), std::move(event));
  ReplaceConstraints(unit, command.crn(), kFromTokens, ConstraintsOf(person));
  DeriveSupportNeeds(unit, command.crn());
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RecordCommunicationNeeds& command, const Facts& facts) {
  Checks checks;
  checks.Require(command.languages_size() > 0, "languages", "names no language");
  for (const std::string& language : command.languages()) {
    checks.Require(IsLanguage(language), "languages", "must be ISO 639 codes in lower case");
  }
  for (const std::string& format : command.formats()) {
    checks.KnownIn("written_format", format, "formats");
  }
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"RO", "CO", "SYS"}, checks)) {
    return *rejected;
  }
  const v1::Case& c = *FindCase(unit, command.crn());
  if (facts.HasRole("SYS") && command.person_version() > 0 &&
      command.person_version() <= c.communication().person_version()) {
    return v1::Reply();
  }
  const bool written = std::any_of(
      command.formats().begin(), command.formats().end(), [](const std::string& format) {
        return FindCode("written_format", format)->maps_to() == "WRITTEN";
      });
  if (!written) return decider::Reject("WRITTEN_FORMAT_MISSING");
  v1::Case without = c;
  without.clear_communication();
  for (const std::string& needed : NeededFormats(without)) {
    const auto& formats = command.formats();
    if (std::find(formats.begin(), formats.end(), needed) == formats.end()) {
      return RejectAll("FORMAT_NEED_MISSING", {needed});
    }
  }
  v1::Event event;
  auto* needs = event.mutable_communication_needs_recorded()->mutable_needs();
  *needs->mutable_languages() = command.languages();
  *needs->mutable_formats() = command.formats();
  needs->set_person_version(
      std::max(command.person_version(), c.communication().person_version()));
  unit.Emit(CaseId(command.crn()), std::move(event));
  UpdateAssessed(unit, command.crn());
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::AnswerSection& command, const Facts& facts) {
  Checks checks;
  checks.Require(command.answers_size() > 0, "answers", "are missing");
  checks.KnownIn("section", command.section(), "section");
  for (const v1::SectionAnswer& answer : command.answers()) {
    const std::string field = absl::StrCat("answers.", answer.key());
    checks.Require(!answer.key().empty(), "answers", "an answer has no key");
    for (const std::string& value : answer.values()) {
      const v1::AnswerRule* rule = FindRule(command.section(), answer.key(), value);
      checks.Known(rule != nullptr || !HasRules(command.section(), answer.key()), value, field);
      checks.Require(rule == nullptr || rule->constraint().empty() || !rule->value().empty() ||
                         ParameterFits(rule->constraint(), value),
                     field, "does not fit");
    }
  }
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"RO", "CO"}, checks)) {
    return *rejected;
  }
  const v1::Case& c = *FindCase(unit, command.crn());
  uint32_t version = 1;
  for (const v1::AssessmentSection& section : c.assessment()) {
    if (section.section() == command.section()) version = section.version() + 1;
  }
  v1::Event event;
  auto* answered = event.mutable_section_answered();
  answered->set_section(command.section());
  answered->set_version(version);
  v1::AssessmentSection* section = answered->mutable_answers();
  section->set_section(command.section());
  section->set_version(version);
  *section->mutable_answers() = command.answers();
  const std::vector<v1::Constraint> constraints = ConstraintsOf(*section);
  unit.Emit(CaseId(command.crn()), std::move(event));
  ReplaceConstraints(unit, command.crn(), command.section(), constraints);
  DeriveSupportNeeds(unit, command.crn());
  UpdateAssessed(unit, command.crn());
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RecordEteNeeds& command, const Facts& facts) {
  Checks checks;
  checks.Require(command.level() != v1::ETE_LEVEL_UNSPECIFIED, "level", "is missing");
  checks.Require(command.level() != v1::ETE_NONE || command.skills().empty(), "skills",
                 "need no level NONE");
  for (const std::string& skill : command.skills()) checks.KnownIn("skill", skill, "skills");
  const v1::Case* c = FindCase(unit, command.crn());
  if (c == nullptr) return decider::NotFound(CaseId(command.crn()));
  // UPW-22: a responsible officer's judgement, directly or out of the referral.
  const bool officer = facts.HasRole("RO");
  if (!officer && !(facts.HasRole("SYS") && !command.officer().empty())) {
    return decider::Reject("NOT_RESPONSIBLE_OFFICER");
  }
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"RO", "SYS"}, checks)) {
    return *rejected;
  }
  v1::Event event;
  auto* needs = event.mutable_ete_needs_recorded()->mutable_needs();
  needs->set_level(command.level());
  *needs->mutable_skills() = command.skills();
  needs->set_officer(officer ? facts.actor.id() : command.officer());
  unit.Emit(CaseId(command.crn()), std::move(event));
  if (command.level() == v1::ETE_NONE) {
    // UPW-24: no need allows only 0; what is used stays used.
    const auto groups = FindCase(unit, command.crn())->groups();
    for (const v1::Group& group : groups) {
      const int64_t used = EteUsed(*FindCase(unit, command.crn()), group);
      if (group.ete_allotted() <= used) continue;
      v1::Event lowered;
      auto* set = lowered.mutable_ete_allotment_set();
      set->set_group(group.group_id());
      set->set_minutes(used);
      set->set_cap(group.ete_cap());
      set->set_policy_version(PolicyVersion());
      unit.Emit(CaseId(command.crn()), std::move(lowered));
    }
  }
  UpdateAssessed(unit, command.crn());
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::SetEteAllotment& command, const Facts& facts) {
  const v1::Case* c = FindCase(unit, command.crn());
  const v1::Group* group = c == nullptr ? nullptr : GroupOf(*c, command.group());
  Checks checks;
  checks.Require(command.minutes() >= 0, "minutes", "must be 0 or more");
  const AggregateId id = CaseId(command.crn());
  if (auto rejected = Admit(unit, facts, {id, group != nullptr, {"RO", "CO"}}, checks)) {
    return *rejected;
  }
  if (c->status() == v1::CASE_CLOSED) return decider::Reject("CASE_CLOSED");
  if (!c->ete_needs_recorded()) return decider::Reject("ETE_NEEDS_NOT_ASSESSED");
  if (c->ete_needs().level() == v1::ETE_NONE && command.minutes() > 0) {
    return decider::Reject("ETE_NO_NEED");
  }
  if (command.minutes() > group->ete_cap()) return decider::Reject("ETE_CAP_EXCEEDED");
  if (command.minutes() < EteUsed(*c, *group)) return decider::Reject("ETE_ALLOTMENT_BELOW_USED");
  v1::Event event;
  auto* set = event.mutable_ete_allotment_set();
  set->set_group(group->group_id());
  set->set_minutes(command.minutes());
  set->set_cap(group->ete_cap());
  set->set_policy_version(PolicyVersion());
  const std::string cause = absl::StrCat("allot/", group->group_id());
  unit.Emit(id, std::move(event));
  Ledger(unit, command.crn(), facts, cause).Finish();
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::CompleteInduction& command, const Facts& facts) {
  Checks checks;
  const auto on = checks.DateField(command.on(), "on");
  checks.Require(!on.has_value() || *on <= Today(facts), "on", "lies in the future");
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"CO", "SU"}, checks)) {
    return *rejected;
  }
  const v1::Case& c = *FindCase(unit, command.crn());
  if (!c.inducted_on().empty()) return decider::StateForbidsCommand("INDUCTED");
  if (const auto missing = MissingSections(c); !missing.empty()) {
    return RejectAll("ASSESSMENT_INCOMPLETE", missing);
  }
  const bool attended = std::any_of(
      c.appointments().begin(), c.appointments().end(), [](const auto& appointment) {
        return appointment.kind() == v1::INDUCTION &&
               appointment.status() == v1::APPOINTMENT_ATTENDED;
      });
  if (!attended) return decider::Reject("INDUCTION_NOT_ATTENDED");
  v1::Event event;
  event.mutable_induction_completed()->set_on(command.on());
  unit.Emit(CaseId(command.crn()), std::move(event));
  UpdateAssessed(unit, command.crn());
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
