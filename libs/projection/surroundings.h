#ifndef PDP_LIBS_PROJECTION_SURROUNDINGS_H_
#define PDP_LIBS_PROJECTION_SURROUNDINGS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/base/area.h"
#include "libs/base/clock.h"
#include "libs/engine/cell_reader.h"
#include "libs/projection/projection.h"
#include "pdp/common/v1/common.pb.h"

namespace pdp::projection {

// What a peer said: its reply, or its refusal, which is an answer too.
template <typename Reply>
struct Answer {
  Reply reply;
  // Reason code; empty when accepted.
  std::string refusal;
  bool ok() const { return refusal.empty(); }
};

// What a process may ask of the place it runs in: the views there, and other services. A service
// process (host::ServiceHost), or one of a simulator. Process threads only: what waits, blocks.
//
//   ASSIGN_OR_RETURN(const auto answer, (here_.Ask<sub::ExecuteReply>(
//       "subcontractor", "/pdp.subcontractor.v1.SubcontractorService/Execute", request)));
//   if (!answer.ok() && answer.refusal == "ROUND_OPEN") ...
class Surroundings {
 public:
  static constexpr absl::Duration kAttempt = absl::Seconds(5);

  virtual ~Surroundings() = default;
  // The service that runs here.
  virtual const std::string& service() const = 0;
  virtual Clock& clock() const = 0;
  // The views of a cell hosted here; null when another process hosts it.
  virtual const engine::CellReader* reader(Area area) const = 0;
  // Rows of a projection of this service; the process ends when there is none of that name.
  virtual const RowReader& rows(const std::string& projection_name) const = 0;
  // Read-your-writes: waits until the named projections (all when empty) have passed the positions
  // of `options`, at most until `deadline` of clock(). OK at once when no position is asked for.
  virtual absl::Status WaitFor(const common::v1::ReadOptions& options, absl::Time deadline,
                               const std::vector<std::string>& projections = {}) const = 0;
  // The views have passed what the cell of `area` has applied by now: no row is missed that a
  // command answered before has made. At most `wait`: then DeadlineExceeded. Unavailable when the
  // cell is not hosted here.
  absl::Status CatchUp(Area area, absl::Duration wait,
                       const std::vector<std::string>& projections = {}) const;
  // Nobody can read any more what this process has sealed under the keys of these subjects, once it
  // returns OK. First waits up to 30 s until the views have passed what the cell of `area` has: one
  // that read an event later would find nothing in it (design, 6). May be repeated. Unavailable
  // when the cell is not hosted here, DeadlineExceeded when the views stay behind.
  virtual absl::Status DestroyKeys(Area area, const std::vector<std::string>& subjects) const = 0;

  // One attempt of a call to another service, or to another process of this one (interfaces, 1).
  // `method`: its full name as gRPC has it. A status says that nothing is known or nothing happened
  // (Unavailable, DeadlineExceeded, ResourceExhausted): return it from React and the runner tries
  // the same event again, with the same command id.
  template <typename Reply>
  absl::StatusOr<Answer<Reply>> Ask(const std::string& service, const std::string& method,
                                    const google::protobuf::Message& request,
                                    absl::Duration attempt = kAttempt) const {
    Answer<Reply> answer;
    absl::StatusOr<std::string> refusal =
        AskPeer(service, method, request, attempt, &answer.reply);
    if (!refusal.ok()) return refusal.status();
    answer.refusal = *std::move(refusal);
    return answer;
  }

 private:
  // The reason code of the peer's refusal; empty: `reply` is filled.
  virtual absl::StatusOr<std::string> AskPeer(const std::string& service,
                                              const std::string& method,
                                              const google::protobuf::Message& request,
                                              absl::Duration attempt,
                                              google::protobuf::Message* reply) const = 0;
};

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_SURROUNDINGS_H_
