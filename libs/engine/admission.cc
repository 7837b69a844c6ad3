// How many commands may wait for a cell that is offered more than it can take.

#include <algorithm>
#include <cstddef>

#include "libs/engine/cell_impl.h"

namespace pdp::engine {
namespace {

// So many may wait however long a command takes.
constexpr double kAdmitMin = 64;
// And so many are taken up at once.
constexpr double kRoundMin = 16;
// A round that took longer says nothing: the machine slept, or its clock was set.
constexpr absl::Duration kRoundMax = absl::Seconds(5);
// What a command costs is learnt at once from a round of so many, slowly from smaller ones: most of
// a small round is spent on what a large one shares.
constexpr double kTellingRound = 64;

}  // namespace

// No longer than a quarter of what a command may wait: whoever comes next waits for all of it.
size_t Cell::Impl::RoundMax() const {
  if (stepped_ || command_cost_ <= absl::ZeroDuration()) return options_.group_max;
  const double most = absl::FDivDuration(options_.wait_max / 4, command_cost_);
  return most >= static_cast<double>(options_.group_max)
             ? options_.group_max
             : static_cast<size_t>(std::max(most, kRoundMin));
}

// Before waiting for work: the round that began with the last RoundBegins is over.
void Cell::Impl::RoundEnds() {
  const absl::Duration took = parts_.clock->Now() - round_from_;
  if (round_commands_ == 0 || took <= absl::ZeroDuration() || took > kRoundMax) return;
  const absl::Duration cost = took / static_cast<double>(round_commands_);
  const double weight = std::min(1.0, static_cast<double>(round_commands_) / kTellingRound);
  command_cost_ += weight * (cost - command_cost_);
}

void Cell::Impl::RoundBegins(size_t commands) {
  round_from_ = parts_.clock->Now();
  round_commands_ = commands;
  if (stepped_ || mode_ != Mode::kLeading || command_cost_ <= absl::ZeroDuration()) {
    admit_ = options_.queue_max;
    return;
  }
  // A full flight waits for the log already.
  const double may_wait = in_flight_.size() >= options_.in_flight_max
                              ? 0
                              : absl::FDivDuration(options_.wait_max, command_cost_);
  admit_ = may_wait >= static_cast<double>(options_.queue_max)
               ? options_.queue_max
               : static_cast<size_t>(std::max(may_wait, kAdmitMin));
}

}  // namespace pdp::engine
