#ifndef PDP_SERVICES_PROGRAMMES_PROJECTIONS_CALENDARS_H_
#define PDP_SERVICES_PROGRAMMES_PROJECTIONS_CALENDARS_H_

#include <string>

#include "libs/projection/projection.h"
#include "pdp/programmes/v1/queries.pb.h"

namespace pdp::programmes {

// Who and what is booked when. Row: v1.CalendarEntry.
//
//   c/{kind}/{subject}/{date}/{start}/{session_id}   kind: person, staff, room; see GetCalendar
//   s/{kind}/{subject}/{session_id}                  the same entry, to find it when it moves
//   o/{group_id}, o/{enrolment_id}                   who delivers the sessions of it
class Calendars final : public projection::Projection {
 public:
  static constexpr char kName[] = "calendars";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;

  static std::string Prefix(v1::CalendarKind kind, absl::string_view subject);
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROJECTIONS_CALENDARS_H_
