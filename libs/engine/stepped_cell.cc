#include "libs/engine/stepped_cell.h"

#include <utility>

#include "libs/engine/cell_impl.h"

namespace pdp::engine {

SteppedCell::SteppedCell(CellOptions options, Cell::Parts parts)
    : impl_(std::make_unique<Cell::Impl>(std::move(options), std::move(parts), /*stepped=*/true)) {}
SteppedCell::~SteppedCell() = default;

void SteppedCell::AddCommitListener(std::function<void(Area)> listener) {
  impl_->AddCommitListener(std::move(listener));
}
absl::Status SteppedCell::Start() { return impl_->Start(); }
void SteppedCell::Stop() { impl_->Stop(); }
void SteppedCell::Submit(CommandRequest request, std::function<void(CommandOutcome)> done) {
  impl_->Submit(std::move(request), std::move(done));
}

bool SteppedCell::StepTail() {
  if (impl_->tail_ended_) return false;
  {
    absl::MutexLock lock(&impl_->mutex_);
    if (impl_->batches_.size() >= Cell::Impl::kBatchesMax) return true;
  }
  const Cell::Impl::TailTurn turn = impl_->ReadTail(absl::ZeroDuration());
  impl_->tail_ended_ = turn == Cell::Impl::TailTurn::kEnded;
  return turn == Cell::Impl::TailTurn::kRead || turn == Cell::Impl::TailTurn::kEnded;
}

void SteppedCell::StepCell() { impl_->Turn(impl_->TakeWork(/*wait=*/false)); }

bool SteppedCell::StepClaim() {
  if (impl_->pending_claim_ == nullptr) return false;
  std::optional<absl::StatusOr<Epoch>> decided =
      impl_->pending_claim_->Step(absl::ZeroDuration());
  if (!decided.has_value()) return false;
  impl_->pending_claim_.reset();
  absl::MutexLock lock(&impl_->mutex_);
  impl_->claim_ = *std::move(decided);
  return true;
}
bool SteppedCell::claiming() const { return impl_->pending_claim_ != nullptr; }

absl::StatusOr<CellReader::ReadResult> SteppedCell::ReadState(const AggregateId& id) const {
  return impl_->ReadState(id);
}
Past SteppedCell::past() const { return impl_->past(); }
common::v1::Position SteppedCell::position() const { return impl_->position(); }
absl::StatusOr<common::v1::FeedPosition> SteppedCell::InboxMark(absl::string_view process,
                                                                absl::string_view service,
                                                                Area source) const {
  return impl_->InboxMark(process, service, source);
}
CellInfo SteppedCell::info() const { return impl_->info(); }
bool SteppedCell::leading() const { return impl_->leading(); }

}  // namespace pdp::engine
