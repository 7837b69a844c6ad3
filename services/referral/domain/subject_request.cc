#include "services/referral/domain/subject_request.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/hash.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/family.h"
#include "services/referral/domain/working_days.h"
#include "services/referral/domain/wrap.h"

// OpenSubjectRequest, ConfirmIdentity, ExtendRequest, RecordBundle, ReleaseBundle, RefuseRequest
// (REF-100, REF-101).
//
//   access    RECEIVED -> IDENTIFIED (ConfirmIdentity) -> READY (a bundle was made) -> RELEASED
//   erasure   REQUESTED -> APPROVED -> KEYS_DESTROYED -> CONFIRMED (erasure.cc)
//   REFUSED   from every state before RELEASED or APPROVED
namespace pdp::referral {
namespace {

constexpr absl::string_view kRequestNamespace = "5d6f4f0e-6d1e-5b0a-9f2d-4f4b2a1f7c55";
constexpr char kCourtOrder[] = "COURT_ORDER";
constexpr char kSubjectRequest[] = "SUBJECT_REQUEST";

int Months(const Facts& facts, absl::string_view key) {
  return static_cast<int>(PolicyNow(facts).Int(key));
}

std::vector<Violation> CheckShape(const v1::OpenSubjectRequest& command, bool crn_is_sound) {
  std::vector<Violation> found;
  if (!crn_is_sound) found.push_back({.code = "CRN_MALFORMED", .field = "crn"});
  if (command.kind() != v1::ACCESS && command.kind() != v1::ERASURE) {
    found.push_back({.code = "UNKNOWN_CODE", .field = "kind"});
  }
  const bool erasure = command.kind() == v1::ERASURE;
  const bool basis_known = command.basis() == kCourtOrder || command.basis() == kSubjectRequest;
  if (erasure ? !basis_known : !command.basis().empty()) {
    found.push_back({.code = "UNKNOWN_CODE", .field = "basis", .detail = command.basis()});
  }
  return found;
}

std::optional<Rejected> RequireReason(const std::string& reason) {
  if (!reason.empty()) return std::nullopt;
  return decider::ValidationFailed({{.code = "FIELD_MISSING", .field = "reason"}});
}

}  // namespace

std::optional<Date> AccessDue(Date started, int months) {
  const Date due = AddMonths(started, months);
  if (!InCalendar(due)) return std::nullopt;
  return IsDayOfWork(due) ? std::optional<Date>(due) : DaysOfWorkAfter(due, 1);
}

const v1::SubjectRequest& SubjectRequestAt(const Unit& unit, const AggregateId& id) {
  const v1::State* state = unit.Find(id);
  return state == nullptr ? v1::SubjectRequest::default_instance() : state->subject_request();
}

std::optional<Rejected> AdmitRequest(const Unit& unit, const Facts& facts, const AggregateId& id,
                                     std::initializer_list<absl::string_view> roles) {
  if (unit.Find(id) == nullptr) return decider::NotFound(id);
  const std::string& crn = SubjectRequestAt(unit, id).crn();
  if (!MaySee(UnitedAccess(unit, crn), facts.actor)) return decider::NotFound(id);
  if (auto refused = RequireRole(facts, roles)) return refused;
  if (PersonAt(unit, PersonId(crn)).status() == v1::PERSON_ERASED && !facts.HasRole("SYS")) {
    return decider::Reject("PERSON_ERASED");
  }
  if (auto refused = decider::CheckVersion(facts, id, unit.VersionOf(id))) return refused;
  return RequireOccurredAt(facts);
}

std::optional<Rejected> RequireStatus(const v1::SubjectRequest& request,
                                      v1::SubjectRequestKind kind,
                                      std::initializer_list<v1::SubjectRequestStatus> allowed) {
  const bool fits = request.kind() == kind &&
                    std::find(allowed.begin(), allowed.end(), request.status()) != allowed.end();
  if (fits) return std::nullopt;
  return decider::StateForbidsCommand(v1::SubjectRequestStatus_Name(request.status()));
}

v1::Reply RequestReply(const Unit& unit, const AggregateId& id) {
  const v1::SubjectRequest& request = SubjectRequestAt(unit, id);
  v1::Reply reply;
  reply.mutable_subject_request()->set_request_id(std::string(id.id()));
  reply.mutable_subject_request()->set_status(request.status());
  reply.mutable_subject_request()->set_due_on(request.due_on());
  return reply;
}

Verdict Handle(Unit& unit, const v1::OpenSubjectRequest& command, const Facts& facts) {
  const auto crn = NormaliseCrn(command.crn());
  // One request speaks for the whole person (REF-93).
  const std::string root = RootOf(unit, crn.value_or(""));
  if (crn) {
    if (auto refused = AdmitPerson(unit, facts, PersonId(root), {"DP"})) return *refused;
  } else if (auto refused = RequireRole(facts, {"DP"})) {
    return *refused;
  }
  if (auto found = CheckShape(command, crn.has_value()); !found.empty()) {
    return decider::ValidationFailed(std::move(found));
  }
  const AggregateId id = SubjectRequestId(UuidV5(kRequestNamespace, facts.command_id.hex()));
  v1::SubjectRequestOpened event;
  event.set_crn(root);
  event.set_kind(command.kind());
  event.set_basis(command.basis());
  event.set_received_on(FormatDate(LocalDate(facts.occurred_at)));
  event.set_requested_by(facts.actor.id());
  event.set_note(command.note());
  unit.Emit(id, Wrap(std::move(event)));
  return RequestReply(unit, id);
}

Verdict Handle(Unit& unit, const v1::ConfirmIdentity& command, const Facts& facts) {
  const AggregateId id = SubjectRequestId(command.request_id());
  if (auto refused = AdmitRequest(unit, facts, id, {"DP"})) return *refused;
  const v1::SubjectRequest request = SubjectRequestAt(unit, id);
  if (auto refused = RequireStatus(request, v1::ACCESS, {v1::RECEIVED})) return *refused;
  const Date on = LocalDate(facts.occurred_at);
  const Date started = std::max(on, ParseDate(request.received_on()).value_or(on));
  const std::optional<Date> due = AccessDue(started, Months(facts, "sar.months"));
  if (!due) return decider::Reject("CALENDAR_NOT_COVERED");
  v1::IdentityConfirmed event;
  event.set_crn(request.crn());
  event.set_on(FormatDate(on));
  event.set_started_on(FormatDate(started));
  event.set_due_on(FormatDate(*due));
  unit.Emit(id, Wrap(std::move(event)));
  return RequestReply(unit, id);
}

Verdict Handle(Unit& unit, const v1::ExtendRequest& command, const Facts& facts) {
  const AggregateId id = SubjectRequestId(command.request_id());
  if (auto refused = AdmitRequest(unit, facts, id, {"DP"})) return *refused;
  if (auto refused = RequireReason(command.reason())) return *refused;
  const v1::SubjectRequest request = SubjectRequestAt(unit, id);
  if (auto refused =
          RequireStatus(request, v1::ACCESS, {v1::RECEIVED, v1::IDENTIFIED, v1::READY})) {
    return *refused;
  }
  if (request.status() == v1::RECEIVED) return decider::Reject("IDENTITY_NOT_CONFIRMED");
  if (request.extended()) return decider::Reject("ALREADY_EXTENDED");
  const std::string today = FormatDate(Today(facts));
  if (today > request.due_on()) {
    Rejected rejected = decider::Reject("EXTENSION_TOO_LATE");
    rejected.metadata["due_on"] = request.due_on();
    return rejected;
  }
  const Date started = ParseDate(request.started_on()).value_or(Today(facts));
  const std::optional<Date> due = AccessDue(started, Months(facts, "sar.extended_months"));
  if (!due) return decider::Reject("CALENDAR_NOT_COVERED");
  v1::RequestExtended event;
  event.set_crn(request.crn());
  event.set_on(today);
  event.set_old_due_on(request.due_on());
  event.set_due_on(FormatDate(*due));
  event.set_reason(command.reason());
  unit.Emit(id, Wrap(std::move(event)));
  return RequestReply(unit, id);
}

// A newer bundle takes the place of the one before.
Verdict Handle(Unit& unit, const v1::RecordBundle& command, const Facts& facts) {
  const AggregateId id = SubjectRequestId(command.request_id());
  if (auto refused = AdmitRequest(unit, facts, id, {"SYS"})) return *refused;
  if (command.bundle_hash().empty()) {
    return decider::ValidationFailed({{.code = "FIELD_MISSING", .field = "bundle_hash"}});
  }
  const v1::SubjectRequest request = SubjectRequestAt(unit, id);
  if (auto refused = RequireStatus(request, v1::ACCESS, {v1::IDENTIFIED, v1::READY})) {
    return *refused;
  }
  if (request.bundle_hash() == command.bundle_hash()) return RequestReply(unit, id);
  v1::BundlePrepared event;
  event.set_crn(request.crn());
  event.set_bundle_hash(command.bundle_hash());
  *event.mutable_positions() = command.positions();
  unit.Emit(id, Wrap(std::move(event)));
  return RequestReply(unit, id);
}

Verdict Handle(Unit& unit, const v1::ReleaseBundle& command, const Facts& facts) {
  const AggregateId id = SubjectRequestId(command.request_id());
  if (auto refused = AdmitRequest(unit, facts, id, {"DP"})) return *refused;
  const v1::SubjectRequest request = SubjectRequestAt(unit, id);
  if (request.kind() == v1::ACCESS && request.status() == v1::RECEIVED) {
    return decider::Reject("IDENTITY_NOT_CONFIRMED");
  }
  if (auto refused = RequireStatus(request, v1::ACCESS, {v1::READY})) return *refused;
  v1::BundleReleased event;
  event.set_crn(request.crn());
  event.set_bundle_hash(request.bundle_hash());
  event.set_on(FormatDate(LocalDate(facts.occurred_at)));
  unit.Emit(id, Wrap(std::move(event)));
  return RequestReply(unit, id);
}

Verdict Handle(Unit& unit, const v1::RefuseRequest& command, const Facts& facts) {
  const AggregateId id = SubjectRequestId(command.request_id());
  if (auto refused = AdmitRequest(unit, facts, id, {"DP"})) return *refused;
  if (auto refused = RequireReason(command.reason())) return *refused;
  const v1::SubjectRequest request = SubjectRequestAt(unit, id);
  if (auto refused = RequireStatus(
          request, request.kind(), {v1::RECEIVED, v1::IDENTIFIED, v1::READY, v1::REQUESTED})) {
    return *refused;
  }
  v1::RequestRefused event;
  event.set_crn(request.crn());
  event.set_on(FormatDate(LocalDate(facts.occurred_at)));
  event.set_reason(command.reason());
  unit.Emit(id, Wrap(std::move(event)));
  return RequestReply(unit, id);
}

}  // namespace pdp::referral
