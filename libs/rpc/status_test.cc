#include "libs/rpc/status.h"

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "libs/rpc/utf8.h"

namespace pdp::rpc {
namespace {

template <typename Detail>
int CountOf(const grpc::Status& status) {
  google::rpc::Status rich;
  EXPECT_TRUE(rich.ParseFromString(status.error_details()));
  EXPECT_EQ(rich.code(), static_cast<int>(status.error_code()));
  int n = 0;
  for (const auto& any : rich.details()) n += any.Is<Detail>();
  return n;
}

TEST(StatusTest, ARefusalCarriesOneErrorInfoWithReasonServiceAndMetadata) {
  decider::Rejected rejected = decider::StateForbidsCommand("DRAFT", {"SubmitReferral"});
  const grpc::Status status = ToStatus(rejected, "referral");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(CountOf<google::rpc::ErrorInfo>(status), 1);
  EXPECT_EQ(CountOf<google::rpc::PreconditionFailure>(status), 1);
  const ErrorDetails error = *FromStatus(status);
  EXPECT_EQ(error.reason, "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(error.domain, "referral");
  EXPECT_EQ(error.metadata.at("state"), "DRAFT");
}

TEST(StatusTest, EveryBadFieldIsNamedAndFailingChecksKeepTheirSubject) {
  decider::Rejected rejected = decider::ValidationFailed(
      {{.code = "VALIDATION_FAILED", .field = "name", .detail = "empty"},
       {.code = "VALIDATION_FAILED", .field = "born", .detail = "not a date"},
       {.code = "STATE_FORBIDS_COMMAND", .subject = "T000123", .detail = "closed"}});
  const grpc::Status status = ToStatus(rejected, "referral");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(CountOf<google::rpc::BadRequest>(status), 1);
  EXPECT_EQ(FromStatus(status)->violations, rejected.violations);
}

struct Canonical {
  const char* reason;
  grpc::StatusCode code;
};
// GW-13 and C12.
constexpr Canonical kCanonical[] = {
    {"VALIDATION_FAILED", grpc::StatusCode::INVALID_ARGUMENT},
    {"STATE_FORBIDS_COMMAND", grpc::StatusCode::FAILED_PRECONDITION},
    {"VERSION_CONFLICT", grpc::StatusCode::ABORTED},
    {"NOT_FOUND", grpc::StatusCode::NOT_FOUND},
    {"NOT_VISIBLE", grpc::StatusCode::PERMISSION_DENIED},
    {"FUNCTION_REQUIRED", grpc::StatusCode::PERMISSION_DENIED},
    {"NOT_YOUR_ORGANISATION", grpc::StatusCode::PERMISSION_DENIED},
    {"NOT_A_REGISTERED_CODE", grpc::StatusCode::FAILED_PRECONDITION},
};
TEST(StatusTest, TextCutInTheMiddleOfACharacterCanStillBeRead) {
  const std::string cut = "not an area: 'caf\xc3";
  const ErrorDetails error = *FromStatus(ToStatus(
      decider::ValidationFailed(
          {{.code = "VALIDATION_FAILED", .field = "area\xf0\x9f", .detail = cut}}),
      "referral"));
  ASSERT_EQ(error.violations.size(), 1u);
  EXPECT_EQ(error.violations[0].detail, "not an area: 'caf\xef\xbf\xbd");
  EXPECT_EQ(error.violations[0].field, "area\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(StatusTest, WhatIsNoUtf8IsReplacedAndNothingElse) {
  const struct {
    const char* text;
    const char* valid;
  } table[] = {
      {"", ""},
      {"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
      {"\x80", "\xef\xbf\xbd"},
      {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},              // overlong
      {"\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // half of a surrogate pair
      {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // above U+10FFFF
      {"x\xe2\x82", "x\xef\xbf\xbd\xef\xbf\xbd"},
  };
  for (const auto& row : table) EXPECT_EQ(ValidUtf8(row.text), row.valid);
}

TEST(StatusTest, TheCanonicalStatusIsTheRegisteredOneOfTheReason) {
  for (const Canonical& row : kCanonical) {
    EXPECT_EQ(ToStatus(decider::Reject(row.reason), "x").error_code(), row.code) << row.reason;
  }
}

TEST(StatusTest, UnavailableAlwaysSaysWhenToTryAgainAndWhoOwnsTheCell) {
  absl::Status down = absl::UnavailableError("not the owner");
  down.SetPayload(kOwnerPayload, absl::Cord("10.0.0.2:7000"));
  const ErrorDetails error = *FromStatus(ToStatus(down, "referral"));
  EXPECT_EQ(error.code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(error.reason, "UNAVAILABLE");
  EXPECT_EQ(error.metadata.at(kOwnerMetadata), "10.0.0.2:7000");
  EXPECT_EQ(error.retry_after, absl::Seconds(1));
  absl::Status full = absl::ResourceExhaustedError("QUEUE_FULL: 1024 commands wait");
  full.SetPayload(kRetryMsPayload, absl::Cord("250"));
  const ErrorDetails exhausted = *FromStatus(ToStatus(full));
  EXPECT_EQ(exhausted.reason, "QUEUE_FULL");
  EXPECT_EQ(exhausted.retry_after, absl::Milliseconds(250));
}

TEST(StatusTest, DetailsStayBelowSixKibibytesAndSayThatTheyWereCut) {
  ErrorDetails error{.code = grpc::StatusCode::INVALID_ARGUMENT, .message = "m",
                     .reason = "VALIDATION_FAILED", .domain = "referral"};
  for (int i = 0; i < 500; ++i) {
    error.violations.push_back({.code = "VALIDATION_FAILED", .field = absl::StrCat("rows[", i, "]"),
                                .detail = "this row is wrong"});
  }
  const grpc::Status status = MakeStatus(error);
  EXPECT_LE(status.error_details().size(), 6u * 1024);
  const ErrorDetails back = *FromStatus(status);
  ASSERT_FALSE(back.violations.empty());
  EXPECT_EQ(back.metadata.at("truncated"), absl::StrCat(500 - back.violations.size()));
}

TEST(StatusTest, AnAbslStatusSurvivesTheWayThereAndBack) {
  absl::Status down = absl::UnavailableError("later");
  down.SetPayload(kOwnerPayload, absl::Cord("h:1"));
  const absl::Status back = ToAbsl(ToStatus(down));
  EXPECT_EQ(back.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::string(*back.GetPayload(kOwnerPayload)), "h:1");
  EXPECT_TRUE(ToAbsl(grpc::Status::OK).ok());
  EXPECT_FALSE(FromStatus(grpc::Status::OK).ok());
}

TEST(StatusTest, OnlyAnswersThatLeaveEverythingOpenAreRetryable) {
  EXPECT_TRUE(IsRetryable(ToStatus(absl::UnavailableError("x"))));
  EXPECT_TRUE(IsRetryable(ToStatus(absl::DeadlineExceededError("x"))));
  EXPECT_TRUE(IsRetryable(grpc::Status(grpc::StatusCode::INTERNAL, "RST_STREAM")));
  EXPECT_FALSE(IsRetryable(ToStatus(absl::InternalError("x"))));
  EXPECT_FALSE(IsRetryable(ToStatus(decider::Reject("NOT_FOUND"), "x")));
}

}  // namespace
}  // namespace pdp::rpc
