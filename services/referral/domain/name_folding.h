#ifndef PDP_SERVICES_REFERRAL_DOMAIN_NAME_FOLDING_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_NAME_FOLDING_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace pdp::referral {

// REF-103: decomposed, marks dropped, lower case, ß→ss æ→ae œ→oe ø→o ł→l đ ð→d þ→th ı→i, letters
// only. Of Latin, Greek and Cyrillic; letters of other scripts stay as they are. UTF-8 in and out;
// bytes that are no UTF-8 are dropped.
//   O'Neill-Smith -> oneillsmith, Łukasz -> lukasz
std::string FoldName(absl::string_view name);

// How many letters a folded text has.
size_t FoldedLetters(absl::string_view folded);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_NAME_FOLDING_H_
