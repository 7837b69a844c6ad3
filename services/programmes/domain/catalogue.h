#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_CATALOGUE_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_CATALOGUE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/calendar.h"
#include "pdp/programmes/v1/types.pb.h"

// The shipped catalogue and the tables of section 9. Data, read once; all functions are pure.

namespace pdp::programmes {

const v1::Catalogue& ShippedCatalogue();
// Null for an unknown version.
const v1::ProgrammeVersion* FindVersion(absl::string_view version_ref);
// Null for an unknown row.
const v1::CatalogueRow* FindRow(const v1::ProgrammeVersion& version, absl::string_view row);
// SHA-256 of the canonical (deterministic) bytes, lower-case hexadecimal.
std::string ContentHash(const v1::ProgrammeVersion& version);
// What a version may not be: SI_MIN_SESSIONS_NOT_MET (PRG-3), OUTCOMES_NOT_SPECIFIED (PRG-4),
// ROWS_INVALID, CRITERION_INVALID (PRG-5), WOMEN_ROUTE_MISSING (PRG-15, 16); empty when sound.
std::vector<std::string> VersionFaults(const v1::ProgrammeVersion& version);

// PRG-10: full weeks from the first to the last row, REVIEW included.
int SpanWeeks(const v1::ProgrammeVersion& version);
// elig.finish_buffer_days: AP 28, SI 0.
int FinishBufferDays(const v1::ProgrammeVersion& version);
// PRG-10: last day on which a start can still finish; nullopt for an open order.
std::optional<Date> LatestStart(const v1::ProgrammeVersion& version, absl::string_view order_end);
// PRG-18 (b): from + est.lead_days (28) + 7 * span_weeks.
Date NominalFinish(const v1::ProgrammeVersion& version, Date from);

// Flags of an outcome code (section 9); null for an unknown one.
struct OutcomeCode {
  absl::string_view code;
  bool attended, complied, credit, obligation, service_fault, failing;
};
const OutcomeCode* FindOutcome(absl::string_view code);
// PRG-103 and section 9: whether the provider caused the end; nullopt for an unknown reason.
// RETURNED is the provider's when the case was returned for STAFF_LOSS, CONTRACT_ENDED or OTHER.
std::optional<bool> ProviderCaused(absl::string_view end_reason, absl::string_view return_code);
// PRG-23: whether a reason for not being ready pauses the waiting clock; nullopt for an unknown
// one.
std::optional<bool> PausesClock(absl::string_view reason);
// PRG-101: reasons for the one-to-one route.
bool IsOneToOneReason(absl::string_view code);
bool IsCancellationCause(absl::string_view code);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_CATALOGUE_H_
