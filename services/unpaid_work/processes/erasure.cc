#include "services/unpaid_work/processes/erasure.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "pdp/unpaid_work/v1/commands.pb.h"
#include "pdp/referral/v1/public_events.pb.h"

namespace pdp::unpaid_work {

std::vector<projection::Subscription> Erasures::subscriptions() const {
  return {{.service = "referral",
           .partitions = projection::Partitions::kNat,
           .types = {"PersonErased"}}};
}

absl::Status Erasures::React(const common::v1::CloudEvent& event,
                             projection::ProcessContext& context) {
  const auto erased = projection::DataOf<referral::v1::PublicEvent>(event).person_erased();
  std::vector<std::string> family(erased.aliases().begin(), erased.aliases().end());
  family.push_back(erased.crn());
  RETURN_IF_ERROR(host_.DestroyKeys(context.area(), family));
  v1::Command command;
  command.mutable_confirm_erasure()->set_crn(erased.crn());
  return projection::Done(
      context.Execute(absl::StrCat("erased/", context.area().code()), command));
}

}  // namespace pdp::unpaid_work
