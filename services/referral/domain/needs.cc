#include "services/referral/domain/needs.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/timestamp.h"

namespace pdp::referral {
namespace {

using decider::Violation;
using google::protobuf::FieldDescriptor;

constexpr int kScoreMax = 10'000;
constexpr size_t kSummaryCharactersMax = 4'000;

class Findings {
 public:
  explicit Findings(absl::string_view prefix) : prefix_(prefix) {}
  void Add(absl::string_view code, absl::string_view field, std::string detail = "") {
    violations_.push_back({.code = std::string(code),
                           .field = absl::StrCat(prefix_, prefix_.empty() ? "" : ".", field),
                           .detail = std::move(detail)});
  }
  // An empty value is "not asked yet", which blocks submission only.
  void Code(absl::string_view list, const std::string& value, absl::string_view field) {
    if (!value.empty() && FindCode(list, value) == nullptr) Add("UNKNOWN_CODE", field, value);
  }
  void OneOf(std::initializer_list<absl::string_view> allowed, const std::string& value,
             absl::string_view field) {
    if (value.empty()) return;
    for (const absl::string_view code : allowed) {
      if (code == value) return;
    }
    Add("UNKNOWN_CODE", field, value);
  }
  void Language(const std::string& value, absl::string_view field) {
    const bool sized = value.size() == 2 || value.size() == 3;
    for (const char c : value) {
      if (!sized || !absl::ascii_islower(c)) return Add("UNKNOWN_CODE", field, value);
    }
  }
  std::vector<Violation> Take() { return std::move(violations_); }

 private:
  std::string prefix_;
  std::vector<Violation> violations_;
};

void CheckBarriers(const v1::Needs::Barriers& barriers, Date today, const Policy& policy,
                   Findings& found) {
  if (barriers.none_identified() && barriers.barriers_size() > 0) {
    found.Add("CONTRADICTION", "barriers.none_identified");
  }
  for (int i = 0; i < barriers.barriers_size(); ++i) {
    const v1::Barrier& barrier = barriers.barriers(i);
    const std::string path = absl::StrCat("barriers.barriers[", i, "].");
    if (FindCode("barrier", barrier.code()) == nullptr) {
      found.Add("UNKNOWN_CODE", path + "code", barrier.code());
    }
    if (barrier.adjustment().empty()) {
      found.Add("CONDITIONAL_FIELD_MISSING", path + "adjustment");
    }
    const std::optional<Date> review = ParseDate(barrier.review_on());
    if (!review) {
      found.Add("CONDITIONAL_FIELD_MISSING", path + "review_on");
    } else if (*review > today + policy.Int("barrier.review_days")) {
      found.Add("BARRIER_REVIEW_TOO_FAR", path + "review_on", barrier.review_on());
    }
  }
}

void CheckWindows(const v1::Needs::Times& times, Findings& found) {
  for (int i = 0; i < times.windows_size(); ++i) {
    const auto& w = times.windows(i);
    const bool valid = w.weekday() >= 1 && w.weekday() <= 7 && w.from_min() >= 0 &&
                       w.from_min() < w.to_min() && w.to_min() <= 24 * 60;
    if (!valid) found.Add("WINDOW_INVALID", absl::StrCat("times.windows[", i, "]"));
  }
  if (times.has_fixed_times() == v1::YES && times.windows_size() == 0) {
    found.Add("CONDITIONAL_FIELD_MISSING", "times.windows");
  }
}

void CheckWritten(const v1::Needs::Written& written, Findings& found) {
  found.Language(written.language(), "written.language");
  bool is_written = written.formats().empty();
  for (int i = 0; i < written.formats_size(); ++i) {
    const std::string kind = MapCode("written_format", written.formats(i));
    if (kind.empty()) {
      found.Add("UNKNOWN_CODE", absl::StrCat("written.formats[", i, "]"), written.formats(i));
    }
    is_written = is_written || kind == "WRITTEN";
  }
  // AUDIO, BSL_VIDEO and READ_ALOUD add to a written format, never replace it (REF-4).
  if (!is_written) found.Add("CONDITIONAL_FIELD_MISSING", "written.formats");
}

bool InRange(bool present, int value, int max) { return !present || (value >= 0 && value <= max); }

}  // namespace

bool IsWoman(const v1::Identity& identity, const Policy& policy) {
  if (policy.Text("comp.woman_basis") == "SEX") return identity.sex() == "F";
  return identity.gender_identity() == "GIF" ||
         (identity.sex() == "F" && identity.gender_identity() != "GIM");
}

std::vector<std::string> SectionsOf(const v1::Needs& needs) {
  std::vector<const FieldDescriptor*> fields;
  needs.GetReflection()->ListFields(needs, &fields);
  std::vector<std::string> names;
  for (const FieldDescriptor* field : fields) names.push_back(absl::AsciiStrToUpper(field->name()));
  return names;
}

void ReplaceSections(const v1::Needs& from, v1::Needs* into) {
  std::vector<const FieldDescriptor*> fields;
  from.GetReflection()->ListFields(from, &fields);
  for (const FieldDescriptor* field : fields) {
    into->GetReflection()
        ->MutableMessage(into, field)
        ->CopyFrom(from.GetReflection()->GetMessage(from, field));
  }
}

std::vector<std::string> ClearDetails(v1::Needs* needs) {
  std::vector<std::string> cleared;
  const auto drop = [&cleared](v1::Answer answer, std::string* detail, absl::string_view name) {
    if (answer == v1::YES || detail->empty()) return;
    detail->clear();
    cleared.emplace_back(name);
  };
  if (needs->has_interpreter()) {
    auto* interpreter = needs->mutable_interpreter();
    drop(interpreter->needed(), interpreter->mutable_language(), "interpreter.language");
  }
  if (needs->has_access()) {
    auto* access = needs->mutable_access();
    drop(access->other(), access->mutable_other_detail(), "access.other_detail");
  }
  if (needs->has_work_limits()) {
    auto* limits = needs->mutable_work_limits();
    drop(limits->health_limit(), limits->mutable_health_detail(), "work_limits.health_detail");
  }
  if (needs->has_times() && needs->times().has_fixed_times() != v1::YES &&
      needs->times().windows_size() > 0) {
    needs->mutable_times()->clear_windows();
    cleared.emplace_back("times.windows");
  }
  return cleared;
}

std::vector<Violation> CheckNeeds(const v1::Needs& needs, Date today, const Policy& policy,
                                  absl::string_view prefix) {
  Findings found(prefix);
  if (needs.has_written()) CheckWritten(needs.written(), found);
  if (needs.has_interpreter()) {
    found.Language(needs.interpreter().language(), "interpreter.language");
    if (needs.interpreter().needed() == v1::YES && needs.interpreter().language().empty()) {
      found.Add("CONDITIONAL_FIELD_MISSING", "interpreter.language");
    }
  }
  found.OneOf({"NO", "SUSPECTED", "CONFIRMED", "DECLINED"},
              needs.learning_difficulty().screening(), "learning_difficulty.screening");
  found.OneOf({"OK", "LOW", "DECLINED"}, needs.maturity().screening(), "maturity.screening");
  found.OneOf({"WOMEN_ONLY", "WITH_OTHER_WOMEN", "ONE_TO_ONE", "NO_PREFERENCE", "DECLINED"},
              needs.women_programme().delivery_choice(), "women_programme.delivery_choice");
  found.OneOf({"REQUESTED", "NOT_WANTED", "DECLINED"}, needs.women_programme().female_facilitator(),
              "women_programme.female_facilitator");
  found.OneOf({"NOT_ALL_MALE", "WOMEN_ONLY", "INDIVIDUAL", "ACCEPTS_ANY", "DECLINED"},
              needs.women_work().workplace_choice(), "women_work.workplace_choice");
  if (needs.access().other() == v1::YES && needs.access().other_detail().empty()) {
    found.Add("CONDITIONAL_FIELD_MISSING", "access.other_detail");
  }
  if (needs.has_barriers()) CheckBarriers(needs.barriers(), today, policy, found);
  found.OneOf({"NONE", "SOME", "HIGH"}, needs.ete().need(), "ete.need");
  if (needs.ete().employed_weekly_minutes() < 0) {
    found.Add("VALUE_OUT_OF_RANGE", "ete.employed_weekly_minutes");
  }
  CheckWindows(needs.times(), found);
  if (needs.work_limits().health_limit() == v1::YES &&
      needs.work_limits().health_detail().empty()) {
    found.Add("CONDITIONAL_FIELD_MISSING", "work_limits.health_detail");
  }
  return found.Take();
}

std::string CheckRisk(const v1::Risk& risk, Date today) {
  const v1::RiskItems& items = risk.items();
  const bool in_range =
      InRange(risk.has_ogrs3_bp(), risk.ogrs3_bp(), kScoreMax) &&
      InRange(risk.has_ovp_bp(), risk.ovp_bp(), kScoreMax) &&
      InRange(items.has_i2_6(), items.i2_6(), 2) && InRange(items.has_i7_2(), items.i7_2(), 2) &&
      InRange(items.has_i11_3(), items.i11_3(), 2) &&
      InRange(items.has_i11_4(), items.i11_4(), 2) &&
      InRange(items.has_i11_6(), items.i11_6(), 2) &&
      InRange(items.has_i11_7(), items.i11_7(), 2) &&
      InRange(items.has_i11_9(), items.i11_9(), 2) &&
      InRange(items.has_i12_1(), items.i12_1(), 2) && risk.sara() != v1::VERY_HIGH &&
      risk.summary().size() <= 4 * kSummaryCharactersMax;
  if (!in_range) return "SCORE_OUT_OF_RANGE";
  const std::optional<Date> assessed = ParseDate(risk.assessed_on());
  return assessed && *assessed > today ? "ASSESSED_IN_FUTURE" : "";
}

PersonFacts NewestFacts(const v1::Person& person, const v1::Referral& referral) {
  PersonFacts facts{person.identity(), person.needs(), person.risk()};
  const auto recorded = [&person](const std::string& section) {
    const auto it = person.recorded_at().find(section);
    return it == person.recorded_at().end() ? absl::InfinitePast() : FromTimestamp(it->second);
  };
  for (const char* name : {"NEEDS", "ETE", "WORK_LIMITS"}) {
    const auto it = referral.sections().find(name);
    if (it == referral.sections().end()) continue;
    v1::Needs form = it->second.needs();
    if (it->second.has_ete()) *form.mutable_ete() = it->second.ete();
    if (it->second.has_work_limits()) *form.mutable_work_limits() = it->second.work_limits();
    std::vector<const FieldDescriptor*> fields;
    form.GetReflection()->ListFields(form, &fields);
    for (const FieldDescriptor* field : fields) {
      const std::string section = absl::AsciiStrToUpper(field->name());
      const auto amended = referral.answered_at().find(section);
      const absl::Time answered =
          amended == referral.answered_at().end()
              ? FromTimestamp(it->second.saved_at())
              : std::max(FromTimestamp(it->second.saved_at()), FromTimestamp(amended->second));
      if (recorded(section) > answered) {
        form.GetReflection()->ClearField(&form, field);
      }
    }
    ReplaceSections(form, &facts.needs);
  }
  const auto risk = referral.sections().find("RISK");
  if (risk != referral.sections().end() &&
      recorded("RISK") <= FromTimestamp(risk->second.saved_at())) {
    facts.risk = risk->second.risk();
  }
  const auto contact = referral.sections().find("CONTACT");
  if (contact != referral.sections().end() &&
      recorded("IDENTITY") <= FromTimestamp(contact->second.saved_at())) {
    *facts.identity.mutable_contact() = contact->second.contact();
  }
  return facts;
}

}  // namespace pdp::referral
