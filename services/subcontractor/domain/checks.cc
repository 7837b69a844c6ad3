#include <algorithm>
#include <array>

#include "services/subcontractor/domain/commands.h"

namespace pdp::subcontractor {

bool IsSystem(const Facts& facts) { return facts.HasRole("SYS"); }

bool IsAuthority(const Facts& facts) { return facts.HasRole("A"); }

bool Holds(const Facts& facts, absl::string_view org, absl::string_view function) {
  return !org.empty() && facts.actor.organisation() == org && facts.HasRole(function);
}

Rejected NotHeld(const Facts& facts, absl::string_view org, absl::string_view function) {
  if (facts.actor.organisation() == org) {
    return decider::Reject("FUNCTION_REQUIRED", absl::StrCat("needs the function ", function));
  }
  return decider::NotAuthorised("another organisation's to do");
}

Rejected SystemOnly() { return decider::NotAuthorised("only the platform issues this"); }

Date Today(const Facts& facts) { return LocalDate(facts.recorded_at); }

bool KnownService(absl::string_view service) {
  // The dated catalogue of SUB-1. RESERVED and FRAMEWORK services are no rows of it.
  static constexpr std::array<absl::string_view, 6> kServices = {"TSP",    "BBR",   "SI_EM",
                                                                 "SI_COG", "SI_DA", "UPW"};
  return std::find(kServices.begin(), kServices.end(), service) != kServices.end();
}

bool KnownStratum(absl::string_view stratum) {
  return stratum == "LOW" || stratum == "MEDIUM" || stratum == "HIGH";
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
    return c > ' ' && c < 127 && c != '/' && c != ',' && c != '|' && c != '#';
  });
  Require(!text.empty() && text.size() <= 64 && printable, std::move(field),
          "must be 1 to 64 printable characters without / , | # and blanks");
}

Rejected Checks::Failed() const { return decider::ValidationFailed(violations_); }

}  // namespace pdp::subcontractor
