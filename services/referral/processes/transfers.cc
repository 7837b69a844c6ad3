#include "services/referral/processes/transfers.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/referral/v1/service.pb.h"
#include "services/referral/domain/domain.h"

namespace pdp::referral {
namespace {

constexpr char kCode[] = "CASE_TRANSFER";

}  // namespace

std::vector<v1::Command> CommandsOf(const unpaid_work::v1::PublicEvent& event) {
  std::vector<v1::Command> commands;
  for (const std::string& id : event.case_transfer_requested().referral_ids()) {
    v1::RequestTransfer* request = commands.emplace_back().mutable_request_transfer();
    request->set_referral_id(id);
    request->set_to_area(event.case_transfer_requested().to_area());
    request->set_code(kCode);
  }
  for (const std::string& id : event.case_transfer_rejected().referral_ids()) {
    v1::RefuseTransfer* refuse = commands.emplace_back().mutable_refuse_transfer();
    refuse->set_referral_id(id);
    refuse->set_code(kCode);
  }
  for (const std::string& id : event.case_transferred_out().referral_ids()) {
    commands.emplace_back().mutable_accept_transfer()->set_referral_id(id);
  }
  return commands;
}

std::vector<projection::Subscription> CaseTransfers::subscriptions() const {
  return {{.service = "unpaid_work",
           .partitions = projection::Partitions::kOwn,
           .types = {"CaseTransferRequested", "CaseTransferRejected", "CaseTransferredOut"}}};
}

absl::Status CaseTransfers::React(const common::v1::CloudEvent& event,
                                  projection::ProcessContext& context) {
  int step = 0;
  for (const v1::Command& command :
       CommandsOf(projection::DataOf<unpaid_work::v1::PublicEvent>(event))) {
    RETURN_IF_ERROR(
        projection::Done(context.Execute(absl::StrCat("transfer/", ++step), command)));
  }
  return absl::OkStatus();
}

std::vector<projection::Subscription> Handoffs::subscriptions() const {
  return {{.service = "referral",
           .partitions = projection::Partitions::kAll,
           .types = {"ReferralHandedOff"}}};
}

absl::StatusOr<v1::GetHandoffReply> Handoffs::Sealed(Area source, const std::string& referral_id,
                                                     uint64_t handed_off_seq) const {
  v1::GetHandoffReply reply;
  if (const engine::CellReader* cell = host_.reader(source)) {
    ASSIGN_OR_RETURN(const engine::CellReader::ReadResult read,
                     cell->ReadState(ReferralId(referral_id)));
    *reply.mutable_referral() = static_cast<const v1::State&>(*read.state).referral();
    reply.set_version(read.version.value());
    if (reply.referral().state() != v1::MOVED) return absl::NotFoundError("it came back");
    return reply;
  }
  v1::GetHandoffRequest request;
  request.set_area(std::string(source.code()));
  request.set_referral_id(referral_id);
  request.mutable_actor()->set_id("referral");
  request.mutable_actor()->add_roles("SYS");
  common::v1::Position* seal = request.mutable_read()->add_min_position();
  seal->set_area(request.area());
  seal->set_seq(handed_off_seq);
  ASSIGN_OR_RETURN(auto answer,
                   (host_.Ask<v1::GetHandoffReply>(
                       "referral", "/pdp.referral.v1.ReferralService/GetHandoff", request)));
  if (answer.refusal == "NOT_FOUND") return absl::NotFoundError("it came back");
  if (!answer.ok()) return absl::UnavailableError(answer.refusal);
  return std::move(answer.reply);
}

absl::Status Handoffs::Confirm(Area source, const std::string& referral_id, uint64_t version,
                               projection::ProcessContext& context) {
  v1::Command command;
  command.mutable_confirm_handoff()->set_referral_id(referral_id);
  command.mutable_confirm_handoff()->set_version(version);
  return projection::Done(
      context.Execute(absl::StrCat("confirm/", context.area().code()), command, source));
}

absl::Status Handoffs::React(const common::v1::CloudEvent& event,
                             projection::ProcessContext& context) {
  const auto data = projection::DataOf<v1::PublicEvent>(event);
  const auto& gone = data.referral_handed_off();
  const auto source = Area::FromCode(gone.from_area());
  if (!source || absl::string_view(gone.to_area()) != context.area().code()) {
    return absl::OkStatus();
  }
  auto sealed = Sealed(*source, gone.referral_id(), event.seq());
  // It was here and went back: nothing is left to take over.
  if (absl::IsNotFound(sealed.status())) return absl::OkStatus();
  RETURN_IF_ERROR(sealed.status());
  if (sealed->version() < gone.version()) return absl::UnavailableError("the seal is not read yet");
  v1::Command command;
  v1::ReceiveHandoff* receive = command.mutable_receive_handoff();
  *receive->mutable_snapshot() = std::move(*sealed->mutable_referral());
  receive->set_version(gone.version());
  receive->set_from_area(gone.from_area());
  receive->set_resume_state(gone.resume_state());
  receive->set_pdu(gone.pdu());
  RETURN_IF_ERROR(projection::Done(context.Execute("receive", command)));
  return Confirm(*source, gone.referral_id(), gone.version(), context);
}

}  // namespace pdp::referral
