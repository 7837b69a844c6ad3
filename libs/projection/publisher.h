#ifndef PDP_LIBS_PROJECTION_PUBLISHER_H_
#define PDP_LIBS_PROJECTION_PUBLISHER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "libs/projection/projection.h"
#include "pdp/common/v1/cloud_event.pb.h"

namespace pdp::projection {

// What the rest of the world sees of a recorded event: the service's PublicEvent envelopes, none
// for an event that stays private, normally one. Pure: the same event gives the same result for
// ever.
using PublicEventMapper =
    std::function<std::vector<std::unique_ptr<google::protobuf::Message>>(const RecordedEvent&)>;

// The projection named "public": one CloudEvent row a public event, in order of (seq, index). The
// event feed, the Kafka publisher and the local source all read these rows, so a repeat has the
// same id and the same bytes.
//
//   id       <service>/<area>/<seq>/<index>; index = place of the recorded event in its commit (a
//            second event made of the same one: + 1000, a third + 2000)
//   type     pdp.<service>.v1.<Event>         source   /pdp/<service>/<area>
//   subject  the aggregate                    time     when it happened in the world
//
// An envelope named InternalEvent instead of PublicEvent is for the service's own processes only:
// its type is pdp.<service>.internal.v1.<Event>; the local source gives it, the feed and the topic
// leave it out. A service so hears of its own commits without publishing what the contract between
// the services does not list.
//
// Personal fields (pdp.common.v1.personal) never leave the service this way: they are cleared here,
// whatever the mapper put into them. Consumers with a grant ask by call (interfaces, A4).
class Publisher final : public Projection {
 public:
  static constexpr char kName[] = "public";
  explicit Publisher(PublicEventMapper mapper, uint32_t version = 1)
      : mapper_(std::move(mapper)), version_(version) {}
  std::string name() const override { return kName; }
  uint32_t version() const override { return version_; }
  absl::Status Project(const RecordedEvent& event, RowWriter& rows) override;

 private:
  PublicEventMapper mapper_;
  uint32_t version_;
};

// For the service's own processes only.
bool IsInternal(const common::v1::CloudEvent& event);

// "pdp.<service>.events.v1".
std::string EventsTopic(absl::string_view service);

// Key of the row of a public event: seq and index, big-endian; 12 bytes.
std::string PublicKey(Seq seq, uint32_t index);

// Up to `limit` public events of `area` after (seq, index), in order.
absl::StatusOr<std::vector<common::v1::CloudEvent>> ReadPublic(const RowReader& rows, Area area,
                                                               Seq seq, uint32_t index,
                                                               size_t limit);

// Clears every field marked personal, in submessages too.
void ClearPersonal(google::protobuf::Message& message);

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_PUBLISHER_H_
