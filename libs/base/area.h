#ifndef PDP_LIBS_BASE_AREA_H_
#define PDP_LIBS_BASE_AREA_H_

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <ostream>
#include "absl/strings/string_view.h"
#include <utility>

namespace pdp {

// One of the 12 probation areas, or NAT for what is national. The unit of ordering, ownership and
// deployment. Index = log and topic partition. Source: referral specification, section 6.
class Area {
 public:
  static constexpr int kCount = 13;

  // NAT.
  constexpr Area() = default;
  // "N56", "NAT"; nullopt for a code that is none of the 13 (UNKNOWN_AREA).
  static std::optional<Area> FromCode(absl::string_view code);
  // 0..12; nullopt outside.
  static std::optional<Area> FromIndex(int index);
  static constexpr Area Nat() { return Area(); }
  static const std::array<Area, kCount>& All();

  constexpr int index() const { return index_; }
  absl::string_view code() const;
  absl::string_view name() const;
  constexpr bool is_nat() const { return index_ == kCount - 1; }

  friend constexpr auto operator<=>(Area, Area) = default;
  template <typename H>
  friend H AbslHashValue(H h, Area area) {
    return H::combine(std::move(h), area.index_);
  }
  friend std::ostream& operator<<(std::ostream& os, Area area) { return os << area.code(); }

 private:
  constexpr explicit Area(int8_t index) : index_(index) {}
  int8_t index_ = kCount - 1;
};

}  // namespace pdp

#endif  // PDP_LIBS_BASE_AREA_H_
