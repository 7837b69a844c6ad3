#include "services/referral/service.h"

#include "libs/host/query.h"
#include "libs/rpc/execute.h"
#include "services/referral/person_scope.h"
#include "services/referral/projections/access_log.h"
#include "services/referral/projections/cases.h"
#include "services/referral/projections/limited.h"
#include "services/referral/projections/mix.h"
#include "services/referral/projections/overrides.h"
#include "services/referral/projections/people.h"
#include "services/referral/projections/rule_effects.h"
#include "services/referral/projections/tasks.h"
#include "services/referral/read_log.h"
#include "services/referral/service_queries.h"
#include "services/referral/subject_bundle.h"
#include "services/referral/submission.h"

namespace pdp::referral {

grpc::ServerUnaryReactor* ReferralServiceImpl::Execute(grpc::CallbackServerContext* context,
                                                       const v1::ExecuteRequest* request,
                                                       v1::ExecuteReply* reply) {
  switch (request->command().command_case()) {
    // These carry facts of NAT that no caller supplies.
    case v1::Command::kOpenReferral:
    case v1::Command::kSubmitReferral:
    case v1::Command::kProvideInformation:
    case v1::Command::kOverrideDecision:
    case v1::Command::kResolveConflict:
    case v1::Command::kAmend:
      return Submission::Start(host_, nat_, context, request, reply);
    // Facts of the areas.
    case v1::Command::kApproveErasure:
      return StartErasureApproval(host_, nat_, context, request, reply);
    // Whom an official of one area and a caseworker may change (REF-92).
    case v1::Command::kCorrectIdentity:
    case v1::Command::kRecordNeeds:
    case v1::Command::kRecordRisk:
    case v1::Command::kSetResponsibleOfficer:
    case v1::Command::kAddRequirement:
    case v1::Command::kRegisterSentence:
    case v1::Command::kSetLocation:
    case v1::Command::kMoveHomeArea:
    case v1::Command::kRecordDeath:
    case v1::Command::kRestrictAccess:
    case v1::Command::kLiftRestriction:
    case v1::Command::kClearForAccess:
    case v1::Command::kRevokeClearance:
    case v1::Command::kVaryRequirement:
    case v1::Command::kEndRequirement:
    case v1::Command::kChangeSentenceEnd:
    case v1::Command::kEndSentence:
    case v1::Command::kMergePersons:
    case v1::Command::kUnmergePerson:
    case v1::Command::kSetLegalHold:
      return StartPersonCommand(host_, nat_, context, request, reply);
    case v1::Command::kRegisterPerson:
    case v1::Command::kReserveSlot:
    case v1::Command::kReleaseSlot:
    case v1::Command::kSaveSection:
    case v1::Command::kDecideRoute:
    case v1::Command::kConfirmDecision:
    case v1::Command::kRecordOffer:
    case v1::Command::kRecordNoPlacement:
    case v1::Command::kAcceptOffer:
    case v1::Command::kDeclineOffer:
    case v1::Command::kRetryPlacement:
    case v1::Command::kReturnReferral:
    case v1::Command::kAssignCaseworkers:
    case v1::Command::kRecordDeliveryFact:
    case v1::Command::kWithdrawReferral:
    case v1::Command::kFireTimer:
    case v1::Command::kDiscardDraft:
    case v1::Command::kRescindOffer:
    case v1::Command::kDirectAllocate:
    case v1::Command::kApproveReturn:
    case v1::Command::kRefuseReturn:
    case v1::Command::kRecordContract:
    case v1::Command::kReportEnforcementReferral:
    case v1::Command::kWithdrawEnforcementReferral:
    case v1::Command::kPauseClock:
    case v1::Command::kResumeClock:
    case v1::Command::kCopyAccess:
    case v1::Command::kReviewRoute:
    case v1::Command::kFlagDuplicates:
    case v1::Command::kRequestTransfer:
    case v1::Command::kCancelTransfer:
    case v1::Command::kAcceptTransfer:
    case v1::Command::kRefuseTransfer:
    case v1::Command::kReceiveHandoff:
    case v1::Command::kConfirmHandoff:
    case v1::Command::kRecordAccess:
    case v1::Command::kOpenSubjectRequest:
    case v1::Command::kConfirmIdentity:
    case v1::Command::kExtendRequest:
    case v1::Command::kReleaseBundle:
    case v1::Command::kRefuseRequest:
    case v1::Command::kRecordBundle:
    case v1::Command::kRecordKeysDestroyed:
    case v1::Command::kCollectErasure:
    case v1::Command::kApplyErasure:
    case v1::Command::kPublishPolicySet:
    case v1::Command::kPublishCalendar:
    case v1::Command::kPublishCodes:
    case v1::Command::kCopySettings:
    case v1::Command::kRecomputeClocks:
    case v1::Command::COMMAND_NOT_SET:
      return rpc::HandleExecute(host_, context, request, reply);
  }
  return rpc::HandleExecute(host_, context, request, reply);
}

grpc::ServerUnaryReactor* ReferralServiceImpl::GetPerson(grpc::CallbackServerContext* context,
                                                         const v1::GetPersonRequest* request,
                                                         v1::GetPersonReply* reply) {
  return LoggedQuery(host_, context, "GetPerson", Reads::kRecord,
                     Area::Nat(), *request, reply,
                     {Sentences::kName, Limited::kName},
                     [=, this] { return ReadPerson(host_, nat_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::GetSentence(grpc::CallbackServerContext* context,
                                                           const v1::GetSentenceRequest* request,
                                                           v1::GetSentenceReply* reply) {
  return LoggedQuery(host_, context, "GetSentence", Reads::kRecord,
                     Area::Nat(), *request, reply,
                     {Sentences::kName, Limited::kName},
                     [=, this] { return ReadSentence(host_, nat_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::GetReferral(grpc::CallbackServerContext* context,
                                                           const v1::GetReferralRequest* request,
                                                           v1::GetReferralReply* reply) {
  return LoggedQuery(host_, context, "GetReferral", Reads::kRecord,
                     CellOf(host_, request->area()), *request, reply,
                     {Cases::kName, Limited::kName},
                     [=, this] { return ReadReferral(host_, nat_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::GetHandoff(grpc::CallbackServerContext* context,
                                                          const v1::GetHandoffRequest* request,
                                                          v1::GetHandoffReply* reply) {
  return host::Query(host_, context, *request, {},
                     [=, this] { return ReadHandoff(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::CaseList(grpc::CallbackServerContext* context,
                                                        const v1::CaseListRequest* request,
                                                        v1::CaseListReply* reply) {
  return LoggedQuery(host_, context, "CaseList", Reads::kList,
                     CellOf(host_, request->area()), *request, reply,
                     {Cases::kName, Limited::kName},
                     [=, this] { return ReadCaseList(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::OfferInbox(grpc::CallbackServerContext* context,
                                                          const v1::OfferInboxRequest* request,
                                                          v1::OfferInboxReply* reply) {
  return LoggedQuery(host_, context, "OfferInbox", Reads::kList,
                     CellOf(host_, request->area()), *request, reply,
                     {Cases::kName, Limited::kName},
                     [=, this] { return ReadOfferInbox(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::DecisionExplain(
    grpc::CallbackServerContext* context, const v1::DecisionExplainRequest* request,
    v1::DecisionExplainReply* reply) {
  return LoggedQuery(host_, context, "DecisionExplain", Reads::kRecord,
                     CellOf(host_, request->area()), *request, reply,
                     {Cases::kName, Limited::kName},
                     [=, this] { return ReadDecision(host_, nat_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::Search(grpc::CallbackServerContext* context,
                                                      const v1::SearchRequest* request,
                                                      v1::SearchReply* reply) {
  return LoggedQuery(host_, context, "Search", Reads::kList,
                     Area::Nat(), *request, reply,
                     {People::kName, Cases::kName, Limited::kName},
                     [=, this] { return ReadSearch(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::DraftList(grpc::CallbackServerContext* context,
                                                         const v1::DraftListRequest* request,
                                                         v1::DraftListReply* reply) {
  return LoggedQuery(host_, context, "DraftList", Reads::kList,
                     CellOf(host_, request->area()), *request, reply,
                     {Cases::kName, Limited::kName, People::kName},
                     [=, this] { return ReadDraftList(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::SlaBoard(grpc::CallbackServerContext* context,
                                                        const v1::BoardRequest* request,
                                                        v1::BoardReply* reply) {
  return LoggedQuery(host_, context, "SlaBoard", Reads::kList,
                     CellOf(host_, request->area()), *request, reply,
                     {Cases::kName, Limited::kName},
                     [=, this] { return ReadSlaBoard(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::UnplacedQueue(grpc::CallbackServerContext* context,
                                                             const v1::BoardRequest* request,
                                                             v1::BoardReply* reply) {
  return LoggedQuery(host_, context, "UnplacedQueue", Reads::kList,
                     CellOf(host_, request->area()), *request, reply,
                     {Cases::kName, Limited::kName},
                     [=, this] { return ReadUnplaced(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::ReturnQueue(grpc::CallbackServerContext* context,
                                                           const v1::BoardRequest* request,
                                                           v1::BoardReply* reply) {
  return LoggedQuery(host_, context, "ReturnQueue", Reads::kList,
                     CellOf(host_, request->area()), *request, reply,
                     {Cases::kName, Limited::kName},
                     [=, this] { return ReadReturns(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::DuplicateTasks(grpc::CallbackServerContext* context,
                                                              const v1::BoardRequest* request,
                                                              v1::BoardReply* reply) {
  return LoggedQuery(host_, context, "DuplicateTasks", Reads::kList,
                     CellOf(host_, request->area()), *request, reply,
                     {Cases::kName, Limited::kName},
                     [=, this] { return ReadDuplicates(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::EnforcementTasks(
    grpc::CallbackServerContext* context, const v1::BoardRequest* request,
    v1::EnforcementTasksReply* reply) {
  return LoggedQuery(host_, context, "EnforcementTasks", Reads::kList,
                     CellOf(host_, request->area()), *request, reply,
                     {Tasks::kName, Cases::kName, Limited::kName},
                     [=, this] { return ReadEnforcementTasks(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::QuarantinedCodes(
    grpc::CallbackServerContext* context, const v1::BoardRequest* request,
    v1::QuarantinedCodesReply* reply) {
  return LoggedQuery(host_, context, "QuarantinedCodes", Reads::kList,
                     Area::Nat(), *request, reply,
                     {Tasks::kName, Limited::kName},
                     [=, this] { return ReadQuarantined(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::TransferInbox(grpc::CallbackServerContext* context,
                                                             const v1::BoardRequest* request,
                                                             v1::BoardReply* reply) {
  return LoggedQuery(host_, context, "TransferInbox", Reads::kList,
                     CellOf(host_, request->area()), *request, reply,
                     {Cases::kName, Limited::kName},
                     [=, this] { return ReadTransferInbox(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::History(grpc::CallbackServerContext* context,
                                                       const v1::HistoryRequest* request,
                                                       v1::HistoryReply* reply) {
  return LoggedQuery(host_, context, "History", Reads::kRecord,
                     CellOf(host_, request->area()), *request, reply,
                     {Cases::kName, Limited::kName},
                     [=, this] { return ReadHistory(host_, nat_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::MixBoard(grpc::CallbackServerContext* context,
                                                        const v1::MixBoardRequest* request,
                                                        v1::MixBoardReply* reply) {
  return host::Query(host_, context, *request, {Mix::kName, Limited::kName},
                     [=, this] { return ReadMix(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::OverrideBoard(
    grpc::CallbackServerContext* context, const v1::OverrideBoardRequest* request,
    v1::OverrideBoardReply* reply) {
  return LoggedQuery(host_, context, "OverrideBoard", Reads::kList,
                     CellOf(host_, request->area()), *request, reply,
                     {Overrides::kName, Cases::kName, Limited::kName},
                     [=, this] { return ReadOverrides(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::Performance(grpc::CallbackServerContext* context,
                                                           const v1::PerformanceRequest* request,
                                                           v1::PerformanceReply* reply) {
  return LoggedQuery(host_, context, "Performance", Reads::kList,
                     CellOf(host_, request->area()), *request, reply,
                     {Cases::kName, Limited::kName},
                     [=, this] { return ReadPerformance(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::ExportCaseload(
    grpc::CallbackServerContext* context, const v1::ExportCaseloadRequest* request,
    v1::ExportCaseloadReply* reply) {
  return LoggedQuery(host_, context, "ExportCaseload", Reads::kList,
                     Area::Nat(), *request, reply,
                     {People::kName, Sentences::kName, Cases::kName, Limited::kName},
                     [=, this] { return ReadExport(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::CheckCaseload(
    grpc::CallbackServerContext* context, const v1::CheckCaseloadRequest* request,
    v1::CheckCaseloadReply* reply) {
  return host::Query(host_, context, *request, {},
                     [=, this] { return ReadCaseloadCheck(host_, *request, reply); });
}

// What is in the log is no read of anybody: who looks at it is not logged again.
grpc::ServerUnaryReactor* ReferralServiceImpl::AccessLog(grpc::CallbackServerContext* context,
                                                         const v1::AccessLogRequest* request,
                                                         v1::AccessLogReply* reply) {
  return host::Query(host_, context, *request, {referral::AccessLog::kName, Limited::kName},
                     [=, this] { return ReadAccessLog(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::GetSubjectRequest(
    grpc::CallbackServerContext* context, const v1::GetSubjectRequestRequest* request,
    v1::GetSubjectRequestReply* reply) {
  return LoggedQuery(host_, context, "GetSubjectRequest", Reads::kRecord, Area::Nat(), *request,
                     reply, {Limited::kName},
                     [=, this] { return ReadSubjectRequest(host_, nat_, *request, reply); });
}

grpc::ServerWriteReactor<v1::SubjectBundlePart>* ReferralServiceImpl::SubjectBundle(
    grpc::CallbackServerContext*, const v1::SubjectBundleRequest* request) {
  return StartBundle(host_, nat_, *request);
}

grpc::ServerUnaryReactor* ReferralServiceImpl::AreaSubject(grpc::CallbackServerContext* context,
                                                           const v1::AreaSubjectRequest* request,
                                                           v1::AreaSubjectReply* reply) {
  return host::Query(host_, context, *request, {Cases::kName, referral::AccessLog::kName},
                     [=, this] { return ReadAreaSubject(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::GetSettings(grpc::CallbackServerContext* context,
                                                           const v1::SettingsRequest* request,
                                                           v1::SettingsReply* reply) {
  return host::Query(host_, context, *request, {},
                     [=, this] { return ReadSettings(host_, *request, reply); });
}

grpc::ServerUnaryReactor* ReferralServiceImpl::RuleEffects(grpc::CallbackServerContext* context,
                                                           const v1::RuleEffectsRequest* request,
                                                           v1::RuleEffectsReply* reply) {
  return LoggedQuery(host_, context, "RuleEffects", Reads::kList, CellOf(host_, request->area()),
                     *request, reply, {referral::RuleEffects::kName, Limited::kName},
                     [=, this] { return ReadRuleEffects(host_, *request, reply); });
}

}  // namespace pdp::referral
