#include "services/unpaid_work/processes/erasure.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell.h"
#include "libs/privacy/key_vault.h"
#include "pdp/unpaid_work/v1/commands.pb.h"
#include "pdp/referral/v1/public_events.pb.h"

namespace pdp::unpaid_work {
namespace {
constexpr absl::Duration kViewWait = absl::Seconds(30);
}  // namespace

std::vector<projection::Subscription> Erasures::subscriptions() const {
  return {{.service = "referral",
           .partitions = projection::Partitions::kNat,
           .types = {"PersonErased"}}};
}

absl::Status Erasures::React(const common::v1::CloudEvent& event,
                             projection::ProcessContext& context) {
  const auto erased = projection::DataOf<referral::v1::PublicEvent>(event).person_erased();
  const engine::Cell* cell = host_.cell(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  // A view that has not read an event yet would find nothing in it (design, 6).
  common::v1::ReadOptions now;
  *now.add_min_position() = cell->position();
  RETURN_IF_ERROR(host_.WaitFor(now, host_.clock().Now() + kViewWait));
  RETURN_IF_ERROR(host_.vault().Destroy(erased.crn()));
  for (const std::string& alias : erased.aliases()) {
    RETURN_IF_ERROR(host_.vault().Destroy(alias));
  }
  v1::Command command;
  command.mutable_confirm_erasure()->set_crn(erased.crn());
  return projection::Done(
      context.Execute(absl::StrCat("erased/", context.area().code()), command));
}

}  // namespace pdp::unpaid_work
