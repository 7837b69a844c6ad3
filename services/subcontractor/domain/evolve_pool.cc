#include <algorithm>
#include <cstdlib>

#include "libs/base/calendar.h"
#include "services/subcontractor/domain/draw.h"
#include "services/subcontractor/domain/evolve.h"

namespace pdp::subcontractor::evolve {
namespace {

void AddMember(v1::PoolState& pool, const v1::MemberTerms& terms) {
  v1::PoolMember* member = MutableMember(pool, terms.org());
  if (member == nullptr) {
    member = pool.add_members();
    *member->mutable_terms() = terms;
    member->set_status(v1::MEMBER_ACTIVE);
    std::sort(pool.mutable_members()->begin(), pool.mutable_members()->end(),
              [](const v1::PoolMember& a, const v1::PoolMember& b) {
                return a.terms().org() < b.terms().org();
              });
    return;
  }
  // New terms of a member that is already in: deficits, capacity and counts stay.
  *member->mutable_terms() = terms;
}

void AddShares(v1::PoolState& pool, const std::string& from,
               const google::protobuf::RepeatedPtrField<v1::OrgShare>& shares) {
  // In order of effect; a later agreement for the same or an earlier day takes the place of those
  // from that day on. What lies before the newest 24 is history, which the log keeps.
  auto* versions = pool.mutable_share_versions();
  while (!versions->empty() && versions->Get(versions->size() - 1).effective_from() >= from) {
    versions->RemoveLast();
  }
  v1::ShareVersion* version = versions->Add();
  version->set_effective_from(from);
  *version->mutable_shares() = shares;
  if (versions->size() > 24) versions->DeleteSubrange(0, versions->size() - 24);
}

void Won(v1::PoolState& pool, const std::string& org, const std::string& date_text, bool by_draw) {
  v1::PoolMember* member = MutableMember(pool, org);
  const auto date = ParseDate(date_text);
  if (member == nullptr || !date) return;
  member->set_open_count(member->open_count() + 1);
  if (!by_draw) return;
  const std::string week = FormatDate(WeekStart(*date));
  if (member->week_start() != week) {
    member->set_week_start(week);
    member->set_won_this_week(0);
  }
  member->set_won_this_week(member->won_this_week() + 1);
}

void Dequeue(v1::PoolState& pool, const std::string& apportionment_id) {
  auto* queue = pool.mutable_queue();
  for (int i = 0; i < queue->size(); ++i) {
    if (queue->Get(i).apportionment_id() == apportionment_id) {
      queue->DeleteSubrange(i, 1);
      return;
    }
  }
}

}  // namespace

void Opened(v1::PoolState& pool, const v1::PoolOpened& event, Date on) {
  pool.set_area(event.area());
  pool.set_service(event.service());
  pool.set_opened(true);
  pool.set_prime_org(event.prime_org());
  pool.set_mode(event.mode());
  pool.set_beta_num(event.beta_num());
  pool.set_beta_den(event.beta_den());
  pool.set_tie(event.tie());
  pool.set_batch_minutes(event.batch_minutes());
  for (const v1::MemberTerms& terms : event.members()) AddMember(pool, terms);
  AddShares(pool, FormatDate(on), event.shares());
}

void Agreed(v1::PoolState& pool, const v1::SharesAgreed& event) {
  AddShares(pool, event.effective_from(), event.shares());
}

void ModeSet(v1::PoolState& pool, const v1::PoolModeSet& event) {
  // What BALANCED piled up is not of STRICT's making: it enters k like a merge (SUB-46).
  if (pool.mode() == v1::BALANCED && event.mode() == v1::STRICT) {
    for (v1::Bucket& bucket : *pool.mutable_buckets()) {
      int64_t largest = 0;
      for (const v1::OrgNano& row : bucket.deficits()) {
        largest = std::max<int64_t>(largest, std::llabs(row.nano()));
      }
      bucket.set_merged_nano(bucket.merged_nano() + largest);
    }
  }
  pool.set_mode(event.mode());
  pool.set_beta_num(event.beta_num());
  pool.set_beta_den(event.beta_den());
}

void Joined(v1::PoolState& pool, const v1::PoolMemberJoined& event) {
  AddMember(pool, event.member());
}

void Left(v1::PoolState& pool, const v1::PoolMemberLeft& event) {
  auto* members = pool.mutable_members();
  for (int i = 0; i < members->size(); ++i) {
    if (members->Get(i).terms().org() == event.org()) {
      members->DeleteSubrange(i, 1);
      break;
    }
  }
  ApplyMerges(pool, event);
}

void Reset(v1::PoolState& pool) {
  pool.clear_buckets();
  pool.clear_totals();
}

void Declared(v1::PoolState& pool, const v1::CapacityDeclared& event) {
  v1::PoolMember* member = MutableMember(pool, event.org());
  if (member == nullptr) return;
  auto* capacity = member->mutable_capacity();
  // Ordered by start; of one start in order of declaration. The newest 60 are enough for every
  // question the rules ask; older ones stay in the log.
  *capacity->Add() = event.declaration();
  std::stable_sort(capacity->begin(), capacity->end(),
                   [](const v1::CapacityDeclaration& a, const v1::CapacityDeclaration& b) {
                     return a.from() < b.from();
                   });
  if (capacity->size() > 60) capacity->DeleteSubrange(0, capacity->size() - 60);
}

void Queued(v1::PoolState& pool, const v1::ReferralQueued& event) {
  *pool.add_queue() = event.request();
}

void Apportioned(v1::PoolState& pool, const v1::ReferralApportioned& event) {
  Dequeue(pool, event.draw().request().apportionment_id());
  ApplyDraw(pool, event.draw());
  Won(pool, event.draw().winner(), event.draw().drawn_on(), /*by_draw=*/true);
}

void Failed(v1::PoolState& pool, const v1::ApportionmentFailed& event) {
  Dequeue(pool, event.request().apportionment_id());
}

void Refunded(v1::PoolState& pool, const v1::AllocationRefunded& event) {
  Dequeue(pool, event.apportionment_id());
  if (event.was_open()) NoLongerOpen(pool, event.org());
  if (event.reversal().empty()) return;
  AddDeltas(pool, event.bucket(), event.reversal());
  v1::Bucket& bucket = MutableBucket(pool, event.bucket());
  bucket.set_disturbed_nano(bucket.disturbed_nano() + event.weight_centi() * kNanoPerCenti);
}

void NoLongerOpen(v1::PoolState& pool, const std::string& org) {
  v1::PoolMember* member = MutableMember(pool, org);
  if (member != nullptr && member->open_count() > 0) {
    member->set_open_count(member->open_count() - 1);
  }
}

void OpenAgain(v1::PoolState& pool, const std::string& org) {
  if (v1::PoolMember* member = MutableMember(pool, org)) {
    member->set_open_count(member->open_count() + 1);
  }
}

void Overridden(v1::PoolState& pool, const v1::AllocationOverridden& event) {
  if (event.increments().empty()) return;  // NOT_POOL_MEMBER: uncharged
  const int64_t weight = event.request().weight_centi() * kNanoPerCenti;
  auto deltas = event.increments();
  std::vector<std::string> orgs;
  for (v1::OrgNano& delta : deltas) {
    orgs.push_back(delta.org());
    if (delta.org() == event.to_org()) delta.set_nano(delta.nano() - weight);
  }
  const std::string key = BucketKey(event.request().stratum(), orgs);
  AddDeltas(pool, key, deltas);
  v1::Bucket& bucket = MutableBucket(pool, key);
  bucket.set_disturbed_nano(bucket.disturbed_nano() + weight);
  Won(pool, event.to_org(), event.overridden_on(), /*by_draw=*/false);
}

void Round(v1::ReferralIndexState& index, const v1::ReferralRoundRecorded& event) {
  if (index.stratum().empty()) {
    index.set_stratum(event.stratum());
    index.set_instrument(event.instrument());
  }
  index.set_service(event.service());
  v1::ReferralIndexState::Round* found = nullptr;
  for (auto& round : *index.mutable_rounds()) {
    if (round.round() == event.round()) found = &round;
  }
  if (found == nullptr) {
    found = index.add_rounds();
    found->set_round(event.round());
  }
  found->set_state(event.state());
  if (!event.org().empty()) found->set_org(event.org());
  if (event.state() == v1::CONFIRMED || event.state() == v1::OVERRIDDEN) found->set_held(true);
  if (event.state() == v1::REFUNDED) found->set_held(false);
  if (event.conflict_declared()) index.add_conflicted_orgs(event.org());
}

void Delivery(v1::ReferralIndexState& index, const v1::ReferralDeliveryRecorded& event) {
  if (!event.started_on().empty()) {
    index.set_started_org(event.started_org());
    index.set_started_on(event.started_on());
  }
  if (!event.ended_on().empty()) index.set_ended_on(event.ended_on());
  if (!event.reopened_on().empty()) index.clear_ended_on();
}

}  // namespace pdp::subcontractor::evolve
