#include "services/subcontractor/domain/draw.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/check.h"
#include "libs/base/hash.h"
#include "services/subcontractor/domain/arithmetic.h"

namespace pdp::subcontractor {
namespace {

v1::OrgNano Row(const std::string& org, int64_t nano) {
  v1::OrgNano row;
  row.set_org(org);
  row.set_nano(nano);
  return row;
}

// Who of `tied` wins (9.1 step 4), and by what.
std::string BreakTie(std::vector<std::string> tied, const std::map<std::string, int64_t>& shares,
                     const v1::PoolState& pool, absl::string_view referral_id,
                     absl::string_view seed, v1::Draw& draw) {
  draw.set_tie_used(v1::TIE_NONE);
  if (tied.size() == 1) return tied.front();
  int64_t largest = 0;
  for (const std::string& org : tied) largest = std::max(largest, shares.at(org));
  tied.erase(std::remove_if(tied.begin(), tied.end(),
                            [&](const std::string& org) { return shares.at(org) != largest; }),
             tied.end());
  draw.set_tie_used(v1::TIE_BY_SHARE);
  if (tied.size() == 1) return tied.front();
  if (pool.tie() == v1::TIE_ID) {
    draw.set_tie_used(v1::TIE_BY_ID);
    return *std::min_element(tied.begin(), tied.end());
  }
  draw.set_tie_used(v1::TIE_BY_HMAC);
  PDP_CHECK(seed.size() == 32, "a tie by HMAC needs the seed of the day");
  std::pair<std::string, std::string> best;
  for (const std::string& org : tied) {
    const std::string value = TieValue(seed, referral_id, org);
    v1::OrgText* row = draw.add_tie_values();
    row->set_org(org);
    row->set_text(value);
    if (best.second.empty() || value < best.first) best = {value, org};
  }
  return best.second;
}

}  // namespace

std::map<std::string, int64_t> SharesOn(const v1::PoolState& pool, Date date) {
  const v1::ShareVersion* newest = nullptr;
  for (const v1::ShareVersion& version : pool.share_versions()) {
    const auto from = ParseDate(version.effective_from());
    if (from && *from <= date) newest = &version;
  }
  std::map<std::string, int64_t> shares;
  for (const v1::PoolMember& member : pool.members()) shares[member.terms().org()] = 0;
  if (newest != nullptr) {
    for (const v1::OrgShare& share : newest->shares()) {
      // A leaver's value falls away; the remaining values stand (SUB-43).
      if (shares.contains(share.org())) shares[share.org()] = share.share_ppm();
    }
  }
  return shares;
}

const v1::PoolMember* FindMember(const v1::PoolState& pool, absl::string_view org) {
  for (const v1::PoolMember& member : pool.members()) {
    if (member.terms().org() == org) return &member;
  }
  return nullptr;
}

const v1::Bucket* FindBucket(const v1::PoolState& pool, absl::string_view key) {
  for (const v1::Bucket& bucket : pool.buckets()) {
    if (bucket.key() == key) return &bucket;
  }
  return nullptr;
}

int64_t NanoOf(const google::protobuf::RepeatedPtrField<v1::OrgNano>& rows,
               absl::string_view org) {
  for (const v1::OrgNano& row : rows) {
    if (row.org() == org) return row.nano();
  }
  return 0;
}

std::string BucketKey(absl::string_view stratum, const std::vector<std::string>& eligible) {
  return absl::StrCat(stratum, ":", absl::StrJoin(eligible, ","));
}

std::vector<std::string> BucketOrgs(absl::string_view key) {
  const size_t colon = key.find(':');
  PDP_CHECK(colon != absl::string_view::npos, "a bucket key has a stratum");
  return absl::StrSplit(key.substr(colon + 1), ',', absl::SkipEmpty());
}

std::string BucketStratum(absl::string_view key) {
  return std::string(key.substr(0, key.find(':')));
}

std::vector<v1::OrgNano> Increments(const v1::PoolState& pool, int32_t weight_centi,
                                    const std::vector<std::string>& orgs, Date date) {
  const auto shares = SharesOn(pool, date);
  std::vector<Part> parts;
  for (const std::string& org : orgs) parts.push_back({org, shares.at(org)});
  const std::vector<int64_t> split = SplitLargestRemainder(weight_centi * kNanoPerCenti, parts);
  std::vector<v1::OrgNano> rows;
  for (size_t i = 0; i < orgs.size(); ++i) rows.push_back(Row(orgs[i], split[i]));
  return rows;
}

v1::Draw ComputeDraw(const v1::PoolState& pool, const v1::DrawRequest& request,
                     const Eligibility& eligibility, const DrawInput& input) {
  PDP_CHECK(!eligibility.eligible.empty(), "a draw has somebody to win it");
  v1::Draw draw;
  *draw.mutable_request() = request;
  const auto shares = SharesOn(pool, input.date);
  const v1::Bucket* bucket =
      FindBucket(pool, BucketKey(request.stratum(), eligibility.eligible));
  const Wide num = pool.mode() == v1::BALANCED ? pool.beta_num() : 0;
  const Wide den = pool.mode() == v1::BALANCED ? pool.beta_den() : 1;
  Wide best = 0;
  std::vector<std::string> tied;
  for (const v1::OrgNano& increment :
       Increments(pool, request.weight_centi(), eligibility.eligible, input.date)) {
    const std::string& org = increment.org();
    const int64_t before = bucket == nullptr ? 0 : NanoOf(bucket->deficits(), org);
    const int64_t total = NanoOf(pool.totals(), org);
    v1::OrgShare* share = draw.add_shares();
    share->set_org(org);
    share->set_share_ppm(shares.at(org));
    *draw.add_increments() = increment;
    *draw.add_deficits_before() = Row(org, before);
    *draw.add_totals_before() = Row(org, total);
    const Wide score = den * (static_cast<Wide>(before) + increment.nano()) +
                       num * (static_cast<Wide>(total) + increment.nano());
    if (tied.empty() || score > best) {
      best = score;
      tied = {org};
    } else if (score == best) {
      tied.push_back(org);
    }
  }
  draw.set_winner(BreakTie(std::move(tied), shares, pool, request.referral_id(), input.seed, draw));
  draw.set_last_resort(eligibility.last_resort);
  for (const v1::OrgCodes& exclusion : eligibility.exclusions) *draw.add_exclusions() = exclusion;
  draw.set_batch_id(input.batch_id);
  if (!input.batch_id.empty()) {
    draw.set_order_value(BatchOrderValue(input.seed, request.referral_id()));
  }
  draw.set_drawn_on(FormatDate(input.date));
  draw.set_draw_no(pool.draws() + 1);
  draw.set_mode(pool.mode());
  draw.set_beta_num(static_cast<int64_t>(num));
  draw.set_beta_den(static_cast<int64_t>(den));
  return draw;
}

std::string BatchOrderValue(absl::string_view seed, absl::string_view referral_id) {
  return HmacSha256(seed, absl::StrCat("batch|", referral_id)).hex();
}

std::string TieValue(absl::string_view seed, absl::string_view referral_id,
                     absl::string_view org) {
  return HmacSha256(seed, absl::StrCat(referral_id, "|", org)).hex();
}

bool NeedsSeed(const v1::PoolState& pool) {
  return pool.tie() == v1::TIE_HMAC || pool.batch_minutes() > 0;
}

std::optional<std::string> OutOfBounds(const v1::Bucket& bucket) {
  // -(1 - 1/m) w - k <= d <= (H_m - 1) w + k, multiplied by L = lcm(1..m) so that it stays exact.
  const Wide m = bucket.deficits_size();
  if (m == 0) return std::nullopt;
  PDP_CHECK(bucket.deficits_size() <= static_cast<int>(kPoolMembersMax), "lcm fits in 128 bits");
  Wide lcm = 1;
  for (Wide j = 2; j <= m; ++j) {
    Wide a = lcm, b = j;
    while (b != 0) {
      const Wide rest = a % b;
      a = b;
      b = rest;
    }
    lcm = lcm / a * j;
  }
  Wide harmonic = 0;
  for (Wide j = 2; j <= m; ++j) harmonic += lcm / j;
  const Wide k = static_cast<Wide>(bucket.disturbed_nano()) + bucket.merged_nano() +
                 static_cast<Wide>(bucket.draws());
  const Wide upper = harmonic * bucket.weight_max_nano() + k * lcm;
  const Wide lower = -(lcm - lcm / m) * bucket.weight_max_nano() - k * lcm;
  for (const v1::OrgNano& row : bucket.deficits()) {
    const Wide deficit = static_cast<Wide>(row.nano()) * lcm;
    if (deficit < lower || deficit > upper) return row.org();
  }
  return std::nullopt;
}

std::string FiguresDigest(const v1::PoolState& pool) {
  std::vector<std::string> lines;
  for (const v1::Bucket& bucket : pool.buckets()) {
    for (const v1::OrgNano& row : bucket.deficits()) {
      lines.push_back(absl::StrCat(bucket.key(), "|", row.org(), "|", row.nano(), "\n"));
    }
  }
  std::sort(lines.begin(), lines.end());
  return Sha256(absl::StrJoin(lines, "")).hex();
}

}  // namespace pdp::subcontractor
