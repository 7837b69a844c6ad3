#ifndef PDP_SERVICES_REFERRAL_PROCESSES_DELIVERY_FACTS_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_DELIVERY_FACTS_H_

#include <optional>

#include "libs/host/host.h"
#include "libs/projection/process.h"
#include "pdp/programmes/v1/public_events.pb.h"
#include "pdp/referral/v1/commands.pb.h"

namespace pdp::referral {

// Events of programmes that are facts of a referral (specification, section 7; REF-99):
//
//   EnrolmentAllocated, first IndividualSessionPlanned   ARRANGED
//   ProgrammeStarted                                     STARTED (sets HELD)
//   ProgrammeCompleted                                   COMPLETED
//   EnrolmentEnded                                       STOPPED, unless a referral event caused
//                                                        it, nor NOT_SUITABLE or INFEASIBLE before
//                                                        start: that comes as ReturnReferral
//   ReportIssued                                         REPORTED
//   CompletionRevoked                                    REOPENED
//
// nullopt: no fact. The referral's id is in the command; source fields are the caller's.
std::optional<v1::RecordDeliveryFact> FactOf(const programmes::v1::PublicEvent& event);

// Reads every area: delivery may have moved; only the cell that owns the referral records.
class DeliveryFacts final : public projection::Process {
 public:
  explicit DeliveryFacts(const host::ServiceHost& host) : host_(host) {}
  std::string name() const override { return "delivery_facts"; }
  std::vector<projection::Subscription> subscriptions() const override;
  std::string OrderingKey(const common::v1::CloudEvent& event) const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const host::ServiceHost& host_;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_DELIVERY_FACTS_H_
