#ifndef PDP_LIBS_BASE_STATUS_MACROS_H_
#define PDP_LIBS_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The macros Abseil 20220623 does not ship, under the names its users know.

#define PDP_MACRO_CONCAT_INNER(a, b) a##b
#define PDP_MACRO_CONCAT(a, b) PDP_MACRO_CONCAT_INNER(a, b)

// Returns from the function when `expr` (an absl::Status) is not OK.
#define RETURN_IF_ERROR(expr)                                   \
  do {                                                          \
    if (absl::Status pdp_status = (expr); !pdp_status.ok()) {   \
      return pdp_status;                                        \
    }                                                           \
  } while (false)

// ASSIGN_OR_RETURN(auto value, Compute()); returns the error of an absl::StatusOr.
#define ASSIGN_OR_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_IMPL(PDP_MACRO_CONCAT(pdp_status_or_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_IMPL(status_or, lhs, expr)    \
  auto status_or = (expr);                             \
  if (!status_or.ok()) return status_or.status();      \
  lhs = std::move(status_or).value()

#endif  // PDP_LIBS_BASE_STATUS_MACROS_H_
