#include <algorithm>
#include <cstdlib>

#include "libs/base/check.h"
#include "services/subcontractor/domain/arithmetic.h"
#include "services/subcontractor/domain/draw.h"

// What events do to the deficits of a pool.

namespace pdp::subcontractor {
namespace {

using Rows = google::protobuf::RepeatedPtrField<v1::OrgNano>;

void Add(Rows& rows, const std::string& org, int64_t nano) {
  auto it = std::lower_bound(rows.begin(), rows.end(), org,
                             [](const v1::OrgNano& row, const std::string& key) {
                               return row.org() < key;
                             });
  if (it == rows.end() || it->org() != org) {
    const int at = static_cast<int>(it - rows.begin());
    v1::OrgNano* row = rows.Add();
    row->set_org(org);
    for (int i = rows.size() - 1; i > at; --i) rows.SwapElements(i, i - 1);
    it = rows.begin() + at;
  }
  it->set_nano(it->nano() + nano);
}

}  // namespace

v1::Bucket& MutableBucket(v1::PoolState& pool, const std::string& key) {
  auto* buckets = pool.mutable_buckets();
  auto it = std::lower_bound(
      buckets->begin(), buckets->end(), key,
      [](const v1::Bucket& bucket, const std::string& wanted) { return bucket.key() < wanted; });
  if (it != buckets->end() && it->key() == key) return *it;
  const int at = static_cast<int>(it - buckets->begin());
  v1::Bucket* bucket = buckets->Add();
  bucket->set_key(key);
  for (const std::string& org : BucketOrgs(key)) bucket->add_deficits()->set_org(org);
  for (int i = buckets->size() - 1; i > at; --i) buckets->SwapElements(i, i - 1);
  return *buckets->Mutable(at);
}

v1::PoolMember* MutableMember(v1::PoolState& pool, absl::string_view org) {
  for (v1::PoolMember& member : *pool.mutable_members()) {
    if (member.terms().org() == org) return &member;
  }
  return nullptr;
}

void AddDeltas(v1::PoolState& pool, const std::string& bucket_key, const Rows& deltas) {
  if (deltas.empty()) return;
  v1::Bucket& bucket = MutableBucket(pool, bucket_key);
  int64_t sum = 0;
  for (const v1::OrgNano& delta : deltas) {
    Add(*bucket.mutable_deficits(), delta.org(), delta.nano());
    Add(*pool.mutable_totals(), delta.org(), delta.nano());
    sum += delta.nano();
  }
  PDP_CHECK(sum == 0, "what is given to the members of a bucket is taken from its winner");
}

void ApplyDraw(v1::PoolState& pool, const v1::Draw& draw) {
  const int64_t weight = draw.request().weight_centi() * kNanoPerCenti;
  std::vector<std::string> eligible;
  Rows deltas = draw.increments();
  for (v1::OrgNano& delta : deltas) {
    eligible.push_back(delta.org());
    if (delta.org() == draw.winner()) delta.set_nano(delta.nano() - weight);
  }
  const std::string key = BucketKey(draw.request().stratum(), eligible);
  AddDeltas(pool, key, deltas);
  v1::Bucket& bucket = MutableBucket(pool, key);
  bucket.set_draws(bucket.draws() + 1);
  bucket.set_weight_max_nano(std::max(bucket.weight_max_nano(), weight));
  pool.set_draws(draw.draw_no());
}

std::vector<v1::BucketMerge> MergesOnLeave(const v1::PoolState& pool, const std::string& org,
                                           Date date) {
  const auto shares = SharesOn(pool, date);
  std::vector<v1::BucketMerge> merges;
  for (const v1::Bucket& bucket : pool.buckets()) {
    std::vector<std::string> orgs = BucketOrgs(bucket.key());
    const auto leaver = std::find(orgs.begin(), orgs.end(), org);
    if (leaver == orgs.end()) continue;
    orgs.erase(leaver);
    v1::BucketMerge& merge = merges.emplace_back();
    merge.set_from_bucket(bucket.key());
    merge.set_residual_nano(NanoOf(bucket.deficits(), org));
    if (orgs.empty()) continue;
    merge.set_into_bucket(BucketKey(BucketStratum(bucket.key()), orgs));
    std::vector<Part> parts;
    for (const std::string& rest : orgs) parts.push_back({rest, shares.at(rest)});
    const std::vector<int64_t> split = SplitLargestRemainder(merge.residual_nano(), parts);
    for (size_t i = 0; i < orgs.size(); ++i) {
      v1::OrgNano* row = merge.add_split();
      row->set_org(orgs[i]);
      row->set_nano(split[i]);
    }
  }
  return merges;
}

void ApplyMerges(v1::PoolState& pool, const v1::PoolMemberLeft& left) {
  for (const v1::BucketMerge& merge : left.merges()) {
    const v1::Bucket* found = FindBucket(pool, merge.from_bucket());
    if (found == nullptr) continue;
    const v1::Bucket from = *found;
    auto* buckets = pool.mutable_buckets();
    for (int i = 0; i < buckets->size(); ++i) {
      if (buckets->Get(i).key() == merge.from_bucket()) {
        buckets->DeleteSubrange(i, 1);
        break;
      }
    }
    if (merge.into_bucket().empty()) continue;
    v1::Bucket& into = MutableBucket(pool, merge.into_bucket());
    int64_t largest = 0;
    for (const v1::OrgNano& split : merge.split()) {
      const int64_t moved = NanoOf(from.deficits(), split.org()) + split.nano();
      Add(*into.mutable_deficits(), split.org(), moved);
      largest = std::max<int64_t>(largest, std::llabs(moved));
    }
    into.set_merged_nano(into.merged_nano() + largest);
  }
  // D_i = sum of d_i, established afresh (SUB-50).
  pool.clear_totals();
  for (const v1::Bucket& bucket : pool.buckets()) {
    for (const v1::OrgNano& row : bucket.deficits()) {
      Add(*pool.mutable_totals(), row.org(), row.nano());
    }
  }
}

}  // namespace pdp::subcontractor
