#include "services/unpaid_work/projections/tasks.h"

#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "pdp/unpaid_work/v1/events.pb.h"

namespace pdp::unpaid_work {
namespace {

using projection::RecordedEvent;
using projection::RowWriter;

constexpr char kReturnToCourt[] = "RETURN_TO_COURT";
constexpr char kConfirmHours[] = "CONFIRM_HOURS";
constexpr char kTotality[] = "TOTALITY_REVIEW";
constexpr char kFirstOffer[] = "FIRST_OFFER";
constexpr char kOutcomeDue[] = "OUTCOME_DUE";
constexpr char kEvidenceDue[] = "EVIDENCE_DUE";
constexpr char kDecideFailure[] = "DECIDE_FAILURE";
constexpr char kRepair[] = "REPAIR_COMPOSITION";
constexpr char kIntake[] = "INTAKE_EXCEPTION";
constexpr char kOrganisation[] = "ORGANISATION_MISSING";

// More open tasks of one person than this are not moved to another organisation.
constexpr size_t kOfPersonMax = 1'000;

std::string IdOf(absl::string_view type, absl::string_view ref) {
  return absl::StrCat(type, "/", ref);
}
std::string ById(absl::string_view task_id) { return absl::StrCat("i/", task_id); }
std::string InOrder(const v1::Task& task) {
  return absl::StrCat(Tasks::kOrderPrefix, task.due(), "/", task.type(), "/", task.crn(), "/",
                      task.task_id());
}
std::string OfPerson(const v1::Task& task) {
  return absl::StrCat(Tasks::PersonPrefix(task.crn()), task.task_id());
}

// The tasks of one event, on the rows as they are.
class TaskList {
 public:
  TaskList(const RecordedEvent& recorded, RowWriter& rows)
      : rows_(rows), today_(FormatDate(LocalDate(recorded.recorded_at))) {}

  // The same type and ref is the same task. An empty `due` is today.
  void Raise(const char* type, const char* owner, const std::string& crn, const std::string& ref,
             const std::string& due, const std::string& detail = "") {
    Settle(type, ref);
    v1::Task task;
    task.set_task_id(IdOf(type, ref));
    task.set_type(type);
    task.set_owner(owner);
    task.set_crn(crn);
    task.set_ref(ref);
    task.set_due(due.empty() ? today_ : due);
    task.set_raised_on(today_);
    task.set_detail(detail);
    v1::Task holder;
    if (rows_.Get(absl::StrCat("o/", crn), &holder)) task.set_org(holder.org());
    Put(task);
  }
  void Settle(const char* type, const std::string& ref) {
    v1::Task task;
    if (rows_.Get(ById(IdOf(type, ref)), &task)) Remove(task);
  }
  // The case has another organisation: its tasks follow.
  void MoveTo(const std::string& crn, const std::string& org) {
    v1::Task holder;
    holder.set_org(org);
    rows_.Put(absl::StrCat("o/", crn), holder);
    for (const std::string& key : rows_.Scan(Tasks::PersonPrefix(crn), kOfPersonMax)) {
      v1::Task task;
      if (!rows_.Get(key, &task)) continue;
      task.set_org(org);
      Put(task);
    }
  }

 private:
  void Put(const v1::Task& task) {
    rows_.Put(ById(task.task_id()), task);
    rows_.Put(OfPerson(task), task);
    rows_.Put(InOrder(task), task);
  }
  void Remove(const v1::Task& task) {
    rows_.Delete(ById(task.task_id()));
    rows_.Delete(OfPerson(task));
    rows_.Delete(InOrder(task));
  }

  RowWriter& rows_;
  const std::string today_;
};

void AboutOrganisation(const std::string& crn, const std::string& org, TaskList& tasks) {
  tasks.MoveTo(crn, org);
  if (org.empty()) {
    tasks.Raise(kOrganisation, "CO", crn, crn, "");
  } else {
    tasks.Settle(kOrganisation, crn);
  }
}

void AboutRequirement(const v1::Event& event, const std::string& crn, TaskList& tasks) {
  if (event.has_requirement_registered()) {
    const v1::RequirementRegistered& registered = event.requirement_registered();
    AboutOrganisation(crn, registered.org(), tasks);
    if (registered.requirement().out_of_bounds()) {
      tasks.Raise(kConfirmHours, "RO", crn, registered.requirement().requirement_id(), "");
    }
    if (!registered.first_offer_due().empty()) {
      tasks.Raise(kFirstOffer, "CO", crn, crn, registered.first_offer_due());
    }
  }
  if (event.has_requirement_varied()) {
    const std::string& id = event.requirement_varied().requirement_id();
    tasks.Settle(kConfirmHours, id);
    if (event.requirement_varied().out_of_bounds()) tasks.Raise(kConfirmHours, "RO", crn, id, "");
  }
  if (event.has_window_expired()) {
    tasks.Raise(kReturnToCourt, "RO", crn, event.window_expired().requirement_id(),
                event.window_expired().last_day());
  }
  if (event.has_window_extended()) {
    tasks.Settle(kReturnToCourt, event.window_extended().requirement_id());
  }
  if (event.has_requirement_hours_done()) {
    tasks.Settle(kReturnToCourt, event.requirement_hours_done().requirement_id());
  }
  if (event.has_requirement_terminated()) {
    for (const char* type : {kReturnToCourt, kConfirmHours}) {
      tasks.Settle(type, event.requirement_terminated().requirement_id());
    }
    tasks.Settle(kTotality, crn);
  }
  if (event.has_totality_flagged()) tasks.Raise(kTotality, "RO", crn, crn, "");
  if (event.has_organisation_assigned()) {
    AboutOrganisation(crn, event.organisation_assigned().new_org(), tasks);
  }
  if ((event.has_case_status_changed() &&
       event.case_status_changed().to() == v1::CASE_COMPLETED) ||
      event.has_case_closed()) {
    for (const char* type : {kTotality, kFirstOffer, kOrganisation}) tasks.Settle(type, crn);
  }
}

template <typename Outcome>
void AboutOutcome(const Outcome& decided, const std::string& evidence_due, const std::string& crn,
                  TaskList& tasks) {
  tasks.Settle(kOutcomeDue, decided.appointment_id());
  tasks.Settle(kEvidenceDue, decided.appointment_id());
  if (evidence_due.empty()) return;
  tasks.Raise(kEvidenceDue, "CO", crn, decided.appointment_id(), evidence_due);
}

void AboutAppointment(const v1::Event& event, const std::string& crn, TaskList& tasks) {
  if (event.has_appointment_booked()) tasks.Settle(kFirstOffer, crn);
  if (event.has_appointment_withdrawn()) {
    tasks.Settle(kOutcomeDue, event.appointment_withdrawn().appointment_id());
  }
  if (event.has_outcome_overdue()) {
    tasks.Raise(kOutcomeDue, "CO", crn, event.outcome_overdue().appointment_id(),
                event.outcome_overdue().due());
  }
  if (event.has_outcome_recorded()) {
    AboutOutcome(event.outcome_recorded(), event.outcome_recorded().evidence_due(), crn, tasks);
  }
  if (event.has_outcome_corrected()) {
    AboutOutcome(event.outcome_corrected(), event.outcome_corrected().evidence_due(), crn, tasks);
  }
  if (event.has_outcome_defaulted()) AboutOutcome(event.outcome_defaulted(), "", crn, tasks);
  if (event.has_evidence_accepted()) {
    tasks.Settle(kEvidenceDue, event.evidence_accepted().appointment_id());
  }
  if (event.has_evidence_rejected()) {
    tasks.Settle(kEvidenceDue, event.evidence_rejected().appointment_id());
  }
  if (event.has_failure_noted()) {
    const v1::Failure& failure = event.failure_noted().failure();
    tasks.Settle(kDecideFailure, failure.failure_id());
    if (failure.status() == v1::FAILURE_OPEN) {
      tasks.Raise(kDecideFailure, "RO", crn, failure.failure_id(), failure.decision_due());
    }
  }
  if (event.has_failure_voided() && event.failure_voided().void_()) {
    tasks.Settle(kDecideFailure, event.failure_voided().failure_id());
  }
}

void AboutSession(const v1::Event& event, const std::string& session_id, TaskList& tasks) {
  if (event.has_composition_broken() && !event.composition_broken().crns().empty()) {
    tasks.Raise(kRepair, "CO", event.composition_broken().crns(0), session_id,
                event.composition_broken().repair_by_date());
  }
  if (event.has_composition_repaired() || event.has_session_run() ||
      event.has_session_cancelled()) {
    tasks.Settle(kRepair, session_id);
  }
}

void AboutIntake(const v1::Event& event, const std::string& referral_id, TaskList& tasks) {
  if (event.has_intake_exception_raised()) {
    const v1::IntakeException& exception = event.intake_exception_raised().exception();
    tasks.Raise(kIntake, "CO", exception.crn(), referral_id, "", exception.code());
  }
  if (event.has_intake_exception_resolved()) tasks.Settle(kIntake, referral_id);
}

}  // namespace

std::string Tasks::PersonPrefix(absl::string_view crn) { return absl::StrCat("x/", crn, "/"); }

absl::Status Tasks::Project(const RecordedEvent& recorded, RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  const std::string id(recorded.aggregate.id());
  TaskList tasks(recorded, rows);
  if (recorded.aggregate.kind() == "case") {
    AboutRequirement(event, id, tasks);
    AboutAppointment(event, id, tasks);
  } else if (recorded.aggregate.kind() == "session") {
    AboutSession(event, id, tasks);
  } else if (recorded.aggregate.kind() == "intake_exception") {
    AboutIntake(event, id, tasks);
  }
  return absl::OkStatus();
}

}  // namespace pdp::unpaid_work
