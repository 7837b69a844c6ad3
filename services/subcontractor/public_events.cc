#include "services/subcontractor/public_events.h"

#include "pdp/subcontractor/v1/events.pb.h"
#include "pdp/subcontractor/v1/public_events.pb.h"

namespace pdp::subcontractor {
namespace {

using v1::PublicEvent;

void FillDraw(const v1::Draw& draw, PublicEvent::ReferralApportioned* out) {
  out->set_apportionment_id(draw.request().apportionment_id());
  out->set_referral_id(draw.request().referral_id());
  out->set_round(draw.request().round());
  out->set_service(draw.request().service());
  out->set_pdu(draw.request().pdu());
  out->set_stratum(draw.request().stratum());
  out->set_winner(draw.winner());
  out->set_last_resort(draw.last_resort());
  *out->mutable_exclusions() = draw.exclusions();
}

void FillFailure(const v1::ApportionmentFailed& failed, PublicEvent::ApportionmentFailed* out) {
  out->set_apportionment_id(failed.request().apportionment_id());
  out->set_referral_id(failed.request().referral_id());
  out->set_round(failed.request().round());
  out->set_service(failed.request().service());
  out->set_pdu(failed.request().pdu());
  out->set_stratum(failed.request().stratum());
  out->set_code(failed.code());
  *out->mutable_exclusions() = failed.exclusions();
}

template <typename From, typename To>
void FillContract(const From& from, To* out) {
  out->set_contract_id(from.contract_id());
  out->set_org(from.org());
  out->set_area(from.area());
  *out->mutable_services() = from.services();
  *out->mutable_pdus() = from.pdus();
  out->set_from(from.from());
  out->set_to(from.to());
}

// True when the event is public.
bool Fill(const v1::Event& event, PublicEvent& out) {
  switch (event.event_case()) {
    case v1::Event::kPrimeContractActivated:
      FillContract(event.prime_contract_activated(), out.mutable_prime_contract_activated());
      return true;
    case v1::Event::kSubcontractActivated: {
      FillContract(event.subcontract_activated(), out.mutable_subcontract_activated());
      auto* activated = out.mutable_subcontract_activated();
      activated->set_subcontract_id(event.subcontract_activated().subcontract_id());
      *activated->mutable_scope() = event.subcontract_activated().scope();
      *activated->mutable_capabilities() = event.subcontract_activated().capabilities();
      return true;
    }
    case v1::Event::kPoolOpened: {
      auto* opened = out.mutable_pool_opened();
      opened->set_service(event.pool_opened().service());
      opened->set_area(event.pool_opened().area());
      for (const auto& member : event.pool_opened().members()) opened->add_members(member.org());
      opened->set_draws_by_seed(event.pool_opened().tie() == v1::TIE_HMAC ||
                                event.pool_opened().batch_minutes() > 0);
      return true;
    }
    case v1::Event::kSharesAgreed:
      out.mutable_shares_agreed()->set_service(event.shares_agreed().service());
      *out.mutable_shares_agreed()->mutable_shares() = event.shares_agreed().shares();
      out.mutable_shares_agreed()->set_effective_from(event.shares_agreed().effective_from());
      return true;
    case v1::Event::kPoolMemberJoined:
      out.mutable_pool_member_joined()->set_service(event.pool_member_joined().service());
      out.mutable_pool_member_joined()->set_org(event.pool_member_joined().member().org());
      return true;
    case v1::Event::kPoolMemberLeft:
      out.mutable_pool_member_left()->set_service(event.pool_member_left().service());
      out.mutable_pool_member_left()->set_org(event.pool_member_left().org());
      out.mutable_pool_member_left()->set_on(event.pool_member_left().on());
      return true;
    case v1::Event::kReferralApportioned:
      FillDraw(event.referral_apportioned().draw(), out.mutable_referral_apportioned());
      return true;
    case v1::Event::kApportionmentFailed:
      FillFailure(event.apportionment_failed(), out.mutable_apportionment_failed());
      return true;
    case v1::Event::kAllocationRefunded: {
      auto* refunded = out.mutable_allocation_refunded();
      refunded->set_apportionment_id(event.allocation_refunded().apportionment_id());
      refunded->set_org(event.allocation_refunded().org());
      refunded->set_outcome(event.allocation_refunded().outcome());
      refunded->set_code(event.allocation_refunded().code());
      refunded->set_excused(event.allocation_refunded().excused());
      return true;
    }
    case v1::Event::kAllocationConsumed: {
      auto* consumed = out.mutable_allocation_consumed();
      consumed->set_apportionment_id(event.allocation_consumed().apportionment_id());
      consumed->set_org(event.allocation_consumed().org());
      consumed->set_outcome(event.allocation_consumed().outcome());
      consumed->set_code(event.allocation_consumed().code());
      return true;
    }
    case v1::Event::kAllocationOverridden: {
      auto* overridden = out.mutable_allocation_overridden();
      const v1::AllocationOverridden& from = event.allocation_overridden();
      overridden->set_apportionment_id(from.request().apportionment_id());
      overridden->set_referral_id(from.request().referral_id());
      overridden->set_from_org(from.from_org());
      overridden->set_to_org(from.to_org());
      overridden->set_code(from.code());
      *overridden->mutable_failed_codes() = from.failed_codes();
      return true;
    }
    case v1::Event::kSubcontractSuspended:
      FillContract(event.subcontract_suspended(), out.mutable_subcontract_suspended());
      out.mutable_subcontract_suspended()->set_reason(event.subcontract_suspended().reason());
      return true;
    case v1::Event::kSubcontractResumed:
      FillContract(event.subcontract_resumed(), out.mutable_subcontract_resumed());
      return true;
    case v1::Event::kSubcontractEnded:
      FillContract(event.subcontract_ended(), out.mutable_subcontract_ended());
      return true;
    case v1::Event::kOrganisationRegistered:
    case v1::Event::kSeedCommitted:
    case v1::Event::kSeedRevealed:
    case v1::Event::kSubcontractEndNoticed:
    case v1::Event::kAllocationReopened:
    case v1::Event::kChargeTaskRaised:
    case v1::Event::kChargeTaskClosed:
    case v1::Event::kIdentifierTaken:
    case v1::Event::kOrganisationCopied:
    case v1::Event::kPrimeContractCreated:
    case v1::Event::kContractSigned:
    case v1::Event::kPcgExecuted:
    case v1::Event::kContractListed:
    case v1::Event::kSubcontractProposed:
    case v1::Event::kSubcontractSigned:
    case v1::Event::kSubcontractRejected:
    case v1::Event::kSubcontractLapsed:
    case v1::Event::kSubcontractListed:
    case v1::Event::kPoolModeSet:
    case v1::Event::kDeficitsReset:
    case v1::Event::kCapacityDeclared:
    case v1::Event::kPoolMemberSuspended:
    case v1::Event::kPoolMemberResumed:
    case v1::Event::kReferralQueued:
    case v1::Event::kAllocationConfirmed:
    case v1::Event::kAllocationRecorded:
    case v1::Event::kReferralRoundRecorded:
    case v1::Event::kAllocationClosed:
    case v1::Event::kReferralDeliveryRecorded:
    case v1::Event::kAllocationBypassed:
    case v1::Event::kApportionmentBoundExceeded:
    case v1::Event::kChargeAccrued:
    case v1::Event::kChargeReversed:
    case v1::Event::kPeriodTrueUpPosted:
    case v1::Event::kPeriodClosed:
    case v1::Event::kLedgerPosted:
    case v1::Event::kFactRecorded:
    case v1::Event::kFactSuperseded:
    case v1::Event::kStatementDrafted:
    case v1::Event::kStatementAccepted:
    case v1::Event::kChargesStated:
    case v1::Event::EVENT_NOT_SET:
      return false;
  }
  return false;
}

// What only the service's own processes follow: the contract has no row for it (interfaces, B4).
std::unique_ptr<v1::InternalEvent> InternalOf(const v1::Event& event) {
  auto out = std::make_unique<v1::InternalEvent>();
  if (event.has_organisation_registered()) {
    *out->mutable_organisation_registered()->mutable_organisation() =
        event.organisation_registered().organisation();
    return out;
  }
  if (event.has_seed_revealed()) {
    out->mutable_seed_revealed()->set_service(event.seed_revealed().service());
    out->mutable_seed_revealed()->set_date(event.seed_revealed().date());
    return out;
  }
  return nullptr;
}

}  // namespace

std::vector<std::unique_ptr<google::protobuf::Message>> ToPublic(
    const projection::RecordedEvent& recorded) {
  std::vector<std::unique_ptr<google::protobuf::Message>> result;
  auto out = std::make_unique<PublicEvent>();
  if (Fill(recorded.As<v1::Event>(), *out)) result.push_back(std::move(out));
  if (auto internal = InternalOf(recorded.As<v1::Event>())) result.push_back(std::move(internal));
  return result;
}

}  // namespace pdp::subcontractor
