#ifndef PDP_LIBS_BASE_STATUS_MATCHERS_H_
#define PDP_LIBS_BASE_STATUS_MATCHERS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"

// Matchers for absl::Status and absl::StatusOr, for tests only.
//
//   EXPECT_OK(log.Append(record));
//   EXPECT_THAT(log.End(area), StatusIs(absl::StatusCode::kUnavailable));

namespace pdp::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}
MATCHER_P(StatusIs, code, "has status " + absl::StatusCodeToString(code)) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}
MATCHER_P2(StatusIs, code, text,
           "has status " + absl::StatusCodeToString(code) + " and says " + std::string(text)) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code &&
         StatusOf(arg).message().find(text) != absl::string_view::npos;
}

}  // namespace pdp::testing

#define EXPECT_OK(expression) EXPECT_THAT(expression, ::pdp::testing::IsOk())
#define ASSERT_OK(expression) ASSERT_THAT(expression, ::pdp::testing::IsOk())
#define PDP_TEST_CONCAT_INNER(a, b) a##b
#define PDP_TEST_CONCAT(a, b) PDP_TEST_CONCAT_INNER(a, b)
#define ASSERT_OK_AND_ASSIGN(lhs, expression) \
  ASSERT_OK_AND_ASSIGN_IMPL(PDP_TEST_CONCAT(pdp_test_status_or_, __LINE__), lhs, expression)
#define ASSERT_OK_AND_ASSIGN_IMPL(status_or, lhs, expression) \
  auto status_or = (expression);                              \
  ASSERT_OK(status_or);                                       \
  lhs = std::move(status_or).value()

#endif  // PDP_LIBS_BASE_STATUS_MATCHERS_H_
