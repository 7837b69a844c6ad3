#include "services/programmes/service.h"

#include "libs/host/query.h"
#include "libs/rpc/execute.h"
#include "services/programmes/projections/access.h"
#include "services/programmes/projections/calendars.h"
#include "services/programmes/projections/enrolments.h"
#include "services/programmes/projections/groups.h"
#include "services/programmes/projections/sessions.h"
#include "services/programmes/projections/tasks.h"
#include "services/programmes/service_queries.h"

namespace pdp::programmes {

using Reactor = grpc::ServerUnaryReactor;
using Impl = ProgrammesServiceImpl;

Reactor* Impl::Execute(Context* context, const v1::ExecuteRequest* request,
                       v1::ExecuteReply* reply) {
  return rpc::HandleExecute(host_, context, request, reply);
}

// Single aggregates are read from the cell, which the position token waits for as well.
Reactor* Impl::GetEnrolment(Context* context, const v1::GetEnrolmentRequest* request,
                            v1::GetEnrolmentReply* reply) {
  return host::Query(host_, context, *request, {Enrolments::kName, AccessIndex::kName},
                     [=, this] { return ReadEnrolment(host_, *request, reply); });
}

Reactor* Impl::GetGroup(Context* context, const v1::GetGroupRequest* request,
                        v1::GetGroupReply* reply) {
  return host::Query(host_, context, *request, {Groups::kName, AccessIndex::kName},
                     [=, this] { return ReadGroup(host_, *request, reply); });
}

Reactor* Impl::ListEnrolments(Context* context, const v1::ListEnrolmentsRequest* request,
                              v1::ListEnrolmentsReply* reply) {
  return host::Query(host_, context, *request, {Enrolments::kName, AccessIndex::kName},
                     [=, this] { return ReadEnrolments(host_, *request, reply); });
}

Reactor* Impl::WaitingList(Context* context, const v1::WaitingListRequest* request,
                           v1::WaitingListReply* reply) {
  return host::Query(host_, context, *request, {Enrolments::kName, AccessIndex::kName},
                     [=, this] { return ReadWaitingList(host_, *request, reply); });
}

Reactor* Impl::ListGroups(Context* context, const v1::ListGroupsRequest* request,
                          v1::ListGroupsReply* reply) {
  return host::Query(host_, context, *request, {Groups::kName},
                     [=, this] { return ReadGroups(host_, *request, reply); });
}

Reactor* Impl::DayBoard(Context* context, const v1::DayBoardRequest* request,
                        v1::DayBoardReply* reply) {
  return host::Query(host_, context, *request, {Sessions::kName},
                     [=, this] { return ReadDayBoard(host_, *request, reply); });
}

Reactor* Impl::GetCalendar(Context* context, const v1::GetCalendarRequest* request,
                           v1::GetCalendarReply* reply) {
  return host::Query(host_, context, *request,
                     {Calendars::kName, Enrolments::kName, AccessIndex::kName},
                     [=, this] { return ReadCalendar(host_, *request, reply); });
}

Reactor* Impl::ListTasks(Context* context, const v1::ListTasksRequest* request,
                         v1::ListTasksReply* reply) {
  return host::Query(host_, context, *request, {Tasks::kName},
                     [=, this] { return ReadTasks(host_, *request, reply); });
}

Reactor* Impl::ListCatalogue(Context* context, const v1::ListCatalogueRequest* request,
                             v1::ListCatalogueReply* reply) {
  return host::Query(host_, context, *request, {},
                     [=] { return ReadCatalogue(*request, reply); });
}

Reactor* Impl::EstimateCompletion(Context* context, const v1::EstimateCompletionRequest* request,
                                  v1::EstimateCompletionReply* reply) {
  return host::Query(host_, context, *request, {Groups::kName},
                     [=, this] { return ReadEstimate(host_, *request, reply); });
}

}  // namespace pdp::programmes
