#include "libs/rpc/status.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/rpc/reason_registry.h"
#include "libs/rpc/utf8.h"

namespace pdp::rpc {
namespace {

constexpr absl::string_view kPayloadPrefix = "pdp.dev/";
constexpr absl::Duration kDefaultRetry = absl::Seconds(1);

// Packs details in the order of AIP-193; the violations come last, so that they are what is cut.
class Details {
 public:
  explicit Details(const ErrorDetails& error) : error_(error) {}

  std::string Pack() {
    const size_t total = error_.violations.size();
    size_t kept = total;
    while (true) {
      std::string bytes = PackWith(kept);
      if (bytes.size() <= kDetailsBytesMax || kept == 0) return bytes;
      kept = kept / 2;
    }
  }

 private:
  std::string PackWith(size_t kept) const {
    google::rpc::Status status;
    status.set_code(static_cast<int>(error_.code));
    status.set_message(ValidUtf8(error_.message));
    google::rpc::ErrorInfo info;
    info.set_reason(error_.reason);
    info.set_domain(error_.domain);
    for (const auto& [key, value] : error_.metadata) {
      (*info.mutable_metadata())[key] = ValidUtf8(value);
    }
    if (kept < error_.violations.size()) {
      (*info.mutable_metadata())["truncated"] = absl::StrCat(error_.violations.size() - kept);
    }
    status.add_details()->PackFrom(info);
    if (const common::v1::ReasonCode* known = ReasonRegistry::Global().Find(error_.reason)) {
      google::rpc::LocalizedMessage text;
      text.set_locale("en");
      text.set_message(known->text_en());
      status.add_details()->PackFrom(text);
    }
    if (error_.retry_after.has_value()) {
      google::rpc::RetryInfo retry;
      *retry.mutable_retry_delay() = google::protobuf::util::TimeUtil::MillisecondsToDuration(
          absl::ToInt64Milliseconds(*error_.retry_after));
      status.add_details()->PackFrom(retry);
    }
    if (error_.quota) {
      google::rpc::QuotaFailure quota;
      auto* violation = quota.add_violations();
      violation->set_subject(error_.domain);
      violation->set_description(ValidUtf8(error_.message));
      status.add_details()->PackFrom(quota);
    }
    AddViolations(kept, status);
    return status.SerializeAsString();
  }

  void AddViolations(size_t kept, google::rpc::Status& status) const {
    google::rpc::BadRequest bad;
    google::rpc::PreconditionFailure failure;
    for (size_t i = 0; i < kept; ++i) {
      const decider::Violation& violation = error_.violations[i];
      if (!violation.field.empty()) {
        auto* field = bad.add_field_violations();
        field->set_field(ValidUtf8(violation.field));
        // The code leads, so that a client can read it off; FromStatus splits it again.
        field->set_description(
            absl::StrCat(violation.code, ": ", ValidUtf8(violation.detail)));
      } else {
        auto* check = failure.add_violations();
        check->set_type(violation.code);
        check->set_subject(ValidUtf8(violation.subject));
        check->set_description(ValidUtf8(violation.detail));
      }
    }
    if (failure.violations_size() == 0 &&
        error_.code == grpc::StatusCode::FAILED_PRECONDITION) {
      auto* check = failure.add_violations();
      check->set_type(error_.reason);
      check->set_description(ValidUtf8(error_.message));
    }
    if (bad.field_violations_size() > 0) status.add_details()->PackFrom(bad);
    if (failure.violations_size() > 0) status.add_details()->PackFrom(failure);
  }

  const ErrorDetails& error_;
};

// "COMMAND_ID_MALFORMED: ..." names a registered reason; otherwise the canonical code is the
// reason.
std::string ReasonOf(const absl::Status& status) {
  if (const auto payload = status.GetPayload(kReasonPayload)) return std::string(*payload);
  const absl::string_view message = status.message();
  const absl::string_view word =
      message.substr(0, message.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"));
  if (word.size() > 2 && ReasonRegistry::Global().Find(word) != nullptr) return std::string(word);
  return absl::StatusCodeToString(status.code());
}

}  // namespace

grpc::Status MakeStatus(const ErrorDetails& error) {
  ErrorDetails full = error;
  if (full.code == grpc::StatusCode::UNAVAILABLE ||
      full.code == grpc::StatusCode::RESOURCE_EXHAUSTED) {
    if (!full.retry_after.has_value()) full.retry_after = kDefaultRetry;
  }
  return grpc::Status(full.code, full.message, Details(full).Pack());
}

ErrorDetails ToDetails(const decider::Rejected& rejected, absl::string_view service) {
  ErrorDetails error;
  error.code = ReasonRegistry::Global().StatusOf(rejected.reason);
  error.message = rejected.detail.empty() ? rejected.reason : rejected.detail;
  error.reason = rejected.reason;
  error.domain = std::string(service);
  error.metadata = rejected.metadata;
  error.violations = rejected.violations;
  return error;
}

grpc::Status ToStatus(const decider::Rejected& rejected, absl::string_view service) {
  return MakeStatus(ToDetails(rejected, service));
}

grpc::Status ToStatus(const absl::Status& status, absl::string_view service) {
  if (status.ok()) return grpc::Status::OK;
  ErrorDetails error;
  error.code = static_cast<grpc::StatusCode>(status.code());
  error.message = std::string(status.message());
  error.reason = ReasonOf(status);
  error.domain = std::string(service);
  status.ForEachPayload([&](absl::string_view key, const absl::Cord& value) {
    if (!absl::StartsWith(key, kPayloadPrefix) || key == kReasonPayload) return;
    if (key == kRetryMsPayload) {
      int64_t ms = 0;
      if (absl::SimpleAtoi(std::string(value), &ms)) error.retry_after = absl::Milliseconds(ms);
      return;
    }
    error.metadata[std::string(key.substr(kPayloadPrefix.size()))] = std::string(value);
  });
  return MakeStatus(error);
}

absl::StatusOr<ErrorDetails> FromStatus(const grpc::Status& status) {
  if (status.ok()) return absl::InvalidArgumentError("the call succeeded");
  ErrorDetails error;
  error.code = status.error_code();
  error.message = status.error_message();
  google::rpc::Status rich;
  if (!rich.ParseFromString(status.error_details())) return error;
  for (const auto& any : rich.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::RetryInfo retry;
    google::rpc::BadRequest bad;
    google::rpc::PreconditionFailure failure;
    if (any.UnpackTo(&info)) {
      error.reason = info.reason();
      error.domain = info.domain();
      for (const auto& [key, value] : info.metadata()) error.metadata[key] = value;
    } else if (any.UnpackTo(&retry)) {
      error.retry_after = absl::Milliseconds(
          google::protobuf::util::TimeUtil::DurationToMilliseconds(retry.retry_delay()));
    } else if (any.Is<google::rpc::QuotaFailure>()) {
      error.quota = true;
    } else if (any.UnpackTo(&bad)) {
      for (const auto& field : bad.field_violations()) {
        decider::Violation violation{.field = field.field(), .detail = field.description()};
        const size_t colon = field.description().find(": ");
        if (colon != std::string::npos) {
          violation.code = field.description().substr(0, colon);
          violation.detail = field.description().substr(colon + 2);
        }
        error.violations.push_back(std::move(violation));
      }
    } else if (any.UnpackTo(&failure)) {
      for (const auto& check : failure.violations()) {
        error.violations.push_back(
            {.code = check.type(), .subject = check.subject(), .detail = check.description()});
      }
    }
  }
  return error;
}

absl::Status ToAbsl(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  const absl::StatusOr<ErrorDetails> error = FromStatus(status);
  if (!error->reason.empty()) result.SetPayload(kReasonPayload, absl::Cord(error->reason));
  for (const auto& [key, value] : error->metadata) {
    result.SetPayload(absl::StrCat(kPayloadPrefix, key), absl::Cord(value));
  }
  if (error->retry_after.has_value()) {
    result.SetPayload(kRetryMsPayload,
                      absl::Cord(absl::StrCat(absl::ToInt64Milliseconds(*error->retry_after))));
  }
  return result;
}

bool IsRetryable(const grpc::Status& status) {
  const grpc::StatusCode code = status.error_code();
  if (code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::DEADLINE_EXCEEDED ||
      code == grpc::StatusCode::RESOURCE_EXHAUSTED) {
    return true;
  }
  // A transport that broke half-way says one of these without details of ours.
  return (code == grpc::StatusCode::CANCELLED || code == grpc::StatusCode::INTERNAL ||
          code == grpc::StatusCode::UNKNOWN) &&
         status.error_details().empty();
}

}  // namespace pdp::rpc
