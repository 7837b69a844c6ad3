#ifndef PDP_SERVICES_SUBCONTRACTOR_DOMAIN_DRAW_H_
#define PDP_SERVICES_SUBCONTRACTOR_DOMAIN_DRAW_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/calendar.h"
#include "pdp/subcontractor/v1/events.pb.h"
#include "pdp/subcontractor/v1/state.pb.h"

// Apportionment by weighted largest deficit (specification, section 9.1, SUB-40 to 51). Pure: the
// same pool, request, date and seed give the same draw for ever, which is what VerifyPool proves.

namespace pdp::subcontractor {

// One referral (weight 100) in nano.
inline constexpr int64_t kNanoPerCenti = 10'000'000;
inline constexpr size_t kPoolMembersMax = 30;

// Shares in force on a date: the newest agreement not in the future; members who have none: 0.
std::map<std::string, int64_t> SharesOn(const v1::PoolState& pool, Date date);
const v1::PoolMember* FindMember(const v1::PoolState& pool, absl::string_view org);
const v1::Bucket* FindBucket(const v1::PoolState& pool, absl::string_view key);
int64_t NanoOf(const google::protobuf::RepeatedPtrField<v1::OrgNano>& rows, absl::string_view org);
// "LOW:P01,S01": the bucket of a stratum and a sorted eligible set.
std::string BucketKey(absl::string_view stratum, const std::vector<std::string>& eligible);
// The organisations of a bucket key, and its stratum.
std::vector<std::string> BucketOrgs(absl::string_view key);
std::string BucketStratum(absl::string_view key);

// Capacity in force on a date; nullptr: none declared, unlimited (SUB-42).
const v1::CapacityDeclaration* CapacityOn(const v1::PoolMember& member, Date date);

// SUB-41: every code the member fails for this request; empty: eligible. In the printed order.
std::vector<std::string> FailedCodes(const v1::PoolState& pool, const v1::PoolMember& member,
                                     const v1::DrawRequest& request, Date date);
// E_GEOGRAPHY and E_CAPACITY.
bool IsWaivable(absl::string_view code);
// apportion.hard_tokens: all but WRITTEN and MATURITY_SUPPORT.
bool IsHardToken(absl::string_view token, Date date);
// The token is within agreed capabilities (WOMEN_SAFE_ANY is met by any of its three).
bool Provides(const v1::PoolMember& member, absl::string_view token);

struct Eligibility {
  std::vector<std::string> eligible;  // sorted
  std::vector<v1::OrgCodes> exclusions;
  bool last_resort = false;
};
// SUB-41, 51. `eligible` empty: nobody, not even as last resort.
Eligibility Eligible(const v1::PoolState& pool, const v1::DrawRequest& request, Date date);

struct DrawInput {
  Date date;
  // Seed of the day, 32 bytes; needed when ties go by HMAC.
  absl::string_view seed;
  std::string batch_id;
};
// The draw over `eligibility.eligible`, which must not be empty: increments, winner, tie, and what
// stood before. Does not change the pool: Evolve of ReferralApportioned does.
v1::Draw ComputeDraw(const v1::PoolState& pool, const v1::DrawRequest& request,
                     const Eligibility& eligibility, const DrawInput& input);
// LR split of the weight over `orgs` (sorted) by the shares of the date.
std::vector<v1::OrgNano> Increments(const v1::PoolState& pool, int32_t weight_centi,
                                    const std::vector<std::string>& orgs, Date date);

// HMAC-SHA256(seed, "batch|" + referral_id), hexadecimal (SUB-45).
std::string BatchOrderValue(absl::string_view seed, absl::string_view referral_id);
// HMAC-SHA256(seed, referral_id + "|" + org), hexadecimal (9.1 step 4).
std::string TieValue(absl::string_view seed, absl::string_view referral_id, absl::string_view org);
// Whether the pool cannot draw without a seed: ties by HMAC, or batches to be ordered.
bool NeedsSeed(const v1::PoolState& pool);

// SUB-46 for one bucket: the first organisation out of bounds, if any. STRICT only.
std::optional<std::string> OutOfBounds(const v1::Bucket& bucket);

// ---- what events do to the figures; used by Evolve and nothing else
void ApplyDraw(v1::PoolState& pool, const v1::Draw& draw);
// Adds deltas to a bucket, creating it, and to the totals.
void AddDeltas(v1::PoolState& pool, const std::string& bucket_key,
               const google::protobuf::RepeatedPtrField<v1::OrgNano>& deltas);
void ApplyMerges(v1::PoolState& pool, const v1::PoolMemberLeft& left);
v1::Bucket& MutableBucket(v1::PoolState& pool, const std::string& key);
v1::PoolMember* MutableMember(v1::PoolState& pool, absl::string_view org);

// SUB-50: the merges that follow when `org` leaves on `date`.
std::vector<v1::BucketMerge> MergesOnLeave(const v1::PoolState& pool, const std::string& org,
                                           Date date);

// SHA-256 over "bucket|org|nano\n" of every bucket, sorted: what VerifyPool answers.
std::string FiguresDigest(const v1::PoolState& pool);

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_DOMAIN_DRAW_H_
