#include "services/unpaid_work/processes/intake.h"

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "services/unpaid_work/domain/unpaid_work.h"

namespace pdp::unpaid_work {
namespace {

namespace ref = referral::v1;
using projection::Partitions;
using projection::ProcessContext;

constexpr char kLine[] = "UPW";

std::string DetailOf(const engine::CommandOutcome& outcome) {
  const auto* rejected = std::get_if<decider::Rejected>(&outcome.result);
  if (rejected == nullptr) return "";
  std::string detail = rejected->detail;
  for (const decider::Violation& violation : rejected->violations) {
    absl::StrAppend(&detail, detail.empty() ? "" : "; ", violation.field, " ", violation.detail);
  }
  return detail;
}

v1::Command Assign(const std::string& crn, const std::string& referral_id, const std::string& org,
                   const char* cause, const std::string& requirement_id) {
  v1::Command command;
  v1::AssignOrganisation* assign = command.mutable_assign_organisation();
  assign->set_crn(crn);
  assign->set_referral_id(referral_id);
  assign->set_org(org);
  assign->set_cause(cause);
  assign->set_requirement_id(requirement_id);
  return command;
}

}  // namespace

std::vector<projection::Subscription> Intake::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kOwn,
           .types = {"ReferralAccepted", "ReferralReturned", "ReferralWithdrawn",
                     "ReferralReopened"}}};
}

absl::Status Intake::Except(const std::string& referral_id, const std::string& crn,
                            const std::string& code, const std::string& detail,
                            ProcessContext& context) {
  v1::Command command;
  v1::RaiseIntakeException* raise = command.mutable_raise_intake_exception();
  raise->set_referral_id(referral_id);
  raise->set_crn(crn);
  raise->set_code(code);
  raise->set_detail(detail);
  const engine::CommandOutcome outcome = context.Execute("exception", command);
  if (const std::string refusal = projection::RefusalOf(outcome);
      !refusal.empty() && refusal != "COMMAND_ID_REUSED") {
    PDP_LOG(ERROR) << "the intake exception of " << referral_id << " was refused: " << refusal;
  }
  return projection::Done(outcome);
}

absl::Status Intake::Accept(const common::v1::CloudEvent& event,
                            const ref::PublicEvent::ReferralAccepted& accepted,
                            ProcessContext& context) {
  ASSIGN_OR_RETURN(const auto answer, AskReferral(host_, context.area(), accepted.referral_id(),
                                                  accepted.version(), event, *nat_));
  if (!answer.ok()) {
    return Except(accepted.referral_id(), "", answer.refusal, "GetReferral", context);
  }
  const ref::GetReferralReply& referral = answer.reply;
  const std::string& crn = referral.crn();
  std::optional<v1::RegisterRequirement> registration = RegistrationOf(referral);
  if (!registration) {
    return Except(accepted.referral_id(), crn, "REQUIREMENT_MISSING",
                  "the referral names no unpaid work requirement", context);
  }
  // The organisation of this acceptance: the referral may have gone on since.
  registration->set_org(accepted.org());

  v1::Command reserve;
  reserve.mutable_reserve_case()->set_crn(crn);
  reserve.mutable_reserve_case()->set_area(std::string(context.area().code()));
  const engine::CommandOutcome reserved = context.Execute(
      absl::StrCat("reserve/", context.area().code()), reserve, Area::Nat());
  RETURN_IF_ERROR(projection::Done(reserved));
  const std::string unreserved = projection::RefusalOf(reserved);
  if (unreserved == "CASE_IN_TRANSIT") return absl::UnavailableError("the case is in transit");
  if (!unreserved.empty()) {
    return Except(accepted.referral_id(), crn, unreserved, DetailOf(reserved), context);
  }

  v1::Command command;
  *command.mutable_register_requirement() = *std::move(registration);
  engine::CommandOutcome outcome = context.Execute("register", command);
  RETURN_IF_ERROR(projection::Done(outcome));
  std::string refusal = projection::RefusalOf(outcome);
  if (refusal == "REQUIREMENT_EXISTS") {
    outcome = context.Execute("assign", Assign(crn, accepted.referral_id(), accepted.org(),
                                               "ACCEPTED", referral.requirement_key()));
    RETURN_IF_ERROR(projection::Done(outcome));
    refusal = projection::RefusalOf(outcome);
    if (refusal == "NOTHING_TO_CHANGE") refusal.clear();
  }
  // A repeat may carry newer facts under the same id: the first took effect.
  if (refusal == "COMMAND_ID_REUSED") refusal.clear();
  if (!refusal.empty()) {
    return Except(accepted.referral_id(), crn, refusal, DetailOf(outcome), context);
  }
  // An officer's judgement of ETE needs that is here already stands (UPW-22).
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  ASSIGN_OR_RETURN(const engine::CellReader::ReadResult read, cell->ReadState(CaseId(crn)));
  const v1::Case& c = static_cast<const v1::State&>(*read.state).case_();
  // What NAT told before the case was here was passed by: asked again now that it is.
  ASSIGN_OR_RETURN(const auto newest, AskReferral(host_, context.area(), accepted.referral_id(),
                                                  accepted.version(), event, *nat_));
  std::string refused;
  RETURN_IF_ERROR(TakeOverFrom(newest.ok() ? newest.reply : referral,
                               {.ete = !c.ete_needs_recorded()}, context, &refused));
  if (refused.empty()) return absl::OkStatus();
  return Except(accepted.referral_id(), crn, refused, "needs of the referral", context);
}

absl::Status Intake::LetGo(const common::v1::CloudEvent& event, const std::string& referral_id,
                           const char* cause, ProcessContext& context) {
  ASSIGN_OR_RETURN(const auto answer,
                   AskReferral(host_, context.area(), referral_id, 0, event, *nat_));
  if (!answer.ok() || answer.reply.line() != kLine) return absl::OkStatus();
  const engine::CommandOutcome outcome =
      context.Execute("assign", Assign(answer.reply.crn(), referral_id, "", cause, ""));
  RETURN_IF_ERROR(projection::Done(outcome));
  const std::string refusal = projection::RefusalOf(outcome);
  if (refusal == "NOT_FOUND") {
    // Never taken over here: what was asked of a person falls away with the referral.
    v1::Command resolve;
    resolve.mutable_resolve_intake_exception()->set_referral_id(referral_id);
    resolve.mutable_resolve_intake_exception()->set_resolution(cause);
    return projection::Done(context.Execute("resolve", resolve));
  }
  if (refusal.empty() || refusal == "NOTHING_TO_CHANGE" || refusal == "CASE_CLOSED") {
    return absl::OkStatus();
  }
  return Except(referral_id, answer.reply.crn(), refusal, DetailOf(outcome), context);
}

absl::Status Intake::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto data = projection::DataOf<ref::PublicEvent>(event);
  if (data.has_referral_accepted()) {
    if (data.referral_accepted().line() != kLine) return absl::OkStatus();
    return Accept(event, data.referral_accepted(), context);
  }
  if (data.has_referral_returned()) {
    return LetGo(event, data.referral_returned().referral_id(), "RETURNED", context);
  }
  if (data.has_referral_withdrawn()) {
    return LetGo(event, data.referral_withdrawn().referral_id(), "WITHDRAWN", context);
  }
  if (data.has_referral_reopened() && data.referral_reopened().source_service() != "unpaid_work") {
    const auto& reopened = data.referral_reopened();
    ASSIGN_OR_RETURN(const auto answer, AskReferral(host_, context.area(), reopened.referral_id(),
                                                    0, event, *nat_));
    if (!answer.ok() || answer.reply.line() != kLine) return absl::OkStatus();
    return Except(reopened.referral_id(), reopened.crn(), "REFERRAL_REOPENED",
                  "reopened by an officer", context);
  }
  return absl::OkStatus();
}

std::vector<projection::Subscription> PersonFollower::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kNat,
           .types = {"NeedsRecorded", "RiskRecorded", "ResponsibleOfficerChanged"}}};
}

absl::Status PersonFollower::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  nat_->Saw(event.seq());
  const auto data = projection::DataOf<ref::PublicEvent>(event);
  const std::string& crn = data.has_needs_recorded()  ? data.needs_recorded().crn()
                           : data.has_risk_recorded() ? data.risk_recorded().crn()
                                                      : data.responsible_officer_changed().crn();
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  const auto read = cell->ReadState(CaseId(crn));
  if (read.status().code() == absl::StatusCode::kNotFound) return absl::OkStatus();
  if (!read.ok()) return read.status();
  const v1::Case& c = static_cast<const v1::State&>(*read->state).case_();
  if (c.status() == v1::CASE_CLOSED || c.requirements().empty()) return absl::OkStatus();
  // The newest requirement's referral tells the person as referral knows it now.
  const std::string& referral_id = c.requirements(c.requirements_size() - 1).referral_id();
  ASSIGN_OR_RETURN(const auto answer,
                   AskReferral(host_, context.area(), referral_id, 0, event, *nat_));
  if (!answer.ok()) return absl::OkStatus();
  const std::string& section = data.needs_recorded().section();
  std::string refused;
  RETURN_IF_ERROR(TakeOverFrom(answer.reply,
                               {.communication = section == "WRITTEN", .ete = section == "ETE"},
                               context, &refused));
  if (refused.empty()) return absl::OkStatus();
  PDP_LOG(WARNING) << "newer facts of " << referral_id << " were refused: " << refused;
  v1::Command command;
  v1::RaiseIntakeException* raise = command.mutable_raise_intake_exception();
  raise->set_referral_id(referral_id);
  raise->set_crn(crn);
  raise->set_code(refused);
  raise->set_detail(absl::StrCat("needs of the person, section ", section));
  return projection::Done(context.Execute("exception", command));
}

}  // namespace pdp::unpaid_work
