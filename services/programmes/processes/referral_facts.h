#ifndef PDP_SERVICES_PROGRAMMES_PROCESSES_REFERRAL_FACTS_H_
#define PDP_SERVICES_PROGRAMMES_PROCESSES_REFERRAL_FACTS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/programmes/v1/commands.pb.h"
#include "pdp/programmes/v1/queries.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/referral/v1/queries.pb.h"

// What programmes takes over from referral (interfaces, A4, C6, C13).

namespace pdp::programmes {

// The referral at `version` or later with the newest person and sentence; persons are read at or
// after `nat_seq` of the partition NAT (0: as they are). One attempt of 2 s.
absl::StatusOr<projection::Answer<referral::v1::GetReferralReply>> AskReferral(
    const projection::Surroundings& host, Area area, const std::string& referral_id,
    uint64_t version, uint64_t nat_seq = 0);

// Of every answer the newer of the person's record and the form (REF-2); what referral calls
// DECLINED counts as REF-8 says.
v1::Responsivity ResponsivityOf(const referral::v1::GetReferralReply& reply);
v1::Requirement RequirementOf(const referral::v1::GetReferralReply& reply);

// ReceiveReferral of an acceptance: its own round, organisation, route, version and tokens, which
// the referral may have left behind since; person and sentence as they now are.
v1::ReceiveReferral ReceiptOf(const referral::v1::PublicEvent::ReferralAccepted& accepted,
                              const std::string& accepted_on,
                              const referral::v1::GetReferralReply& reply);

// UpdateReferralFacts with everything the answer says.
v1::UpdateReferralFacts UpdateOf(const std::string& enrolment_id,
                                 const referral::v1::GetReferralReply& reply);

// What the answer says of the person, the order and the requirement besides: a case that is over
// before it was known here ends, one in custody is suspended. Steps and commands, in order.
std::vector<std::pair<std::string, v1::Command>> StandingOf(
    const std::string& enrolment_id, const referral::v1::GetReferralReply& reply,
    const std::string& day, const std::string& cause);

// The London day of an event.
std::string DayOf(const common::v1::CloudEvent& event);

// C6: the end reason of the end of a requirement or sentence; empty: nothing ends.
std::string EndReasonOfCause(const std::string& cause);
// EndEnrolment; nullopt for an empty reason.
std::optional<v1::Command> EndOrNothing(const std::string& enrolment_id, const std::string& reason,
                                        const std::string& on, const std::string& cause);
v1::Command SuspendCommand(const std::string& enrolment_id, const std::string& from,
                           const std::string& cause);

// C6: the end reason of a withdrawal; OTHER for a code that is not of the table.
std::string EndReasonOf(const std::string& withdrawal_code, bool started);

// The enrolments of a referral or of a person in the cell the process acts for, whatever their
// status, as of everything the cell has applied.
absl::StatusOr<std::vector<v1::EnrolmentRow>> EnrolmentsOf(const projection::Surroundings& host,
                                                           Area area,
                                                           const std::string& view_prefix);

// A task for a person; a repeat of the same event raises the same one.
absl::Status RaiseTask(projection::ProcessContext& context, const std::string& step, v1::Task task);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROCESSES_REFERRAL_FACTS_H_
