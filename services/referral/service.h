#ifndef PDP_SERVICES_REFERRAL_SERVICE_H_
#define PDP_SERVICES_REFERRAL_SERVICE_H_

#include "libs/host/host.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "services/referral/nat_reader.h"

namespace pdp::referral {

// gRPC of the referral service; no rules. Commands of an area that need person or sentence facts
// get them here, read from NAT, never from the caller. SubmitReferral is checked, its slot reserved
// in NAT, and then committed (section 7): when the area refuses after the slot was taken, the slot
// is released. Callback threads never block; reads run on the host's query threads.
class ReferralServiceImpl final : public v1::ReferralService::CallbackService {
 public:
  explicit ReferralServiceImpl(const host::ServiceHost& host) : host_(host), nat_(host) {}

  grpc::ServerUnaryReactor* Execute(grpc::CallbackServerContext* context,
                                    const v1::ExecuteRequest* request,
                                    v1::ExecuteReply* reply) override;
  grpc::ServerUnaryReactor* GetPerson(grpc::CallbackServerContext* context,
                                      const v1::GetPersonRequest* request,
                                      v1::GetPersonReply* reply) override;
  grpc::ServerUnaryReactor* GetSentence(grpc::CallbackServerContext* context,
                                        const v1::GetSentenceRequest* request,
                                        v1::GetSentenceReply* reply) override;
  grpc::ServerUnaryReactor* GetReferral(grpc::CallbackServerContext* context,
                                        const v1::GetReferralRequest* request,
                                        v1::GetReferralReply* reply) override;
  grpc::ServerUnaryReactor* GetHandoff(grpc::CallbackServerContext* context,
                                       const v1::GetHandoffRequest* request,
                                       v1::GetHandoffReply* reply) override;
  grpc::ServerUnaryReactor* CaseList(grpc::CallbackServerContext* context,
                                     const v1::CaseListRequest* request,
                                     v1::CaseListReply* reply) override;
  grpc::ServerUnaryReactor* OfferInbox(grpc::CallbackServerContext* context,
                                       const v1::OfferInboxRequest* request,
                                       v1::OfferInboxReply* reply) override;
  grpc::ServerUnaryReactor* DecisionExplain(grpc::CallbackServerContext* context,
                                            const v1::DecisionExplainRequest* request,
                                            v1::DecisionExplainReply* reply) override;
  grpc::ServerUnaryReactor* Search(grpc::CallbackServerContext* context,
                                   const v1::SearchRequest* request,
                                   v1::SearchReply* reply) override;
  grpc::ServerUnaryReactor* DraftList(grpc::CallbackServerContext* context,
                                      const v1::DraftListRequest* request,
                                      v1::DraftListReply* reply) override;
  grpc::ServerUnaryReactor* SlaBoard(grpc::CallbackServerContext* context,
                                     const v1::BoardRequest* request,
                                     v1::BoardReply* reply) override;
  grpc::ServerUnaryReactor* UnplacedQueue(grpc::CallbackServerContext* context,
                                          const v1::BoardRequest* request,
                                          v1::BoardReply* reply) override;
  grpc::ServerUnaryReactor* ReturnQueue(grpc::CallbackServerContext* context,
                                        const v1::BoardRequest* request,
                                        v1::BoardReply* reply) override;
  grpc::ServerUnaryReactor* DuplicateTasks(grpc::CallbackServerContext* context,
                                           const v1::BoardRequest* request,
                                           v1::BoardReply* reply) override;
  grpc::ServerUnaryReactor* EnforcementTasks(grpc::CallbackServerContext* context,
                                             const v1::BoardRequest* request,
                                             v1::EnforcementTasksReply* reply) override;
  grpc::ServerUnaryReactor* QuarantinedCodes(grpc::CallbackServerContext* context,
                                             const v1::BoardRequest* request,
                                             v1::QuarantinedCodesReply* reply) override;
  grpc::ServerUnaryReactor* TransferInbox(grpc::CallbackServerContext* context,
                                          const v1::BoardRequest* request,
                                          v1::BoardReply* reply) override;
  grpc::ServerUnaryReactor* History(grpc::CallbackServerContext* context,
                                    const v1::HistoryRequest* request,
                                    v1::HistoryReply* reply) override;
  grpc::ServerUnaryReactor* MixBoard(grpc::CallbackServerContext* context,
                                     const v1::MixBoardRequest* request,
                                     v1::MixBoardReply* reply) override;
  grpc::ServerUnaryReactor* OverrideBoard(grpc::CallbackServerContext* context,
                                          const v1::OverrideBoardRequest* request,
                                          v1::OverrideBoardReply* reply) override;
  grpc::ServerUnaryReactor* Performance(grpc::CallbackServerContext* context,
                                        const v1::PerformanceRequest* request,
                                        v1::PerformanceReply* reply) override;
  grpc::ServerUnaryReactor* ExportCaseload(grpc::CallbackServerContext* context,
                                           const v1::ExportCaseloadRequest* request,
                                           v1::ExportCaseloadReply* reply) override;
  grpc::ServerUnaryReactor* CheckCaseload(grpc::CallbackServerContext* context,
                                          const v1::CheckCaseloadRequest* request,
                                          v1::CheckCaseloadReply* reply) override;
  grpc::ServerUnaryReactor* AccessLog(grpc::CallbackServerContext* context,
                                      const v1::AccessLogRequest* request,
                                      v1::AccessLogReply* reply) override;
  grpc::ServerUnaryReactor* GetSubjectRequest(grpc::CallbackServerContext* context,
                                              const v1::GetSubjectRequestRequest* request,
                                              v1::GetSubjectRequestReply* reply) override;
  grpc::ServerWriteReactor<v1::SubjectBundlePart>* SubjectBundle(
      grpc::CallbackServerContext* context, const v1::SubjectBundleRequest* request) override;
  grpc::ServerUnaryReactor* AreaSubject(grpc::CallbackServerContext* context,
                                        const v1::AreaSubjectRequest* request,
                                        v1::AreaSubjectReply* reply) override;
  grpc::ServerUnaryReactor* GetSettings(grpc::CallbackServerContext* context,
                                        const v1::SettingsRequest* request,
                                        v1::SettingsReply* reply) override;
  grpc::ServerUnaryReactor* RuleEffects(grpc::CallbackServerContext* context,
                                        const v1::RuleEffectsRequest* request,
                                        v1::RuleEffectsReply* reply) override;

 private:
  const host::ServiceHost& host_;
  NatReader nat_;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_SERVICE_H_
