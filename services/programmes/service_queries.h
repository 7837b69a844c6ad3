#ifndef PDP_SERVICES_PROGRAMMES_SERVICE_QUERIES_H_
#define PDP_SERVICES_PROGRAMMES_SERVICE_QUERIES_H_

#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "pdp/programmes/v1/queries.pb.h"

// The answers of the queries (specification, section 7). Single aggregates come from the newest
// applied state, lists from the views. Scope before paging: see query_access.h. Blocking on the
// disk only: for query threads.

namespace pdp::programmes {

grpc::Status ReadEnrolment(const host::ServiceHost& host, const v1::GetEnrolmentRequest& request,
                           v1::GetEnrolmentReply* reply);
grpc::Status ReadEnrolments(const host::ServiceHost& host, const v1::ListEnrolmentsRequest& request,
                            v1::ListEnrolmentsReply* reply);
grpc::Status ReadWaitingList(const host::ServiceHost& host, const v1::WaitingListRequest& request,
                             v1::WaitingListReply* reply);
grpc::Status ReadGroup(const host::ServiceHost& host, const v1::GetGroupRequest& request,
                       v1::GetGroupReply* reply);
grpc::Status ReadGroups(const host::ServiceHost& host, const v1::ListGroupsRequest& request,
                        v1::ListGroupsReply* reply);
grpc::Status ReadDayBoard(const host::ServiceHost& host, const v1::DayBoardRequest& request,
                          v1::DayBoardReply* reply);
grpc::Status ReadCalendar(const host::ServiceHost& host, const v1::GetCalendarRequest& request,
                          v1::GetCalendarReply* reply);
grpc::Status ReadTasks(const host::ServiceHost& host, const v1::ListTasksRequest& request,
                       v1::ListTasksReply* reply);
grpc::Status ReadCatalogue(const v1::ListCatalogueRequest& request, v1::ListCatalogueReply* reply);
grpc::Status ReadEstimate(const host::ServiceHost& host,
                          const v1::EstimateCompletionRequest& request,
                          v1::EstimateCompletionReply* reply);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_SERVICE_QUERIES_H_
