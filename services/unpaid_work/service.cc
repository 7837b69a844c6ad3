#include "services/unpaid_work/service.h"

#include "libs/host/query.h"
#include "libs/rpc/execute.h"
#include "services/unpaid_work/projections/calendar.h"
#include "services/unpaid_work/projections/cases.h"
#include "services/unpaid_work/projections/ledger.h"
#include "services/unpaid_work/projections/tasks.h"
#include "services/unpaid_work/projections/work.h"
#include "services/unpaid_work/service_queries.h"

namespace pdp::unpaid_work {

using Reactor = grpc::ServerUnaryReactor;
using Impl = UnpaidWorkServiceImpl;

Reactor* Impl::Execute(Context* context, const v1::ExecuteRequest* request,
                       v1::ExecuteReply* reply) {
  return rpc::HandleExecute(host_, context, request, reply);
}

Reactor* Impl::GetCase(Context* context, const v1::GetCaseRequest* request,
                       v1::GetCaseReply* reply) {
  return host::Query(host_, context, *request, {LedgerView::kName},
                     [=, this] { return ReadCase(host_, *request, reply); });
}

Reactor* Impl::ListCases(Context* context, const v1::ListCasesRequest* request,
                         v1::ListCasesReply* reply) {
  return host::Query(host_, context, *request, {Cases::kName},
                     [=, this] { return ReadCases(host_, *request, reply); });
}

Reactor* Impl::LedgerEntries(Context* context, const v1::LedgerEntriesRequest* request,
                             v1::LedgerEntriesReply* reply) {
  return host::Query(host_, context, *request, {LedgerView::kName},
                     [=, this] { return ReadLedger(host_, *request, reply); });
}

Reactor* Impl::PersonCalendar(Context* context, const v1::PersonCalendarRequest* request,
                              v1::PersonCalendarReply* reply) {
  return host::Query(host_, context, *request, {unpaid_work::PersonCalendar::kName},
                     [=, this] { return ReadCalendar(host_, *request, reply); });
}

Reactor* Impl::GetSession(Context* context, const v1::GetSessionRequest* request,
                          v1::GetSessionReply* reply) {
  return host::Query(host_, context, *request, {},
                     [=, this] { return ReadSession(host_, *request, reply); });
}

Reactor* Impl::SessionRoster(Context* context, const v1::SessionRosterRequest* request,
                             v1::SessionRosterReply* reply) {
  return host::Query(host_, context, *request, {unpaid_work::SessionRoster::kName},
                     [=, this] { return ReadRoster(host_, *request, reply); });
}

Reactor* Impl::GetProject(Context* context, const v1::GetProjectRequest* request,
                          v1::GetProjectReply* reply) {
  return host::Query(host_, context, *request, {},
                     [=, this] { return ReadProject(host_, *request, reply); });
}

Reactor* Impl::ProjectSearch(Context* context, const v1::ProjectSearchRequest* request,
                             v1::ProjectSearchReply* reply) {
  return host::Query(host_, context, *request, {ProjectIndex::kName},
                     [=, this] { return ReadProjects(host_, *request, reply); });
}

Reactor* Impl::Tasks(Context* context, const v1::TasksRequest* request, v1::TasksReply* reply) {
  return host::Query(host_, context, *request, {unpaid_work::Tasks::kName},
                     [=, this] { return ReadTasks(host_, *request, reply); });
}

}  // namespace pdp::unpaid_work
