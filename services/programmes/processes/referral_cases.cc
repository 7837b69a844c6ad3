#include "services/programmes/processes/referral_cases.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "libs/base/status_macros.h"
#include "pdp/programmes/v1/public_events.pb.h"
#include "pdp/referral/v1/service.pb.h"
#include "services/programmes/processes/referral_facts.h"
#include "services/programmes/projections/enrolments.h"

namespace pdp::programmes {
namespace {

namespace ref = referral::v1;
using projection::Partitions;
using projection::ProcessContext;

// Routes of unpaid work are another service's.
bool IsOurs(const std::string& line) { return line == "PROGRAMME"; }

v1::Task IntakeTask(const ref::PublicEvent::ReferralAccepted& accepted, const char* kind,
                    const std::string& detail) {
  v1::Task task;
  task.set_task_id(absl::StrCat("intake/", accepted.referral_id(), "/", accepted.round()));
  task.set_kind(kind);
  task.set_subject(absl::StrCat(accepted.referral_id(), "/", accepted.round()));
  task.set_referral_id(accepted.referral_id());
  task.set_delivery_org(accepted.org());
  task.set_detail(detail);
  return task;
}

}  // namespace

std::vector<projection::Subscription> ReferralCases::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kOwn,
           .types = {"ReferralAccepted", "ReferralReturned", "ReferralWithdrawn",
                     "ReferralHandedOff", "ReferralReopened"}}};
}

absl::Status ReferralCases::Receive(const common::v1::CloudEvent& event,
                                    const ref::PublicEvent::ReferralAccepted& accepted,
                                    ProcessContext& context) {
  if (!IsOurs(accepted.line())) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto answer,
                   AskReferral(host_, context.area(), accepted.referral_id(), accepted.version()));
  if (!answer.ok()) {
    return RaiseTask(context, "task", IntakeTask(accepted, "INTAKE_NOT_FOUND", answer.refusal));
  }
  v1::Command command;
  *command.mutable_receive_referral() = ReceiptOf(accepted, DayOf(event), answer.reply);
  const engine::CommandOutcome received = context.Execute("receive", command);
  RETURN_IF_ERROR(projection::Done(received));
  // A repeat that read newer facts has another digest: the first one took effect.
  const std::string refusal = projection::RefusalOf(received);
  if (!refusal.empty() && refusal != "COMMAND_ID_REUSED") {
    return RaiseTask(context, "task", IntakeTask(accepted, "INTAKE_REFUSED", refusal));
  }
  // A change in NAT that was told before the commit was nobody's then: read again now that the
  // enrolment is there, at or after all that was passed by. What is not newer changes nothing.
  const std::optional<uint64_t> passed = nat_->seq();
  if (!passed) return absl::UnavailableError("NAT is not read here yet");
  ASSIGN_OR_RETURN(const auto again,
                   AskReferral(host_, context.area(), accepted.referral_id(), accepted.version(),
                               *passed));
  if (!again.ok()) return absl::OkStatus();
  const std::string id = absl::StrCat(accepted.referral_id(), "/", accepted.round());
  // Received under this id before: with what was known then.
  if (!refusal.empty() || again.reply.person_version() != answer.reply.person_version() ||
      again.reply.sentence_version() != answer.reply.sentence_version()) {
    v1::Command newer;
    *newer.mutable_update_referral_facts() = UpdateOf(id, again.reply);
    RETURN_IF_ERROR(projection::Done(context.Execute("newer", newer)));
  }
  for (const auto& [step, standing] : StandingOf(id, again.reply, DayOf(event), event.id())) {
    RETURN_IF_ERROR(projection::Done(context.Execute(step, standing)));
  }
  return absl::OkStatus();
}

absl::Status ReferralCases::Withdraw(const common::v1::CloudEvent& event,
                                     const ref::PublicEvent::ReferralWithdrawn& withdrawn,
                                     ProcessContext& context) {
  ASSIGN_OR_RETURN(const auto enrolments,
                   EnrolmentsOf(host_, context.area(),
                                Enrolments::ReferralPrefix(withdrawn.referral_id())));
  for (const v1::EnrolmentRow& enrolment : enrolments) {
    const std::string reason = EndReasonOf(withdrawn.code(), !enrolment.started_on().empty());
    // An enrolment that is over refuses: that is its answer.
    RETURN_IF_ERROR(projection::Done(context.Execute(
        absl::StrCat("end/", enrolment.enrolment_id()),
        *EndOrNothing(enrolment.enrolment_id(), reason,
                      withdrawn.on().empty() ? DayOf(event) : withdrawn.on(), event.id()))));
  }
  return absl::OkStatus();
}

absl::Status ReferralCases::HandOff(const common::v1::CloudEvent& event,
                                    const ref::PublicEvent::ReferralHandedOff& handed_off,
                                    ProcessContext& context) {
  ASSIGN_OR_RETURN(const auto enrolments,
                   EnrolmentsOf(host_, context.area(),
                                Enrolments::ReferralPrefix(handed_off.referral_id())));
  for (const v1::EnrolmentRow& enrolment : enrolments) {
    v1::Command command;
    v1::TransferOut* out = command.mutable_transfer_out();
    out->set_enrolment_id(enrolment.enrolment_id());
    out->set_to_area(handed_off.to_area());
    out->set_on(DayOf(event));
    out->set_cause(event.id());
    RETURN_IF_ERROR(projection::Done(
        context.Execute(absl::StrCat("out/", enrolment.enrolment_id()), command)));
  }
  return absl::OkStatus();
}

absl::Status ReferralCases::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto data = projection::DataOf<ref::PublicEvent>(event);
  if (data.has_referral_accepted()) return Receive(event, data.referral_accepted(), context);
  if (data.has_referral_withdrawn()) return Withdraw(event, data.referral_withdrawn(), context);
  if (data.has_referral_handed_off()) {
    return HandOff(event, data.referral_handed_off(), context);
  }
  if (data.has_referral_returned()) {
    const auto& returned = data.referral_returned();
    v1::Command command =
        *EndOrNothing(absl::StrCat(returned.referral_id(), "/", returned.round()), "RETURNED",
                      DayOf(event), event.id());
    command.mutable_end_enrolment()->set_return_code(returned.code());
    return projection::Done(context.Execute("end", command));
  }
  if (data.has_referral_reopened() && data.referral_reopened().source_service() != "programmes") {
    const auto& reopened = data.referral_reopened();
    ASSIGN_OR_RETURN(const auto enrolments,
                     EnrolmentsOf(host_, context.area(),
                                  Enrolments::ReferralPrefix(reopened.referral_id())));
    if (enrolments.empty()) return absl::OkStatus();
    v1::Task task;
    task.set_task_id(absl::StrCat("reopened/", event.id()));
    task.set_kind("REFERRAL_REOPENED");
    task.set_subject(enrolments.back().enrolment_id());
    task.set_referral_id(reopened.referral_id());
    task.set_delivery_org(enrolments.back().delivery_org());
    task.set_detail(event.id());
    return RaiseTask(context, "task", std::move(task));
  }
  return absl::OkStatus();
}

std::vector<projection::Subscription> Returns::subscriptions() const {
  return {{.service = "programmes", .partitions = Partitions::kOwn, .types = {"EnrolmentEnded"}}};
}

absl::Status Returns::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto data = projection::DataOf<v1::PublicEvent>(event);
  if (!data.has_enrolment_ended()) return absl::OkStatus();
  const auto& ended = data.enrolment_ended();
  if (ended.started() || absl::StartsWith(ended.cause(), "referral/") ||
      (ended.reason_code() != "NOT_SUITABLE" && ended.reason_code() != "INFEASIBLE")) {
    return absl::OkStatus();
  }
  ref::ExecuteRequest request;
  *request.mutable_header() = context.HeaderFor("return");
  request.set_area(std::string(context.area().code()));
  ref::ReturnReferral* back = request.mutable_command()->mutable_return_referral();
  back->set_referral_id(ended.referral_id());
  back->set_code("WRONG_ROUTE");
  back->set_version_ref(ended.version_ref());
  back->set_note(absl::StrCat("Ended before start in programmes, version ", ended.version_ref(),
                              ": ", ended.reason_code()));
  ASSIGN_OR_RETURN(const auto answer,
                   (host_.Ask<ref::ExecuteReply>(
                       "referral", "/pdp.referral.v1.ReferralService/Execute", request)));
  // Withdrawn, returned or moved already: done. Anything else is looked at by a person.
  if (answer.ok() || answer.refusal == "STATE_FORBIDS_COMMAND") return absl::OkStatus();
  v1::Task task;
  task.set_task_id(absl::StrCat("return/", ended.enrolment_id()));
  task.set_kind("RETURN_REFUSED");
  task.set_subject(ended.enrolment_id());
  task.set_referral_id(ended.referral_id());
  task.set_delivery_org(ended.holder_org());
  task.set_detail(answer.refusal);
  return RaiseTask(context, "task", std::move(task));
}

}  // namespace pdp::programmes
