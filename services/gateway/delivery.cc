#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "pdp/programmes/v1/service.grpc.pb.h"
#include "services/gateway/handlers.h"
#include "services/gateway/names.h"

namespace pdp::gateway {
namespace {

using programmes::v1::ProgrammesService;

// Facts of delivery, told to the service that delivers (interfaces, A10). RecordMinutes is offered
// once the unpaid work service takes outcomes from providers; until then it is UNIMPLEMENTED.
class DeliveryService final : public v1::Delivery::CallbackService {
 public:
  explicit DeliveryService(CallPath& path) : path_(path) {}

  grpc::ServerUnaryReactor* RecordAttendance(grpc::CallbackServerContext* context,
                                             const v1::RecordAttendanceRequest* request,
                                             v1::FactReply* reply) override {
    return path_.Serve(context, "Delivery.RecordAttendance", *request, reply,
                       [this, request, reply](Call& call) {
      return Attendance(call, *request, reply);
    });
  }

 private:
  grpc::Status Attendance(Call& call, const v1::RecordAttendanceRequest& request,
                          v1::FactReply* reply) {
    const auto parent = ParseAreaName("subcontracts", request.parent());
    if (!parent.has_value()) return NotVisible();
    common::v1::CommandHeader header;
    grpc::Status status = MakeHeader(call, path_.parts().sealer, request.request_id(), "",
                                     request.parent(), request.validate_only(), {"FAC"}, &header);
    if (!status.ok()) return status;
    programmes::v1::Command command;
    auto* attendance = command.mutable_record_attendance();
    attendance->set_session_id(request.session_id());
    attendance->set_close(request.close());
    attendance->set_lone_woman_action(request.lone_woman_action());
    for (const v1::AttendanceMark& mark : request.marks()) {
      auto* entry = attendance->add_entries();
      entry->set_enrolment_id(mark.enrolment_id());
      entry->set_code(mark.code());
      entry->set_minutes_present(mark.minutes_present());
    }
    programmes::v1::ExecuteReply executed;
    // The session is below the visible subcontract for the caller: what is not there, or not its
    // own, is one answer.
    status = Execute<ProgrammesService, programmes::v1::ExecuteRequest>(
        path_, call, "programmes", parent->area, header, command, true, &executed);
    if (!status.ok()) return status;
    for (const auto& event : executed.outcome().events()) reply->add_events(event.type());
    reply->set_area(executed.outcome().position().area());
    reply->set_seq(executed.outcome().position().seq());
    return grpc::Status::OK;
  }

  CallPath& path_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDelivery(CallPath& path) {
  return std::make_unique<DeliveryService>(path);
}

}  // namespace pdp::gateway
