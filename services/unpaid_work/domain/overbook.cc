#include "services/unpaid_work/domain/overbook.h"

#include <algorithm>
#include <vector>

namespace pdp::unpaid_work {
namespace {

// A natural number of any size: 20^29 and more leave 128 bits.
class Natural {
 public:
  explicit Natural(uint32_t value) : limbs_{value} {}
  // this * factor + other * other_factor
  static Natural Sum(const Natural& a, uint32_t a_factor, const Natural& b, uint32_t b_factor) {
    Natural sum(0);
    sum.limbs_.clear();
    uint64_t carry = 0;
    const size_t n = std::max(a.limbs_.size(), b.limbs_.size());
    for (size_t i = 0; i < n || carry > 0; ++i) {
      if (i < a.limbs_.size()) carry += uint64_t{a.limbs_[i]} * a_factor;
      if (i < b.limbs_.size()) carry += uint64_t{b.limbs_[i]} * b_factor;
      sum.limbs_.push_back(static_cast<uint32_t>(carry));
      carry >>= 32;
    }
    while (sum.limbs_.size() > 1 && sum.limbs_.back() == 0) sum.limbs_.pop_back();
    if (sum.limbs_.empty()) sum.limbs_.push_back(0);
    return sum;
  }
  bool LessOrEqual(const Natural& other) const {
    if (limbs_.size() != other.limbs_.size()) return limbs_.size() < other.limbs_.size();
    return !std::lexicographical_compare(other.limbs_.rbegin(), other.limbs_.rend(),
                                         limbs_.rbegin(), limbs_.rend());
  }

 private:
  // Least significant first; factors stay below 2^16, so a carry fits.
  std::vector<uint32_t> limbs_;
};

}  // namespace

int TurnoutTwentieths(int64_t attended, int64_t closed) {
  return static_cast<int>(std::clamp<int64_t>(20 * (6 + attended) / (10 + closed), 1, 20));
}

int OverbookSeats(int capacity, int t, int cap, int alpha_inverse) {
  const Natural zero(0);
  // weights[k] = C(n,k) t^k (20-t)^(n-k), grown one seat at a time; their sum is 20^n.
  std::vector<Natural> weights = {Natural(1)};
  Natural total(1);
  int seats = 0;
  for (int n = 1; n <= capacity + cap; ++n) {
    std::vector<Natural> next(static_cast<size_t>(n) + 1, zero);
    for (size_t k = 0; k < next.size(); ++k) {
      next[k] = Natural::Sum(k < weights.size() ? weights[k] : zero, static_cast<uint32_t>(20 - t),
                             k > 0 ? weights[k - 1] : zero, static_cast<uint32_t>(t));
    }
    weights = std::move(next);
    total = Natural::Sum(total, 20, zero, 0);
    if (n <= capacity) continue;
    Natural over(0);
    for (size_t k = static_cast<size_t>(capacity) + 1; k < weights.size(); ++k) {
      over = Natural::Sum(over, 1, weights[k], 1);
    }
    over = Natural::Sum(over, static_cast<uint32_t>(alpha_inverse), zero, 0);
    if (!over.LessOrEqual(total)) break;
    seats = n - capacity;
  }
  return seats;
}

}  // namespace pdp::unpaid_work
