#ifndef PDP_LIBS_BASE_CHECK_H_
#define PDP_LIBS_BASE_CHECK_H_

#include "absl/strings/string_view.h"

// Invariants of our own code, checked in every build. A failed check is a bug: it prints where and
// why and aborts, because going on with a broken invariant would write it into the log. Never used
// for input, for the disk, for the network or for a peer: those fail with a Status.
//
//   PDP_CHECK(seq == last_seq + 1) , "the chain has a hole";   // not supported: pass the text
//   PDP_CHECK(seq == last_seq + 1, "the chain has a hole");

namespace pdp {
[[noreturn]] void CheckFailed(absl::string_view file, int line, absl::string_view condition,
                              absl::string_view why);
}  // namespace pdp

#define PDP_CHECK(condition, why)                                    \
  do {                                                               \
    if (!(condition)) [[unlikely]] {                                 \
      ::pdp::CheckFailed(__FILE__, __LINE__, #condition, (why));     \
    }                                                                \
  } while (false)

#endif  // PDP_LIBS_BASE_CHECK_H_
