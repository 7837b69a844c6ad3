#include "services/referral/domain/difficulty.h"

#include <algorithm>

namespace pdp::referral {
namespace {

constexpr int kBarriersMax = 2;
constexpr int kMediumFrom = 4;
constexpr int kHighFrom = 7;

class Score {
 public:
  void Add(const char* factor, int points) {
    if (points == 0) return;
    auto* row = difficulty_.add_points();
    row->set_factor(factor);
    row->set_points(points);
    total_ += points;
  }
  void Missing(const char* factor) {
    difficulty_.add_unknown_items(factor);
    Add(factor, 1);
  }
  // 2 from `two` on, 1 from `one` on, 1 when missing.
  void Banded(const char* factor, bool present, int value, int two, int one) {
    if (!present) return Missing(factor);
    Add(factor, value >= two ? 2 : value >= one ? 1 : 0);
  }
  v1::Difficulty Take() {
    difficulty_.set_score(total_);
    difficulty_.set_stratum(total_ >= kHighFrom     ? "HIGH"
                            : total_ >= kMediumFrom ? "MEDIUM"
                                                    : "LOW");
    difficulty_.set_instrument(std::string(kDifficultyInstrument));
    return std::move(difficulty_);
  }

 private:
  v1::Difficulty difficulty_;
  int total_ = 0;
};

void AddSara(v1::Level sara, bool domestic_abuse, Score& score) {
  switch (sara) {
    case v1::HIGH:
    case v1::VERY_HIGH:
      return score.Add("sara", 2);
    case v1::MEDIUM:
      return score.Add("sara", 1);
    case v1::LEVEL_MISSING:
      return domestic_abuse ? score.Missing("sara") : void();
    case v1::LOW:
    case v1::Level_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Level_INT_MAX_SENTINEL_DO_NOT_USE_:
      return;
  }
}

void AddRosh(v1::Level rosh, Score& score) {
  switch (rosh) {
    case v1::VERY_HIGH:
      return score.Add("rosh", 3);
    case v1::HIGH:
      return score.Add("rosh", 2);
    case v1::MEDIUM:
      return score.Add("rosh", 1);
    case v1::LEVEL_MISSING:
      return score.Missing("rosh");
    case v1::LOW:
    case v1::Level_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Level_INT_MAX_SENTINEL_DO_NOT_USE_:
      return;
  }
}

}  // namespace

v1::Difficulty AssessDifficulty(const PersonFacts& facts, bool domestic_abuse) {
  Score score;
  const v1::Risk& risk = facts.risk;
  score.Banded("ogrs3_bp", risk.has_ogrs3_bp(), risk.ogrs3_bp(), 7500, 5000);
  score.Banded("ovp_bp", risk.has_ovp_bp(), risk.ovp_bp(), 6000, 3000);
  AddSara(risk.sara(), domestic_abuse, score);
  AddRosh(risk.rosh(), score);
  const std::string& screening = facts.needs.learning_difficulty().screening();
  score.Add("learning_difficulty", screening == "SUSPECTED" || screening == "CONFIRMED" ? 1 : 0);
  score.Add("interpreter", facts.needs.interpreter().needed() == v1::YES ? 1 : 0);
  score.Add("barriers", std::min(facts.needs.barriers().barriers_size(), kBarriersMax));
  score.Add("no_fixed_abode", facts.identity.contact().no_fixed_abode() ? 1 : 0);
  score.Add("breach_in_12_months", risk.breach_in_12_months() ? 1 : 0);
  return score.Take();
}

}  // namespace pdp::referral
