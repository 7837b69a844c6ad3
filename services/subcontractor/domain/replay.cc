#include "services/subcontractor/domain/replay.h"

#include <algorithm>

#include "google/protobuf/util/message_differencer.h"
#include "libs/base/calendar.h"
#include "services/subcontractor/domain/draw.h"

namespace pdp::subcontractor {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string ReferralOf(absl::string_view apportionment_id) {
  return std::string(apportionment_id.substr(0, apportionment_id.find('/')));
}

// The tie of a day whose seed is still sealed: the recorded values must name the winner.
bool TieIsConsistent(const v1::Draw& draw) {
  std::string best, org;
  for (const v1::OrgText& value : draw.tie_values()) {
    if (org.empty() || value.text() < best) {
      best = value.text();
      org = value.org();
    }
  }
  return org == draw.winner();
}

}  // namespace

PoolReplay::PoolReplay(Area area, const std::string& service,
                       std::map<std::string, std::string> seeds)
    : id_(PoolId(area, service)), seeds_(std::move(seeds)) {}

bool PoolReplay::Differs(const std::string& referral_id, std::string finding) {
  referral_id_ = referral_id;
  finding_ = std::move(finding);
  return false;
}

bool PoolReplay::CheckDraw(const v1::Draw& draw) {
  const std::string& referral = draw.request().referral_id();
  const auto date = ParseDate(draw.drawn_on());
  if (!date) return Differs(referral, "the draw has no date");
  const auto seed = seeds_.find(draw.drawn_on());
  const bool sealed = seed == seeds_.end();
  const Eligibility eligibility = Eligible(state_.pool(), draw.request(), *date);
  if (eligibility.eligible.empty()) return Differs(referral, "nobody was eligible");
  const bool by_hmac = draw.tie_used() == v1::TIE_BY_HMAC;
  v1::PoolState pool = state_.pool();
  if (sealed) pool.set_tie(v1::TIE_ID);
  v1::Draw again =
      ComputeDraw(pool, draw.request(), eligibility,
                  {.date = *date,
                   .seed = sealed ? absl::string_view() : absl::string_view(seed->second),
                   .batch_id = draw.batch_id()});
  if (sealed) {
    again.set_order_value(draw.order_value());
    if (by_hmac && again.tie_used() == v1::TIE_BY_ID) {
      if (!TieIsConsistent(draw)) return Differs(referral, "the tie values name another winner");
      again.set_tie_used(draw.tie_used());
      again.set_winner(draw.winner());
      *again.mutable_tie_values() = draw.tie_values();
      ++ties_unproved_;
    }
  }
  std::string difference;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  if (!differencer.Compare(again, draw)) return Differs(referral, difference);
  const std::string& id = draw.request().apportionment_id();
  for (const v1::OrgNano& increment : draw.increments()) {
    deltas_[id][increment.org()] = increment.nano();
  }
  deltas_[id][draw.winner()] -= draw.request().weight_centi() * kNanoPerCenti;
  ++draws_;
  return true;
}

bool PoolReplay::CheckRefund(const v1::AllocationRefunded& refunded, const EventFacts& facts) {
  const std::string referral = ReferralOf(refunded.apportionment_id());
  const auto deltas = deltas_.find(refunded.apportionment_id());
  if (refunded.reversal().empty()) {
    return deltas == deltas_.end() || Differs(referral, "a charged round was not reversed");
  }
  if (deltas == deltas_.end()) return Differs(referral, "reversed what was never charged");
  const auto shares = SharesOn(state_.pool(), LocalDate(facts.recorded_at));
  bool somebody_left = false;
  for (const auto& [org, nano] : deltas->second) somebody_left |= !shares.contains(org);
  int64_t sum = 0;
  for (const v1::OrgNano& row : refunded.reversal()) {
    sum += row.nano();
    // With a leaver the parts of the rest hold its residual too (SUB-50).
    if (!somebody_left && row.nano() != -deltas->second[row.org()]) {
      return Differs(referral, "the reversal is not exact");
    }
  }
  if (sum != 0) return Differs(referral, "the reversal does not sum to 0");
  deltas_.erase(deltas);
  return true;
}

bool PoolReplay::CheckOverride(const v1::AllocationOverridden& overridden) {
  const std::string& referral = overridden.request().referral_id();
  if (overridden.increments().empty()) return true;
  const auto date = ParseDate(overridden.overridden_on());
  if (!date) return Differs(referral, "the override has no date");
  std::vector<std::string> orgs;
  for (const v1::OrgNano& row : overridden.increments()) orgs.push_back(row.org());
  const Eligibility eligibility = Eligible(state_.pool(), overridden.request(), *date);
  std::vector<std::string> expected =
      eligibility.last_resort ? std::vector<std::string>() : eligibility.eligible;
  if (std::find(expected.begin(), expected.end(), overridden.to_org()) == expected.end()) {
    expected.push_back(overridden.to_org());
    std::sort(expected.begin(), expected.end());
  }
  if (orgs != expected) return Differs(referral, "another eligible set");
  const auto increments =
      Increments(state_.pool(), overridden.request().weight_centi(), orgs, *date);
  const std::string& id = overridden.request().apportionment_id();
  for (size_t i = 0; i < increments.size(); ++i) {
    if (increments[i].nano() != overridden.increments(static_cast<int>(i)).nano()) {
      return Differs(referral, "other increments");
    }
    deltas_[id][increments[i].org()] = increments[i].nano();
  }
  deltas_[id][overridden.to_org()] -= overridden.request().weight_centi() * kNanoPerCenti;
  return true;
}

bool PoolReplay::CheckLeave(const v1::PoolMemberLeft& left, const EventFacts& facts) {
  const auto merges = MergesOnLeave(state_.pool(), left.org(), LocalDate(facts.recorded_at));
  if (static_cast<int>(merges.size()) != left.merges_size()) {
    return Differs("", absl::StrCat(left.org(), " left with other merges"));
  }
  for (int i = 0; i < left.merges_size(); ++i) {
    if (!MessageDifferencer::Equals(merges[i], left.merges(i))) {
      return Differs("", absl::StrCat(left.org(), " left with other merges"));
    }
  }
  return true;
}

bool PoolReplay::Apply(const v1::Event& event, const EventFacts& facts) {
  if (!finding_.empty()) return false;
  bool same = true;
  if (event.has_referral_apportioned()) same = CheckDraw(event.referral_apportioned().draw());
  if (event.has_allocation_refunded()) same = CheckRefund(event.allocation_refunded(), facts);
  if (event.has_allocation_overridden()) same = CheckOverride(event.allocation_overridden());
  if (event.has_pool_member_left()) same = CheckLeave(event.pool_member_left(), facts);
  if (!same) return false;
  Subcontractor::Evolve(state_, id_, event, facts);
  return true;
}

}  // namespace pdp::subcontractor
