#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_PROGRAMMES_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_PROGRAMMES_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/decider/decider.h"
#include "pdp/programmes/v1/commands.pb.h"
#include "pdp/programmes/v1/events.pb.h"
#include "pdp/programmes/v1/state.pb.h"

// The decider of the programmes service: accredited programmes and structured interventions from an
// accepted referral to completion or end. Pure.
//
//   status of an enrolment   moves to (specification, section 2)
//   AWAITING_SUITABILITY     WAITING (suitability confirmed), ENDED
//   WAITING                  ALLOCATED, ENDED
//   ALLOCATED                ON_PROGRAMME (first outcome attended), ENDED
//   ON_PROGRAMME             COMPLETED, ENDED
//   COMPLETED                ON_PROGRAMME only by RevokeCompletion
//
//   status of a group        FORMING -> SCHEDULED -> CONFIRMED -> RUNNING (first GROUP row HELD)

namespace pdp::programmes {

struct Programmes {
  using Command = v1::Command;
  using Event = v1::Event;
  using State = v1::State;
  using Reply = v1::Reply;
  static constexpr char kService[] = "programmes";

  static decider::Verdict<Reply> Decide(decider::Unit<Programmes>& unit, const Command& command,
                                        const decider::Facts& facts);
  static void Evolve(State& state, const AggregateId& id, const Event& event,
                     const decider::EventFacts& facts);
};

using Unit = decider::Unit<Programmes>;
using Verdict = decider::Verdict<v1::Reply>;
using decider::EventFacts;
using decider::Facts;
using decider::Reject;
using decider::Rejected;
using decider::Violation;

inline AggregateId EnrolmentId(absl::string_view id) { return {"enrolment", id}; }
inline AggregateId OpenEnrolmentsId(absl::string_view crn) { return {"open_enrolments", crn}; }
inline AggregateId GroupId(absl::string_view id) { return {"group", id}; }
inline AggregateId GroupCodeId(absl::string_view code) { return {"group_code", code}; }
inline AggregateId FacilitatorId(absl::string_view id) { return {"facilitator", id}; }
inline AggregateId SiteId(absl::string_view id) { return {"site", id}; }

// Null when there is none.
const v1::Enrolment* FindEnrolment(const Unit& unit, absl::string_view id);
const v1::Group* FindGroup(const Unit& unit, absl::string_view id);
const v1::Facilitator* FindFacilitator(const Unit& unit, absl::string_view id);
const v1::Site* FindSite(const Unit& unit, absl::string_view id);

// NOT_YOUR_ORGANISATION when the actor belongs to another organisation than the one that delivers.
std::optional<Rejected> CheckOrganisation(const Facts& facts, absl::string_view delivery_org);
// NOT_AUTHORISED when the actor holds none of the roles.
std::optional<Rejected> CheckRole(const Facts& facts, std::initializer_list<const char*> roles);
// The first code in `order` that occurs among `found`, with all of them (section 1: every user sees
// all that is wrong).
std::optional<Rejected> FirstOf(std::initializer_list<const char*> order,
                                std::vector<Violation> found);

// One handler a command; decide.cc lists them.
Verdict Handle(Unit& unit, const v1::ReceiveReferral& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ConfirmSuitability& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordDeliveryChoice& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RegisterFacilitator& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordCapability& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordLeave& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RegisterSite& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::PutRoom& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CloseSite& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::OpenGroup& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::AssignStaff& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::AllocateMembers& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::GenerateSchedule& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ConfirmGroup& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RescheduleSession& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CancelSession& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordAttendance& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CorrectAttendance& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ScheduleIndividual& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::TakeMeasure& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::DeclineMeasure& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RateOutcome& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::HoldReview& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CompleteEnrolment& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RevokeCompletion& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::EndEnrolment& command, const Facts& facts);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_PROGRAMMES_H_
