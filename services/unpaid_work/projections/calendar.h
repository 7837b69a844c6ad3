#ifndef PDP_SERVICES_UNPAID_WORK_PROJECTIONS_CALENDAR_H_
#define PDP_SERVICES_UNPAID_WORK_PROJECTIONS_CALENDAR_H_

#include <string>

#include "libs/projection/projection.h"
#include "pdp/unpaid_work/v1/queries.pb.h"

namespace pdp::unpaid_work {

// person_calendar: every appointment of a person, withdrawn ones too.
//
//   a/{crn}/{appointment}                  v1.CalendarEntry
//   k/{crn}/{date}/{start}/{appointment}   v1.CalendarEntry, in the order of PersonCalendar
class PersonCalendar final : public projection::Projection {
 public:
  static constexpr char kName[] = "person_calendar";
  static std::string Prefix(absl::string_view crn);
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& recorded,
                       projection::RowWriter& rows) override;
};

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROJECTIONS_CALENDAR_H_
