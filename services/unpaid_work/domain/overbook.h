#ifndef PDP_SERVICES_UNPAID_WORK_DOMAIN_OVERBOOK_H_
#define PDP_SERVICES_UNPAID_WORK_DOMAIN_OVERBOOK_H_

#include <cstdint>

namespace pdp::unpaid_work {

// UPW-71: turn-out in twentieths, 1..20, of `attended` out of `closed` outcomes.
int TurnoutTwentieths(int64_t attended, int64_t closed);

// UPW-44: the largest O <= cap with P(Binomial(capacity + O, t/20) > capacity) <= 1/alpha_inverse,
// exact. capacity 0..1000, t 0..20.
int OverbookSeats(int capacity, int t, int cap, int alpha_inverse);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_DOMAIN_OVERBOOK_H_
