#include "services/referral/projections/tasks.h"

#include "absl/strings/str_cat.h"
#include "pdp/referral/v1/events.pb.h"
#include "pdp/referral/v1/queries.pb.h"

namespace pdp::referral {
namespace {

using projection::RowWriter;

std::string SubjectKey(absl::string_view referral_id) { return absl::StrCat("r/", referral_id); }

std::string PlaceKey(absl::string_view referral_id, absl::string_view service,
                     absl::string_view id) {
  return absl::StrCat("x/", referral_id, "/", service, "/", id);
}

std::string TaskKey(const v1::EnforcementTask& task) {
  return absl::StrCat(Tasks::kEnforcement, task.decide_by(), "/", task.referral_id(), "/",
                      task.service(), "/", task.enforcement_id());
}

void Report(absl::string_view referral_id, const v1::EnforcementReported& event,
            RowWriter& rows) {
  v1::EnforcementTask task;
  rows.Get(SubjectKey(referral_id), &task);
  task.set_crn(event.crn());
  task.set_referral_id(std::string(referral_id));
  task.set_service(event.service());
  task.set_enforcement_id(event.enforcement_id());
  task.set_kind(event.kind());
  task.set_order_id(event.order_id());
  *task.mutable_failure_ids() = event.failure_ids();
  task.set_raised_on(event.on());
  task.set_decide_by(event.decide_by());
  task.set_legal_basis(event.legal_basis());
  *task.mutable_evidence() = event.evidence();
  rows.Put(TaskKey(task), task, task.crn());
  v1::EnforcementTask place;
  place.set_decide_by(task.decide_by());
  rows.Put(PlaceKey(referral_id, task.service(), task.enforcement_id()), place);
}

void WithdrawReport(absl::string_view referral_id, const v1::EnforcementWithdrawn& event,
                    RowWriter& rows) {
  v1::EnforcementTask task;
  const std::string place = PlaceKey(referral_id, event.service(), event.enforcement_id());
  if (!rows.Get(place, &task)) return;
  task.set_referral_id(std::string(referral_id));
  task.set_service(event.service());
  task.set_enforcement_id(event.enforcement_id());
  rows.Delete(TaskKey(task));
  rows.Delete(place);
}

}  // namespace

std::string Tasks::QuarantinePrefix(absl::string_view area) {
  return absl::StrCat("q/", area, "/");
}

absl::Status Tasks::Project(const projection::RecordedEvent& recorded, RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  const absl::string_view id = recorded.aggregate.id();
  if (event.has_referral_opened()) {
    v1::EnforcementTask subject;
    subject.set_reference(event.referral_opened().reference());
    subject.set_pdu(event.referral_opened().pdu());
    rows.Put(SubjectKey(id), subject);
  } else if (event.has_referral_accepted()) {
    v1::EnforcementTask subject;
    rows.Get(SubjectKey(id), &subject);
    subject.set_org(event.referral_accepted().org());
    rows.Put(SubjectKey(id), subject);
  } else if (event.has_enforcement_reported()) {
    Report(id, event.enforcement_reported(), rows);
  } else if (event.has_enforcement_withdrawn()) {
    WithdrawReport(id, event.enforcement_withdrawn(), rows);
  } else if (event.has_requirement_registered() &&
             event.requirement_registered().requirement().quarantined()) {
    const v1::RequirementRegistered& registered = event.requirement_registered();
    v1::QuarantinedCode code;
    code.set_crn(registered.crn());
    code.set_requirement_key(registered.requirement_key());
    code.set_ext_main(registered.requirement().ext_main());
    code.set_ext_sub(registered.requirement().ext_sub());
    code.set_imposed_on(registered.requirement().imposed_on());
    code.set_area(registered.area());
    rows.Put(absl::StrCat(QuarantinePrefix(code.area()), code.imposed_on(), "/",
                          code.requirement_key()),
             code);
  }
  return absl::OkStatus();
}

}  // namespace pdp::referral
