#ifndef PDP_SERVICES_SUBCONTRACTOR_SERVICE_QUERIES_H_
#define PDP_SERVICES_SUBCONTRACTOR_SERVICE_QUERIES_H_

#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "pdp/subcontractor/v1/queries.pb.h"

// The answers of the queries (section 8). Single aggregates come from the newest applied state,
// lists from the projections. Who asks decides what exists: the authority (A), the auditor (X) and
// the platform (SYS) see everything, an organisation what it is a party of; all else is NOT_FOUND.

namespace pdp::subcontractor {

grpc::Status ReadOrganisation(const host::ServiceHost& host,
                              const v1::GetOrganisationRequest& request,
                              v1::GetOrganisationReply* reply);
grpc::Status ReadPrimeContract(const host::ServiceHost& host,
                               const v1::GetPrimeContractRequest& request,
                               v1::GetPrimeContractReply* reply);
grpc::Status ReadSubcontract(const host::ServiceHost& host,
                             const v1::GetSubcontractRequest& request,
                             v1::GetSubcontractReply* reply);
grpc::Status ReadSubcontracts(const host::ServiceHost& host,
                              const v1::ListSubcontractsRequest& request,
                              v1::ListSubcontractsReply* reply);
grpc::Status ReadPool(const host::ServiceHost& host,
                      const v1::GetPoolRequest& request, v1::GetPoolReply* reply);
grpc::Status ReadCapacity(const host::ServiceHost& host,
                          const v1::GetCapacityRequest& request, v1::GetCapacityReply* reply);
grpc::Status ReadAllocation(const host::ServiceHost& host,
                            const v1::GetAllocationRequest& request, v1::GetAllocationReply* reply);
grpc::Status ReadDraws(const host::ServiceHost& host,
                       const v1::ListDrawsRequest& request, v1::ListDrawsReply* reply);
grpc::Status ReadVerification(const host::ServiceHost& host,
                              const v1::VerifyPoolRequest& request, v1::VerifyPoolReply* reply);
grpc::Status ReadCharges(const host::ServiceHost& host,
                         const v1::ListChargesRequest& request, v1::ListChargesReply* reply);
grpc::Status ReadLedger(const host::ServiceHost& host,
                        const v1::GetLedgerRequest& request, v1::GetLedgerReply* reply);
grpc::Status ReadStatement(const host::ServiceHost& host,
                           const v1::GetStatementRequest& request, v1::GetStatementReply* reply);
grpc::Status ReadStatements(const host::ServiceHost& host, const v1::ListStatementsRequest& request,
                            v1::ListStatementsReply* reply);
grpc::Status ReadChargeTasks(const host::ServiceHost& host,
                             const v1::ListChargeTasksRequest& request,
                             v1::ListChargeTasksReply* reply);

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_SERVICE_QUERIES_H_
