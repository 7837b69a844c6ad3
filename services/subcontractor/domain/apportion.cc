#include <algorithm>

#include "services/subcontractor/domain/commands.h"
#include "libs/base/timestamp.h"
#include "services/subcontractor/domain/draw.h"

// Apportion and DrawBatch: SUB-40 to 46, 51; section 9.1.

namespace pdp::subcontractor {
namespace {

// What one commit may hold: a batch that is longer goes on in the next commit.
constexpr int kDrawsPerCommitMax = 100;
constexpr int kQueueMax = 2'000;
constexpr int32_t kWeightMax = 100'000;

v1::Reply AnswerOf(const v1::Allocation& allocation) {
  v1::Reply reply;
  v1::ApportionReply* answer = reply.mutable_apportion();
  answer->set_apportionment_id(allocation.request().apportionment_id());
  *answer->mutable_exclusions() = allocation.exclusions();
  switch (allocation.state()) {
    case v1::BATCHED:
      answer->set_status(v1::QUEUED);
      return reply;
    case v1::FAILED:
      answer->set_status(v1::APPORTION_FAILED);
      return reply;
    case v1::REFUNDED:
      // A round that left the batch undrawn has no winner to name.
      if (allocation.winner().empty()) {
        answer->set_status(v1::QUEUED);
        return reply;
      }
      break;
    case v1::DRAWN:
    case v1::CONFIRMED:
    case v1::CONSUMED:
    case v1::OVERRIDDEN:
    case v1::ALLOCATION_STATE_UNSPECIFIED:
    case v1::AllocationState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::AllocationState_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  answer->set_status(v1::APPORTIONED);
  answer->set_org(allocation.winner());
  answer->set_last_resort(allocation.last_resort());
  return reply;
}

bool IsLive(v1::AllocationState state) {
  return state == v1::BATCHED || state == v1::DRAWN || state == v1::CONFIRMED ||
         state == v1::OVERRIDDEN;
}

std::optional<Rejected> CheckShape(const v1::Apportion& command) {
  Checks checks;
  checks.IdField(command.referral_id(), "referral_id");
  checks.Require(command.round() >= 1, "round", "counts from 1");
  checks.IdField(command.pdu(), "pdu");
  checks.Require(KnownService(command.service()), "service", "is not in the catalogue");
  checks.Require(KnownStratum(command.stratum()), "stratum", "is not LOW, MEDIUM or HIGH");
  checks.Require(!command.instrument().empty() && command.instrument().size() <= 64, "instrument",
                 "is missing or too long");
  checks.Require(command.weight_centi() >= 0 && command.weight_centi() <= kWeightMax,
                 "weight_centi", "must be 0 to 100000");
  checks.Require(command.tokens_size() <= 64, "tokens", "at most 64");
  checks.Require(command.excluded_orgs_size() <= 64, "excluded_orgs", "at most 64");
  if (checks.ok()) return std::nullopt;
  return checks.Failed();
}

v1::DrawRequest RequestOf(const v1::Apportion& command, const v1::ReferralIndexState* index) {
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
  if (index != nullptr) *request.mutable_conflicted_orgs() = index->conflicted_orgs();
  return request;
}

std::string SeedOf(const Unit& unit, Area area, const std::string& service, Date date) {
  const v1::SeedState* seed = FindSeed(unit, area, service, FormatDate(date));
  return seed == nullptr ? "" : seed->seed();
}

}  // namespace

void RecordAllocation(Unit& unit, const v1::Allocation& allocation, bool conflict_declared) {
  const v1::DrawRequest& request = allocation.request();
  v1::Event recorded;
  *recorded.mutable_allocation_recorded()->mutable_allocation() = allocation;
  unit.Emit(AllocationId(request.apportionment_id()), std::move(recorded));
  v1::Event event;
  v1::ReferralRoundRecorded* round = event.mutable_referral_round_recorded();
  round->set_round(request.round());
  round->set_stratum(request.stratum());
  round->set_instrument(request.instrument());
  round->set_service(request.service());
  round->set_state(allocation.state());
  round->set_org(allocation.winner());
  round->set_conflict_declared(conflict_declared);
  unit.Emit(ReferralIndexId(request.referral_id()), std::move(event));
}

void FailOne(Unit& unit, Area area, const v1::DrawRequest& request,
             const std::vector<v1::OrgCodes>& exclusions, const std::string& code,
             const Facts& facts) {
  v1::Event event;
  v1::ApportionmentFailed* failed = event.mutable_apportionment_failed();
  *failed->mutable_request() = request;
  for (const v1::OrgCodes& exclusion : exclusions) *failed->add_exclusions() = exclusion;
  failed->set_code(code);
  failed->set_failed_on(FormatDate(Today(facts)));
  unit.Emit(PoolId(area, request.service()), std::move(event));
  v1::Allocation allocation;
  *allocation.mutable_request() = request;
  allocation.set_state(v1::FAILED);
  for (const v1::OrgCodes& exclusion : exclusions) *allocation.add_exclusions() = exclusion;
  RecordAllocation(unit, allocation);
}

void DrawOne(Unit& unit, Area area, const v1::DrawRequest& request, const Facts& facts,
             absl::string_view seed, const std::string& batch_id) {
  const v1::PoolState* pool = FindPool(unit, area, request.service());
  const Date date = Today(facts);
  const Eligibility eligibility = Eligible(*pool, request, date);
  if (eligibility.eligible.empty()) {
    FailOne(unit, area, request, eligibility.exclusions, "NO_ELIGIBLE_PROVIDER", facts);
    return;
  }
  const v1::Draw draw = ComputeDraw(*pool, request, eligibility,
                                    {.date = date, .seed = seed, .batch_id = batch_id});
  v1::Event event;
  *event.mutable_referral_apportioned()->mutable_draw() = draw;
  unit.Emit(PoolId(area, request.service()), std::move(event));

  v1::Allocation allocation;
  *allocation.mutable_request() = request;
  allocation.set_state(v1::DRAWN);
  allocation.set_bucket(BucketKey(request.stratum(), eligibility.eligible));
  for (v1::OrgNano delta : draw.increments()) {
    if (delta.org() == draw.winner()) {
      delta.set_nano(delta.nano() - request.weight_centi() * kNanoPerCenti);
    }
    *allocation.add_deltas() = delta;
  }
  allocation.set_winner(draw.winner());
  allocation.set_last_resort(draw.last_resort());
  *allocation.mutable_exclusions() = draw.exclusions();
  *allocation.mutable_drawn_at() = ToTimestamp(facts.recorded_at);
  allocation.set_drawn_on(FormatDate(date));
  allocation.set_open(true);
  RecordAllocation(unit, allocation);

  pool = FindPool(unit, area, request.service());
  if (pool->mode() != v1::STRICT) return;
  const v1::Bucket* bucket = FindBucket(*pool, allocation.bucket());
  if (const auto org = OutOfBounds(*bucket)) {
    v1::Event alert;
    v1::ApportionmentBoundExceeded* exceeded = alert.mutable_apportionment_bound_exceeded();
    exceeded->set_bucket(bucket->key());
    exceeded->set_org(*org);
    exceeded->set_deficit_nano(NanoOf(bucket->deficits(), *org));
    exceeded->set_draw_no(draw.draw_no());
    unit.Emit(PoolId(area, request.service()), std::move(alert));
  }
}

Verdict Decide(Unit& unit, const v1::Apportion& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  if (auto rejected = CheckShape(command)) return *rejected;
  const std::string id = ApportionmentId(command.referral_id(), command.round());
  if (const v1::Allocation* known = FindAllocation(unit, id)) return AnswerOf(*known);
  const v1::ReferralIndexState* index = FindReferralIndex(unit, command.referral_id());
  if (index != nullptr && !index->rounds().empty()) {
    if (index->stratum() != command.stratum() || index->instrument() != command.instrument()) {
      Rejected rejected = decider::Reject("DIFFICULTY_FROZEN",
                                          "the referral was drawn with another difficulty before");
      rejected.metadata["stratum"] = index->stratum();
      rejected.metadata["instrument"] = index->instrument();
      return rejected;
    }
    for (const auto& round : index->rounds()) {
      if (IsLive(round.state())) {
        return decider::Reject("ROUND_OPEN", absl::StrCat("round ", round.round(), " is open"));
      }
    }
  }
  const v1::DrawRequest request = RequestOf(command, index);
  const v1::PoolState* pool = FindPool(unit, facts.area, command.service());
  if (pool == nullptr) {
    FailOne(unit, facts.area, request, {}, "NO_POOL", facts);
    return AnswerOf(*FindAllocation(unit, id));
  }
  const std::string seed = SeedOf(unit, facts.area, command.service(), Today(facts));
  const bool at_once = pool->batch_minutes() == 0 && (!NeedsSeed(*pool) || !seed.empty());
  if (!at_once && pool->queue_size() >= kQueueMax) {
    return decider::Reject("POOL_QUEUE_FULL", "the batch of this pool is full");
  }
  v1::Event queued;
  *queued.mutable_referral_queued()->mutable_request() = request;
  unit.Emit(PoolId(facts.area, command.service()), std::move(queued));
  if (at_once) {
    DrawOne(unit, facts.area, request, facts, seed, "");
  } else {
    v1::Allocation allocation;
    *allocation.mutable_request() = request;
    allocation.set_state(v1::BATCHED);
    RecordAllocation(unit, allocation);
  }
  return AnswerOf(*FindAllocation(unit, id));
}

Verdict Decide(Unit& unit, const v1::DrawBatch& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  const v1::PoolState* pool = FindPool(unit, facts.area, command.service());
  if (pool == nullptr) return decider::NotFound(PoolId(facts.area, command.service()));
  const std::string seed = SeedOf(unit, facts.area, command.service(), Today(facts));
  // Without the day's seed the batch waits: CommitSeed sets the timer that draws it (SUB-45).
  if (pool->queue().empty() || (NeedsSeed(*pool) && seed.empty())) return v1::Reply();
  std::vector<v1::DrawRequest> batch(pool->queue().begin(), pool->queue().end());
  std::string batch_id;
  if (!seed.empty()) {
    batch_id = absl::StrCat(facts.area.code(), "/", command.service(), "/",
                            absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", facts.recorded_at,
                                             absl::UTCTimeZone()));
    std::sort(batch.begin(), batch.end(), [&](const auto& a, const auto& b) {
      const std::string left = BatchOrderValue(seed, a.referral_id());
      const std::string right = BatchOrderValue(seed, b.referral_id());
      return left != right ? left < right : a.apportionment_id() < b.apportionment_id();
    });
  }
  if (batch.size() > kDrawsPerCommitMax) batch.resize(kDrawsPerCommitMax);
  for (const v1::DrawRequest& request : batch) {
    DrawOne(unit, facts.area, request, facts, seed, batch_id);
  }
  return v1::Reply();
}

}  // namespace pdp::subcontractor
