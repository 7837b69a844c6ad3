#ifndef PDP_SERVICES_REFERRAL_DOMAIN_SUBJECT_REQUEST_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_SUBJECT_REQUEST_H_

#include <initializer_list>
#include <optional>
#include <string>

#include "services/referral/domain/commands.h"

// What a person may ask of the data that is held about them (REF-100 to REF-102).
namespace pdp::referral {

inline AggregateId SubjectRequestId(absl::string_view id) {
  return AggregateId("subject_request", id);
}

// REF-100: the same day `months` later, else that month's last day; when it is no working day, the
// next one. nullopt: CALENDAR_NOT_COVERED.
std::optional<Date> AccessDue(Date started, int months);

const v1::SubjectRequest& SubjectRequestAt(const Unit& unit, const AggregateId& id);
// NOT_FOUND, NOT_AUTHORISED, PERSON_ERASED, VERSION_CONFLICT, OCCURRED_AT_OUT_OF_RANGE.
std::optional<Rejected> AdmitRequest(const Unit& unit, const Facts& facts, const AggregateId& id,
                                     std::initializer_list<absl::string_view> roles);
// STATE_FORBIDS_COMMAND unless the request is of that kind and in one of these states.
std::optional<Rejected> RequireStatus(const v1::SubjectRequest& request,
                                      v1::SubjectRequestKind kind,
                                      std::initializer_list<v1::SubjectRequestStatus> allowed);
v1::Reply RequestReply(const Unit& unit, const AggregateId& id);

// FireTimer ERASURE_GAPS.
Verdict ListErasureGaps(Unit& unit, const v1::FireTimer& command, const Facts& facts);

// `service/area` of every part that has not confirmed, or has gaps.
std::vector<std::string> PartsMissing(const v1::SubjectRequest& request);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_SUBJECT_REQUEST_H_
