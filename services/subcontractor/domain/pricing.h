#ifndef PDP_SERVICES_SUBCONTRACTOR_DOMAIN_PRICING_H_
#define PDP_SERVICES_SUBCONTRACTOR_DOMAIN_PRICING_H_

#include <cstdint>
#include <optional>
#include <string>

#include "libs/base/calendar.h"
#include "pdp/common/v1/delivery_fact.pb.h"
#include "pdp/subcontractor/v1/state.pb.h"

// Price models (SUB-92), exact, one half-even rounding a line. Pure. nullopt: AMOUNT_OVERFLOW.

namespace pdp::subcontractor {

// micro x centi / 10^6
std::optional<int64_t> UnitPence(int64_t price_micro, int64_t quantity_centi);
// micro x minutes / 600,000
std::optional<int64_t> HourlyPence(int64_t price_micro, int64_t minutes);
// A month's price for `active_days` of `days`.
std::optional<int64_t> BlockPence(int64_t price_micro, int active_days, int days);
// Units cumulative_centi + 1/100 ... of a month, each at its own band's price.
std::optional<int64_t> MarginalPence(const v1::PriceRule& rule, int64_t cumulative_centi,
                                     int64_t quantity_centi);
// All units of the month at the price of the band that the last one falls into.
std::optional<int64_t> WholePence(const v1::PriceRule& rule, int64_t quantity_centi);

// Whether a rule pays for a fact: service, kind and code.
bool Pays(const v1::PriceRule& rule, const pdp::common::v1::DeliveryFact& fact);
// The charge of one fact under one rule, given what the rule has charged in the service month so
// far. BANDED_WHOLE: band-1 price while the month is open; once it is closed and trued up, the
// difference the fact makes to the month's whole.
std::optional<int64_t> FactPence(const v1::PriceRule& rule,
                                 const pdp::common::v1::DeliveryFact& fact,
                                 int64_t cumulative_centi, bool month_closed);

// "2025-03" of a date; first and last day of such a month, nullopt when it is none.
std::string MonthOf(Date date);
struct Month {
  Date first;
  Date last;
};
std::optional<Month> ParseMonth(const std::string& month);

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_DOMAIN_PRICING_H_
