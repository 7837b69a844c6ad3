#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/referral/domain/offers.h"
#include "services/referral/domain/recorder.h"

// DirectAllocate, and the area's copy of who is contracted (REF-64; interfaces, B4 and D4).
namespace pdp::referral {
namespace {

constexpr int kNoteMin = 20;

template <typename List>
bool Has(const List& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// A contract of the organisation that runs today, not suspended, and covers route and PDU.
bool IsContracted(const Unit& unit, const v1::Referral& referral, const std::string& org,
                  const std::string& today) {
  const v1::State* state = unit.Find(OrganisationId(org));
  if (state == nullptr) return false;
  for (const v1::Contracted& contract : state->organisation().contracts()) {
    if (!contract.suspended() && contract.from() <= today && today <= contract.to() &&
        Has(contract.services(), referral.decision().route()) &&
        Has(contract.pdus(), referral.pdu())) {
      return true;
    }
  }
  return false;
}

}  // namespace

Verdict Handle(Unit& unit, const v1::DirectAllocate& command, const Facts& facts) {
  const AggregateId id = ReferralId(command.referral_id());
  if (auto refused = AdmitReferral(unit, facts, id, {"AM"})) return *refused;
  const v1::Referral before = ReferralAt(unit, id);
  std::vector<Violation> found;
  if (command.org().empty()) found.push_back({.code = "FIELD_MISSING", .field = "org"});
  if (FindCode("direct", command.code()) == nullptr) {
    found.push_back({.code = "UNKNOWN_CODE", .field = "code", .detail = command.code()});
  }
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  if (auto refused = RequireState(before, {v1::ROUTED, v1::UNPLACED})) return *refused;
  if (!IsContracted(unit, before, command.org(), FormatDate(Today(facts)))) {
    return decider::Reject("ORGANISATION_NOT_CONTRACTED");
  }
  if (auto refused = RequireNote(command.note(), kNoteMin)) return *refused;
  // A queued round keeps its number: it is settled DIRECTED and this is the next (REF-64). In
  // UNPLACED the failed round stands in the list already.
  const bool queued = before.state() == v1::ROUTED;
  const int round = NextRound(before) + (queued ? 1 : 0);
  v1::ReferralDirected directed;
  directed.set_crn(before.origin_crn());
  directed.set_round(round);
  directed.set_apportionment_id(absl::StrCat(before.id(), "/", round));
  directed.set_org(command.org());
  directed.set_route(before.decision().route());
  directed.set_pdu(before.pdu());
  directed.set_stratum(before.difficulty().stratum());
  directed.set_instrument(before.difficulty().instrument());
  *directed.mutable_tokens() = before.tokens();
  for (const std::string& org : ExcludedOrganisations(before)) directed.add_excluded_orgs(org);
  directed.set_code(command.code());
  directed.set_note(command.note());
  if (queued) directed.set_open_round(round - 1);
  Recorder record(unit, facts, id);
  record.Emit(std::move(directed));
  const v1::Round offer = *ReferralAt(unit, id).rounds().rbegin();
  record.Emit(AcceptedEvent(before, offer, facts));
  return record.Done();
}

Verdict Handle(Unit& unit, const v1::RecordContract& command, const Facts& facts) {
  if (auto refused = RequireRole(facts, {"SYS"})) return *refused;
  const v1::Contracted& contract = command.contract();
  std::vector<Violation> found;
  if (contract.org().empty()) found.push_back({.code = "FIELD_MISSING", .field = "contract.org"});
  if (contract.contract_id().empty()) {
    found.push_back({.code = "FIELD_MISSING", .field = "contract.contract_id"});
  }
  for (const auto& [date, field] : {std::pair{contract.from(), "contract.from"},
                                    std::pair{contract.to(), "contract.to"}}) {
    if (!ParseDate(date)) found.push_back({.code = "DATE_MALFORMED", .field = field});
  }
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  const AggregateId id = OrganisationId(contract.org());
  if (const v1::State* state = unit.Find(id)) {
    for (const v1::Contracted& known : state->organisation().contracts()) {
      if (known.SerializeAsString() == contract.SerializeAsString()) return v1::Reply();
    }
  }
  v1::OrganisationContracted event;
  *event.mutable_contract() = contract;
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

}  // namespace pdp::referral
