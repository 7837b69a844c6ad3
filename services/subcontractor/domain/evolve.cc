#include "services/subcontractor/domain/evolve.h"

#include "libs/base/calendar.h"
#include "services/subcontractor/domain/draw.h"

namespace pdp::subcontractor {

void Subcontractor::Evolve(State& state, const AggregateId& id, const Event& event,
                           const EventFacts& facts) {
  switch (event.event_case()) {
    case Event::kOrganisationRegistered:
      *state.mutable_organisation()->mutable_organisation() =
          event.organisation_registered().organisation();
      return;
    case Event::kIdentifierTaken:
      state.mutable_identifier()->set_org_id(event.identifier_taken().org_id());
      return;
    case Event::kOrganisationCopied:
      *state.mutable_provider()->mutable_organisation() =
          event.organisation_copied().organisation();
      return;
    case Event::kPrimeContractCreated: {
      auto* contract = state.mutable_prime_contract();
      contract->set_contract_id(event.prime_contract_created().contract_id());
      *contract->mutable_terms() = event.prime_contract_created().terms();
      contract->set_sha256_hex(event.prime_contract_created().sha256_hex());
      contract->set_status(v1::CONTRACT_PENDING);
      return;
    }
    case Event::kContractSigned:
      *state.mutable_prime_contract()->add_signatures() = event.contract_signed().signature();
      return;
    case Event::kPcgExecuted:
      *state.mutable_prime_contract()->add_signatures() = event.pcg_executed().signature();
      state.mutable_prime_contract()->set_pcg_executed(true);
      return;
    case Event::kPrimeContractActivated:
      state.mutable_prime_contract()->set_status(v1::CONTRACT_ACTIVE);
      return;
    case Event::kContractListed: {
      auto* listed = state.mutable_contract_index()->add_contracts();
      listed->set_contract_id(event.contract_listed().contract_id());
      listed->set_from(event.contract_listed().from());
      listed->set_to(event.contract_listed().to());
      return;
    }
    case Event::kSubcontractProposed:
      return evolve::Proposed(*state.mutable_subcontract(), event.subcontract_proposed());
    case Event::kSubcontractSigned: {
      auto* contract = state.mutable_subcontract();
      auto* version = contract->mutable_versions(contract->versions_size() - 1);
      *version->add_signatures() = event.subcontract_signed().signature();
      contract->set_status(v1::SUBCONTRACT_PART_SIGNED);
      return;
    }
    case Event::kSubcontractActivated:
      return evolve::Activated(*state.mutable_subcontract(), event.subcontract_activated());
    case Event::kSubcontractRejected:
      state.mutable_subcontract()->set_status(v1::SUBCONTRACT_REJECTED);
      return;
    case Event::kSubcontractLapsed:
      state.mutable_subcontract()->set_status(v1::SUBCONTRACT_LAPSED);
      return;
    case Event::kSubcontractListed:
      return evolve::Listed(*state.mutable_provider(), event.subcontract_listed());
    case Event::kSubcontractSuspended:
      state.mutable_subcontract()->set_status(v1::SUBCONTRACT_SUSPENDED);
      return;
    case Event::kSubcontractResumed:
      state.mutable_subcontract()->set_status(v1::SUBCONTRACT_ACTIVE);
      return;
    case Event::kSubcontractEndNoticed:
      state.mutable_subcontract()->set_ends_on(event.subcontract_end_noticed().on());
      return;
    case Event::kSubcontractEnded:
      state.mutable_subcontract()->set_status(v1::SUBCONTRACT_ENDED);
      state.mutable_subcontract()->set_ends_on(event.subcontract_ended().to());
      return;
    case Event::kPoolOpened:
      return evolve::Opened(*state.mutable_pool(), event.pool_opened(),
                            LocalDate(facts.recorded_at));
    case Event::kSharesAgreed:
      return evolve::Agreed(*state.mutable_pool(), event.shares_agreed());
    case Event::kPoolModeSet:
      return evolve::ModeSet(*state.mutable_pool(), event.pool_mode_set());
    case Event::kPoolMemberJoined:
      return evolve::Joined(*state.mutable_pool(), event.pool_member_joined());
    case Event::kPoolMemberLeft:
      return evolve::Left(*state.mutable_pool(), event.pool_member_left());
    case Event::kDeficitsReset:
      return evolve::Reset(*state.mutable_pool());
    case Event::kCapacityDeclared:
      return evolve::Declared(*state.mutable_pool(), event.capacity_declared());
    case Event::kPoolMemberSuspended:
    case Event::kPoolMemberResumed: {
      const bool suspended = event.event_case() == Event::kPoolMemberSuspended;
      const std::string& org =
          suspended ? event.pool_member_suspended().org() : event.pool_member_resumed().org();
      if (auto* member = MutableMember(*state.mutable_pool(), org)) {
        member->set_status(suspended ? v1::MEMBER_SUSPENDED : v1::MEMBER_ACTIVE);
      }
      return;
    }
    case Event::kSeedCommitted: {
      auto* seed = state.mutable_seed();
      seed->set_service(event.seed_committed().service());
      seed->set_date(event.seed_committed().date());
      seed->set_sha256_hex(event.seed_committed().sha256_hex());
      seed->set_seed(event.seed_committed().seed());
      return;
    }
    case Event::kSeedRevealed:
      state.mutable_seed()->set_revealed(true);
      return;
    case Event::kReferralQueued:
      return evolve::Queued(*state.mutable_pool(), event.referral_queued());
    case Event::kReferralApportioned:
      return evolve::Apportioned(*state.mutable_pool(), event.referral_apportioned());
    case Event::kApportionmentFailed:
      return evolve::Failed(*state.mutable_pool(), event.apportionment_failed());
    case Event::kAllocationConfirmed:
      // The pool's figures stay; the allocation itself is recorded beside.
      return;
    case Event::kAllocationRefunded:
      return evolve::Refunded(*state.mutable_pool(), event.allocation_refunded());
    case Event::kAllocationConsumed:
      if (event.allocation_consumed().was_open()) {
        evolve::NoLongerOpen(*state.mutable_pool(), event.allocation_consumed().org());
      }
      return;
    case Event::kAllocationOverridden:
      return evolve::Overridden(*state.mutable_pool(), event.allocation_overridden());
    case Event::kAllocationRecorded:
      *state.mutable_allocation()->mutable_allocation() = event.allocation_recorded().allocation();
      return;
    case Event::kReferralRoundRecorded:
      return evolve::Round(*state.mutable_referral_index(), event.referral_round_recorded());
    case Event::kAllocationClosed:
      return evolve::NoLongerOpen(*state.mutable_pool(), event.allocation_closed().org());
    case Event::kReferralDeliveryRecorded:
      return evolve::Delivery(*state.mutable_referral_index(),
                              event.referral_delivery_recorded());
    case Event::kAllocationBypassed:
      state.mutable_referral_index()->add_bypass_orgs(event.allocation_bypassed().org());
      return;
    case Event::kApportionmentBoundExceeded:
      // An alert: the figures are as the draws made them.
      return;
    case Event::kChargeAccrued:
      return evolve::Charged(*state.mutable_charge_book(), event.charge_accrued().charge(),
                             event.charge_accrued().fact_service(),
                             event.charge_accrued().vat_class());
    case Event::kChargeReversed:
      return evolve::Reversed(*state.mutable_charge_book(), event.charge_reversed());
    case Event::kPeriodTrueUpPosted:
      return evolve::Charged(*state.mutable_charge_book(), event.period_true_up_posted().charge(),
                             "", event.period_true_up_posted().vat_class());
    case Event::kPeriodClosed:
      state.mutable_charge_book()->set_subcontract_id(event.period_closed().subcontract_id());
      state.mutable_charge_book()->set_month(event.period_closed().month());
      state.mutable_charge_book()->set_closed(true);
      return;
    case Event::kLedgerPosted:
      return evolve::Posted(*state.mutable_ledger(), event.ledger_posted());
    case Event::kFactRecorded: {
      auto* fact = state.mutable_fact();
      *fact->mutable_fact() = event.fact_recorded().fact();
      fact->set_status(event.fact_recorded().status());
      *fact->mutable_charges() = event.fact_recorded().charges();
      return;
    }
    case Event::kFactSuperseded:
      return evolve::Superseded(*state.mutable_fact(), event.fact_superseded());
    case Event::kStatementDrafted:
      return evolve::Drafted(*state.mutable_statement(), event.statement_drafted());
    case Event::kStatementAccepted:
      state.mutable_statement()->set_status(v1::STATEMENT_ACCEPTED);
      return;
    case Event::kChargesStated:
      if (id.kind() == "ledger") {
        return evolve::ClosedMonth(*state.mutable_ledger(), event.charges_stated().month());
      }
      return evolve::Stated(*state.mutable_charge_book(), event.charges_stated());
    case Event::kAllocationReopened:
      return evolve::OpenAgain(*state.mutable_pool(), event.allocation_reopened().org());
    case Event::kChargeTaskRaised:
      *state.mutable_charge_task()->mutable_fact() = event.charge_task_raised().fact();
      state.mutable_charge_task()->set_code(event.charge_task_raised().code());
      state.mutable_charge_task()->set_open(true);
      return;
    case Event::kChargeTaskClosed:
      state.mutable_charge_task()->set_open(false);
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace pdp::subcontractor
