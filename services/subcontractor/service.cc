#include "services/subcontractor/service.h"

#include "libs/host/query.h"
#include "libs/rpc/execute.h"
#include "services/subcontractor/projections/money.h"
#include "services/subcontractor/projections/pool_trace.h"
#include "services/subcontractor/projections/subcontracts.h"
#include "services/subcontractor/service_queries.h"

namespace pdp::subcontractor {

using Reactor = grpc::ServerUnaryReactor;
using Impl = SubcontractorServiceImpl;

Reactor* Impl::Execute(Context* context, const v1::ExecuteRequest* request,
                       v1::ExecuteReply* reply) {
  return rpc::HandleExecute(host_, context, request, reply);
}

Reactor* Impl::GetOrganisation(Context* context, const v1::GetOrganisationRequest* request,
                               v1::GetOrganisationReply* reply) {
  return host::Query(host_, context, *request, {},
                     [=, this] { return ReadOrganisation(host_, *request, reply); });
}

Reactor* Impl::GetPrimeContract(Context* context, const v1::GetPrimeContractRequest* request,
                                v1::GetPrimeContractReply* reply) {
  return host::Query(host_, context, *request, {},
                     [=, this] { return ReadPrimeContract(host_, *request, reply); });
}

Reactor* Impl::GetSubcontract(Context* context, const v1::GetSubcontractRequest* request,
                              v1::GetSubcontractReply* reply) {
  return host::Query(host_, context, *request, {},
                     [=, this] { return ReadSubcontract(host_, *request, reply); });
}

Reactor* Impl::ListSubcontracts(Context* context, const v1::ListSubcontractsRequest* request,
                                v1::ListSubcontractsReply* reply) {
  return host::Query(host_, context, *request, {Subcontracts::kName},
                     [=, this] { return ReadSubcontracts(host_, *request, reply); });
}

Reactor* Impl::GetPool(Context* context, const v1::GetPoolRequest* request,
                       v1::GetPoolReply* reply) {
  return host::Query(host_, context, *request, {},
                     [=, this] { return ReadPool(host_, *request, reply); });
}

Reactor* Impl::GetCapacity(Context* context, const v1::GetCapacityRequest* request,
                           v1::GetCapacityReply* reply) {
  return host::Query(host_, context, *request, {},
                     [=, this] { return ReadCapacity(host_, *request, reply); });
}

Reactor* Impl::GetAllocation(Context* context, const v1::GetAllocationRequest* request,
                             v1::GetAllocationReply* reply) {
  return host::Query(host_, context, *request, {},
                     [=, this] { return ReadAllocation(host_, *request, reply); });
}

Reactor* Impl::ListDraws(Context* context, const v1::ListDrawsRequest* request,
                         v1::ListDrawsReply* reply) {
  return host::Query(host_, context, *request, {PoolTrace::kName},
                     [=, this] { return ReadDraws(host_, *request, reply); });
}

Reactor* Impl::VerifyPool(Context* context, const v1::VerifyPoolRequest* request,
                          v1::VerifyPoolReply* reply) {
  return host::Query(host_, context, *request, {PoolTrace::kName},
                     [=, this] { return ReadVerification(host_, *request, reply); });
}

Reactor* Impl::ListCharges(Context* context, const v1::ListChargesRequest* request,
                           v1::ListChargesReply* reply) {
  return host::Query(host_, context, *request, {Money::kName},
                     [=, this] { return ReadCharges(host_, *request, reply); });
}

Reactor* Impl::GetLedger(Context* context, const v1::GetLedgerRequest* request,
                         v1::GetLedgerReply* reply) {
  return host::Query(host_, context, *request, {Money::kName},
                     [=, this] { return ReadLedger(host_, *request, reply); });
}

Reactor* Impl::GetStatement(Context* context, const v1::GetStatementRequest* request,
                            v1::GetStatementReply* reply) {
  return host::Query(host_, context, *request, {Money::kName},
                     [=, this] { return ReadStatement(host_, *request, reply); });
}

Reactor* Impl::ListStatements(Context* context, const v1::ListStatementsRequest* request,
                              v1::ListStatementsReply* reply) {
  return host::Query(host_, context, *request, {Money::kName},
                     [=, this] { return ReadStatements(host_, *request, reply); });
}

Reactor* Impl::ListChargeTasks(Context* context, const v1::ListChargeTasksRequest* request,
                               v1::ListChargeTasksReply* reply) {
  return host::Query(host_, context, *request, {Money::kName},
                     [=, this] { return ReadChargeTasks(host_, *request, reply); });
}

}  // namespace pdp::subcontractor
