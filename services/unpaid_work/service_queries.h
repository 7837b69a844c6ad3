#ifndef PDP_SERVICES_UNPAID_WORK_SERVICE_QUERIES_H_
#define PDP_SERVICES_UNPAID_WORK_SERVICE_QUERIES_H_

#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "pdp/unpaid_work/v1/queries.pb.h"

// The answers of the queries (section 9). Single aggregates come from the newest applied state,
// lists from the projections. Who asks decides what exists (query_access.h). Blocking on the disk
// only: for query threads.

namespace pdp::unpaid_work {

grpc::Status ReadCase(const host::ServiceHost& host, const v1::GetCaseRequest& request,
                      v1::GetCaseReply* reply);
grpc::Status ReadCases(const host::ServiceHost& host, const v1::ListCasesRequest& request,
                       v1::ListCasesReply* reply);
grpc::Status ReadLedger(const host::ServiceHost& host, const v1::LedgerEntriesRequest& request,
                        v1::LedgerEntriesReply* reply);
grpc::Status ReadCalendar(const host::ServiceHost& host, const v1::PersonCalendarRequest& request,
                          v1::PersonCalendarReply* reply);
grpc::Status ReadSession(const host::ServiceHost& host, const v1::GetSessionRequest& request,
                         v1::GetSessionReply* reply);
grpc::Status ReadRoster(const host::ServiceHost& host, const v1::SessionRosterRequest& request,
                        v1::SessionRosterReply* reply);
grpc::Status ReadProject(const host::ServiceHost& host, const v1::GetProjectRequest& request,
                         v1::GetProjectReply* reply);
grpc::Status ReadProjects(const host::ServiceHost& host, const v1::ProjectSearchRequest& request,
                          v1::ProjectSearchReply* reply);
grpc::Status ReadTasks(const host::ServiceHost& host, const v1::TasksRequest& request,
                       v1::TasksReply* reply);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_SERVICE_QUERIES_H_
