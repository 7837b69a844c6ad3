#include "services/unpaid_work/domain/eligibility.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/composition.h"
#include "services/unpaid_work/domain/policy.h"

namespace pdp::unpaid_work {
namespace {

template <typename List>
bool Has(const List& list, absl::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool AgeFits(const v1::Case& c, const v1::ProjectTerms& terms, Date on) {
  if (c.person().date_of_birth().empty()) return terms.min_age() <= 18 && terms.max_age() == 0;
  const int age = AgeOn(DateOf(c.person().date_of_birth()), on);
  return age >= terms.min_age() && (terms.max_age() == 0 || age <= terms.max_age());
}

template <typename Test>
bool AnyConstraint(const v1::Case& c, absl::string_view code, Test test) {
  return std::any_of(c.constraints().begin(), c.constraints().end(),
                     [&](const v1::Constraint& constraint) {
                       return constraint.code() == code && test(constraint.param());
                     });
}

// UPW-51: integer squared distance <= radius squared, metres.
bool InsideZone(const std::string& zone, const v1::Site& site) {
  const std::vector<std::string> parts = absl::StrSplit(zone, ',');
  int64_t easting = 0, northing = 0, radius = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &easting) ||
      !absl::SimpleAtoi(parts[1], &northing) || !absl::SimpleAtoi(parts[2], &radius)) {
    return true;
  }
  const int64_t dx = site.easting() - easting, dy = site.northing() - northing;
  return dx * dx + dy * dy <= radius * radius;
}

// One way, straight line at the policy's pace, against the policy's limit.
bool TooFar(const v1::Case& c, const v1::Site& site, Date on) {
  const v1::PersonFacts& person = c.person();
  if (person.home_easting() == 0 && person.home_northing() == 0) return false;
  if (site.easting() == 0 && site.northing() == 0) return false;
  const Policy policy(on);
  const int64_t reach =
      policy.Int("upw.travel.max_one_way") * policy.Int("upw.travel.metres_per_minute");
  const int64_t dx = site.easting() - person.home_easting();
  const int64_t dy = site.northing() - person.home_northing();
  return dx * dx + dy * dy > reach * reach;
}

}  // namespace

bool Available(const v1::Case& c, Date date, int start, int end) {
  if (!c.has_availability()) return true;
  constexpr int kNoon = 720, kEvening = 1020;
  const int parts[3][2] = {{0, kNoon}, {kNoon, kEvening}, {kEvening, 1440}};
  for (int part = 0; part < 3; ++part) {
    const bool touched = start < parts[part][1] && parts[part][0] < end;
    const uint32_t bit = 1u << ((IsoWeekday(date) - 1) * 3 + part);
    if (touched && (c.availability().week_bits() & bit) == 0) return false;
  }
  const std::string on = FormatDate(date);
  return std::none_of(c.availability().blocks().begin(), c.availability().blocks().end(),
                      [&](const v1::AvailabilityBlock& block) {
                        return block.from() <= on && on <= block.to() && block.start() < end &&
                               start < block.end();
                      });
}

std::string GateCode(const v1::Case& c, v1::Kind kind) {
  if (!c.has_communication()) return "COMMUNICATION_NEEDS_UNKNOWN";
  if (kind == v1::INDUCTION) return "";
  if (!AssessmentComplete(c)) return "ASSESSMENT_INCOMPLETE";
  if (!c.ete_needs_recorded()) return "ETE_NEEDS_NOT_ASSESSED";
  if (c.inducted_on().empty()) return "INDUCTION_REQUIRED";
  return "";
}

std::vector<std::string> MaskCodes(const Unit& unit, const v1::Case& c, const v1::Project& project,
                                   const v1::Session& session) {
  const v1::ProjectTerms& terms = project.terms();
  const Date date = DateOf(session.date());
  const v1::CompositionClass composition = c.composition().composition_class();
  std::vector<std::string> codes;
  const auto fail = [&codes](bool fails, const char* code) {
    if (fails) codes.push_back(code);
  };
  fail(project.status() != v1::PROJECT_OPEN, "PROJECT_NOT_OPEN");
  fail(session.date() > terms.risk_assessment_valid_until(), "RISK_ASSESSMENT_EXPIRED");
  fail(!AgeFits(c, terms, date), "AGE");
  fail(!Available(c, date, session.start(), session.end()), "AVAILABILITY");
  fail(AnyConstraint(c, "HEALTH_TAG", [&](const auto& tag) { return Has(terms.task_tags(), tag); }),
       "HEALTH_TAG");
  fail(AnyConstraint(c, "ACCESS_TAG",
                     [&](const auto& tag) { return Has(terms.access_tags(), tag); }),
       "ACCESS_TAG");
  fail(AnyConstraint(c, "EXCLUSION_ZONE",
                     [&](const auto& zone) { return InsideZone(zone, terms.site()); }),
       "EXCLUSION_ZONE");
  fail(AnyConstraint(c, "PLACEMENT_KIND",
                     [&](const auto& kind) { return kind == v1::Kind_Name(session.kind()); }),
       "PLACEMENT_KIND");
  fail((session.women_only() || terms.women_only()) && composition != v1::CLASS_F,
       "WOMEN_OPTION");
  // UPW-48: UNKNOWN counts as all-male.
  fail(session.kind() == v1::INDIVIDUAL && composition == v1::CLASS_F &&
           terms.site().host_all_male() != v1::HOST_ALL_MALE_NO &&
           !Consented(c, session.session_id(), session.project_id(), session.date()),
       "HOST_ALL_MALE");
  fail(std::any_of(c.support_needs().begin(), c.support_needs().end(),
                   [&](const auto& tag) { return !Has(terms.support_tags(), tag); }),
       "SUPPORT_NEED");
  fail(AnyConstraint(c, "FACILITY_NEED",
                     [&](const auto& tag) { return !Has(terms.site().facility_tags(), tag); }),
       "FACILITY_NEED");
  fail(TooFar(c, terms.site(), date), "TRAVEL_TOO_FAR");
  fail(AnyConstraint(c, "RELIGIOUS_OBSERVANCE",
                     [&](const auto& day) { return day == absl::StrCat(IsoWeekday(date)); }),
       "RELIGIOUS_OBSERVANCE");
  fail(c.org().empty() || c.org() != session.org() ||
           !OrganisationCovers(unit, session.org(), session.pdu(), date),
       "ORGANISATION_SCOPE");
  return codes;
}

}  // namespace pdp::unpaid_work
