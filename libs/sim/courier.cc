#include "libs/sim/courier.h"

#include <utility>

#include "libs/base/mark.h"
#include "libs/base/status_macros.h"
#include "libs/projection/publisher.h"
#include "libs/sim/world.h"
#include "pdp/testing/v1/bank.pb.h"

namespace pdp::sim {
namespace {

using common::v1::CloudEvent;
using common::v1::FeedPosition;
using testing::v1::PublicEvent;

class RemoteSource final : public projection::EventSource {
 public:
  RemoteSource(World& world, int reader_slot, projection::SourceRequest request)
      : world_(world), reader_slot_(reader_slot), request_(std::move(request)),
        asked_(request_.after) {}

  absl::StatusOr<std::vector<CloudEvent>> Poll(size_t events_max, absl::Duration) override {
    std::shared_ptr<Node> replica = world_.AnyReplica(reader_slot_);
    if (replica == nullptr) return absl::UnavailableError("no replica answers");
    // A connection begins again somewhere before: events come again.
    if (world_.network_dice().Chance(30)) {
      PDP_MARK("feed_repeated");
      request_.after = asked_;
    }
    std::vector<CloudEvent> events;
    for (FeedPosition& at : request_.after) {
      const auto area = Area::FromCode(at.area());
      if (!area.has_value() || !replica->hosts(*area)) continue;
      ASSIGN_OR_RETURN(std::vector<CloudEvent> page,
                       projection::ReadPublic(replica->public_rows(), *area, Seq(at.seq()),
                                              at.index(), events_max));
      for (CloudEvent& event : page) {
        at.set_seq(event.seq());
        at.set_index(event.index());
        events.push_back(std::move(event));
      }
    }
    return events;
  }
  void Close() override {}

 private:
  World& world_;
  const int reader_slot_;
  projection::SourceRequest request_;
  const std::vector<FeedPosition> asked_;
};

}  // namespace

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

std::unique_ptr<projection::EventSource> MakeRemoteSource(World& world, int reader_slot,
                                                          projection::SourceRequest request) {
  return std::make_unique<RemoteSource>(world, reader_slot, std::move(request));
}

}  // namespace pdp::sim
