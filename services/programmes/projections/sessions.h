#ifndef PDP_SERVICES_PROGRAMMES_PROJECTIONS_SESSIONS_H_
#define PDP_SERVICES_PROGRAMMES_PROJECTIONS_SESSIONS_H_

#include <string>

#include "libs/projection/projection.h"
#include "pdp/programmes/v1/queries.pb.h"

namespace pdp::programmes {

// The day board: every session with how far its register is.
//
//   s/{session_id}                          v1.DaySession
//   d/{date}/{site}/{start}/{session_id}    v1.DaySession, in the order of DayBoard
//   g/{group_id}                            v1.Group, as the domain's own Evolve makes it
//   a/{session_id}|{enrolment_id}           v1.AttendanceMark: the outcome that is counted
class Sessions final : public projection::Projection {
 public:
  static constexpr char kName[] = "day_board";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;

  static constexpr char kDayPrefix[] = "d/";
  // Before every session of the day.
  static std::string DayKey(absl::string_view date);
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROJECTIONS_SESSIONS_H_
