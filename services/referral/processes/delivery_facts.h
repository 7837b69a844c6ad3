#ifndef PDP_SERVICES_REFERRAL_PROCESSES_DELIVERY_FACTS_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_DELIVERY_FACTS_H_

#include <string>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/programmes/v1/public_events.pb.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"

namespace pdp::referral {

// Events of the delivery services that are facts of referrals (specification, section 7; REF-99;
// interfaces, B2 and B3).
//
//   programmes                                           fact
//   EnrolmentAllocated, first IndividualSessionPlanned   ARRANGED
//   ProgrammeStarted                                     STARTED (sets HELD)
//   ProgrammeCompleted                                   COMPLETED
//   EnrolmentEnded                                       STOPPED, unless a referral event caused
//                                                        it, nor NOT_SUITABLE or INFEASIBLE before
//                                                        start: that comes as ReturnReferral
//   ReportIssued                                         REPORTED
//   CompletionRevoked                                    REOPENED
//
//   unpaid_work
//   first AppointmentBooked                              ARRANGED } of each LIVE requirement of the
//   first attended OutcomeRecorded, OutcomeCorrected     STARTED  } group it is offered under
//   RequirementHoursDone                                 COMPLETED
//   RequirementReopened                                  REOPENED
//   RequirementTerminated                                STOPPED, unless a referral event caused it
//
// Empty: no fact. The referral's id is in each; source fields are the caller's; an empty day is the
// event's own.
std::vector<v1::RecordDeliveryFact> FactsOf(const programmes::v1::PublicEvent& event);
std::vector<v1::RecordDeliveryFact> FactsOf(const unpaid_work::v1::PublicEvent& event);
// Of either service, by the event's type.
std::vector<v1::RecordDeliveryFact> FactsOf(const common::v1::CloudEvent& event);

// Reads every area: delivery may have moved; only the cell that owns the referral records.
class DeliveryFacts final : public projection::Process {
 public:
  explicit DeliveryFacts(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "delivery_facts"; }
  std::vector<projection::Subscription> subscriptions() const override;
  std::string OrderingKey(const common::v1::CloudEvent& event) const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  absl::Status Record(v1::RecordDeliveryFact fact, const common::v1::CloudEvent& event,
                      projection::ProcessContext& context);
  const projection::Surroundings& host_;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_DELIVERY_FACTS_H_
