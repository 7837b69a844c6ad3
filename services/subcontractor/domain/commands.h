#ifndef PDP_SERVICES_SUBCONTRACTOR_DOMAIN_COMMANDS_H_
#define PDP_SERVICES_SUBCONTRACTOR_DOMAIN_COMMANDS_H_

#include <optional>
#include <string>
#include <vector>

#include "libs/base/calendar.h"
#include "services/subcontractor/domain/subcontractor.h"

// One function a command, in a file a command or tight family. Each answers as its row of the
// specification, section 4, says.

namespace pdp::subcontractor {

// organisation.cc
Verdict Decide(Unit& unit, const v1::RegisterOrganisation& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::CopyOrganisation& command, const Facts& facts);
// prime_contract.cc
Verdict Decide(Unit& unit, const v1::CreatePrimeContract& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::SignContract& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::ActivateContract& command, const Facts& facts);
// propose_subcontract.cc
Verdict Decide(Unit& unit, const v1::ProposeSubcontract& command, const Facts& facts);
// sign_subcontract.cc
Verdict Decide(Unit& unit, const v1::SignSubcontract& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RejectSubcontract& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::LapseProposal& command, const Facts& facts);
// end_subcontract.cc
Verdict Decide(Unit& unit, const v1::SuspendSubcontract& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::ResumeSubcontract& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::EndSubcontract& command, const Facts& facts);
// pool.cc
Verdict Decide(Unit& unit, const v1::OpenPool& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::AgreeShares& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::SetPoolMode& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::ResetDeficits& command, const Facts& facts);
// pool_members.cc
Verdict Decide(Unit& unit, const v1::JoinPool& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::LeavePool& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::SuspendMember& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::ResumeMember& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::DeclareCapacity& command, const Facts& facts);
// seeds.cc
Verdict Decide(Unit& unit, const v1::CommitSeed& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RevealSeed& command, const Facts& facts);
// apportion.cc
Verdict Decide(Unit& unit, const v1::Apportion& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::DrawBatch& command, const Facts& facts);
// settle.cc
Verdict Decide(Unit& unit, const v1::Settle& command, const Facts& facts);
// record_override.cc
Verdict Decide(Unit& unit, const v1::RecordOverride& command, const Facts& facts);
// delivery.cc
Verdict Decide(Unit& unit, const v1::RecordDeliveryStart& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RecordDeliveryEnd& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RecordReopening& command, const Facts& facts);
// facts.cc
Verdict Decide(Unit& unit, const v1::AccrueFact& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::ReverseFact& command, const Facts& facts);
// charge_tasks.cc
Verdict Decide(Unit& unit, const v1::RaiseChargeTask& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::RetryCharge& command, const Facts& facts);
// close_period.cc
Verdict Decide(Unit& unit, const v1::ClosePeriod& command, const Facts& facts);
// statements.cc
Verdict Decide(Unit& unit, const v1::DraftStatement& command, const Facts& facts);
Verdict Decide(Unit& unit, const v1::AcceptStatement& command, const Facts& facts);

// ---- shared by the commands: checks.cc
// The platform's own processes and timers.
bool IsSystem(const Facts& facts);
// The authority: commercial officers and area contract managers.
bool IsAuthority(const Facts& facts);
// The actor belongs to `org` and holds the credential function ("ADMIN", "FINANCE", "DELIVERY").
bool Holds(const Facts& facts, absl::string_view org, absl::string_view function);
// FUNCTION_REQUIRED for the right organisation without the function, NOT_AUTHORISED for another.
Rejected NotHeld(const Facts& facts, absl::string_view org, absl::string_view function);
Rejected SystemOnly();

Date Today(const Facts& facts);
bool KnownService(absl::string_view service);
bool KnownStratum(absl::string_view stratum);

// Collects every bad field of a command.
class Checks {
 public:
  void Require(bool holds, std::string field, std::string detail);
  // A date, and what it is; nullopt (and a violation) when it is not one.
  std::optional<Date> DateField(const std::string& text, std::string field);
  // An id: 1 to 64 printable characters without '/', ',', '|', '#' and blanks.
  void IdField(const std::string& text, std::string field);
  bool ok() const { return violations_.empty(); }
  // VALIDATION_FAILED with all of them. Only when !ok().
  Rejected Failed() const;

 private:
  std::vector<Violation> violations_;
};

// Last day of delivery: the sheet's end, or an earlier one that was noticed. ISO date.
std::string LastDay(const v1::SubcontractState& state);
// fact/{fact_id} and task/{fact_id} stay within the bytes of an aggregate id.
bool IsFactId(const std::string& id);
// The subcontract of the organisation that covers the fact; empty: the prime's own delivery.
std::string SubcontractOf(const Unit& unit, const pdp::common::v1::DeliveryFact& fact);
// AccrueFact and ReverseFact (SUB-90, 91).
Verdict AccrueDelivered(Unit& unit, const pdp::common::v1::DeliveryFact& fact, const Facts& facts);
// `cause`: CHARGED, SUPERSEDED, CANCELLED. Nothing when no task waits.
void CloseChargeTask(Unit& unit, const std::string& fact_id, const std::string& cause);
// Marks an allocation and its referral's index after any change of state.
void RecordAllocation(Unit& unit, const v1::Allocation& allocation, bool conflict_declared = false);
// Draws or fails one request that is in the pool's queue or about to be: emits all events of it.
// The pool must be open and `seed` given when it needs one. Checks SUB-46 after the draw.
void DrawOne(Unit& unit, Area area, const v1::DrawRequest& request, const Facts& facts,
             absl::string_view seed, const std::string& batch_id);
// Fails it with NO_POOL or NO_ELIGIBLE_PROVIDER.
void FailOne(Unit& unit, Area area, const v1::DrawRequest& request,
             const std::vector<v1::OrgCodes>& exclusions, const std::string& code,
             const Facts& facts);
// Reverses what a live round was charged and takes it out of the batch (SUB-47, 49).
void RefundAllocation(Unit& unit, Area area, v1::Allocation allocation, v1::SettleOutcome outcome,
                      const std::string& code, bool excused, bool conflict_declared,
                      const Facts& facts);
// SUB-53: alerts once per organisation when it delivers a referral not allocated to it.
void CheckBypass(Unit& unit, const std::string& referral_id, const std::string& org,
                 const std::string& on, const std::string& actor, const std::string& fact_kind,
                 const std::string& fact_id);

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_DOMAIN_COMMANDS_H_
