#include "services/referral/domain/reference_number.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace pdp::referral {
namespace {

constexpr absl::string_view kAlphabet = "234679CDFGHJKMNPQRTVWXY";
constexpr uint64_t kBase = 23;
constexpr uint64_t kMultiplier = 2'718'281;
constexpr uint64_t kAreaStep = 1'618'033;
constexpr int kAreas = 12;
constexpr size_t kSymbols = 7;
using Symbols = std::array<uint64_t, kSymbols>;

uint64_t CheckSymbol(const Symbols& d) {
  const uint64_t sum = 7 * d[0] + 6 * d[1] + 5 * d[2] + 4 * d[3] + 3 * d[4] + 2 * d[5];
  return (kBase - sum % kBase) % kBase;
}

// 2,718,281 has an inverse modulo 23^5, for it is no multiple of 23: Euler's theorem.
uint64_t InverseMultiplier() {
  uint64_t result = 1, base = kMultiplier % kReferenceSpace;
  // phi(23^5) - 1.
  for (uint64_t exponent = kReferenceSpace / kBase * (kBase - 1) - 1; exponent > 0;
       exponent >>= 1) {
    if (exponent & 1) result = result * base % kReferenceSpace;
    base = base * base % kReferenceSpace;
  }
  return result;
}

}  // namespace

std::optional<std::string> FormatReference(ReferenceNumber number) {
  if (number.ordinal >= kReferenceSpace || number.area.is_nat()) return std::nullopt;
  const uint64_t a = number.area.index();
  uint64_t p = (kMultiplier * number.ordinal + kAreaStep * a) % kReferenceSpace;
  Symbols d{};
  d[0] = a;
  for (size_t i = 5; i >= 1; --i) {
    d[i] = p % kBase;
    p /= kBase;
  }
  d[6] = CheckSymbol(d);
  std::string text;
  for (size_t i = 0; i < kSymbols; ++i) {
    if (i == 3) text += '-';
    text += kAlphabet[d[i]];
  }
  return text;
}

absl::string_view ReasonOf(ReferenceError error) {
  switch (error) {
    case ReferenceError::kMalformed:
      return "REFERENCE_MALFORMED";
    case ReferenceError::kCheckFailed:
      return "REFERENCE_CHECK_FAILED";
  }
  return "";
}

std::variant<ReferenceNumber, ReferenceError> ParseReference(absl::string_view text) {
  Symbols d{};
  size_t count = 0;
  for (const char c : text) {
    if (c == ' ' || c == '-') continue;
    const size_t value = kAlphabet.find(absl::ascii_toupper(c));
    if (value == absl::string_view::npos || count == kSymbols) return ReferenceError::kMalformed;
    d[count++] = value;
  }
  if (count != kSymbols || d[0] >= kAreas) return ReferenceError::kMalformed;
  if (d[6] != CheckSymbol(d)) return ReferenceError::kCheckFailed;
  uint64_t p = 0;
  for (size_t i = 1; i <= 5; ++i) p = p * kBase + d[i];
  static const uint64_t inverse = InverseMultiplier();
  const uint64_t shifted =
      (p + kReferenceSpace - kAreaStep * d[0] % kReferenceSpace) % kReferenceSpace;
  return ReferenceNumber{*Area::FromIndex(static_cast<int>(d[0])),
                         shifted * inverse % kReferenceSpace};
}

}  // namespace pdp::referral
