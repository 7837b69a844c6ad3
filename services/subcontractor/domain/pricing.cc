#include "services/subcontractor/domain/pricing.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/subcontractor/domain/arithmetic.h"

namespace pdp::subcontractor {
namespace {

constexpr Wide kMicroCentiPerPence = 1'000'000;  // 10^6 micro a pound, 100 centi a unit
constexpr Wide kMicroMinutesPerPence = 600'000;
constexpr Wide kMicroPerPence = 10'000;

}  // namespace

std::optional<int64_t> UnitPence(int64_t price_micro, int64_t quantity_centi) {
  return DivideHalfEven(static_cast<Wide>(price_micro) * quantity_centi, kMicroCentiPerPence);
}

std::optional<int64_t> HourlyPence(int64_t price_micro, int64_t minutes) {
  return DivideHalfEven(static_cast<Wide>(price_micro) * minutes, kMicroMinutesPerPence);
}

std::optional<int64_t> BlockPence(int64_t price_micro, int active_days, int days) {
  return DivideHalfEven(static_cast<Wide>(price_micro) * active_days, days * kMicroPerPence);
}

std::optional<int64_t> MarginalPence(const v1::PriceRule& rule, int64_t cumulative_centi,
                                     int64_t quantity_centi) {
  Wide sum = 0;
  int64_t from = std::max<int64_t>(cumulative_centi, 0);
  const int64_t end = from + quantity_centi;
  for (const v1::PriceBand& band : rule.bands()) {
    const int64_t band_end = band.up_to_centi() == 0 ? end : std::min(end, band.up_to_centi());
    if (band_end <= from) continue;
    const auto part = Multiply(band.price_micro(), band_end - from);
    if (!part || __builtin_add_overflow(sum, *part, &sum)) return std::nullopt;
    from = band_end;
  }
  return DivideHalfEven(sum, kMicroCentiPerPence);
}

std::optional<int64_t> WholePence(const v1::PriceRule& rule, int64_t quantity_centi) {
  for (const v1::PriceBand& band : rule.bands()) {
    if (band.up_to_centi() == 0 || quantity_centi <= band.up_to_centi()) {
      return UnitPence(band.price_micro(), quantity_centi);
    }
  }
  return std::nullopt;
}

bool Pays(const v1::PriceRule& rule, const pdp::common::v1::DeliveryFact& fact) {
  if (rule.model() == v1::BLOCK || rule.model() == v1::FLOOR_CEILING) return false;
  if (rule.service() != fact.service() || rule.kind() != fact.kind()) return false;
  return rule.codes().empty() ||
         std::find(rule.codes().begin(), rule.codes().end(), fact.code()) != rule.codes().end();
}

std::optional<int64_t> FactPence(const v1::PriceRule& rule,
                                 const pdp::common::v1::DeliveryFact& fact,
                                 int64_t cumulative_centi, bool month_closed) {
  switch (rule.model()) {
    case v1::UNIT:
      return UnitPence(rule.price_micro(), fact.quantity_centi());
    case v1::HOURLY:
      return HourlyPence(rule.price_micro(), fact.minutes());
    case v1::BANDED_MARGINAL:
      return MarginalPence(rule, cumulative_centi, fact.quantity_centi());
    case v1::BANDED_WHOLE: {
      if (!month_closed) return UnitPence(rule.bands(0).price_micro(), fact.quantity_centi());
      const auto before = WholePence(rule, cumulative_centi);
      const auto after = WholePence(rule, cumulative_centi + fact.quantity_centi());
      if (!before || !after) return std::nullopt;
      return *after - *before;
    }
    case v1::BLOCK:
    case v1::FLOOR_CEILING:
    case v1::PRICE_MODEL_UNSPECIFIED:
    case v1::PriceModel_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::PriceModel_INT_MAX_SENTINEL_DO_NOT_USE_:
      return 0;
  }
  return 0;
}

std::string MonthOf(Date date) { return FormatDate(date).substr(0, 7); }

std::optional<Month> ParseMonth(const std::string& month) {
  if (month.size() != 7) return std::nullopt;
  const auto first = ParseDate(absl::StrCat(month, "-01"));
  if (!first) return std::nullopt;
  return Month{*first, AddMonths(*first, 1) - 1};
}

}  // namespace pdp::subcontractor
