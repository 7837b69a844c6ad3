#include "libs/projection/process.h"

#include <variant>

namespace pdp::projection {

common::v1::Position PositionOf(const common::v1::CloudEvent& event) {
  common::v1::Position position;
  position.set_area(event.area());
  position.set_seq(event.seq());
  return position;
}

absl::string_view ShortType(const common::v1::CloudEvent& event) {
  const absl::string_view type = event.type();
  const size_t dot = type.rfind('.');
  return dot == absl::string_view::npos ? type : type.substr(dot + 1);
}

absl::Status Done(const engine::CommandOutcome& outcome) {
  if (const auto* status = std::get_if<absl::Status>(&outcome.result)) return *status;
  return absl::OkStatus();
}

std::string RefusalOf(const engine::CommandOutcome& outcome) {
  if (const auto* rejected = std::get_if<decider::Rejected>(&outcome.result)) {
    return rejected->reason;
  }
  return "";
}

}  // namespace pdp::projection
