#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "pdp/programmes/v1/service.grpc.pb.h"
#include "pdp/unpaid_work/v1/service.grpc.pb.h"
#include "services/gateway/handlers.h"
#include "services/gateway/names.h"

namespace pdp::gateway {
namespace {

using programmes::v1::ProgrammesService;
using unpaid_work::v1::UnpaidWorkService;

// Facts of delivery, told to the service that delivers (interfaces, A10). What is asked about lies
// below the caller's own subcontract: what is not there and what is another's are one answer.
class DeliveryService final : public v1::Delivery::CallbackService {
 public:
  explicit DeliveryService(CallPath& path) : path_(path) {}

  grpc::ServerUnaryReactor* RecordAttendance(grpc::CallbackServerContext* context,
                                             const v1::RecordAttendanceRequest* request,
                                             v1::FactReply* reply) override {
    return path_.Serve(context, "Delivery.RecordAttendance", *request, reply,
                       [this, request, reply](Call& call) {
      programmes::v1::Command command;
      auto* attendance = command.mutable_record_attendance();
      attendance->set_session_id(request->session_id());
      attendance->set_close(request->close());
      attendance->set_lone_woman_action(request->lone_woman_action());
      for (const v1::AttendanceMark& mark : request->marks()) {
        auto* entry = attendance->add_entries();
        entry->set_enrolment_id(mark.enrolment_id());
        entry->set_code(mark.code());
        entry->set_minutes_present(mark.minutes_present());
      }
      programmes::v1::ExecuteReply executed;
      return Tell<ProgrammesService, programmes::v1::ExecuteRequest>(
          call, "programmes", "FAC", *request, command, &executed, reply);
    });
  }

  grpc::ServerUnaryReactor* RecordMinutes(grpc::CallbackServerContext* context,
                                          const v1::RecordMinutesRequest* request,
                                          v1::RecordMinutesReply* reply) override {
    return path_.Serve(context, "Delivery.RecordMinutes", *request, reply,
                       [this, request, reply](Call& call) {
      return Minutes(call, *request, reply);
    });
  }

  grpc::ServerUnaryReactor* RecordOutcome(grpc::CallbackServerContext* context,
                                          const v1::RecordOutcomeRequest* request,
                                          v1::FactReply* reply) override {
    return path_.Serve(context, "Delivery.RecordOutcome", *request, reply,
                       [this, request, reply](Call& call) {
      return Outcome(call, *request, reply);
    });
  }

 private:
  static unpaid_work::v1::OutcomeItem ItemOf(const v1::WorkMark& mark) {
    unpaid_work::v1::OutcomeItem item;
    item.set_crn(mark.crn());
    item.set_appointment_id(mark.appointment_id());
    item.set_code(mark.code());
    item.set_actual_start(mark.actual_start());
    item.set_actual_end(mark.actual_end());
    item.set_penalty(mark.penalty_minutes());
    item.set_quality(mark.quality());
    item.set_behaviour(mark.behaviour());
    return item;
  }

  grpc::Status Minutes(Call& call, const v1::RecordMinutesRequest& request,
                       v1::RecordMinutesReply* reply) {
    unpaid_work::v1::Command command;
    if (!request.session_id().empty()) {
      auto* outcomes = command.mutable_record_session_outcomes();
      outcomes->set_session_id(request.session_id());
      for (const v1::WorkMark& mark : request.marks()) *outcomes->add_items() = ItemOf(mark);
    } else if (request.marks_size() == 1) {
      *command.mutable_record_outcome()->mutable_item() = ItemOf(request.marks(0));
    } else {
      return BadField("marks", "VALIDATION_FAILED", "one mark, or a session_id with its register");
    }
    unpaid_work::v1::ExecuteReply executed;
    const grpc::Status status = Tell<UnpaidWorkService, unpaid_work::v1::ExecuteRequest>(
        call, "unpaid_work", "SU", request, command, &executed, reply);
    if (!status.ok()) return status;
    for (const auto& result : executed.reply().record_session_outcomes().results()) {
      v1::RecordMinutesReply::Result* out = reply->add_results();
      out->set_crn(result.crn());
      out->set_appointment_id(result.appointment_id());
      out->set_reason(result.reason());
      out->set_detail(result.detail());
    }
    return grpc::Status::OK;
  }

  grpc::Status Outcome(Call& call, const v1::RecordOutcomeRequest& request,
                       v1::FactReply* reply) {
    programmes::v1::Command command;
    switch (request.fact_case()) {
      case v1::RecordOutcomeRequest::kMeasure: {
        auto* measure = command.mutable_take_measure();
        measure->set_enrolment_id(request.enrolment_id());
        measure->set_instrument(request.measure().instrument());
        measure->set_phase(request.measure().phase());
        measure->set_total(request.measure().total());
        break;
      }
      case v1::RecordOutcomeRequest::kRating: {
        programmes::v1::OutcomeResult result;
        if (!programmes::v1::OutcomeResult_Parse(request.rating().result(), &result)) {
          return BadField("rating.result", "VALIDATION_FAILED",
                          "ACHIEVED, PARTLY, NOT_ACHIEVED or NOT_MEASURED");
        }
        auto* rating = command.mutable_rate_outcome();
        rating->set_enrolment_id(request.enrolment_id());
        rating->set_outcome(request.rating().outcome());
        rating->set_result(result);
        break;
      }
      case v1::RecordOutcomeRequest::FACT_NOT_SET:
        return BadField("fact", "VALIDATION_FAILED", "a measure or a rating is needed");
    }
    programmes::v1::ExecuteReply executed;
    return Tell<ProgrammesService, programmes::v1::ExecuteRequest>(
        call, "programmes", "FAC", request, command, &executed, reply);
  }

  // Runs the command in the cell of the subcontract's area, and says what it caused.
  template <typename Service, typename ServiceRequest, typename Request, typename Command,
            typename Executed, typename Reply>
  grpc::Status Tell(Call& call, const std::string& service, const std::string& role,
                    const Request& request, const Command& command, Executed* executed,
                    Reply* reply) {
    const auto parent = ParseAreaName("subcontracts", request.parent());
    if (!parent.has_value()) return NotVisible();
    common::v1::CommandHeader header;
    grpc::Status status = MakeHeader(call, path_.parts().sealer, request.request_id(), "",
                                     request.parent(), request.validate_only(), {role}, &header);
    if (!status.ok()) return status;
    if (request.has_occurred_at()) *header.mutable_occurred_at() = request.occurred_at();
    status = Execute<Service, ServiceRequest>(path_, call, service, parent->area, header, command,
                                              true, executed);
    if (!status.ok()) return status;
    for (const auto& event : executed->outcome().events()) reply->add_events(event.type());
    reply->set_area(executed->outcome().position().area());
    reply->set_seq(executed->outcome().position().seq());
    return grpc::Status::OK;
  }

  CallPath& path_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDelivery(CallPath& path) {
  return std::make_unique<DeliveryService>(path);
}

}  // namespace pdp::gateway
