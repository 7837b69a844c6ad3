#include <algorithm>

#include "services/subcontractor/domain/commands.h"
#include "libs/base/timestamp.h"
#include "services/subcontractor/domain/draw.h"

// RecordOverride: a direct allocation, a round of its own (SUB-49).

namespace pdp::subcontractor {
namespace {

v1::DrawRequest RequestOf(const v1::RecordOverride& command, const v1::ReferralIndexState* index) {
  v1::DrawRequest request;
  request.set_apportionment_id(ApportionmentId(command.referral_id(), command.round()));
  request.set_referral_id(command.referral_id());
  request.set_round(command.round());
  request.set_service(command.service());
  request.set_pdu(command.pdu());
  request.set_stratum(command.stratum());
  request.set_instrument(command.instrument());
  *request.mutable_tokens() = command.tokens();
  *request.mutable_excluded_orgs() = command.excluded_orgs();
  request.set_weight_centi(command.weight_centi() == 0 ? 100 : command.weight_centi());
  if (index != nullptr) {
    *request.mutable_conflicted_orgs() = index->conflicted_orgs();
    // The frozen stratum rules: a re-assessment never moves the bucket (SUB-40).
    if (!index->stratum().empty()) {
      request.set_stratum(index->stratum());
      request.set_instrument(index->instrument());
    }
  }
  return request;
}

// A live draw of an earlier round is refunded; returns whom it was drawn to.
std::string RefundEarlier(Unit& unit, const v1::RecordOverride& command, const Facts& facts) {
  const v1::ReferralIndexState* index = FindReferralIndex(unit, command.referral_id());
  if (index == nullptr) return "";
  std::string from;
  std::vector<uint32_t> rounds;
  for (const auto& round : index->rounds()) {
    if (round.round() < command.round() &&
        (round.state() == v1::DRAWN || round.state() == v1::BATCHED)) {
      rounds.push_back(round.round());
      from = round.org();
    }
  }
  for (const uint32_t round : rounds) {
    const v1::Allocation* earlier =
        FindAllocation(unit, ApportionmentId(command.referral_id(), round));
    if (earlier == nullptr) continue;
    RefundAllocation(unit, facts.area, *earlier, v1::DIRECTED, command.code(), false, false, facts);
  }
  return from;
}

}  // namespace

Verdict Decide(Unit& unit, const v1::RecordOverride& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  Checks checks;
  checks.IdField(command.referral_id(), "referral_id");
  checks.Require(command.round() >= 1, "round", "counts from 1");
  checks.IdField(command.org(), "org");
  checks.Require(KnownService(command.service()), "service", "is not in the catalogue");
  checks.Require(KnownStratum(command.stratum()), "stratum", "is not LOW, MEDIUM or HIGH");
  if (!checks.ok()) return checks.Failed();
  // Once per apportionment_id.
  const std::string id = ApportionmentId(command.referral_id(), command.round());
  if (FindAllocation(unit, id) != nullptr) return v1::Reply();

  const std::string from = RefundEarlier(unit, command, facts);
  const v1::DrawRequest request =
      RequestOf(command, FindReferralIndex(unit, command.referral_id()));
  const Date date = Today(facts);
  const v1::PoolState* pool = FindPool(unit, facts.area, command.service());
  const v1::PoolMember* member = pool == nullptr ? nullptr : FindMember(*pool, command.org());

  v1::Event event;
  v1::AllocationOverridden* overridden = event.mutable_allocation_overridden();
  *overridden->mutable_request() = request;
  overridden->set_from_org(from);
  overridden->set_to_org(command.org());
  overridden->set_code(command.code());
  overridden->set_directed_by(command.directed_by());
  overridden->set_overridden_on(FormatDate(date));
  v1::Allocation allocation;
  *allocation.mutable_request() = request;
  allocation.set_state(v1::OVERRIDDEN);
  allocation.set_winner(command.org());
  *allocation.mutable_drawn_at() = ToTimestamp(facts.recorded_at);
  allocation.set_drawn_on(FormatDate(date));
  if (member == nullptr) {
    overridden->add_failed_codes("NOT_POOL_MEMBER");
  } else {
    for (const std::string& code : FailedCodes(*pool, *member, request, date)) {
      overridden->add_failed_codes(code);
      if (!IsWaivable(code)) overridden->set_ineligible(true);
    }
    const Eligibility eligibility = Eligible(*pool, request, date);
    // E without the last resort, and the target.
    std::vector<std::string> orgs =
        eligibility.last_resort ? std::vector<std::string>() : eligibility.eligible;
    if (std::find(orgs.begin(), orgs.end(), command.org()) == orgs.end()) {
      orgs.push_back(command.org());
      std::sort(orgs.begin(), orgs.end());
    }
    for (const v1::OrgCodes& exclusion : eligibility.exclusions) {
      *overridden->add_exclusions() = exclusion;
    }
    const auto shares = SharesOn(*pool, date);
    for (const v1::OrgNano& increment : Increments(*pool, request.weight_centi(), orgs, date)) {
      v1::OrgShare* share = overridden->add_shares();
      share->set_org(increment.org());
      share->set_share_ppm(shares.at(increment.org()));
      *overridden->add_increments() = increment;
      v1::OrgNano* delta = allocation.add_deltas();
      *delta = increment;
      if (delta->org() == command.org()) {
        delta->set_nano(delta->nano() - request.weight_centi() * kNanoPerCenti);
      }
    }
    allocation.set_bucket(BucketKey(request.stratum(), orgs));
    allocation.set_open(true);
  }
  unit.Emit(PoolId(facts.area, command.service()), std::move(event));
  RecordAllocation(unit, allocation);
  return v1::Reply();
}

}  // namespace pdp::subcontractor
