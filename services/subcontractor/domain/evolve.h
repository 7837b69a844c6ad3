#ifndef PDP_SERVICES_SUBCONTRACTOR_DOMAIN_EVOLVE_H_
#define PDP_SERVICES_SUBCONTRACTOR_DOMAIN_EVOLVE_H_

#include "libs/base/calendar.h"
#include "services/subcontractor/domain/subcontractor.h"

// What each event changes, one function an event with work to do. Total: never fails.

namespace pdp::subcontractor::evolve {

// pool/{area}/{service}
void Opened(v1::PoolState& pool, const v1::PoolOpened& event, Date on);
void Agreed(v1::PoolState& pool, const v1::SharesAgreed& event);
void ModeSet(v1::PoolState& pool, const v1::PoolModeSet& event);
void Joined(v1::PoolState& pool, const v1::PoolMemberJoined& event);
void Left(v1::PoolState& pool, const v1::PoolMemberLeft& event);
void Reset(v1::PoolState& pool);
void Declared(v1::PoolState& pool, const v1::CapacityDeclared& event);
void Queued(v1::PoolState& pool, const v1::ReferralQueued& event);
void Apportioned(v1::PoolState& pool, const v1::ReferralApportioned& event);
void Failed(v1::PoolState& pool, const v1::ApportionmentFailed& event);
void Refunded(v1::PoolState& pool, const v1::AllocationRefunded& event);
void NoLongerOpen(v1::PoolState& pool, const std::string& org);
void OpenAgain(v1::PoolState& pool, const std::string& org);
void Overridden(v1::PoolState& pool, const v1::AllocationOverridden& event);

// referral_index/{referral_id}
void Round(v1::ReferralIndexState& index, const v1::ReferralRoundRecorded& event);
void Delivery(v1::ReferralIndexState& index, const v1::ReferralDeliveryRecorded& event);

// contracts
void Proposed(v1::SubcontractState& state, const v1::SubcontractProposed& event);
void Activated(v1::SubcontractState& state, const v1::SubcontractActivated& event);
void Listed(v1::ProviderState& provider, const v1::SubcontractListed& event);

// money
void Charged(v1::ChargeBookState& book, const v1::Charge& charge, absl::string_view service,
             v1::VatClass vat_class);
void Reversed(v1::ChargeBookState& book, const v1::ChargeReversed& event);
void Stated(v1::ChargeBookState& book, const v1::ChargesStated& event);
void Posted(v1::LedgerState& ledger, const v1::LedgerPosted& event);
void ClosedMonth(v1::LedgerState& ledger, const std::string& month);
void Superseded(v1::FactState& fact, const v1::FactSuperseded& event);
void Drafted(v1::StatementState& statement, const v1::StatementDrafted& event);

}  // namespace pdp::subcontractor::evolve

#endif  // PDP_SERVICES_SUBCONTRACTOR_DOMAIN_EVOLVE_H_
