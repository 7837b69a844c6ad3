#ifndef PDP_SERVICES_UNPAID_WORK_PROCESSES_REFERRAL_SNAPSHOT_H_
#define PDP_SERVICES_UNPAID_WORK_PROCESSES_REFERRAL_SNAPSHOT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/calendar.h"
#include "libs/projection/high_water.h"
#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/referral/v1/queries.pb.h"
#include "pdp/unpaid_work/v1/commands.pb.h"

// What a referral says of a person and a requirement, as this service's own commands (interfaces,
// A4, C1 to C3, C13). The functions that make commands are pure.

namespace pdp::unpaid_work {

// Calls GetReferral (A4) as the platform: at least `version`, at or after `event` in its partition
// and after what PersonFollower has read of NAT: a fact that was passed by because its case was not
// known yet is in the answer. A refusal is in the answer; a status says try again.
absl::StatusOr<projection::Answer<referral::v1::GetReferralReply>> AskReferral(
    const projection::Surroundings& host, Area area, const std::string& referral_id,
    uint64_t version, const common::v1::CloudEvent& event, const projection::HighWater& nat);

// The requirement of the referral. nullopt: the referral names none (then nothing can be served).
std::optional<v1::RegisterRequirement> RegistrationOf(const referral::v1::GetReferralReply& reply);
v1::TakeOverPersonFacts PersonFactsOf(const referral::v1::GetReferralReply& reply, Date today);
// nullopt: not recorded there; it is asked for here.
std::optional<v1::RecordCommunicationNeeds> CommunicationNeedsOf(
    const referral::v1::GetReferralReply& reply);
// With the officer who answered (UPW-22). nullopt: not recorded there.
std::optional<v1::RecordEteNeeds> EteNeedsOf(const referral::v1::GetReferralReply& reply);
// C13: F a woman (REF-7), N not F and gender identity GINB or GISD or sex N, M the rest.
v1::CompositionClass ClassOf(const referral::v1::Identity& identity, Date today);

// Issues what is taken over: person facts always, the needs named. In order; a refusal ends the
// step that got it and is answered through `refused`.
struct TakeOver {
  bool communication = true;
  bool ete = true;
};
absl::Status TakeOverFrom(const referral::v1::GetReferralReply& reply, const TakeOver& what,
                          projection::ProcessContext& context, std::string* refused);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROCESSES_REFERRAL_SNAPSHOT_H_
