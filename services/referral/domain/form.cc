#include "services/referral/domain/form.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/timestamp.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/needs.h"

namespace pdp::referral {
namespace {

constexpr int kMaturityFromAge = 18;

class Missing {
 public:
  explicit Missing(const v1::Referral& referral) : referral_(referral) {}
  // nullptr: the section is missing as a whole.
  const v1::Section* Section(const std::string& name) {
    const auto it = referral_.sections().find(name);
    if (it == referral_.sections().end()) {
      found_.push_back({.code = "SECTION_MISSING", .subject = name, .field = name});
      return nullptr;
    }
    return &it->second;
  }
  void Need(bool present, const char* section, const char* field) {
    if (present) return;
    found_.push_back({.code = "FIELD_MISSING", .subject = section,
                      .field = std::string(section) + "." + field});
  }
  std::vector<Violation> Take() { return std::move(found_); }

 private:
  const v1::Referral& referral_;
  std::vector<Violation> found_;
};

// REF-8, REF-9.
void NeedOfWoman(const v1::Needs& needs, const std::string& line, Missing& missing) {
  if (line == "UPW") {
    missing.Need(!needs.women_work().workplace_choice().empty(), "NEEDS",
                 "women_work.workplace_choice");
  }
  if (line != "PROGRAMME") return;
  missing.Need(!needs.women_programme().delivery_choice().empty(), "NEEDS",
               "women_programme.delivery_choice");
  missing.Need(!needs.women_programme().female_facilitator().empty(), "NEEDS",
               "women_programme.female_facilitator");
  missing.Need(needs.barriers().strengths_size() > 0, "NEEDS", "barriers.strengths");
  missing.Need(needs.barriers().none_identified() || needs.barriers().barriers_size() > 0, "NEEDS",
               "barriers.barriers");
}

void CheckNeedsSection(const v1::Needs& needs, const v1::Referral& referral,
                       const v1::Person& person, Date today, const Policy& policy,
                       Missing& missing) {
  missing.Need(!needs.written().language().empty(), "NEEDS", "written.language");
  missing.Need(needs.written().formats_size() > 0, "NEEDS", "written.formats");
  missing.Need(needs.interpreter().needed() != v1::NOT_ASKED, "NEEDS", "interpreter.needed");
  missing.Need(!needs.learning_difficulty().screening().empty(), "NEEDS",
               "learning_difficulty.screening");
  const std::optional<Date> born = ParseDate(person.identity().date_of_birth());
  if (born) {
    const int age = AgeOn(*born, today);
    const bool young = age >= kMaturityFromAge && age <= policy.Int("maturity.max_age");
    missing.Need(!young || !needs.maturity().screening().empty(), "NEEDS", "maturity.screening");
  }
  const v1::Needs::Access& access = needs.access();
  const bool asked =
      access.step_free() != v1::NOT_ASKED && access.hearing_loop() != v1::NOT_ASKED &&
      access.private_room() != v1::NOT_ASKED && access.prayer_space() != v1::NOT_ASKED &&
      access.personal_care_space() != v1::NOT_ASKED && access.quiet_space() != v1::NOT_ASKED;
  missing.Need(asked, "NEEDS", "access");
  if (referral.line() == "PROGRAMME") {
    missing.Need(needs.reading().reads_simple_sentences() != v1::NOT_ASKED, "NEEDS",
                 "reading.reads_simple_sentences");
  }
  if (IsWoman(person.identity(), policy)) NeedOfWoman(needs, referral.line(), missing);
}

void CheckLineSections(const v1::Referral& referral, Missing& missing) {
  const std::string& line = referral.line();
  if (line == "PROGRAMME" || line == "SIGNPOST") {
    if (const v1::Section* section = missing.Section("NEED_TYPE")) {
      const bool named = !referral.need().empty() && !referral.requirement_key().empty();
      if (line == "PROGRAMME") {
        missing.Need(named || !section->need_type().need().empty(), "NEED_TYPE", "need");
      } else {
        missing.Need(!section->need_type().category().empty(), "NEED_TYPE", "category");
      }
    }
  }
  if (line == "PROGRAMME") {
    if (const v1::Section* section = missing.Section("RISK")) {
      missing.Need(!section->risk().assessed_on().empty(), "RISK", "assessed_on");
    }
  }
  if (line == "UPW") {
    if (const v1::Section* section = missing.Section("ETE")) {
      missing.Need(!section->ete().need().empty(), "ETE", "need");
    }
    if (const v1::Section* section = missing.Section("WORK_LIMITS")) {
      missing.Need(section->work_limits().health_limit() != v1::NOT_ASKED, "WORK_LIMITS",
                   "health_limit");
    }
  }
  if (line == "PROGRAMME" || line == "UPW") {
    if (const v1::Section* section = missing.Section("AVAILABILITY")) {
      missing.Need(section->availability().has_fixed_times() != v1::NOT_ASKED, "AVAILABILITY",
                   "has_fixed_times");
    }
  }
}

}  // namespace

std::string SectionName(const v1::Section& section) {
  switch (section.section_case()) {
    case v1::Section::kPerson:
      return "PERSON";
    case v1::Section::kContact:
      return "CONTACT";
    case v1::Section::kNeeds:
      return "NEEDS";
    case v1::Section::kSentence:
      return "SENTENCE";
    case v1::Section::kNeedType:
      return "NEED_TYPE";
    case v1::Section::kRisk:
      return "RISK";
    case v1::Section::kAvailability:
      return "AVAILABILITY";
    case v1::Section::kEte:
      return "ETE";
    case v1::Section::kWorkLimits:
      return "WORK_LIMITS";
    case v1::Section::SECTION_NOT_SET:
      return "";
  }
  return "";
}

std::vector<std::string> SectionsOfLine(absl::string_view line) {
  std::vector<std::string> names = {"PERSON", "CONTACT", "NEEDS", "SENTENCE"};
  if (line == "PROGRAMME") names.insert(names.end(), {"NEED_TYPE", "RISK", "AVAILABILITY"});
  if (line == "UPW") names.insert(names.end(), {"ETE", "WORK_LIMITS", "AVAILABILITY"});
  if (line == "SIGNPOST") names.push_back("NEED_TYPE");
  return names;
}

std::vector<Violation> MissingParts(const v1::Referral& referral, const v1::Person& person,
                                    Date today, const Policy& policy) {
  Missing missing(referral);
  if (const v1::Section* section = missing.Section("PERSON")) {
    missing.Need(!section->person().name().family().empty(), "PERSON", "name.family");
    missing.Need(ParseDate(section->person().date_of_birth()).has_value(), "PERSON",
                 "date_of_birth");
    missing.Need(!section->person().sex().empty(), "PERSON", "sex");
  }
  if (const v1::Section* section = missing.Section("CONTACT")) {
    missing.Need(section->contact().no_fixed_abode() || !section->contact().address().empty(),
                 "CONTACT", "address");
  }
  if (const v1::Section* section = missing.Section("NEEDS")) {
    CheckNeedsSection(section->needs(), referral, person, today, policy, missing);
  }
  if (const v1::Section* section = missing.Section("SENTENCE")) {
    missing.Need(section->sentence().sentence_key() == referral.sentence_key(), "SENTENCE",
                 "sentence_key");
    missing.Need(!section->sentence().confirmed_on().empty(), "SENTENCE", "confirmed_on");
  }
  CheckLineSections(referral, missing);
  return missing.Take();
}

v1::DraftSectionSaved SectionSaved(const std::string& origin_crn, const std::string& referral_id,
                                   v1::Section section, absl::Time at) {
  v1::DraftSectionSaved event;
  event.set_draft(DraftSubject(origin_crn, referral_id));
  event.set_crn(origin_crn);
  event.set_section(SectionName(section));
  *section.mutable_saved_at() = ToTimestamp(at);
  *event.mutable_value() = std::move(section);
  return event;
}

std::string DraftSubject(absl::string_view origin_crn, absl::string_view referral_id) {
  return absl::StrCat("draft/", origin_crn, "/", referral_id);
}

std::string DraftExpiresOn(Date saved, const Policy& policy) {
  return FormatDate(saved + policy.Int("draft.days") + 1);
}

std::optional<absl::Time> DraftExpiresAt(const v1::Referral& referral) {
  if (referral.origin() != "FORM") return std::nullopt;
  std::optional<Date> day = ParseDate(referral.draft_expires_on());
  if (!day) {
    // Saved before events said it.
    const std::optional<Date> saved = ParseDate(referral.last_saved_on());
    if (!saved) return std::nullopt;
    day = ParseDate(DraftExpiresOn(*saved, Policy::Shipped(*saved)));
  }
  return StartOfLocalDate(*day);
}

std::optional<Rejected> CheckSubmit(const v1::Referral& referral, const v1::SubmitReferral& command,
                                    const Facts& facts) {
  const Policy policy = PolicyNow(facts);
  const std::optional<absl::Time> expires = DraftExpiresAt(referral);
  const bool expired = referral.state() == v1::EXPIRED ||
                       (referral.state() == v1::DRAFT && expires && facts.recorded_at >= *expires);
  if (expired) return decider::Reject("DRAFT_EXPIRED");
  if (auto refused = RequireState(referral, {v1::DRAFT})) return refused;
  std::vector<Violation> missing =
      MissingParts(referral, command.facts().person(), Today(facts), policy);
  if (!missing.empty()) {
    Rejected rejected = decider::Reject("DRAFT_INCOMPLETE");
    rejected.violations = std::move(missing);
    return rejected;
  }
  if (!referral.requirement_key().empty()) {
    bool live = false;
    for (const v1::Requirement& requirement : command.facts().sentence().requirements()) {
      live = live || (requirement.no() == RequirementNo(referral.requirement_key()) &&
                      requirement.status() == v1::REQUIREMENT_LIVE);
    }
    if (!live) return decider::Reject("REQUIREMENT_NOT_LIVE");
  }
  if (!command.has_slot_override()) return std::nullopt;
  if (referral.line() == "UPW") return decider::Reject("DUPLICATE_NOT_OVERRIDABLE");
  if (auto refused = RequireCode("slot_override", command.slot_override().code())) return refused;
  return RequireNote(command.slot_override().note(), 10);
}

}  // namespace pdp::referral
