#include "services/referral/processes/court_requirements.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "services/referral/domain/domain.h"
#include "services/referral/domain/policy.h"

namespace pdp::referral {

using projection::Partitions;
using projection::ProcessContext;

std::vector<projection::Subscription> CourtRequirements::subscriptions() const {
  return {
      {.service = "referral", .partitions = Partitions::kNat, .types = {"RequirementRegistered"}}};
}

absl::Status CourtRequirements::React(const common::v1::CloudEvent& event,
                                      ProcessContext& context) {
  const auto data = projection::DataOf<v1::PublicEvent>(event);
  if (!data.has_requirement_registered()) return absl::OkStatus();
  const auto& registered = data.requirement_registered();
  const std::string& kind = registered.requirement().kind();
  // RAR, LICENCE and OTHER open none.
  if (absl::string_view(registered.area()) != context.area().code() ||
      (kind != "UPW" && kind != "AP")) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(v1::NatFacts facts, nat_.Facts(registered.crn(), registered.sentence_key()));
  v1::Command command;
  v1::OpenReferral* open = command.mutable_open_referral();
  open->set_crn(registered.crn());
  open->set_line(kind == "UPW" ? "UPW" : "PROGRAMME");
  open->set_origin("REQUIREMENT");
  open->set_sentence_key(registered.sentence_key());
  open->set_requirement_key(registered.requirement_key());
  *open->mutable_facts() = std::move(facts);
  const engine::CommandOutcome opened = context.Execute("open", command);
  RETURN_IF_ERROR(projection::Done(opened));
  // A repeat may carry newer facts under the same id: the referral is open, its slot perhaps not.
  const std::string refusal = projection::RefusalOf(opened);
  if (!refusal.empty() && refusal != "COMMAND_ID_REUSED") return absl::OkStatus();

  const std::string need = MapCode("route_need", registered.requirement().named_route());
  const std::string key =
      SlotKey(open->line(), need, registered.sentence_key(), registered.requirement_key());
  if (key.empty()) return absl::OkStatus();
  v1::Command reserve;
  reserve.mutable_reserve_slot()->set_crn(registered.crn());
  reserve.mutable_reserve_slot()->set_key(key);
  reserve.mutable_reserve_slot()->set_referral_id(
      RequirementReferralId(registered.requirement_key(), open->line()));
  return projection::Done(context.Execute("slot", reserve, Area::Nat()));
}

std::vector<projection::Subscription> SlotKeeper::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kOwn,
           .types = {"ReferralClosed", "DeliveryEnded", "ReferralReopened"}}};
}

absl::Status SlotKeeper::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  const auto data = projection::DataOf<v1::PublicEvent>(event);
  v1::Command command;
  if (data.has_referral_reopened() && !data.referral_reopened().slot_key().empty()) {
    auto* reserve = command.mutable_reserve_slot();
    reserve->set_crn(data.referral_reopened().crn());
    reserve->set_key(data.referral_reopened().slot_key());
    reserve->set_referral_id(data.referral_reopened().referral_id());
  } else if (data.has_delivery_ended() && !data.delivery_ended().slot_key().empty()) {
    auto* release = command.mutable_release_slot();
    release->set_crn(data.delivery_ended().crn());
    release->set_key(data.delivery_ended().slot_key());
    release->set_referral_id(data.delivery_ended().referral_id());
  } else if (data.has_referral_closed() && !data.referral_closed().slot_key().empty()) {
    auto* release = command.mutable_release_slot();
    release->set_crn(data.referral_closed().crn());
    release->set_key(data.referral_closed().slot_key());
    release->set_referral_id(data.referral_closed().referral_id());
  } else {
    return absl::OkStatus();
  }
  return projection::Done(
      context.Execute(absl::StrCat("slot/", context.area().code()), command, Area::Nat()));
}

}  // namespace pdp::referral
