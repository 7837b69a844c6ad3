#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_OBLIGATIONS_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_OBLIGATIONS_H_

#include <string>

#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/programmes.h"

// What is missed and has to be caught up (PRG-91 to 95).

namespace pdp::programmes {

// The one current outcome of a session; null while there is none.
const v1::Attendance* CurrentOutcome(const v1::Enrolment& enrolment, const std::string& session_id);
// PRG-92: the last day for catching up a session of `session_date`. `barrier` is the first day too
// late.
Date DueOn(Date session_date, std::optional<Date> barrier, bool service_fault);
// PRG-92: the day of the next module's first row, else of the review; nullopt when none is planned.
template <typename Sessions>
std::optional<Date> BarrierOf(const v1::ProgrammeVersion& version, const Sessions& sessions,
                              absl::string_view row) {
  const int module = FindRow(version, row)->module();
  for (const v1::Session& session : sessions) {
    if (FindRow(version, session.row())->module() > module) return ParseDate(session.date());
  }
  return std::nullopt;
}
// PRG-92, dates as the schedule has them now.
std::string DueBy(const Unit& unit, const v1::Enrolment& enrolment, const std::string& row_code,
                  Date session_date, bool service_fault);
// PRG-93 (b): the least minutes of an individual session of a row.
int IndividualMinutes(const v1::CatalogueRow& row);
// PRG-94: most obligations that may have stood open.
int CatchUpLimit(const v1::ProgrammeVersion& version);
// PRG-83, 91 to 94: brings the obligations of a row to what its outcomes leave. Emits on the
// enrolment.
void FollowUp(Unit& unit, const std::string& enrolment_id, const std::string& row);

// PRG-92: the due dates of what is open follow the group's sessions when those move.
void MoveDueDates(Unit& unit, const std::string& enrolment_id);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_OBLIGATIONS_H_
