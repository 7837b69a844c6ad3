#include "services/unpaid_work/domain/checks.h"

#include <algorithm>

#include "libs/base/check.h"
#include "services/unpaid_work/domain/policy.h"

namespace pdp::unpaid_work {
namespace {

// Late entry has no limit here (section 2): a sheet may be keyed years after the work.
constexpr int kDaysBack = 36500;

}  // namespace

Date Today(const Facts& facts) { return LocalDate(facts.recorded_at); }
Date OccurredOn(const Facts& facts) { return LocalDate(facts.occurred_at); }

Moment Now(const Facts& facts) {
  const absl::CivilSecond local = LocalTime(facts.recorded_at);
  return {Date(local), static_cast<int>(local.hour() * 60 + local.minute())};
}

Date DateOf(const std::string& text) {
  const std::optional<Date> date = ParseDate(text);
  PDP_CHECK(date.has_value(), "a stored date is no date");
  return *date;
}

void Checks::Require(bool holds, std::string field, std::string detail) {
  if (holds) return;
  violations_.push_back(
      {.code = "VALIDATION_FAILED", .field = std::move(field), .detail = std::move(detail)});
}

std::optional<Date> Checks::DateField(const std::string& text, std::string field) {
  const std::optional<Date> date = ParseDate(text);
  Require(date.has_value(), std::move(field), "is not a date (YYYY-MM-DD)");
  return date;
}

void Checks::IdField(const std::string& text, std::string field) {
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 127 && c != '|' && c != '#';
  });
  Require(!text.empty() && text.size() <= 64 && printable, std::move(field),
          "must be 1 to 64 printable characters without blanks, | and #");
}

void Checks::TimesField(int start, int end, std::string field) {
  Require(start >= 0 && start < end && end <= 1440, field, "must be 0 <= start < end <= 1440");
  // A session lies inside one date and not across the hour that the clock change takes or doubles.
  Require(end <= 60 || start >= 120, std::move(field), "may not cross 01:00 to 02:00");
}

void Checks::KnownIn(absl::string_view list, const std::string& code, std::string field) {
  Known(KnownCode(list, code), code, std::move(field));
}

void Checks::Known(bool known, const std::string& code, std::string field) {
  if (known) return;
  unknown_.push_back({.code = "UNKNOWN_CODE",
                      .field = std::move(field),
                      .detail = absl::StrCat("'", code, "' is no code of the list")});
}

std::optional<Rejected> Checks::Failed() const {
  if (!violations_.empty()) return decider::ValidationFailed(violations_);
  if (unknown_.empty()) return std::nullopt;
  Rejected rejected = decider::Reject("UNKNOWN_CODE");
  rejected.violations = unknown_;
  return rejected;
}

bool HasAny(const Facts& facts, std::initializer_list<absl::string_view> roles) {
  return std::any_of(roles.begin(), roles.end(),
                     [&facts](absl::string_view role) { return facts.HasRole(role); });
}

std::optional<Rejected> Admit(const Unit& unit, const Facts& facts, const Admission& admission,
                              const Checks& checks) {
  if (!admission.exists) return decider::NotFound(admission.id);
  if (!HasAny(facts, admission.roles)) return decider::NotAuthorised("another role's to do");
  const Version version = unit.VersionOf(admission.id);
  if (auto conflict = decider::CheckVersion(facts, admission.id, version)) return conflict;
  if (auto late = decider::CheckOccurredAt(facts, kDaysBack)) return late;
  return checks.Failed();
}

std::optional<Rejected> AdmitCase(const Unit& unit, const Facts& facts, const std::string& crn,
                                  std::initializer_list<absl::string_view> roles,
                                  const Checks& checks) {
  const v1::Case* c = FindCase(unit, crn);
  if (auto rejected = Admit(unit, facts, {CaseId(crn), c != nullptr, roles}, checks)) {
    return rejected;
  }
  // A person on an order has their own case and no other.
  if (!facts.HasAnyRole("RO", "CO", "MG", "SU", "PL", "EO", "SYS") && facts.actor.id() != crn) {
    return decider::NotFound(CaseId(crn));
  }
  if (c->status() == v1::CASE_CLOSED) return decider::Reject("CASE_CLOSED");
  return std::nullopt;
}

bool SeesOrganisation(const Facts& facts, absl::string_view org) {
  if (facts.actor.organisation().empty() || facts.actor.organisation() == org) return true;
  return facts.HasAnyRole("CO", "MG", "RO", "PL", "EO", "SYS");
}

Rejected RejectAll(std::string reason, std::vector<std::string> subjects, std::string detail) {
  Rejected rejected = decider::Reject(reason, detail);
  for (std::string& subject : subjects) {
    rejected.violations.push_back({.code = reason, .subject = std::move(subject)});
  }
  return rejected;
}

}  // namespace pdp::unpaid_work
