#include "services/referral/processes/court_requirements.h"

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
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
  ASSIGN_OR_RETURN(v1::NatFacts facts, nat_.Facts(registered.crn(), registered.sentence_key(),
                                                  projection::PositionOf(event)));
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
           .types = {"ReferralSubmitted", "ReferralClosed", "DeliveryEnded", "ReferralReopened",
                     "DraftDiscarded", "ReferralAmended"}},
          {.service = "referral", .partitions = Partitions::kNat, .types = {"SlotCheckDue"}}};
}

namespace {

v1::Command ReserveCommand(const std::string& crn, const std::string& key,
                           const std::string& referral_id) {
  v1::Command command;
  command.mutable_reserve_slot()->set_crn(crn);
  command.mutable_reserve_slot()->set_key(key);
  command.mutable_reserve_slot()->set_referral_id(referral_id);
  return command;
}

v1::Command ReleaseCommand(const std::string& crn, const std::string& key,
                           const std::string& referral_id) {
  v1::Command command;
  command.mutable_release_slot()->set_crn(crn);
  command.mutable_release_slot()->set_key(key);
  command.mutable_release_slot()->set_referral_id(referral_id);
  return command;
}

}  // namespace

std::optional<v1::Command> SlotCommandOf(const common::v1::CloudEvent& event,
                                         const v1::Referral* referral) {
  if (projection::ShortType(event) == "SlotCheckDue") {
    const auto due = projection::DataOf<v1::InternalEvent>(event).slot_check_due();
    // Another area's, or submitted; a court requirement's draft keeps its slot (REF-24).
    if (referral == nullptr || referral->state() != v1::DRAFT ||
        referral->origin() == "REQUIREMENT") {
      return std::nullopt;
    }
    return ReleaseCommand(due.crn(), due.key(), due.referral_id());
  }
  if (projection::ShortType(event) == "DraftDiscarded") {
    const auto gone = projection::DataOf<v1::InternalEvent>(event).draft_discarded();
    if (gone.slot_key().empty()) return std::nullopt;
    return ReleaseCommand(gone.crn(), gone.slot_key(), gone.referral_id());
  }
  const auto data = projection::DataOf<v1::PublicEvent>(event);
  if (data.has_referral_submitted()) {
    // Asked once more: an orphan's release may have crossed a submission (REF-35).
    const auto& submitted = data.referral_submitted();
    if (referral == nullptr || submitted.slot_key().empty()) return std::nullopt;
    return ReserveCommand(referral->origin_crn(), submitted.slot_key(), submitted.referral_id());
  }
  if (data.has_referral_amended() && !data.referral_amended().old_slot_key().empty()) {
    // The new one was reserved before (REF-70).
    const auto& amended = data.referral_amended();
    return ReleaseCommand(amended.crn(), amended.old_slot_key(), amended.referral_id());
  }
  if (data.has_referral_reopened() && !data.referral_reopened().slot_key().empty()) {
    const auto& reopened = data.referral_reopened();
    return ReserveCommand(reopened.crn(), reopened.slot_key(), reopened.referral_id());
  }
  if (data.has_delivery_ended() && !data.delivery_ended().slot_key().empty()) {
    const auto& ended = data.delivery_ended();
    return ReleaseCommand(ended.crn(), ended.slot_key(), ended.referral_id());
  }
  if (data.has_referral_closed() && !data.referral_closed().slot_key().empty()) {
    const auto& closed = data.referral_closed();
    return ReleaseCommand(closed.crn(), closed.slot_key(), closed.referral_id());
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<v1::Referral>> SlotKeeper::Read(const common::v1::CloudEvent& event,
                                                             Area area) {
  std::string id;
  if (projection::ShortType(event) == "SlotCheckDue") {
    id = projection::DataOf<v1::InternalEvent>(event).slot_check_due().referral_id();
  } else if (projection::ShortType(event) == "ReferralSubmitted") {
    id = projection::DataOf<v1::PublicEvent>(event).referral_submitted().referral_id();
  }
  if (id.empty()) return std::optional<v1::Referral>();
  const engine::CellReader* cell = host_.reader(area);
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  const auto read = cell->ReadState(ReferralId(id));
  if (read.status().code() == absl::StatusCode::kNotFound) return std::optional<v1::Referral>();
  RETURN_IF_ERROR(read.status());
  return std::optional(static_cast<const v1::State&>(*read->state).referral());
}

absl::Status SlotKeeper::React(const common::v1::CloudEvent& event, ProcessContext& context) {
  ASSIGN_OR_RETURN(const auto referral, Read(event, context.area()));
  const auto command = SlotCommandOf(event, referral ? &*referral : nullptr);
  if (!command) return absl::OkStatus();
  const engine::CommandOutcome outcome =
      context.Execute(absl::StrCat("slot/", context.area().code()), *command, Area::Nat());
  if (projection::RefusalOf(outcome) == "SLOT_HELD") {
    PDP_LOG(WARNING) << "two open referrals claim one slot: " << event.subject();
  }
  return projection::Done(outcome);
}

}  // namespace pdp::referral
