#include <algorithm>
#include <set>

#include "services/subcontractor/domain/commands.h"
#include "services/subcontractor/domain/draw.h"
#include "services/subcontractor/domain/policy.h"

// OpenPool, AgreeShares, SetPoolMode, ResetDeficits: what all members sign (SUB-43, 44, 50).

namespace pdp::subcontractor {
namespace {

constexpr int64_t kUnityPpm = 1'000'000;
constexpr int64_t kBetaMax = 1'000;

bool MaySignFor(const Facts& facts, const std::string& prime_org) {
  return IsAuthority(facts) || Holds(facts, prime_org, "ADMIN");
}

// SHARES_NOT_UNITY, NOT_ALL_SIGNED, in that order.
std::optional<Rejected> CheckAgreement(
    const std::vector<std::string>& members,
    const google::protobuf::RepeatedPtrField<v1::OrgShare>& shares,
    const google::protobuf::RepeatedPtrField<std::string>& signed_by) {
  int64_t sum = 0;
  std::set<std::string> named;
  for (const v1::OrgShare& share : shares) {
    if (share.share_ppm() < 0 || share.share_ppm() > kUnityPpm ||
        !named.insert(share.org()).second ||
        std::find(members.begin(), members.end(), share.org()) == members.end()) {
      return decider::ValidationFailed({{.code = "VALIDATION_FAILED",
                                         .subject = share.org(),
                                         .field = "shares",
                                         .detail = "one share from 0 to 1000000 a member"}});
    }
    sum += share.share_ppm();
  }
  if (sum != kUnityPpm) {
    Rejected rejected = decider::Reject("SHARES_NOT_UNITY", "the shares must sum to 1000000 ppm");
    rejected.metadata["sum_ppm"] = absl::StrCat(sum);
    return rejected;
  }
  Rejected unsigned_members = decider::Reject("NOT_ALL_SIGNED", "every member must sign");
  for (const std::string& member : members) {
    if (std::find(signed_by.begin(), signed_by.end(), member) == signed_by.end()) {
      unsigned_members.violations.push_back({.code = "NOT_ALL_SIGNED", .subject = member});
    }
  }
  if (!unsigned_members.violations.empty()) return unsigned_members;
  return std::nullopt;
}

std::vector<std::string> MembersOf(const v1::PoolState& pool) {
  std::vector<std::string> members;
  for (const v1::PoolMember& member : pool.members()) members.push_back(member.terms().org());
  return members;
}

std::optional<Rejected> CheckAllSigned(
    const v1::PoolState& pool, const google::protobuf::RepeatedPtrField<std::string>& signed_by) {
  Rejected rejected = decider::Reject("NOT_ALL_SIGNED", "every member must sign");
  for (const std::string& member : MembersOf(pool)) {
    if (std::find(signed_by.begin(), signed_by.end(), member) == signed_by.end()) {
      rejected.violations.push_back({.code = "NOT_ALL_SIGNED", .subject = member});
    }
  }
  if (rejected.violations.empty()) return std::nullopt;
  return rejected;
}

void CheckMode(Checks& checks, v1::PoolMode mode, int64_t num, int64_t den) {
  checks.Require(mode == v1::STRICT || mode == v1::BALANCED, "mode", "is not STRICT or BALANCED");
  const bool absent = num == 0 && den == 0;
  checks.Require(absent || (num >= 0 && num <= kBetaMax && den >= 1 && den <= kBetaMax), "beta_num",
                 "beta is a fraction of numbers up to 1000");
}

}  // namespace

Verdict Decide(Unit& unit, const v1::OpenPool& command, const Facts& facts) {
  if (!MaySignFor(facts, command.prime_org())) {
    return NotHeld(facts, command.prime_org(), "ADMIN");
  }
  const AggregateId id = PoolId(facts.area, command.service());
  if (auto conflict = decider::CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  Checks checks;
  checks.Require(KnownService(command.service()), "service", "is not in the catalogue");
  checks.Require(!facts.area.is_nat(), "area", "a pool belongs to an area");
  CheckMode(checks, command.mode(), command.beta_num(), command.beta_den());
  checks.Require(command.tie() == v1::TIE_HMAC || command.tie() == v1::TIE_ID, "tie",
                 "is not TIE_HMAC or TIE_ID");
  checks.Require(command.batch_minutes() >= 0 && command.batch_minutes() <= 1'440, "batch_minutes",
                 "must be 0 to 1440");
  checks.Require(
      command.members_size() >= 1 && command.members_size() <= static_cast<int>(kPoolMembersMax),
      "members", "must be 1 to 30");
  std::vector<std::string> members;
  bool has_prime = false;
  for (const v1::MemberTerms& member : command.members()) {
    checks.IdField(member.org(), "members.org");
    checks.DateField(member.from(), "members.from");
    if (!member.to().empty()) checks.DateField(member.to(), "members.to");
    checks.Require(std::find(members.begin(), members.end(), member.org()) == members.end(),
                   "members.org", "is named twice");
    members.push_back(member.org());
    has_prime = has_prime || member.org() == command.prime_org();
  }
  checks.Require(has_prime, "prime_org", "the prime is a member like any other (SUB-43)");
  if (!checks.ok()) return checks.Failed();
  if (FindPool(unit, facts.area, command.service()) != nullptr) {
    return decider::StateForbidsCommand("OPENED");
  }
  if (auto rejected = CheckAgreement(members, command.shares(), command.signed_by())) {
    return *rejected;
  }
  v1::Event event;
  v1::PoolOpened* opened = event.mutable_pool_opened();
  opened->set_area(std::string(facts.area.code()));
  opened->set_service(command.service());
  opened->set_prime_org(command.prime_org());
  opened->set_mode(command.mode());
  const bool no_beta = command.beta_num() == 0 && command.beta_den() == 0;
  const Beta beta = DefaultBeta(Today(facts));
  opened->set_beta_num(no_beta ? beta.num : command.beta_num());
  opened->set_beta_den(no_beta ? beta.den : command.beta_den());
  opened->set_policy_version(ShippedPolicySet().version());
  opened->set_tie(command.tie());
  opened->set_batch_minutes(command.batch_minutes());
  *opened->mutable_members() = command.members();
  *opened->mutable_shares() = command.shares();
  *opened->mutable_signed_by() = command.signed_by();
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::AgreeShares& command, const Facts& facts) {
  const AggregateId id = PoolId(facts.area, command.service());
  const v1::PoolState* pool = FindPool(unit, facts.area, command.service());
  if (pool == nullptr) return decider::NotFound(id);
  if (!MaySignFor(facts, pool->prime_org())) return NotHeld(facts, pool->prime_org(), "ADMIN");
  if (auto conflict = decider::CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  Checks checks;
  const auto from = checks.DateField(command.effective_from(), "effective_from");
  checks.Require(!from || *from >= Today(facts), "effective_from", "must not lie in the past");
  if (!checks.ok()) return checks.Failed();
  if (auto rejected = CheckAgreement(MembersOf(*pool), command.shares(), command.signed_by())) {
    return *rejected;
  }
  v1::Event event;
  v1::SharesAgreed* agreed = event.mutable_shares_agreed();
  agreed->set_service(command.service());
  *agreed->mutable_shares() = command.shares();
  agreed->set_effective_from(command.effective_from());
  *agreed->mutable_signed_by() = command.signed_by();
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::SetPoolMode& command, const Facts& facts) {
  const AggregateId id = PoolId(facts.area, command.service());
  const v1::PoolState* pool = FindPool(unit, facts.area, command.service());
  if (pool == nullptr) return decider::NotFound(id);
  if (!MaySignFor(facts, pool->prime_org())) return NotHeld(facts, pool->prime_org(), "ADMIN");
  if (auto conflict = decider::CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  Checks checks;
  CheckMode(checks, command.mode(), command.beta_num(), command.beta_den());
  if (!checks.ok()) return checks.Failed();
  if (auto rejected = CheckAllSigned(*pool, command.signed_by())) return *rejected;
  v1::Event event;
  v1::PoolModeSet* set = event.mutable_pool_mode_set();
  set->set_mode(command.mode());
  const bool no_beta = command.beta_num() == 0 && command.beta_den() == 0;
  const Beta beta = DefaultBeta(Today(facts));
  set->set_beta_num(no_beta ? beta.num : command.beta_num());
  set->set_beta_den(no_beta ? beta.den : command.beta_den());
  set->set_policy_version(ShippedPolicySet().version());
  *set->mutable_signed_by() = command.signed_by();
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::ResetDeficits& command, const Facts& facts) {
  const AggregateId id = PoolId(facts.area, command.service());
  const v1::PoolState* pool = FindPool(unit, facts.area, command.service());
  if (pool == nullptr) return decider::NotFound(id);
  if (!MaySignFor(facts, pool->prime_org())) return NotHeld(facts, pool->prime_org(), "ADMIN");
  if (auto rejected = CheckAllSigned(*pool, command.signed_by())) return *rejected;
  v1::Event event;
  *event.mutable_deficits_reset()->mutable_signed_by() = command.signed_by();
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

}  // namespace pdp::subcontractor
