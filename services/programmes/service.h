#ifndef PDP_SERVICES_PROGRAMMES_SERVICE_H_
#define PDP_SERVICES_PROGRAMMES_SERVICE_H_

#include "libs/host/host.h"
#include "pdp/programmes/v1/service.grpc.pb.h"

namespace pdp::programmes {

// gRPC of the programmes service; no rules. Reads run on the host's query threads.
class ProgrammesServiceImpl final : public v1::ProgrammesService::CallbackService {
 public:
  explicit ProgrammesServiceImpl(const host::ServiceHost& host) : host_(host) {}

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  Reactor* Execute(Context* context, const v1::ExecuteRequest* request,
                   v1::ExecuteReply* reply) override;
  Reactor* GetEnrolment(Context* context, const v1::GetEnrolmentRequest* request,
                        v1::GetEnrolmentReply* reply) override;
  Reactor* GetGroup(Context* context, const v1::GetGroupRequest* request,
                    v1::GetGroupReply* reply) override;
  Reactor* ListEnrolments(Context* context, const v1::ListEnrolmentsRequest* request,
                          v1::ListEnrolmentsReply* reply) override;
  Reactor* WaitingList(Context* context, const v1::WaitingListRequest* request,
                       v1::WaitingListReply* reply) override;
  Reactor* ListGroups(Context* context, const v1::ListGroupsRequest* request,
                      v1::ListGroupsReply* reply) override;
  Reactor* DayBoard(Context* context, const v1::DayBoardRequest* request,
                    v1::DayBoardReply* reply) override;
  Reactor* GetCalendar(Context* context, const v1::GetCalendarRequest* request,
                       v1::GetCalendarReply* reply) override;
  Reactor* ListTasks(Context* context, const v1::ListTasksRequest* request,
                     v1::ListTasksReply* reply) override;
  Reactor* ListCatalogue(Context* context, const v1::ListCatalogueRequest* request,
                         v1::ListCatalogueReply* reply) override;
  Reactor* EstimateCompletion(Context* context, const v1::EstimateCompletionRequest* request,
                              v1::EstimateCompletionReply* reply) override;

 private:
  const host::ServiceHost& host_;
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_SERVICE_H_
