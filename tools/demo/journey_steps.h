#ifndef PDP_TOOLS_DEMO_JOURNEY_STEPS_H_
#define PDP_TOOLS_DEMO_JOURNEY_STEPS_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/text_format.h"
#include "pdp/gateway/v1/gateway_service.pb.h"
#include "pdp/programmes/v1/service.grpc.pb.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "pdp/unpaid_work/v1/service.grpc.pb.h"
#include "tools/demo/journey.h"

namespace pdp::demo {

// One playing of the journey. The steps are members, in the order of the table in journey.cc; each
// may be played again at any time. One thread.
class Journey {
 public:
  enum class Line { kProgramme, kUnpaidWork };
  Journey(Platform& platform, const JourneyOptions& options, JourneyResult* result,
          Line line = Line::kProgramme);

  // journey.cc: up to the offer
  absl::Status RegisterPerson();
  absl::Status RegisterSentence();
  absl::Status OpenReferral();
  absl::Status CompleteSections();
  absl::Status Submit();
  absl::Status AwaitDecision();
  absl::Status AwaitOffer();
  // journey_gateway.cc: the organisation's side
  absl::Status OtherTenantsSeeNothing();
  absl::Status FindOffer();
  absl::Status AcceptOffer();
  absl::Status AssignCaseworker();
  // journey_programme.cc: delivery
  absl::Status ConfirmEnrolment();
  absl::Status BringCompanion();
  absl::Status FormGroup();
  absl::Status BeginDelivery();
  absl::Status CompletionIsGated();
  absl::Status Deliver();
  absl::Status Complete();
  absl::Status AwaitCharges();
  absl::Status SettleStatements();
  // journey_unpaid_work.cc: the man with hours to work
  absl::Status PlaceWorker();
  absl::Status AssessWorker();
  absl::Status CallToInduction();
  absl::Status InductWorker();
  absl::Status BookWork();
  absl::Status RecordWork();

 private:
  // A session of the group with a register.
  struct Register {
    std::string session_id;
    int minutes = 0;
  };

  // A command of a service, named for ever by the journey and `step`.
  template <typename Stub, typename Request, typename Reply>
  absl::StatusOr<Reply> Do(Service& service, absl::string_view area, absl::string_view step,
                           const As& as, const std::string& text) {
    typename std::decay_t<decltype(std::declval<Request>().command())> command;
    if (!google::protobuf::TextFormat::ParseFromString(text, &command)) {
      return absl::InternalError(absl::StrCat("the step '", step, "' does not parse"));
    }
    Reply reply;
    const grpc::Status status = Run<Stub, Request, Reply>(
        service, area, absl::StrCat("journey ", options_.name, " ", step), as, command, &reply);
    if (!status.ok()) {
      return absl::FailedPreconditionError(absl::StrCat(step, ": ", Describe(status)));
    }
    return reply;
  }
  absl::StatusOr<referral::v1::ExecuteReply> Referral(absl::string_view area,
                                                      absl::string_view step, const As& as,
                                                      const std::string& text) {
    return Do<referral::v1::ReferralService, referral::v1::ExecuteRequest,
              referral::v1::ExecuteReply>(platform_.referral, area, step, as, text);
  }

  // The answers of a form, by section.
  std::vector<std::string> Sections() const;
  absl::Status UnpaidWork(absl::string_view step, const As& as, const std::string& text);
  absl::StatusOr<unpaid_work::v1::GetCaseReply> GetWorkCase();
  // Told of an appointment in writing, and signed for.
  absl::Status Instruct(absl::string_view step, const std::string& appointment_id);
  absl::Status RecordMinutes(absl::string_view step, const std::string& session_id,
                             const gateway::v1::WorkMark& mark);
  absl::Status Programmes(absl::string_view step, const As& as, const std::string& text);
  // The enrolment once it is at this status or later.
  absl::StatusOr<programmes::v1::GetEnrolmentReply> AwaitEnrolment(
      absl::string_view what, const std::string& enrolment_id,
      programmes::v1::EnrolmentStatus at_least);
  // Through the gateway, as the organisation drawn.
  absl::Status Measure(absl::string_view phase, int total, const std::string& on);
  absl::Status TakeRegister(const std::string& session_id, int minutes, bool both);

  // Asks until `condition` holds of what `get` fills, for kPatience.
  template <typename Reply, typename Get, typename Condition>
  absl::StatusOr<Reply> Await(absl::string_view what, Get get, Condition condition) {
    const absl::Time give_up = absl::Now() + kPatience;
    while (absl::Now() < give_up) {
      Reply reply;
      if (absl::Status status = get(&reply); !status.ok()) return status;
      if (condition(reply)) return reply;
      absl::SleepFor(absl::Milliseconds(50));
    }
    return absl::DeadlineExceededError(absl::StrCat("never came: ", what));
  }
  // The referral as the platform sees it; Until waits and keeps it in now_.
  absl::Status GetReferral(referral::v1::GetReferralReply* reply);
  absl::Status Until(absl::string_view what, referral::v1::ReferralState at_least);

  std::string RequestId(absl::string_view step) const {
    return RequestIdOf(absl::StrCat("journey ", options_.name, " ", step));
  }
  // The day this many days after the first.
  std::string Day(int after_first) const { return FormatDate(options_.first_day + after_first); }
  std::string SubcontractName(const std::string& org) const {
    return absl::StrCat("subcontracts/", options_.area, "-SC-", options_.area, "-", org);
  }
  std::string PoolName() const { return absl::StrCat("pools/", options_.area, "-", now_.route()); }

  Platform& platform_;
  const JourneyOptions& options_;
  const Line line_;
  JourneyResult* result_;
  referral::v1::GetReferralReply now_;
  std::string companion_enrolment_, pre_group_on_, review_on_;
  std::vector<Register> registers_;
  // By the organisation that is owed them.
  std::map<std::string, std::set<std::string>> charge_ids_;
  // The worker's referral, and the session that he works in.
  JourneyOptions worker_options_;
  JourneyResult worker_;
  std::string work_on_;
};

}  // namespace pdp::demo

#endif  // PDP_TOOLS_DEMO_JOURNEY_STEPS_H_
