#ifndef PDP_LIBS_ENGINE_STEPPED_CELL_H_
#define PDP_LIBS_ENGINE_STEPPED_CELL_H_

#include <functional>
#include <memory>

#include "libs/engine/cell.h"

namespace pdp::engine {

// A cell without threads, for simulators: the same code as Cell, whose three threads become three
// steps that the caller takes one at a time, in any order and as late as it likes. Nothing waits
// and nothing asks the machine for the time, so a run is decided by the parts (log, clock, random,
// vault) and by the order of the steps.
//
//   step       | instead of          | does
//   -----------|---------------------|----------------------------------------------------------
//   StepTail   | the tail thread     | reads the log once, into a short queue
//   StepCell   | the cell thread     | one round: apply what was read, decide what waits, send
//   StepClaim  | the claimer         | goes on with a claim in progress
//
// One thread in all. `done` of Submit runs inside StepCell, Submit or Stop. Destroying the cell
// answers what waits, as Stop does: whoever plays a crash must close its ears first.
class SteppedCell final : public CellReader {
 public:
  SteppedCell(CellOptions options, Cell::Parts parts);
  ~SteppedCell() override;

  void AddCommitListener(std::function<void(Area)> listener);
  absl::Status Start();
  void Stop();
  void Submit(CommandRequest request, std::function<void(CommandOutcome)> done);

  // True when something was read (or has gone wrong) and StepCell has work.
  bool StepTail();
  void StepCell();
  // True when the claim has ended and StepCell has work.
  bool StepClaim();
  bool claiming() const;

  absl::StatusOr<ReadResult> ReadState(const AggregateId& id) const override;
  Past past() const override;
  common::v1::Position position() const override;
  absl::StatusOr<common::v1::FeedPosition> InboxMark(absl::string_view process,
                                                     absl::string_view service, Area source) const;
  CellInfo info() const;
  bool leading() const;

 private:
  std::unique_ptr<Cell::Impl> impl_;
};

}  // namespace pdp::engine

#endif  // PDP_LIBS_ENGINE_STEPPED_CELL_H_
