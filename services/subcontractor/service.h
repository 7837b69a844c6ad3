#ifndef PDP_SERVICES_SUBCONTRACTOR_SERVICE_H_
#define PDP_SERVICES_SUBCONTRACTOR_SERVICE_H_

#include "libs/host/host.h"
#include "pdp/subcontractor/v1/service.grpc.pb.h"

namespace pdp::subcontractor {

// gRPC of the subcontractor service; no rules. Reads run on the host's query threads.
class SubcontractorServiceImpl final : public v1::SubcontractorService::CallbackService {
 public:
  explicit SubcontractorServiceImpl(const host::ServiceHost& host) : host_(host) {}

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  Reactor* Execute(Context* context, const v1::ExecuteRequest* request,
                   v1::ExecuteReply* reply) override;
  Reactor* GetOrganisation(Context* context, const v1::GetOrganisationRequest* request,
                           v1::GetOrganisationReply* reply) override;
  Reactor* GetPrimeContract(Context* context, const v1::GetPrimeContractRequest* request,
                            v1::GetPrimeContractReply* reply) override;
  Reactor* GetSubcontract(Context* context, const v1::GetSubcontractRequest* request,
                          v1::GetSubcontractReply* reply) override;
  Reactor* ListSubcontracts(Context* context, const v1::ListSubcontractsRequest* request,
                            v1::ListSubcontractsReply* reply) override;
  Reactor* GetPool(Context* context, const v1::GetPoolRequest* request,
                   v1::GetPoolReply* reply) override;
  Reactor* GetCapacity(Context* context, const v1::GetCapacityRequest* request,
                       v1::GetCapacityReply* reply) override;
  Reactor* GetAllocation(Context* context, const v1::GetAllocationRequest* request,
                         v1::GetAllocationReply* reply) override;
  Reactor* ListDraws(Context* context, const v1::ListDrawsRequest* request,
                     v1::ListDrawsReply* reply) override;
  Reactor* VerifyPool(Context* context, const v1::VerifyPoolRequest* request,
                      v1::VerifyPoolReply* reply) override;
  Reactor* ListCharges(Context* context, const v1::ListChargesRequest* request,
                       v1::ListChargesReply* reply) override;
  Reactor* GetLedger(Context* context, const v1::GetLedgerRequest* request,
                     v1::GetLedgerReply* reply) override;
  Reactor* GetStatement(Context* context, const v1::GetStatementRequest* request,
                        v1::GetStatementReply* reply) override;
  Reactor* ListStatements(Context* context, const v1::ListStatementsRequest* request,
                          v1::ListStatementsReply* reply) override;
  Reactor* ListChargeTasks(Context* context, const v1::ListChargeTasksRequest* request,
                           v1::ListChargeTasksReply* reply) override;

 private:
  const host::ServiceHost& host_;
};

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_SERVICE_H_
