#ifndef PDP_SERVICES_REFERRAL_DOMAIN_DOMAIN_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_DOMAIN_H_

#include <string>
#include <vector>

#include "libs/decider/decider.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/referral/v1/events.pb.h"
#include "pdp/referral/v1/state.pb.h"

namespace pdp::referral {

// The pure core of the referral service. Aggregates: person/{crn} and sentence/{crn}/{event_no} in
// the cell NAT, referral/{uuid} and reference_book/{area} in the cell of an area.
//
//   state of a referral, leaving by (specification, section 2):
//   DRAFT          SubmitReferral -> SUBMITTED; DiscardDraft -> DISCARDED;
//                  timer (origin FORM) -> EXPIRED
//   SUBMITTED      DecideRoute -> ROUTED, NEEDS_INFO, REVIEW, DEFERRED, CONFLICT, CLOSED
//   NEEDS_INFO     ProvideInformation -> SUBMITTED (also REVIEW, DEFERRED)
//   REVIEW         ConfirmDecision -> CLOSED; OverrideDecision -> ROUTED
//   CONFLICT       ResolveConflict -> DEFERRED, ROUTED, SUBMITTED
//   DEFERRED       review date -> SUBMITTED
//   ROUTED         RecordOffer -> OFFERED; RecordNoPlacement -> UNPLACED
//   OFFERED        AcceptOffer -> ACCEPTED; DeclineOffer, lapse, RescindOffer -> ROUTED
//   UNPLACED       RetryPlacement -> ROUTED; DirectAllocate -> ACCEPTED (also ROUTED)
//   ACCEPTED       AssignCaseworkers -> ASSIGNED; STARTED -> IN_DELIVERY; STOPPED -> ENDED;
//                  ReturnReferral -> ROUTED, WRONG_ROUTE -> SUBMITTED (also ASSIGNED)
//   IN_DELIVERY    COMPLETED, STOPPED -> ENDED; ApproveReturn -> ROUTED
//   ENDED          REPORTED or no report due -> CONCLUDED; REOPENED -> IN_DELIVERY (also CONCLUDED)
//   SUBMITTED..IN_DELIVERY   WithdrawReferral -> ENDED, CONCLUDED; AcceptTransfer -> MOVED
//   NEEDS_INFO..UNPLACED     a changed decision input -> SUBMITTED (REF-57)
struct ReferralDomain {
  using Command = v1::Command;
  using Event = v1::Event;
  using State = v1::State;
  using Reply = v1::Reply;
  static constexpr char kService[] = "referral";

  static decider::Verdict<Reply> Decide(decider::Unit<ReferralDomain>& unit, const Command& command,
                                        const decider::Facts& facts);
  static void Evolve(State& state, const AggregateId& id, const Event& event,
                     const decider::EventFacts& facts);

  // The CRN when the id says it; empty for referrals, whose messages name their subject themselves.
  static std::string SubjectOf(const AggregateId& id);
  // The aggregate a command is about; empty when the command makes it.
  static AggregateId TargetOf(const Command& command);
  // Timers set and cancelled by an event; `after` is the state behind it.
  static std::vector<decider::TimerChange<Command>> Timers(const AggregateId& id,
                                                           const State& after, const Event& event,
                                                           const decider::EventFacts& facts);
};

using Unit = decider::Unit<ReferralDomain>;
using Verdict = decider::Verdict<v1::Reply>;
using decider::Facts;
using decider::Rejected;
using decider::Violation;

inline AggregateId PersonId(absl::string_view crn) { return AggregateId("person", crn); }
inline AggregateId SentenceId(absl::string_view sentence_key) {
  return AggregateId("sentence", sentence_key);
}
inline AggregateId OrganisationId(absl::string_view org) {
  return AggregateId("organisation", org);
}
// Whose cases a user was put on (REF-66); a long id stands under its digest.
AggregateId CaseworkerId(absl::string_view user_id);
// The copy an area keeps of a person's access lists.
inline AggregateId AccessId(absl::string_view crn) { return AggregateId("access", crn); }
inline AggregateId HandoffId(absl::string_view referral_id) {
  return AggregateId("handoff", referral_id);
}
inline AggregateId ReferralId(absl::string_view id) { return AggregateId("referral", id); }

// `{crn}/{event_no}` and `{crn}/{event_no}/{no}`.
std::string SentenceKey(absl::string_view crn, int event_no);
std::string RequirementKey(absl::string_view sentence_key, int no);
// The number at the end of a requirement key; 0 when there is none.
int RequirementNo(absl::string_view requirement_key);

// REF-24: the id of the referral that a court requirement opens.
std::string RequirementReferralId(absl::string_view requirement_key, absl::string_view line);
// REF-33; empty for SIGNPOST.
std::string SlotKey(absl::string_view line, absl::string_view need, absl::string_view sentence_key,
                    absl::string_view requirement_key);

// The slot that an amendment asks for; empty when it stays as it is (REF-33, REF-70).
std::string SlotKeyAfter(const v1::Referral& referral, const v1::Amend& command);

// Rounds count from 1 and never restart (REF-60).
int NextRound(const v1::Referral& referral);
// Declined, let lapse or returned (REF-64).
std::vector<std::string> ExcludedOrganisations(const v1::Referral& referral);
// The offer that waits for an answer; nullptr when there is none.
const v1::Round* OpenOffer(const v1::Referral& referral);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_DOMAIN_H_
