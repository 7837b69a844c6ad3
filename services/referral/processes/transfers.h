#ifndef PDP_SERVICES_REFERRAL_PROCESSES_TRANSFERS_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_TRANSFERS_H_

#include <string>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/referral/v1/queries.pb.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"

namespace pdp::referral {

// What a case transfer of unpaid_work means here (REF-94; interfaces, D8), one command a referral
// that it names:
//
//   CaseTransferRequested   RequestTransfer
//   CaseTransferRejected    RefuseTransfer
//   CaseTransferredOut      AcceptTransfer
std::vector<v1::Command> CommandsOf(const unpaid_work::v1::PublicEvent& event);

// In the area the case comes from.
class CaseTransfers final : public projection::Process {
 public:
  std::string name() const override { return "case_transfers"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;
};

// In the target area: takes over what another area sealed, and tells it so (interfaces, D7). Reads
// the source's cell when this process hosts it, else asks the process that does.
class Handoffs final : public projection::Process {
 public:
  explicit Handoffs(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "handoffs"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  // NotFound: not sealed any more, it came back.
  absl::StatusOr<v1::GetHandoffReply> Sealed(Area source, const std::string& referral_id,
                                             uint64_t handed_off_seq) const;
  absl::Status Confirm(Area source, const std::string& referral_id, uint64_t version,
                       projection::ProcessContext& context);
  const projection::Surroundings& host_;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_TRANSFERS_H_
