#ifndef PDP_SERVICES_UNPAID_WORK_PROJECTIONS_TASKS_H_
#define PDP_SERVICES_UNPAID_WORK_PROJECTIONS_TASKS_H_

#include <string>

#include "libs/projection/projection.h"
#include "pdp/unpaid_work/v1/queries.pb.h"

namespace pdp::unpaid_work {

// tasks: what somebody has to do, from the event that asks for it to the one that settles it.
//
//   type                  owner  raised by                         settled by
//   --------------------  -----  --------------------------------  --------------------------------
//   RETURN_TO_COURT       RO     WindowExpired                     WindowExtended, done, terminated
//   CONFIRM_HOURS         RO     registered, varied out of bounds  varied inside, terminated
//   TOTALITY_REVIEW       RO     TotalityFlagged                   terminated, case completed
//   FIRST_OFFER           CO     RequirementRegistered             AppointmentBooked, completed
//   OUTCOME_DUE           CO     OutcomeOverdue                    any outcome, withdrawn
//   EVIDENCE_DUE          CO     outcome with evidence_due         evidence decided, other outcome
//   DECIDE_FAILURE        RO     FailureNoted, open                not open any more
//   REPAIR_COMPOSITION    CO     CompositionBroken                 repaired, run, cancelled
//   INTAKE_EXCEPTION      CO     IntakeExceptionRaised             IntakeExceptionResolved
//   ORGANISATION_MISSING  CO     registered, assigned to nobody    assigned, case completed
//
//   i/{task id}                    v1.Task; a task id is {type}/{what it is about}
//   x/{crn}/{task id}              v1.Task
//   k/{due}/{type}/{crn}/{task id} v1.Task, in the order of Tasks
//   o/{crn}                        v1.Task, holds the case's present organisation only
class Tasks final : public projection::Projection {
 public:
  static constexpr char kName[] = "tasks";
  static constexpr char kOrderPrefix[] = "k/";
  static std::string PersonPrefix(absl::string_view crn);
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& recorded,
                       projection::RowWriter& rows) override;
};

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROJECTIONS_TASKS_H_
