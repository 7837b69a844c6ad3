#ifndef PDP_SERVICES_REFERRAL_DOMAIN_COMMANDS_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_COMMANDS_H_

#include <initializer_list>
#include <optional>

#include "services/referral/domain/domain.h"
#include "services/referral/domain/policy.h"

// One handler a command; each lives in the file of its command family.
namespace pdp::referral {

// person_commands.cc
Verdict Handle(Unit& unit, const v1::RegisterPerson& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CorrectIdentity& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordNeeds& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordRisk& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::SetResponsibleOfficer& command, const Facts& facts);
// life_events.cc
Verdict Handle(Unit& unit, const v1::SetLocation& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::MoveHomeArea& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordDeath& command, const Facts& facts);
// access.cc
Verdict Handle(Unit& unit, const v1::RestrictAccess& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::LiftRestriction& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ClearForAccess& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RevokeClearance& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CopyAccess& command, const Facts& facts);
// merge.cc
Verdict Handle(Unit& unit, const v1::MergePersons& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::UnmergePerson& command, const Facts& facts);
// slots.cc
Verdict Handle(Unit& unit, const v1::ReserveSlot& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ReleaseSlot& command, const Facts& facts);
// sentence_commands.cc
Verdict Handle(Unit& unit, const v1::RegisterSentence& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::AddRequirement& command, const Facts& facts);
// sentence_changes.cc
Verdict Handle(Unit& unit, const v1::VaryRequirement& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::EndRequirement& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ChangeSentenceEnd& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::EndSentence& command, const Facts& facts);
// open_referral.cc
Verdict Handle(Unit& unit, const v1::OpenReferral& command, const Facts& facts);
// draft.cc
Verdict Handle(Unit& unit, const v1::SaveSection& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::SubmitReferral& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::DiscardDraft& command, const Facts& facts);
// decide_route.cc
Verdict Handle(Unit& unit, const v1::DecideRoute& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ProvideInformation& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ConfirmDecision& command, const Facts& facts);
// amend.cc
Verdict Handle(Unit& unit, const v1::Amend& command, const Facts& facts);
// reconsider.cc
Verdict Handle(Unit& unit, const v1::ReviewRoute& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::FlagDuplicates& command, const Facts& facts);
// transfer.cc
Verdict Handle(Unit& unit, const v1::RequestTransfer& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CancelTransfer& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::AcceptTransfer& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RefuseTransfer& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ReceiveHandoff& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ConfirmHandoff& command, const Facts& facts);
// override_decision.cc
Verdict Handle(Unit& unit, const v1::OverrideDecision& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ResolveConflict& command, const Facts& facts);
// placement.cc
Verdict Handle(Unit& unit, const v1::RecordOffer& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordNoPlacement& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::AcceptOffer& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::DeclineOffer& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RetryPlacement& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RescindOffer& command, const Facts& facts);
// direct_allocate.cc
Verdict Handle(Unit& unit, const v1::DirectAllocate& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordContract& command, const Facts& facts);
// caseworkers.cc
Verdict Handle(Unit& unit, const v1::AssignCaseworkers& command, const Facts& facts);
// ending.cc
Verdict Handle(Unit& unit, const v1::ReturnReferral& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::WithdrawReferral& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ApproveReturn& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RefuseReturn& command, const Facts& facts);
// enforcement.cc
Verdict Handle(Unit& unit, const v1::ReportEnforcementReferral& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::WithdrawEnforcementReferral& command, const Facts& facts);
// clocks.cc
Verdict Handle(Unit& unit, const v1::PauseClock& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ResumeClock& command, const Facts& facts);
// delivery.cc
Verdict Handle(Unit& unit, const v1::RecordDeliveryFact& command, const Facts& facts);
// access_log.cc
Verdict Handle(Unit& unit, const v1::RecordAccess& command, const Facts& facts);
// subject_request.cc
Verdict Handle(Unit& unit, const v1::OpenSubjectRequest& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ConfirmIdentity& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ExtendRequest& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordBundle& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ReleaseBundle& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RefuseRequest& command, const Facts& facts);
// erasure.cc
Verdict Handle(Unit& unit, const v1::SetLegalHold& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ApproveErasure& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordKeysDestroyed& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CollectErasure& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ApplyErasure& command, const Facts& facts);
// settings.cc
Verdict Handle(Unit& unit, const v1::PublishPolicySet& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::PublishCalendar& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::PublishCodes& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CopySettings& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecomputeClocks& command, const Facts& facts);
// fire_timer.cc
Verdict Handle(Unit& unit, const v1::FireTimer& command, const Facts& facts);

// ---- Shared by the handlers (common.cc). Common rejections in the order of the specification.

Date Today(const Facts& facts);
Policy PolicyNow(const Facts& facts);
std::optional<Rejected> RequireRole(const Facts& facts,
                                    std::initializer_list<absl::string_view> any);
// REF-87: 7 days back, 90 for SYS.
std::optional<Rejected> RequireOccurredAt(const Facts& facts);
// NOT_FOUND, NOT_AUTHORISED, PERSON_ERASED, VERSION_CONFLICT, OCCURRED_AT_OUT_OF_RANGE. `held_by`
// not empty: an actor who is PV or CW must be of that organisation, else NOT_FOUND; an official of
// another area gets NOT_FOUND too (REF-92).
std::optional<Rejected> AdmitReferral(const Unit& unit, const Facts& facts, const AggregateId& id,
                                      std::initializer_list<absl::string_view> roles,
                                      absl::string_view provider_org = "");
// For a command of the officials of `area`, wherever the referral is (REF-94).
std::optional<Rejected> AdmitReferralIn(Area area, const Unit& unit, const Facts& facts,
                                        const AggregateId& id,
                                        std::initializer_list<absl::string_view> roles,
                                        absl::string_view provider_org = "");
// The same for a person or a sentence of NAT. A person whom the actor may not see (MaySeePerson)
// is NOT_FOUND.
std::optional<Rejected> AdmitPerson(const Unit& unit, const Facts& facts, const AggregateId& id,
                                    std::initializer_list<absl::string_view> roles);
// REF-90, and REF-92: for an official of one area the home of the person is there or an open
// referral, for a provider's user the organisation holds a case of theirs. What NAT does not know
// of that InScope says. Over all their records (REF-93).
bool MaySeePerson(const Unit& unit, const Facts& facts, const std::string& crn);
// The persons (CRNs) of whom the area of the actor of the decision which this thread makes has an
// open referral, or the actor's organisation a case. Outside of any there are none. Not nested.
class InScope {
 public:
  explicit InScope(const google::protobuf::RepeatedPtrField<std::string>& crns);
  ~InScope();
  InScope(const InScope&) = delete;
  InScope& operator=(const InScope&) = delete;
  static bool Has(const std::string& crn);
};
// CONCLUDED, CLOSED, DISCARDED, EXPIRED: nothing is left to do for it (REF-96), or it never came to
// anything.
bool IsFinished(v1::ReferralState state);
// REF-102; of a person that NAT knows.
bool IsErased(const Unit& unit, const std::string& crn);
const v1::Referral& ReferralAt(const Unit& unit, const AggregateId& id);
const v1::Person& PersonAt(const Unit& unit, const AggregateId& id);
std::optional<Rejected> RequireState(const v1::Referral& referral,
                                     std::initializer_list<v1::ReferralState> allowed);
// NOTE_REQUIRED when fewer than `characters_min` characters.
std::optional<Rejected> RequireNote(const std::string& note, int characters_min);
std::optional<Rejected> RequireCode(absl::string_view list, const std::string& code);
// REF-1: trimmed, upper case; nullopt: CRN_MALFORMED.
std::optional<std::string> NormaliseCrn(absl::string_view text);
v1::Reply StateReply(const Unit& unit, const AggregateId& id);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_COMMANDS_H_
