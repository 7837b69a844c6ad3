#ifndef PDP_SERVICES_UNPAID_WORK_SERVICE_H_
#define PDP_SERVICES_UNPAID_WORK_SERVICE_H_

#include "libs/host/host.h"
#include "pdp/unpaid_work/v1/service.grpc.pb.h"

namespace pdp::unpaid_work {

// gRPC of the unpaid work service; no rules. Reads run on the host's query threads.
class UnpaidWorkServiceImpl final : public v1::UnpaidWorkService::CallbackService {
 public:
  explicit UnpaidWorkServiceImpl(const host::ServiceHost& host) : host_(host) {}

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  Reactor* Execute(Context* context, const v1::ExecuteRequest* request,
                   v1::ExecuteReply* reply) override;
  Reactor* GetCase(Context* context, const v1::GetCaseRequest* request,
                   v1::GetCaseReply* reply) override;
  Reactor* ListCases(Context* context, const v1::ListCasesRequest* request,
                     v1::ListCasesReply* reply) override;
  Reactor* LedgerEntries(Context* context, const v1::LedgerEntriesRequest* request,
                         v1::LedgerEntriesReply* reply) override;
  Reactor* PersonCalendar(Context* context, const v1::PersonCalendarRequest* request,
                          v1::PersonCalendarReply* reply) override;
  Reactor* GetSession(Context* context, const v1::GetSessionRequest* request,
                      v1::GetSessionReply* reply) override;
  Reactor* SessionRoster(Context* context, const v1::SessionRosterRequest* request,
                         v1::SessionRosterReply* reply) override;
  Reactor* GetProject(Context* context, const v1::GetProjectRequest* request,
                      v1::GetProjectReply* reply) override;
  Reactor* ProjectSearch(Context* context, const v1::ProjectSearchRequest* request,
                         v1::ProjectSearchReply* reply) override;
  Reactor* Tasks(Context* context, const v1::TasksRequest* request,
                 v1::TasksReply* reply) override;

 private:
  const host::ServiceHost& host_;
};

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_SERVICE_H_
