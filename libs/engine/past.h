#ifndef PDP_LIBS_ENGINE_PAST_H_
#define PDP_LIBS_ENGINE_PAST_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/base/area.h"
#include "libs/base/ids.h"
#include "libs/engine/domain.h"
#include "libs/privacy/key_vault.h"
#include "libs/view/view_db.h"
#include "pdp/log/v1/record.pb.h"

namespace pdp::engine {

struct OpenedEvent;

// What became of one aggregate of a cell, event by event: read from the archive through the index
// that is written with each commit, folded with the domain's own Evolve. It costs one look-up an
// event and nothing is kept for it beside that index. Obtained from Cell::past(); read-only,
// thread-safe, blocking on the disk; does not outlive the cell.
//
//   ASSIGN_OR_RETURN(auto then, cell.past().At(id, instant));    // NotFound: was not there yet
//
// Errors: NotFound when nothing was ever emitted on the aggregate, DataLoss when a row is damaged,
// Internal when the disk fails.
class Past {
 public:
  Past(Area area, const Domain& domain, const view::ViewDb& views, privacy::KeyVault& vault)
      : area_(area), domain_(domain), views_(views), vault_(vault) {}

  // One event before it is opened. Valid during the visit.
  struct Told {
    Version version;
    Seq seq;
    absl::Time recorded_at;
    absl::Time occurred_at;
    // The whole commit: actor, command id, the other events.
    const log::v1::Commit& commit;
    const log::v1::RecordedEvent& recorded;
  };
  struct Step : Told {
    // Personal fields opened; empty when `erased`.
    const google::protobuf::Message& event;
    const google::protobuf::Message& before;
    const google::protobuf::Message& after;
    bool erased = false;
  };
  // Every event on the aggregate, oldest first, until `visit` returns false. An aggregate that came
  // from another cell begins with what brought it.
  absl::Status ForEach(const AggregateId& id, absl::FunctionRef<bool(const Step&)> visit) const;

  struct State {
    std::unique_ptr<google::protobuf::Message> state;
    Version version;
    // Log time of that version.
    absl::Time recorded_at;
    // Of this event or one before it the personal fields are gone.
    bool erased = false;
  };
  // As it was at exactly this version; NotFound when it never was.
  absl::StatusOr<State> At(const AggregateId& id, Version version) const;
  // As it was at the instant: after the last event with a log time not behind it; NotFound when
  // nothing had been emitted.
  absl::StatusOr<State> At(const AggregateId& id, absl::Time instant) const;

 private:
  absl::Status Walk(const AggregateId& id,
                    absl::FunctionRef<absl::StatusOr<bool>(const Told&)> visit) const;
  absl::StatusOr<State> After(const AggregateId& id,
                              absl::FunctionRef<bool(const Told&)> belongs) const;
  // Opens the event and applies it to `state`; whether its person is erased.
  absl::StatusOr<OpenedEvent> Apply(const AggregateId& id, const Told& told,
                                    google::protobuf::Message& state) const;

  const Area area_;
  const Domain& domain_;
  const view::ViewDb& views_;
  privacy::KeyVault& vault_;
};

}  // namespace pdp::engine

#endif  // PDP_LIBS_ENGINE_PAST_H_
