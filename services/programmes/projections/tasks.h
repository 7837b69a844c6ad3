#ifndef PDP_SERVICES_PROGRAMMES_PROJECTIONS_TASKS_H_
#define PDP_SERVICES_PROGRAMMES_PROJECTIONS_TASKS_H_

#include <string>

#include "libs/projection/projection.h"
#include "pdp/programmes/v1/types.pb.h"

namespace pdp::programmes {

// What waits for a person. Row: v1.Task.
//
//   t/{task_id}          the task
//   o/{due}/{task_id}    the same, in the order of ListTasks
class Tasks final : public projection::Projection {
 public:
  static constexpr char kName[] = "tasks";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;

  static constexpr char kOrderPrefix[] = "o/";
  // Also a prefix of rows when `task_id` is one of ids.
  static std::string RowKey(absl::string_view task_id);
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROJECTIONS_TASKS_H_
