#include "libs/engine/cell.h"

#include "absl/synchronization/notification.h"
#include "libs/engine/cell_impl.h"
#include "libs/engine/past.h"

namespace pdp::engine {

Cell::Cell(CellOptions options, Parts parts)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(parts))) {}
Cell::~Cell() { Stop(); }

void Cell::AddCommitListener(std::function<void(Area)> listener) {
  impl_->AddCommitListener(std::move(listener));
}
absl::Status Cell::Start() { return impl_->Start(); }
void Cell::Stop() { impl_->Stop(); }
void Cell::Submit(CommandRequest request, std::function<void(CommandOutcome)> done) {
  impl_->Submit(std::move(request), std::move(done));
}

CommandOutcome Cell::Execute(CommandRequest request) {
  CommandOutcome result;
  absl::Notification answered;
  impl_->Submit(std::move(request), [&](CommandOutcome outcome) {
    result = std::move(outcome);
    answered.Notify();
  });
  answered.WaitForNotification();
  return result;
}

absl::StatusOr<Cell::ReadResult> Cell::ReadState(const AggregateId& id) const {
  return impl_->ReadState(id);
}
Past Cell::past() const { return impl_->past(); }
absl::Status Cell::WaitFor(const common::v1::Position& position, absl::Time deadline) const {
  return impl_->WaitFor(position, deadline);
}
common::v1::Position Cell::position() const { return impl_->position(); }
absl::StatusOr<common::v1::FeedPosition> Cell::InboxMark(absl::string_view process,
                                                         absl::string_view service,
                                                         Area source) const {
  return impl_->InboxMark(process, service, source);
}
CellInfo Cell::info() const { return impl_->info(); }
bool Cell::leading() const { return impl_->leading(); }
absl::Status Cell::WaitUntilLeading(absl::Time deadline) const {
  return impl_->WaitUntilLeading(deadline);
}
void Cell::Wake() { impl_->Wake(); }

}  // namespace pdp::engine
