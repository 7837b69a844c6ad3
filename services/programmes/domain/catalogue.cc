#include "services/programmes/domain/catalogue.h"

#include <map>
#include <set>

#include "google/protobuf/text_format.h"
#include "libs/base/check.h"
#include "libs/criteria/content_hash.h"
#include "libs/criteria/verdict.h"

namespace pdp::programmes {
namespace embedded {
extern const absl::string_view kCatalogue;
}  // namespace embedded
namespace {

constexpr int kSiSessionsMin = 6;        // si.min_sessions
constexpr int kLeadDays = 28;            // est.lead_days
constexpr int kFinishBufferDaysAp = 28;  // elig.finish_buffer_days

}  // namespace

const v1::Catalogue& ShippedCatalogue() {
  static const v1::Catalogue* const catalogue = [] {
    auto* loaded = new v1::Catalogue;
    PDP_CHECK(
        google::protobuf::TextFormat::ParseFromString(std::string(embedded::kCatalogue), loaded),
        "the shipped catalogue parses");
    return loaded;
  }();
  return *catalogue;
}

const v1::ProgrammeVersion* FindVersion(absl::string_view version_ref) {
  for (const v1::ProgrammeVersion& version : ShippedCatalogue().versions()) {
    if (version.version_ref() == version_ref) return &version;
  }
  return nullptr;
}

const v1::CatalogueRow* FindRow(const v1::ProgrammeVersion& version, absl::string_view row) {
  for (const v1::CatalogueRow& candidate : version.rows()) {
    if (candidate.code() == row) return &candidate;
  }
  return nullptr;
}

std::string ContentHash(const v1::ProgrammeVersion& version) {
  return criteria::ContentHash(version);
}

std::vector<std::string> VersionFaults(const v1::ProgrammeVersion& version) {
  std::set<std::string> faults;
  int ordinal = 0, core_sessions = 0, reviews = 0, module = 0;
  std::set<std::string> core_rows;
  for (const v1::CatalogueRow& row : version.rows()) {
    if (row.ordinal() != ++ordinal || row.module() < module || row.minutes() < 15 ||
        row.minutes() > 300 || row.gap_weeks() < 0 || row.gap_weeks() > 26 || reviews > 0) {
      faults.insert("ROWS_INVALID");
    }
    module = row.module();
    if (row.kind() == v1::REVIEW) {
      ++reviews;
      if (row.core()) faults.insert("ROWS_INVALID");
    } else if (row.core()) {
      ++core_sessions;
    }
    if (row.core()) core_rows.insert(row.code());
  }
  if (version.kind() == "SI" && core_sessions < kSiSessionsMin) {
    faults.insert("SI_MIN_SESSIONS_NOT_MET");
  }
  if (!criteria::CheckCriteria(version.criteria()).ok()) faults.insert("CRITERION_INVALID");
  if (version.outcomes().empty()) faults.insert("OUTCOMES_NOT_SPECIFIED");
  for (const v1::ProgrammeOutcome& outcome : version.outcomes()) {
    bool linked = false;
    for (const std::string& row : outcome.rows()) linked = linked || core_rows.contains(row);
    if (outcome.code().empty() || outcome.statement().empty() || !linked) {
      faults.insert("OUTCOMES_NOT_SPECIFIED");
    }
  }
  bool women = false;
  for (const std::string& sex : version.admits_sexes()) women = women || sex == "F";
  if (women) {
    bool one_to_one = false;
    for (const std::string& route : version.women_routes()) {
      one_to_one = one_to_one || route == "ONE_TO_ONE";
    }
    if (version.women_routes().empty() ||
        (version.kind() == "SI" && (!one_to_one || !version.strengths_based()))) {
      faults.insert("WOMEN_ROUTE_MISSING");
    }
  }
  return {faults.begin(), faults.end()};
}

int SpanWeeks(const v1::ProgrammeVersion& version) {
  int weeks = 0, without_gap = 0;
  for (const v1::CatalogueRow& row : version.rows()) {
    if (row.ordinal() == 1) continue;
    weeks += row.gap_weeks();
    if (row.gap_weeks() == 0) ++without_gap;
  }
  return weeks + (without_gap + version.per_week() - 1) / version.per_week();
}

int FinishBufferDays(const v1::ProgrammeVersion& version) {
  return version.kind() == "AP" ? kFinishBufferDaysAp : 0;
}

std::optional<Date> LatestStart(const v1::ProgrammeVersion& version, absl::string_view order_end) {
  const std::optional<Date> end = ParseDate(order_end);
  if (!end.has_value()) return std::nullopt;
  return *end - FinishBufferDays(version) - 7 * SpanWeeks(version);
}

Date NominalFinish(const v1::ProgrammeVersion& version, Date from) {
  return from + kLeadDays + 7 * SpanWeeks(version);
}

const OutcomeCode* FindOutcome(absl::string_view code) {
  //                                   attended complied credit obligation service failing
  static constexpr OutcomeCode kCodes[] = {
      {"ATTC", true, true, true, false, false, false},
      {"AFTC", true, false, false, true, false, true},
      {"ATSH", true, false, false, true, false, true},
      {"ATSS", true, true, false, true, true, false},
      {"UAAB", false, false, false, true, false, true},
      {"AAAA", false, true, false, true, false, false},
      {"AAME", false, true, false, true, false, false},
      {"AARE", false, true, false, true, false, false},
      {"AAHO", false, true, false, true, false, false},
      {"AAEM", false, true, false, true, false, false},
      {"AAFC", false, true, false, true, false, false},
      {"AACL", false, true, false, true, false, false},
      {"AARC", false, true, false, true, false, false},
      {"CO05", false, true, false, true, false, false},
      {"AASD", false, true, false, true, true, false},
      {"RSSR", false, true, false, true, true, false},
      {"RSOF", false, true, false, true, false, false},
  };
  for (const OutcomeCode& outcome : kCodes) {
    if (outcome.code == code) return &outcome;
  }
  return nullptr;
}

std::optional<bool> ProviderCaused(absl::string_view end_reason, absl::string_view return_code) {
  static const auto* const kReasons = new std::map<std::string, bool>{
      {"NOT_SUITABLE", false},
      {"RETAINED_BY_NPS", false},
      {"INFEASIBLE", false},
      {"NO_GROUP_AVAILABLE", true},
      {"GROUP_CANCELLED", true},
      {"BETTER_ALTERNATIVE", false},
      {"DECLINED_TO_START", false},
      {"STOPPED_ATTENDING", false},
      {"BEHAVIOUR", false},
      {"RISK_TO_OTHERS", false},
      {"BREACHED", false},
      {"RECALLED", false},
      {"IN_CUSTODY", false},
      {"HEALTH", false},
      {"CARE_OR_WORK", false},
      {"MOVED_AWAY", false},
      {"ORDER_EXPIRED", false},
      {"ORDER_REVOKED", false},
      {"REQUIREMENT_REMOVED", false},
      {"DUPLICATE", false},
      {"REFERRED_IN_ERROR", false},
      {"DIED", false},
      {"EARLY_END", false},
      {"OTHER", false},
      {"RETURNED", false},
  };
  const auto it = kReasons->find(std::string(end_reason));
  if (it == kReasons->end()) return std::nullopt;
  if (end_reason == "RETURNED") {
    return return_code == "STAFF_LOSS" || return_code == "CONTRACT_ENDED" || return_code == "OTHER";
  }
  return it->second;
}

std::optional<bool> PausesClock(absl::string_view reason) {
  for (const char* known :
       {"IN_CUSTODY", "ACUTE_HEALTH", "SUBSTANCE_STABILISING", "PERSON_REQUEST"}) {
    if (reason == known) return true;
  }
  for (const char* known :
       {"NO_CAPACITY", "NO_SUITABLE_GROUP", "NO_OTHER_WOMAN", "NO_FEMALE_FACILITATOR",
        "NO_TRAINED_STAFF", "NO_ACCESSIBLE_ROOM", "NO_INTERPRETER", "MATERIALS_NOT_READY"}) {
    if (reason == known) return false;
  }
  return std::nullopt;
}

bool IsOneToOneReason(absl::string_view code) {
  for (const char* known : {"WOMAN_CHOICE", "NO_OTHER_WOMAN", "LDC", "NON_ASSOCIATION",
                            "WORK_OR_CARE", "TIME_CRITICAL", "HEALTH_OR_ACCESS"}) {
    if (code == known) return true;
  }
  return false;
}

bool IsCancellationCause(absl::string_view code) {
  for (const char* known : {"STAFF_ABSENCE", "ROOM_LOST", "WEATHER", "LOW_NUMBERS", "SAFETY",
                            "COMPOSITION", "PERSON_REQUEST"}) {
    if (code == known) return true;
  }
  return false;
}

}  // namespace pdp::programmes
