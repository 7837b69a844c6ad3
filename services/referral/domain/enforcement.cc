#include "absl/strings/str_cat.h"
#include "services/referral/domain/recorder.h"

// ReportEnforcementReferral, WithdrawEnforcementReferral (REF-26; interfaces, A6 and A7): what a
// delivery service asks the responsible officer to decide, with its evidence.
namespace pdp::referral {
namespace {

const v1::Enforcement* OpenReport(const v1::Referral& referral, const std::string& service,
                                  const std::string& enforcement_id) {
  for (const v1::Enforcement& known : referral.enforcement()) {
    if (known.service() == service && known.enforcement_id() == enforcement_id &&
        known.withdrawn_on().empty()) {
      return &known;
    }
  }
  return nullptr;
}

std::optional<Rejected> RequireHeld(const v1::Referral& referral) {
  return RequireState(referral,
                      {v1::ACCEPTED, v1::ASSIGNED, v1::IN_DELIVERY, v1::ENDED, v1::CONCLUDED});
}

bool IsDeliveryService(const std::string& service) {
  return service == "programmes" || service == "unpaid_work";
}

}  // namespace

Verdict Handle(Unit& unit, const v1::ReportEnforcementReferral& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"SYS"})) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  std::vector<Violation> found;
  const auto require = [&](bool holds, const char* code, const char* field) {
    if (!holds) found.push_back({.code = code, .field = field});
  };
  require(IsDeliveryService(command.service()), "UNKNOWN_CODE", "service");
  require(!command.enforcement_id().empty(), "FIELD_MISSING", "enforcement_id");
  require(command.kind() == "BREACH" || command.kind() == "RECALL", "UNKNOWN_CODE", "kind");
  require(!command.order_id().empty(), "FIELD_MISSING", "order_id");
  require(!command.failure_ids().empty(), "FIELD_MISSING", "failure_ids");
  require(ParseDate(command.decide_by()).has_value(), "DATE_MALFORMED", "decide_by");
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  if (auto refused = RequireHeld(before)) return *refused;
  if (OpenReport(before, command.service(), command.enforcement_id()) != nullptr) {
    return decider::Reject("ALREADY_REPORTED");
  }
  v1::EnforcementReported event;
  event.set_crn(before.origin_crn());
  event.set_service(command.service());
  event.set_enforcement_id(command.enforcement_id());
  event.set_kind(command.kind());
  event.set_order_id(command.order_id());
  *event.mutable_failure_ids() = command.failure_ids();
  event.set_decide_by(command.decide_by());
  event.set_legal_basis(command.legal_basis());
  *event.mutable_evidence() = command.evidence();
  event.set_on(FormatDate(LocalDate(facts.occurred_at)));
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  v1::Reply reply;
  reply.mutable_enforcement()->set_task_id(
      absl::StrCat(command.service(), "/", command.enforcement_id()));
  return record.Done(std::move(reply));
}

Verdict Handle(Unit& unit, const v1::WithdrawEnforcementReferral& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"SYS"})) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  if (auto refused = RequireHeld(before)) return *refused;
  if (OpenReport(before, command.service(), command.enforcement_id()) == nullptr) {
    return decider::Reject("NOT_OPEN");
  }
  v1::EnforcementWithdrawn event;
  event.set_service(command.service());
  event.set_enforcement_id(command.enforcement_id());
  event.set_cause(command.cause());
  event.set_on(FormatDate(LocalDate(facts.occurred_at)));
  Recorder record(unit, facts, id);
  record.Emit(std::move(event));
  return record.Done();
}

}  // namespace pdp::referral
