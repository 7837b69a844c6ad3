#ifndef PDP_SERVICES_REFERRAL_SERVICE_QUERIES_H_
#define PDP_SERVICES_REFERRAL_SERVICE_QUERIES_H_

#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "services/referral/nat_reader.h"
#include "services/referral/projections/sentences.h"

// The answers of the queries (specification, section 8), scope first (REF-92): what the actor may
// not see is NOT_FOUND or missing from the page. Blocking on the disk only: for query threads.
namespace pdp::referral {

grpc::Status ReadPerson(const host::ServiceHost& host, const NatReader& nat,
                        const v1::GetPersonRequest& request, v1::GetPersonReply* reply);
grpc::Status ReadSentence(const host::ServiceHost& host, const NatReader& nat,
                          const v1::GetSentenceRequest& request, v1::GetSentenceReply* reply);
grpc::Status ReadReferral(const host::ServiceHost& host, const NatReader& nat,
                          const v1::GetReferralRequest& request, v1::GetReferralReply* reply);
grpc::Status ReadHandoff(const host::ServiceHost& host, const v1::GetHandoffRequest& request,
                         v1::GetHandoffReply* reply);
grpc::Status ReadCaseList(const host::ServiceHost& host, const v1::CaseListRequest& request,
                          v1::CaseListReply* reply);
grpc::Status ReadOfferInbox(const host::ServiceHost& host, const v1::OfferInboxRequest& request,
                            v1::OfferInboxReply* reply);
// Whether a row fits the filters of CaseList.
bool Matches(const v1::CaseListRequest& request, const v1::CaseRow& row);
grpc::Status ReadDraftList(const host::ServiceHost& host, const v1::DraftListRequest& request,
                           v1::DraftListReply* reply);
grpc::Status ReadSlaBoard(const host::ServiceHost& host, const v1::BoardRequest& request,
                          v1::BoardReply* reply);
grpc::Status ReadUnplaced(const host::ServiceHost& host, const v1::BoardRequest& request,
                          v1::BoardReply* reply);
grpc::Status ReadReturns(const host::ServiceHost& host, const v1::BoardRequest& request,
                         v1::BoardReply* reply);
grpc::Status ReadDuplicates(const host::ServiceHost& host, const v1::BoardRequest& request,
                            v1::BoardReply* reply);
grpc::Status ReadEnforcementTasks(const host::ServiceHost& host, const v1::BoardRequest& request,
                                  v1::EnforcementTasksReply* reply);
grpc::Status ReadQuarantined(const host::ServiceHost& host, const v1::BoardRequest& request,
                             v1::QuarantinedCodesReply* reply);
grpc::Status ReadSearch(const host::ServiceHost& host, const v1::SearchRequest& request,
                        v1::SearchReply* reply);
grpc::Status ReadDecision(const host::ServiceHost& host, const NatReader& nat,
                          const v1::DecisionExplainRequest& request,
                          v1::DecisionExplainReply* reply);
// caseload_queries.cc
grpc::Status ReadExport(const host::ServiceHost& host, const v1::ExportCaseloadRequest& request,
                        v1::ExportCaseloadReply* reply);
grpc::Status ReadCaseloadCheck(const host::ServiceHost& host,
                               const v1::CheckCaseloadRequest& request,
                               v1::CheckCaseloadReply* reply);
// history_queries.cc
grpc::Status ReadHistory(const host::ServiceHost& host, const NatReader& nat,
                         const v1::HistoryRequest& request, v1::HistoryReply* reply);
// report_queries.cc
grpc::Status ReadTransferInbox(const host::ServiceHost& host, const v1::BoardRequest& request,
                               v1::BoardReply* reply);
grpc::Status ReadOverrides(const host::ServiceHost& host, const v1::OverrideBoardRequest& request,
                           v1::OverrideBoardReply* reply);
grpc::Status ReadPerformance(const host::ServiceHost& host, const v1::PerformanceRequest& request,
                             v1::PerformanceReply* reply);
// mix_board.cc
grpc::Status ReadMix(const host::ServiceHost& host, const v1::MixBoardRequest& request,
                     v1::MixBoardReply* reply);
grpc::Status ReadAccessLog(const host::ServiceHost& host, const v1::AccessLogRequest& request,
                           v1::AccessLogReply* reply);
grpc::Status ReadSubjectRequest(const host::ServiceHost& host, const NatReader& nat,
                                const v1::GetSubjectRequestRequest& request,
                                v1::GetSubjectRequestReply* reply);
grpc::Status ReadAreaSubject(const host::ServiceHost& host, const v1::AreaSubjectRequest& request,
                             v1::AreaSubjectReply* reply);
grpc::Status ReadSettings(const host::ServiceHost& host, const v1::SettingsRequest& request,
                          v1::SettingsReply* reply);
grpc::Status ReadRuleEffects(const host::ServiceHost& host, const v1::RuleEffectsRequest& request,
                             v1::RuleEffectsReply* reply);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_SERVICE_QUERIES_H_
