#ifndef PDP_LIBS_PROJECTION_PROCESS_H_
#define PDP_LIBS_PROJECTION_PROCESS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/base/area.h"
#include "libs/base/ids.h"
#include "libs/engine/command.h"
#include "pdp/common/v1/cloud_event.pb.h"
#include "pdp/common/v1/common.pb.h"

// Reactions to public events: a process reads events of other services (or of its own) and issues
// commands of its own cell and calls to peers, with ids derived from the event.
//
//   absl::Status Intake::React(const CloudEvent& e, ProcessContext& context) {
//     const auto event = projection::DataOf<referral::v1::PublicEvent>(e);
//     if (!event.has_referral_accepted()) return absl::OkStatus();
//     programmes::v1::Command command = ...;
//     return projection::Done(context.Execute("receive", command));
//   }

namespace pdp::projection {

enum class Partitions {
  kOwn,  // that of the area the process acts for
  kNat,
  kAll,  // every area
};

struct Subscription {
  std::string service;
  Partitions partitions = Partitions::kOwn;
  // Short names of the event types wanted (ReferralAccepted); empty: all.
  std::vector<std::string> types;
};

// What a process may do about one event. Valid during React only.
class ProcessContext {
 public:
  virtual ~ProcessContext() = default;
  // The cell the process acts for.
  virtual Area area() const = 0;
  // Issues a command of the own service and waits for its outcome. Its id is derived from the event
  // and `step`: the same step of the same event takes effect once, however often it is repeated. A
  // step issued from several areas to one `cell` must name the area in `step`.
  // Led by another process of the service: executed there.
  virtual engine::CommandOutcome Execute(absl::string_view step,
                                         const google::protobuf::Message& command,
                                         std::optional<Area> cell = std::nullopt) = 0;
  // The command id of a call to a peer (interfaces, 1).
  virtual CommandId DerivedId(absl::string_view step) const = 0;
  // Header of a call to a peer: derived id, actor SYS, correlation and trace of the event.
  virtual common::v1::CommandHeader HeaderFor(absl::string_view step) const = 0;
  virtual absl::Time now() const = 0;
};

// One object for each (process, area), used by one thread. Peers' stubs are constructor arguments.
class Process {
 public:
  virtual ~Process() = default;
  // lower_snake_case, unique in the service; names the marks, so it never changes.
  virtual std::string name() const = 0;
  virtual std::vector<Subscription> subscriptions() const = 0;
  // Events with the same key are handled strictly in order and wait for each other; others overtake
  // an event that is waiting for its retry. Empty: behind everything of the same partition. The
  // default is the event's subject; interfaces, 1: per referral, per CRN in unpaid_work.
  virtual std::string OrderingKey(const common::v1::CloudEvent& event) const {
    return event.subject();
  }
  // From where the events of a partition are read now: those up to `after` are done, perhaps long
  // ago. Called before any event is, when the process begins and whenever its sources are opened
  // again.
  virtual void Resumes(const std::string& service, const common::v1::FeedPosition& after) {}
  // OK: done, refusals included. Anything else: the same event is tried again after 1 s, doubling
  // to 5 min, for ever; an event that waits longer than 15 min is reported.
  virtual absl::Status React(const common::v1::CloudEvent& event, ProcessContext& context) = 0;
};

// The service's PublicEvent inside a CloudEvent; empty (no case set) when it does not parse.
template <typename PublicEvent>
PublicEvent DataOf(const common::v1::CloudEvent& event) {
  PublicEvent data;
  if (!data.ParseFromString(event.data())) data.Clear();
  return data;
}

// Where the event stands in its partition: what is asked of its service may have to be as new.
common::v1::Position PositionOf(const common::v1::CloudEvent& event);

// "ReferralAccepted" of "pdp.referral.v1.ReferralAccepted".
absl::string_view ShortType(const common::v1::CloudEvent& event);

// OK for a commit and for a refusal (an answer, never retried: it ends the step); the failure
// otherwise.
absl::Status Done(const engine::CommandOutcome& outcome);
// The reason code of a refusal; empty for anything else.
std::string RefusalOf(const engine::CommandOutcome& outcome);

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_PROCESS_H_
