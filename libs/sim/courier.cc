#include "libs/sim/courier.h"

#include <utility>

#include "pdp/testing/v1/bank.pb.h"

namespace pdp::sim {

using common::v1::CloudEvent;
using testing::v1::PublicEvent;

std::vector<projection::Subscription> Courier::subscriptions() const {
  return {{.service = "bank", .partitions = projection::Partitions::kAll, .types = {}}};
}

absl::Status Courier::React(const CloudEvent& event, projection::ProcessContext& context) {
  const auto data = projection::DataOf<PublicEvent>(event);
  if (!data.has_remitted() || data.remitted().to_area() != context.area().code()) {
    return absl::OkStatus();
  }
  testing::v1::Command command;
  command.mutable_receive()->set_to(data.remitted().to());
  command.mutable_receive()->set_pence(data.remitted().pence());
  command.mutable_receive()->set_remittance(event.id());
  return projection::Done(context.Execute("receive", command));
}

std::vector<std::unique_ptr<google::protobuf::Message>> PublicEventsOf(
    const projection::RecordedEvent& event) {
  const auto& from = event.As<testing::v1::Event>();
  auto made = std::make_unique<PublicEvent>();
  if (from.has_remitted()) {
    *made->mutable_remitted() = from.remitted();
  } else if (from.has_interest_paid()) {
    *made->mutable_interest_paid() = from.interest_paid();
  } else {
    return {};
  }
  std::vector<std::unique_ptr<google::protobuf::Message>> all;
  all.push_back(std::move(made));
  return all;
}

}  // namespace pdp::sim
