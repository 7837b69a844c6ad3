#ifndef PDP_SERVICES_REFERRAL_DOMAIN_DIFFICULTY_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_DIFFICULTY_H_

#include "services/referral/domain/needs.h"

namespace pdp::referral {

inline constexpr absl::string_view kDifficultyInstrument = "DIFF-1";

// DIFF-1 (REF-59). `domestic_abuse`: in index or history. Missing data never makes a case easier.
v1::Difficulty AssessDifficulty(const PersonFacts& facts, bool domestic_abuse);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_DIFFICULTY_H_
