#include "services/programmes/projections/tasks.h"

#include "absl/strings/str_cat.h"
#include "pdp/programmes/v1/events.pb.h"

namespace pdp::programmes {

std::string Tasks::RowKey(absl::string_view task_id) { return absl::StrCat("t/", task_id); }

absl::Status Tasks::Project(const projection::RecordedEvent& recorded,
                            projection::RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  if (!event.has_task_raised() && !event.has_task_closed()) return absl::OkStatus();
  const std::string key = RowKey(recorded.aggregate.id());
  v1::Task task;
  if (rows.Get(key, &task)) {
    rows.Delete(absl::StrCat(kOrderPrefix, task.due(), "/", task.task_id()));
  }
  if (event.has_task_raised()) task = event.task_raised().task();
  task.set_closed(event.has_task_closed());
  rows.Put(key, task);
  rows.Put(absl::StrCat(kOrderPrefix, task.due(), "/", task.task_id()), task);
  return absl::OkStatus();
}

}  // namespace pdp::programmes
