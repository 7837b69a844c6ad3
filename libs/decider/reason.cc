#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/base/check.h"
#include "libs/decider/decider.h"

namespace pdp::decider {

std::string CaseName(const google::protobuf::Message& envelope) {
  const google::protobuf::Descriptor* type = envelope.GetDescriptor();
  PDP_CHECK(type->oneof_decl_count() >= 1, "an envelope has one oneof");
  const google::protobuf::FieldDescriptor* field =
      envelope.GetReflection()->GetOneofFieldDescriptor(envelope, type->oneof_decl(0));
  return field == nullptr ? "" : field->message_type()->name();
}

Rejected Reject(std::string reason, std::string detail) {
  return Rejected{.reason = std::move(reason), .detail = std::move(detail)};
}

Rejected NotFound(const AggregateId& id) {
  // The same answer for what does not exist and for what the actor may not see.
  return Rejected{.reason = "NOT_FOUND", .detail = absl::StrCat(id.text(), " is not known here")};
}

Rejected NotAuthorised(std::string detail) {
  return Rejected{.reason = "NOT_AUTHORISED", .detail = std::move(detail)};
}

Rejected ValidationFailed(std::vector<Violation> violations) {
  PDP_CHECK(!violations.empty(), "a validation failure names its fields");
  const std::string fields = absl::StrJoin(
      violations, ", ",
      [](std::string* out, const Violation& v) { absl::StrAppend(out, v.field); });
  return Rejected{.reason = "VALIDATION_FAILED",
                  .detail = absl::StrCat("wrong fields: ", fields),
                  .violations = std::move(violations)};
}

Rejected StateForbidsCommand(absl::string_view state, const std::vector<std::string>& allowed) {
  Rejected rejected{.reason = "STATE_FORBIDS_COMMAND",
                    .detail = absl::StrCat("not possible in state ", state)};
  rejected.metadata["state"] = std::string(state);
  if (!allowed.empty()) rejected.metadata["allowed"] = absl::StrJoin(allowed, ",");
  return rejected;
}

std::optional<Rejected> CheckVersion(const Facts& facts, const AggregateId& id, Version current) {
  if (!facts.expected_version.has_value() || *facts.expected_version == current) {
    return std::nullopt;
  }
  Rejected rejected{.reason = "VERSION_CONFLICT",
                    .detail = absl::StrCat(id.text(), " is at version ", current.value(), ", not ",
                                           facts.expected_version->value())};
  rejected.metadata["current_version"] = absl::StrCat(current.value());
  return rejected;
}

std::optional<Rejected> CheckOccurredAt(const Facts& facts, int days_back) {
  if (facts.occurred_at <= facts.recorded_at + absl::Minutes(2) &&
      facts.occurred_at >= facts.recorded_at - absl::Hours(24) * days_back) {
    return std::nullopt;
  }
  return Rejected{.reason = "OCCURRED_AT_OUT_OF_RANGE",
                  .detail = absl::StrCat("occurred_at must lie between ", days_back,
                                         " days before now and 2 minutes after")};
}

}  // namespace pdp::decider
