#ifndef PDP_SERVICES_REFERRAL_DOMAIN_REFERENCE_NUMBER_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_REFERENCE_NUMBER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "libs/base/area.h"

namespace pdp::referral {

// The printed reference of a referral (REF-36, REF-37): seven symbols, the first is the area, the
// last a check symbol that catches every single wrong symbol and every swap of two.
struct ReferenceNumber {
  Area area;
  uint64_t ordinal = 0;
  friend bool operator==(const ReferenceNumber&, const ReferenceNumber&) = default;
};

// Ordinals of one area end here: REFERENCE_SPACE_EXHAUSTED.
inline constexpr uint64_t kReferenceSpace = 6'436'343;  // 23^5

// nullopt: the space of the area is exhausted, or the area is NAT.
std::optional<std::string> FormatReference(ReferenceNumber number);

enum class ReferenceError { kMalformed, kCheckFailed };
absl::string_view ReasonOf(ReferenceError error);
// Accepts any case, spaces and hyphens.
std::variant<ReferenceNumber, ReferenceError> ParseReference(absl::string_view text);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_REFERENCE_NUMBER_H_
