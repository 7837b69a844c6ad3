#ifndef PDP_LIBS_RECORD_UPCASTER_H_
#define PDP_LIBS_RECORD_UPCASTER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

// Events of old schema versions, lifted to today's as they are read: nothing in the log is ever
// rewritten, and nothing behind the reader knows that there was another version.
//
// The first version of an event is 1. A change that protobuf does not carry by itself (a field
// split in two, a unit or a meaning changed) adds the new fields beside the old ones, adds a lift
// from n to n+1, and from then on events are written as n+1:
//
//   upcaster.Add("NeedsRecorded", 1, [](google::protobuf::Message& event) {
//     auto& needs = *static_cast<v1::Event&>(event).mutable_needs_recorded();
//     needs.set_minutes(needs.hours() * 60);
//   });
//
// A lift is pure and total: it gives something true for every event of its version that was ever
// written, erased people's (whose personal fields are empty) included. Another name for an event is
// another event: its old case stays in Evolve.
namespace pdp::record {

// Built once, before anything is read; then thread-safe.
class Upcaster {
 public:
  using Lift = std::function<void(google::protobuf::Message& event)>;

  // `from` must be the current version of `type`: lifts are added in order, none left out.
  void Add(absl::string_view type, uint32_t from, Lift lift);

  // What events of `type` are written as; 1 when it has no lifts.
  uint32_t Current(absl::string_view type) const;

  // Lifts `event`, an envelope holding the case `type`, from version `schema` (0 means 1: what was
  // written before versions were) to the current one. FailedPrecondition when `schema` is newer
  // than this program knows: it must not guess what the event says.
  absl::Status LiftToCurrent(absl::string_view type, uint32_t schema,
                             google::protobuf::Message* event) const;

 private:
  // By type: the lift at index i leads from version i + 1 to i + 2.
  std::map<std::string, std::vector<Lift>, std::less<>> lifts_;
};

}  // namespace pdp::record

#endif  // PDP_LIBS_RECORD_UPCASTER_H_
