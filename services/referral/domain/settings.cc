#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/timestamp.h"
#include "libs/criteria/content_hash.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/in_force.h"
#include "services/referral/domain/recorder.h"
#include "services/referral/domain/settings.h"
#include "services/referral/domain/working_days.h"

// PublishPolicySet, PublishCalendar, PublishCodes in NAT; the copies of the areas, and what a
// version that begins to count does (REF-57, REF-86; interfaces, C10, C11 and D14).
namespace pdp::referral {
namespace {

// Days, minutes, points, years: none of ours comes near; beyond it dates could not be computed.
constexpr int64_t kNumberMax = 1'000'000;

const v1::Settings& SettingsOf(const Unit& unit, const std::string& name) {
  const v1::State* state = unit.Find(SettingsId(name));
  return state == nullptr ? v1::Settings::default_instance() : state->settings();
}

bool HasVersion(const v1::Settings& settings, const std::string& version) {
  return std::any_of(settings.versions().begin(), settings.versions().end(),
                     [&](const v1::PublishedVersion& v) { return v.version() == version; });
}

std::optional<Rejected> Admit(const Facts& facts) {
  if (auto refused = RequireRole(facts, {"AM"})) return refused;
  return RequireOccurredAt(facts);
}

const common::v1::PolicyRow* ShippedRow(const std::string& key) {
  for (const common::v1::PolicyRow& row : ShippedPolicySet().rows()) {
    if (row.key() == key) return &row;
  }
  return nullptr;
}

bool IsNumber(const std::string& text) {
  int64_t value = 0;
  return absl::SimpleAtoi(text, &value) && value >= 0 && value <= kNumberMax;
}
bool IsTimeOfDay(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  int hours = 0, minutes = 0;
  return parts.size() == 2 && absl::SimpleAtoi(parts[0], &hours) &&
         absl::SimpleAtoi(parts[1], &minutes) && hours >= 0 && hours < 24 && minutes >= 0 &&
         minutes < 60;
}

// Steps of a ladder are routes (REF-43).
bool IsLadder(const std::string& value) {
  const std::vector<std::string> steps = absl::StrSplit(value, ',');
  return std::all_of(steps.begin(), steps.end(), [](const std::string& route) {
    return FindCode("route_kind", route) != nullptr;
  });
}

// A value that the rule could not read would stop every decision: it is like the shipped one.
bool FitsKey(const common::v1::PolicyRow& row) {
  if (row.key().rfind("ladder.", 0) == 0) return IsLadder(row.value());
  const common::v1::PolicyRow* shipped = ShippedRow(row.key());
  if (shipped == nullptr) return true;
  if (IsNumber(shipped->value())) return IsNumber(row.value());
  if (IsTimeOfDay(shipped->value())) return IsTimeOfDay(row.value());
  return !row.value().empty();
}

// A key of this service that rules read: shipped, or the ladder of a need.
bool IsOwnKey(const std::string& key) {
  constexpr absl::string_view kLadder = "ladder.";
  if (key.rfind("ladder.", 0) == 0) {
    return FindCode("need", absl::string_view(key).substr(kLadder.size())) != nullptr;
  }
  const common::v1::PolicyRow* shipped = ShippedRow(key);
  return shipped != nullptr && shipped->owner().empty();
}

// Named as an input anywhere in a ladder or a difficulty row.
bool NamesForbiddenInput(const common::v1::PolicyRow& row) {
  const bool rule = row.key().rfind("ladder.", 0) == 0 || row.key().rfind("difficulty.", 0) == 0;
  if (!rule) return false;
  const std::string text = absl::AsciiStrToLower(absl::StrCat(row.key(), " ", row.value()));
  return std::any_of(std::begin(kProtectedFields), std::end(kProtectedFields),
                     [&](const char* input) { return text.find(input) != std::string::npos; });
}

std::vector<Violation> CheckShape(const v1::PublishPolicySet& command) {
  std::vector<Violation> found;
  const auto add = [&found](const char* code, std::string field, std::string detail = "") {
    found.push_back({.code = code, .field = std::move(field), .detail = std::move(detail)});
  };
  if (command.set().name() != ShippedPolicySet().name()) add("UNKNOWN_CODE", "set.name");
  if (command.set().version().empty()) add("FIELD_MISSING", "set.version");
  if (command.set().rows().empty()) add("FIELD_MISSING", "set.rows");
  const std::set<std::string> sources = {"seed", "law", "practice", "ours"};
  std::set<std::string> seen;
  for (int i = 0; i < command.set().rows_size(); ++i) {
    const common::v1::PolicyRow& row = command.set().rows(i);
    const std::string at = absl::StrCat("set.rows[", i, "].");
    // Refused by its own code, and no row of ours anyway.
    const bool forbidden = NamesForbiddenInput(row);
    if (!forbidden && !IsOwnKey(row.key())) add("UNKNOWN_CODE", at + "key", row.key());
    if (row.basis().empty()) add("FIELD_MISSING", at + "basis");
    if (!sources.contains(row.source())) add("UNKNOWN_CODE", at + "source", row.source());
    if (!row.effective_from().empty() && !ParseDate(row.effective_from())) {
      add("DATE_MALFORMED", at + "effective_from");
    }
    if (row.value().empty()) {
      add("FIELD_MISSING", at + "value");
    } else if (!forbidden && IsOwnKey(row.key()) && !FitsKey(row)) {
      add("VALUE_OUT_OF_RANGE", at + "value", row.value());
    }
    if (!seen.insert(absl::StrCat(row.key(), "|", row.effective_from())).second) {
      add("VALUE_OUT_OF_RANGE", at + "key", "twice from one day");
    }
  }
  return found;
}

bool HasRow(const common::v1::PolicySet& set, const common::v1::PolicyRow& wanted) {
  return std::any_of(set.rows().begin(), set.rows().end(), [&](const common::v1::PolicyRow& row) {
    return row.key() == wanted.key() && row.effective_from() == wanted.effective_from() &&
           !row.effective_from().empty();
  });
}

// The first day any row counts; empty: none does yet.
std::string FirstDay(const common::v1::PolicySet& set) {
  std::string first;
  for (const common::v1::PolicyRow& row : set.rows()) {
    if (row.effective_from().empty()) continue;
    if (first.empty() || row.effective_from() < first) first = row.effective_from();
  }
  return first;
}

// The first checks of interfaces, C11, in their order.
std::optional<Rejected> CheckVersion(const v1::Settings& settings, const std::string& version,
                                     const std::string& hash, const std::string& given) {
  if (HasVersion(settings, version)) return decider::Reject("VERSION_EXISTS");
  if (!given.empty() && given != hash) {
    Rejected rejected = decider::Reject("HASH_MISMATCH");
    rejected.metadata["hash"] = hash;
    return rejected;
  }
  return std::nullopt;
}

std::vector<Violation> CheckShape(const v1::PublishCalendar& command) {
  std::vector<Violation> found;
  const v1::BankHolidays& calendar = command.calendar();
  const auto add = [&found](const char* code, std::string field) {
    found.push_back({.code = code, .field = std::move(field)});
  };
  if (calendar.version().empty()) add("FIELD_MISSING", "calendar.version");
  const auto first = ParseDate(calendar.first_day()), last = ParseDate(calendar.last_day());
  if (!first) add("DATE_MALFORMED", "calendar.first_day");
  if (!last) add("DATE_MALFORMED", "calendar.last_day");
  if (first && last && *last < *first) add("DATE_ORDER", "calendar.last_day");
  if (calendar.holidays().empty()) add("FIELD_MISSING", "calendar.holidays");
  std::string before;
  for (int i = 0; i < calendar.holidays_size(); ++i) {
    const auto day = ParseDate(calendar.holidays(i));
    const std::string field = absl::StrCat("calendar.holidays[", i, "]");
    if (!day) {
      add("DATE_MALFORMED", field);
    } else if ((first && *day < *first) || (last && *last < *day)) {
      add("VALUE_OUT_OF_RANGE", field);
    } else if (calendar.holidays(i) <= before) {
      add("DATE_ORDER", field);
    }
    before = calendar.holidays(i);
  }
  if (!command.effective_from().empty() && !ParseDate(command.effective_from())) {
    add("DATE_MALFORMED", "effective_from");
  }
  return found;
}

// A list may grow; what was once a code stays one, with its meaning.
std::vector<Violation> CheckShape(const v1::PublishCodes& command) {
  std::vector<Violation> found;
  const v1::CodeList& list = command.list();
  const auto add = [&found](const char* code, std::string field, std::string detail = "") {
    found.push_back({.code = code, .field = std::move(field), .detail = std::move(detail)});
  };
  if (list.version().empty()) add("FIELD_MISSING", "list.version");
  std::set<std::string> seen;
  for (int i = 0; i < list.codes_size(); ++i) {
    const std::string field = absl::StrCat("list.codes[", i, "].code");
    if (list.codes(i).code().empty()) add("FIELD_MISSING", field);
    if (!seen.insert(list.codes(i).code()).second) add("VALUE_OUT_OF_RANGE", field, "twice");
  }
  const v1::CodeList* before = RulesInForce::Codes(list.name());
  if (before == nullptr) {
    add("UNKNOWN_CODE", "list.name", list.name());
  } else {
    for (const v1::CodeList::Code& known : before->codes()) {
      const auto same = [&](const v1::CodeList::Code& code) {
        return code.code() == known.code() && code.maps_to() == known.maps_to() &&
               code.upw() == known.upw();
      };
      if (std::none_of(list.codes().begin(), list.codes().end(), same)) {
        add("VALUE_OUT_OF_RANGE", "list.codes", absl::StrCat(known.code(), " must stay as it is"));
      }
    }
  }
  if (!command.effective_from().empty() && !ParseDate(command.effective_from())) {
    add("DATE_MALFORMED", "effective_from");
  }
  return found;
}

// What a copy holds decides everything: it fits its name, and every rule can read its value.
std::vector<Violation> CheckShape(const v1::CopySettings& command) {
  const v1::PublishedVersion& published = command.published();
  const bool fits =
      command.name() == kPolicySettings     ? published.has_policy()
      : command.name() == kCalendarSettings ? published.has_calendar()
                                            : published.has_codes() &&
                                                  command.name() ==
                                                      absl::StrCat(kCodesSettings,
                                                                   published.codes().name());
  std::vector<Violation> found;
  if (!fits) found.push_back({.code = "UNKNOWN_CODE", .field = "name", .detail = command.name()});
  if (published.version().empty()) {
    found.push_back({.code = "FIELD_MISSING", .field = "published.version"});
  }
  for (int i = 0; i < published.policy().rows_size(); ++i) {
    const common::v1::PolicyRow& row = published.policy().rows(i);
    if (IsOwnKey(row.key()) && FitsKey(row)) continue;
    found.push_back({.code = "VALUE_OUT_OF_RANGE",
                     .field = absl::StrCat("published.policy.rows[", i, "]"),
                     .detail = row.key()});
  }
  return found;
}

v1::PublishedVersion Published(const std::string& version, std::string hash,
                               const std::string& effective_from, const Facts& facts) {
  v1::PublishedVersion published;
  published.set_version(version);
  published.set_hash(std::move(hash));
  published.set_effective_from(effective_from.empty() ? FormatDate(Today(facts)) : effective_from);
  return published;
}

}  // namespace

Verdict Handle(Unit& unit, const v1::PublishPolicySet& command, const Facts& facts) {
  if (auto refused = Admit(facts)) return *refused;
  if (auto found = CheckShape(command); !found.empty()) {
    return decider::ValidationFailed(std::move(found));
  }
  const v1::Settings& settings = SettingsOf(unit, kPolicySettings);
  const std::string hash = criteria::ContentHash(command.set());
  if (command.set().version() == ShippedPolicySet().version()) {
    return decider::Reject("VERSION_EXISTS");
  }
  if (auto refused = CheckVersion(settings, command.set().version(), hash, command.hash())) {
    return *refused;
  }
  const std::string today = FormatDate(Today(facts));
  for (const common::v1::PolicyRow& row : command.set().rows()) {
    if (HasRow(RulesInForce::Policies(), row)) {
      return decider::Reject("POLICY_ROW_EXISTS", row.key());
    }
  }
  for (const common::v1::PolicyRow& row : command.set().rows()) {
    if (!row.effective_from().empty() && row.effective_from() < today) {
      return decider::Reject("EFFECTIVE_IN_PAST", row.key());
    }
  }
  for (const common::v1::PolicyRow& row : command.set().rows()) {
    if (NamesForbiddenInput(row)) return decider::Reject("CRITERION_INPUT_FORBIDDEN", row.key());
  }
  v1::PolicySetPublished event;
  *event.mutable_published() =
      Published(command.set().version(), hash, FirstDay(command.set()), facts);
  event.mutable_published()->set_effective_from(FirstDay(command.set()));
  *event.mutable_published()->mutable_policy() = command.set();
  unit.Emit(SettingsId(kPolicySettings), Wrap(std::move(event)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::PublishCalendar& command, const Facts& facts) {
  if (auto refused = Admit(facts)) return *refused;
  if (auto found = CheckShape(command); !found.empty()) {
    return decider::ValidationFailed(std::move(found));
  }
  if (command.calendar().version() == kCalendarVersion) return decider::Reject("VERSION_EXISTS");
  const std::string hash = criteria::ContentHash(command.calendar());
  if (auto refused = CheckVersion(SettingsOf(unit, kCalendarSettings),
                                  command.calendar().version(), hash, command.hash())) {
    return *refused;
  }
  v1::CalendarPublished event;
  *event.mutable_published() =
      Published(command.calendar().version(), hash, command.effective_from(), facts);
  if (event.published().effective_from() < FormatDate(Today(facts))) {
    return decider::Reject("EFFECTIVE_IN_PAST");
  }
  *event.mutable_published()->mutable_calendar() = command.calendar();
  unit.Emit(SettingsId(kCalendarSettings), Wrap(std::move(event)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::PublishCodes& command, const Facts& facts) {
  if (auto refused = Admit(facts)) return *refused;
  if (auto found = CheckShape(command); !found.empty()) {
    return decider::ValidationFailed(std::move(found));
  }
  const std::string name = absl::StrCat(kCodesSettings, command.list().name());
  const std::string hash = criteria::ContentHash(command.list());
  if (command.list().version() == RulesInForce::Codes(command.list().name())->version()) {
    return decider::Reject("VERSION_EXISTS");
  }
  if (auto refused = CheckVersion(SettingsOf(unit, name), command.list().version(), hash,
                                  command.hash())) {
    return *refused;
  }
  v1::CodesPublished event;
  *event.mutable_published() =
      Published(command.list().version(), hash, command.effective_from(), facts);
  if (event.published().effective_from() < FormatDate(Today(facts))) {
    return decider::Reject("EFFECTIVE_IN_PAST");
  }
  *event.mutable_published()->mutable_codes() = command.list();
  unit.Emit(SettingsId(name), Wrap(std::move(event)));
  return v1::Reply();
}

std::vector<Date> DaysInForce(const v1::PublishedVersion& published) {
  std::set<Date> days;
  if (published.has_policy()) {
    for (const common::v1::PolicyRow& row : published.policy().rows()) {
      if (const auto day = ParseDate(row.effective_from())) days.insert(*day);
    }
  } else if (const auto day = ParseDate(published.effective_from())) {
    days.insert(*day);
  }
  return {days.begin(), days.end()};
}

Verdict Handle(Unit& unit, const v1::CopySettings& command, const Facts& facts) {
  if (auto refused = RequireRole(facts, {"SYS"})) return *refused;
  if (auto found = CheckShape(command); !found.empty()) {
    return decider::ValidationFailed(std::move(found));
  }
  const AggregateId id = SettingsId(command.name());
  // Only what is newer than the copy (interfaces, 1).
  if (SettingsOf(unit, command.name()).nat_order() >= command.nat_order() ||
      HasVersion(SettingsOf(unit, command.name()), command.published().version())) {
    return v1::Reply();
  }
  v1::SettingsCopied event;
  *event.mutable_published() = command.published();
  event.set_nat_order(command.nat_order());
  unit.Emit(id, Wrap(std::move(event)));
  // Later days: timers of the event.
  for (const Date day : DaysInForce(command.published())) {
    if (day > Today(facts)) continue;
    v1::RulesTookEffect effect;
    effect.set_name(command.name());
    effect.set_version(command.published().version());
    effect.set_on(FormatDate(Today(facts)));
    unit.Emit(id, Wrap(std::move(effect)));
    break;
  }
  return v1::Reply();
}

Verdict StartRules(Unit& unit, const v1::FireTimer& command, const Facts& facts) {
  if (auto refused = RequireRole(facts, {"SYS"})) return *refused;
  const v1::Settings& settings = SettingsOf(unit, command.settings());
  for (const v1::PublishedVersion& version : settings.versions()) {
    if (version.version() != command.settings_version()) continue;
    for (const Date day : DaysInForce(version)) {
      if (FromTimestamp(command.due_at()) != StartOfLocalDate(day)) continue;
      if (facts.recorded_at < StartOfLocalDate(day)) break;
      v1::RulesTookEffect effect;
      effect.set_name(command.settings());
      effect.set_version(version.version());
      effect.set_on(FormatDate(Today(facts)));
      unit.Emit(SettingsId(command.settings()), Wrap(std::move(effect)));
      return v1::Reply();
    }
  }
  return decider::Reject("TIMER_NOT_DUE");
}

Verdict Handle(Unit& unit, const v1::RecomputeClocks& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"SYS"})) return *refused;
  Recorder record(unit, facts, id);
  record.RecomputeAll();
  return record.Done();
}

}  // namespace pdp::referral
