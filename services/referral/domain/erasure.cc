#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/referral/domain/family.h"
#include "services/referral/domain/subject_request.h"
#include "services/referral/domain/wrap.h"

// SetLegalHold, ApproveErasure, RecordKeysDestroyed, CollectErasure, ApplyErasure (REF-102;
// interfaces, D10). The keys themselves are destroyed by processes/erasure.cc.
namespace pdp::referral {
namespace {

// Who has data of persons in every area, and answers for it.
constexpr const char* kHolders[] = {"referral", "programmes", "unpaid_work"};
constexpr char kCourtOrder[] = "COURT_ORDER";

std::set<std::string> OpenReferrals(const Unit& unit, const v1::ErasureFacts& facts,
                                    const std::vector<std::string>& family) {
  std::set<std::string> open;
  for (const v1::ReferralFact& referral : facts.referrals()) {
    // One that moved is told by the area it went to.
    if (!IsFinished(referral.state()) && referral.state() != v1::MOVED) {
      open.insert(referral.referral_id());
    }
  }
  // What was opened since the areas were asked holds its slot.
  for (const std::string& crn : family) {
    for (const v1::Slot& slot : PersonAt(unit, PersonId(crn)).slots()) {
      open.insert(slot.referral_id());
    }
  }
  return open;
}

// retain_until, counted from the newest day on which a referral came to its end: concluded, closed,
// or a draft discarded or expired. nullopt: none ever did.
std::optional<Date> RetainUntil(const v1::ErasureFacts& facts, int years) {
  std::optional<Date> last;
  for (const v1::ReferralFact& referral : facts.referrals()) {
    if (!IsFinished(referral.state())) continue;
    if (const auto on = ParseDate(referral.since_on()); on && (!last || *last < *on)) last = on;
  }
  return last ? std::optional<Date>(AddMonths(*last, 12 * years)) : std::nullopt;
}

std::string NameOf(const v1::ErasurePart& part) {
  return absl::StrCat(part.service(), "/", part.area());
}

void EmitErased(Unit& unit, const std::vector<std::string>& family, const AggregateId& request,
                const std::string& on) {
  for (const std::string& crn : family) {
    v1::PersonErased event;
    event.set_crn(crn);
    if (crn == family.front()) {
      for (size_t i = 1; i < family.size(); ++i) event.add_aliases(family[i]);
    } else {
      event.set_root(family.front());
    }
    event.set_request_id(std::string(request.id()));
    event.set_on(on);
    unit.Emit(PersonId(crn), Wrap(std::move(event)));
  }
}

void CompleteIfAllIn(Unit& unit, const AggregateId& id, const Facts& facts) {
  const v1::SubjectRequest request = SubjectRequestAt(unit, id);
  if (request.status() != v1::KEYS_DESTROYED || !PartsMissing(request).empty()) return;
  v1::ErasureCompleted event;
  event.set_crn(request.crn());
  event.set_on(FormatDate(LocalDate(facts.occurred_at)));
  unit.Emit(id, Wrap(std::move(event)));
}

}  // namespace

std::vector<std::string> PartsMissing(const v1::SubjectRequest& request) {
  std::vector<std::string> missing;
  for (const v1::ErasurePart& part : request.parts()) {
    if (part.confirmed_on().empty() || !part.gaps().empty()) missing.push_back(NameOf(part));
  }
  return missing;
}

Verdict Handle(Unit& unit, const v1::SetLegalHold& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"DP"})) return *refused;
  if (command.reason().empty()) {
    return decider::ValidationFailed({{.code = "FIELD_MISSING", .field = "reason"}});
  }
  if (PersonAt(unit, id).legal_hold() == command.hold()) {
    return decider::Reject("NOTHING_TO_CHANGE");
  }
  v1::LegalHoldSet event;
  event.set_crn(std::string(id.id()));
  event.set_hold(command.hold());
  event.set_reason(command.reason());
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::ApproveErasure& command, const Facts& facts) {
  const AggregateId id = SubjectRequestId(command.request_id());
  if (auto refused = AdmitRequest(unit, facts, id, {"DP"})) return *refused;
  const v1::SubjectRequest request = SubjectRequestAt(unit, id);
  if (request.requested_by() == facts.actor.id()) {
    return decider::NotAuthorised("an erasure is approved by another than its requester");
  }
  if (auto refused = RequireStatus(request, v1::ERASURE, {v1::REQUESTED})) return *refused;
  const std::vector<std::string> family = FamilyOf(unit, request.crn());
  if (const auto open = OpenReferrals(unit, command.facts(), family); !open.empty()) {
    Rejected rejected = decider::Reject("OPEN_REFERRALS");
    rejected.metadata["ids"] = absl::StrJoin(open, ",");
    return rejected;
  }
  for (const std::string& crn : family) {
    if (PersonAt(unit, PersonId(crn)).legal_hold()) return decider::Reject("LEGAL_HOLD");
  }
  const std::optional<Date> until =
      RetainUntil(command.facts(), static_cast<int>(PolicyNow(facts).Int("retain.years")));
  if (request.basis() != kCourtOrder && until && Today(facts) < *until) {
    Rejected rejected = decider::Reject("RETENTION_NOT_REACHED");
    rejected.metadata["until"] = FormatDate(*until);
    return rejected;
  }
  v1::ErasureApproved event;
  event.set_crn(family.front());
  for (size_t i = 1; i < family.size(); ++i) event.add_aliases(family[i]);
  event.set_basis(request.basis());
  event.set_on(FormatDate(LocalDate(facts.occurred_at)));
  event.set_approved_by(facts.actor.id());
  for (const std::string& area : std::set<std::string>(command.facts().areas().begin(),
                                                       command.facts().areas().end())) {
    for (const char* service : kHolders) {
      v1::ErasurePart* part = event.add_parts();
      part->set_service(service);
      part->set_area(area);
    }
  }
  const std::string on = event.on();
  unit.Emit(id, Wrap(std::move(event)));
  EmitErased(unit, family, id, on);
  return RequestReply(unit, id);
}

Verdict Handle(Unit& unit, const v1::RecordKeysDestroyed& command, const Facts& facts) {
  const AggregateId id = SubjectRequestId(command.request_id());
  if (auto refused = AdmitRequest(unit, facts, id, {"SYS"})) return *refused;
  const v1::SubjectRequest request = SubjectRequestAt(unit, id);
  // Told again: it is so.
  if (request.status() == v1::KEYS_DESTROYED || request.status() == v1::CONFIRMED) {
    return RequestReply(unit, id);
  }
  if (auto refused = RequireStatus(request, v1::ERASURE, {v1::APPROVED})) return *refused;
  v1::KeysDestroyed event;
  event.set_crn(request.crn());
  event.add_key_ids(request.crn());
  event.mutable_key_ids()->MergeFrom(request.aliases());
  event.set_on(FormatDate(LocalDate(facts.occurred_at)));
  unit.Emit(id, Wrap(std::move(event)));
  CompleteIfAllIn(unit, id, facts);
  return RequestReply(unit, id);
}

Verdict Handle(Unit& unit, const v1::CollectErasure& command, const Facts& facts) {
  const AggregateId person = PersonId(command.crn());
  if (unit.Find(person) == nullptr) return decider::NotFound(person);
  const AggregateId id = SubjectRequestId(PersonAt(unit, person).erasure_request());
  if (auto refused = AdmitRequest(unit, facts, id, {"SYS"})) return *refused;
  const v1::SubjectRequest request = SubjectRequestAt(unit, id);
  for (const v1::ErasurePart& known : request.parts()) {
    if (known.service() != command.service() || known.area() != command.area()) continue;
    const bool told = !known.confirmed_on().empty() &&
                      std::equal(known.gaps().begin(), known.gaps().end(), command.gaps().begin(),
                                 command.gaps().end());
    if (told) break;
    v1::ErasureCollected event;
    event.mutable_part()->set_service(command.service());
    event.mutable_part()->set_area(command.area());
    event.mutable_part()->set_confirmed_on(FormatDate(LocalDate(facts.occurred_at)));
    *event.mutable_part()->mutable_gaps() = command.gaps();
    unit.Emit(id, Wrap(std::move(event)));
    CompleteIfAllIn(unit, id, facts);
    break;
  }
  // Of an area that holds nothing of the person: noted by nobody.
  return RequestReply(unit, id);
}

Verdict ListErasureGaps(Unit& unit, const v1::FireTimer& command, const Facts& facts) {
  const AggregateId id = SubjectRequestId(command.request_id());
  if (auto refused = AdmitRequest(unit, facts, id, {"SYS"})) return *refused;
  const v1::SubjectRequest request = SubjectRequestAt(unit, id);
  if (request.status() != v1::APPROVED && request.status() != v1::KEYS_DESTROYED) {
    return decider::Reject("TIMER_NOT_DUE");
  }
  v1::ErasureGapsListed event;
  for (std::string& missing : PartsMissing(request)) event.add_gaps(std::move(missing));
  if (request.status() == v1::APPROVED) event.add_gaps("referral/NAT");
  event.set_on(FormatDate(Today(facts)));
  event.set_crn(request.crn());
  *event.mutable_aliases() = request.aliases();
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::ApplyErasure& command, const Facts& facts) {
  if (auto refused = RequireRole(facts, {"SYS"})) return *refused;
  std::vector<Violation> found;
  if (command.crns().empty()) found.push_back({.code = "FIELD_MISSING", .field = "crns"});
  for (int i = 0; i < command.crns_size(); ++i) {
    if (NormaliseCrn(command.crns(i)) == command.crns(i)) continue;
    found.push_back({.code = "CRN_MALFORMED", .field = absl::StrCat("crns[", i, "]")});
  }
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  for (const std::string& crn : command.crns()) {
    const v1::State* known = unit.Find(AccessId(crn));
    if (known != nullptr && known->access().erased()) continue;
    v1::ErasureApplied event;
    event.set_crn(crn);
    event.set_root(command.crns(0));
    unit.Emit(AccessId(crn), Wrap(std::move(event)));
  }
  return v1::Reply();
}

}  // namespace pdp::referral
