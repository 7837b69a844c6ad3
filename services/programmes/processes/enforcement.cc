#include "services/programmes/processes/enforcement.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "pdp/referral/v1/service.pb.h"
#include "services/programmes/domain/programmes.h"
#include "services/programmes/processes/referral_facts.h"
#include "services/programmes/projections/tasks.h"

namespace pdp::programmes {
namespace {

namespace ref = referral::v1;
using projection::ProcessContext;

constexpr size_t kTasksMax = 1'000;
constexpr absl::Duration kViewWait = absl::Seconds(2);

// Breach or recall; empty: a step that is the responsible officer's to take without a referral.
std::string KindOf(const std::string& step) {
  if (step == "REFERRAL_MANDATORY") return "BREACH";
  if (step == "RECALL_REFERRAL") return "RECALL";
  return "";
}

absl::StatusOr<projection::Answer<ref::ExecuteReply>> Tell(const projection::Surroundings& host,
                                                           ProcessContext& context,
                                                           const char* step,
                                                           ref::Command command) {
  ref::ExecuteRequest request;
  *request.mutable_header() = context.HeaderFor(step);
  request.set_area(std::string(context.area().code()));
  *request.mutable_command() = std::move(command);
  return host.Ask<ref::ExecuteReply>("referral", "/pdp.referral.v1.ReferralService/Execute",
                                     request);
}

v1::Task StepTask(const std::string& task_id, const std::string& kind,
                  const v1::InternalEvent::StepDue& due) {
  v1::Task task;
  task.set_task_id(task_id);
  task.set_kind(kind);
  task.set_subject(due.enrolment_id());
  task.set_referral_id(due.referral_id());
  task.set_due(due.step().decide_by());
  return task;
}

std::string TaskPrefix(const std::string& enforcement_id) {
  return absl::StrCat("step/", enforcement_id, "/");
}

}  // namespace

std::vector<projection::Subscription> Enforcement::subscriptions() const {
  return {{.service = "programmes",
           .partitions = projection::Partitions::kOwn,
           .types = {"StepDue", "StepWithdrawn"}}};
}

// One line an outcome: date, code, session.
absl::StatusOr<std::vector<std::string>> Enforcement::Evidence(
    const v1::InternalEvent::StepDue& due, Area area) const {
  const engine::CellReader* cell = host_.reader(area);
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  ASSIGN_OR_RETURN(const engine::CellReader::ReadResult read,
                   cell->ReadState(OrderId(due.order_id())));
  const v1::Order& order = static_cast<const v1::State&>(*read.state).order();
  const auto& ids = due.failure_ids();
  std::vector<std::string> lines;
  for (const v1::Failure& failure : order.failures()) {
    if (std::find(ids.begin(), ids.end(), failure.failure_id()) == ids.end()) continue;
    for (const std::string& outcome : failure.outcomes()) {
      // {session_id}|{enrolment_id}|{code}
      const std::vector<std::string> parts = absl::StrSplit(outcome, '|');
      if (parts.size() != 3) continue;
      lines.push_back(absl::StrCat(failure.date(), " ", parts[2], " ", parts[0]));
    }
  }
  return lines;
}

absl::Status Enforcement::Due(const common::v1::CloudEvent& event,
                              const v1::InternalEvent::StepDue& due, ProcessContext& context) {
  const std::string kind = KindOf(due.step().step());
  if (kind.empty()) {
    // Named after the event: a step that becomes due again is a task again.
    return RaiseTask(context, "task",
                     StepTask(absl::StrCat(TaskPrefix(due.enforcement_id()), event.seq()),
                              due.step().step(), due));
  }
  ref::Command command;
  ref::ReportEnforcementReferral* report = command.mutable_report_enforcement_referral();
  report->set_referral_id(due.referral_id());
  report->set_service("programmes");
  report->set_enforcement_id(due.enforcement_id());
  report->set_kind(kind);
  report->set_order_id(due.order_id());
  *report->mutable_failure_ids() = due.failure_ids();
  report->set_decide_by(due.step().decide_by());
  report->set_legal_basis(due.step().legal_basis());
  ASSIGN_OR_RETURN(const std::vector<std::string> evidence, Evidence(due, context.area()));
  for (const std::string& line : evidence) report->add_evidence(line);
  ASSIGN_OR_RETURN(const auto answer, Tell(host_, context, "report", std::move(command)));
  // Under the same id with other evidence: the first report stands.
  if (answer.ok() || answer.refusal == "ALREADY_REPORTED" ||
      answer.refusal == "COMMAND_ID_REUSED") {
    return absl::OkStatus();
  }
  v1::Task task = StepTask(absl::StrCat("report/", due.enforcement_id(), "/", event.seq()),
                           "ENFORCEMENT_NOT_REPORTED", due);
  task.set_detail(answer.refusal);
  return RaiseTask(context, "task", std::move(task));
}

absl::Status Enforcement::Withdrawn(const v1::InternalEvent::StepWithdrawn& withdrawn,
                                    ProcessContext& context) {
  if (!KindOf(withdrawn.step().step()).empty()) {
    ref::Command command;
    ref::WithdrawEnforcementReferral* back = command.mutable_withdraw_enforcement_referral();
    back->set_referral_id(withdrawn.referral_id());
    back->set_service("programmes");
    back->set_enforcement_id(withdrawn.enforcement_id());
    back->set_cause("STEP_WITHDRAWN");
    // NOT_OPEN, or decided already: an answer.
    return Tell(host_, context, "withdraw", std::move(command)).status();
  }
  RETURN_IF_ERROR(host_.CatchUp(context.area(), kViewWait, {Tasks::kName}));
  std::vector<std::string> open;
  v1::Task task;
  RETURN_IF_ERROR(host_.rows(Tasks::kName)
                      .Scan(context.area(),
                            {.prefix = Tasks::RowKey(TaskPrefix(withdrawn.enforcement_id())),
                             .after_key = "", .limit = kTasksMax},
                            &task, [&](absl::string_view, bool) {
                              if (!task.closed()) open.push_back(task.task_id());
                              return true;
                            }));
  for (const std::string& task_id : open) {
    v1::Command command;
    command.mutable_close_task()->set_task_id(task_id);
    RETURN_IF_ERROR(
        projection::Done(context.Execute(absl::StrCat("close/", task_id), command)));
  }
  return absl::OkStatus();
}

absl::Status Enforcement::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto data = projection::DataOf<v1::InternalEvent>(event);
  if (data.has_step_due()) return Due(event, data.step_due(), context);
  if (data.has_step_withdrawn()) return Withdrawn(data.step_withdrawn(), context);
  return absl::OkStatus();
}

}  // namespace pdp::programmes
