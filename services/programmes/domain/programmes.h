#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_PROGRAMMES_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_PROGRAMMES_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/calendar.h"
#include "libs/decider/decider.h"
#include "pdp/programmes/v1/commands.pb.h"
#include "pdp/programmes/v1/events.pb.h"
#include "pdp/programmes/v1/state.pb.h"

// The decider of the programmes service: accredited programmes and structured interventions from an
// accepted referral to completion or end. Pure.
//
//   status of an enrolment   moves to (specification, section 2)
//   AWAITING_SUITABILITY     WAITING (suitability confirmed), TRANSFERRED_OUT, ENDED
//   WAITING                  NOT_READY, ALLOCATED, TRANSFERRED_OUT, ENDED
//   NOT_READY                WAITING, TRANSFERRED_OUT, ENDED
//   ALLOCATED                ON_PROGRAMME (first outcome attended), WAITING, SUSPENDED,
//                            TRANSFERRED_OUT, ENDED
//   ON_PROGRAMME             PAUSED (left the group), SUSPENDED, COMPLETED, TRANSFERRED_OUT, ENDED
//   PAUSED                   ON_PROGRAMME (rejoined), WAITING (credit lapsed), SUSPENDED,
//                            TRANSFERRED_OUT, ENDED
//   SUSPENDED                the status it was suspended from, TRANSFERRED_OUT, ENDED
//   COMPLETED                ON_PROGRAMME only by RevokeCompletion
//
//   status of a group        FORMING -> SCHEDULED -> CONFIRMED -> RUNNING (first GROUP row HELD)
//                            -> CLOSED; any but CLOSED -> CANCELLED

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
  // Staff have a key of their own (PRG-33).
  static std::string SubjectOf(const AggregateId& id);
  // Evidence windows (PRG-87), due dates (PRG-95), end of credit (PRG-102).
  static std::vector<decider::TimerChange<Command>> Timers(const AggregateId& id,
                                                           const State& after, const Event& event,
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
inline AggregateId OrderId(absl::string_view id) { return {"order", id}; }
inline AggregateId CalendarId(absl::string_view crn) { return {"person_calendar", crn}; }
inline AggregateId TaskId(absl::string_view id) { return {"task", id}; }
inline AggregateId DeliveryOrgId(absl::string_view org) { return {"delivery_org", org}; }
inline AggregateId AccessId(absl::string_view crn) { return {"access", crn}; }

// Null when there is none.
const v1::Enrolment* FindEnrolment(const Unit& unit, absl::string_view id);
const v1::Group* FindGroup(const Unit& unit, absl::string_view id);
// Null as well when the actor may not see the person (interfaces, C12; REF-90).
const v1::Enrolment* VisibleEnrolment(const Unit& unit, absl::string_view id, const Facts& facts);
const v1::Facilitator* FindFacilitator(const Unit& unit, absl::string_view id);
const v1::Site* FindSite(const Unit& unit, absl::string_view id);

// A copy that outlives the events of the decision, or the common refusals (interfaces, C12):
// NOT_FOUND, NOT_AUTHORISED, NOT_YOUR_ORGANISATION, VERSION_CONFLICT.
struct FoundEnrolment {
  std::optional<v1::Enrolment> enrolment;
  std::optional<Rejected> refused;
};
FoundEnrolment FindEnrolmentFor(const Unit& unit, const std::string& id, const Facts& facts,
                                std::initializer_list<const char*> roles);
// Neither completed, ended nor transferred out.
bool IsOpen(const v1::Enrolment& enrolment);
Rejected StateForbids(const v1::Enrolment& enrolment);
// The London date of the command.
Date Today(const Facts& facts);
// `text`, or today when it is empty; nullopt when it is no date.
std::optional<Date> DateOrToday(const std::string& text, const Facts& facts);
// Raises it unless one of that id was raised before.
void Raise(Unit& unit, v1::Task task);

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
Verdict Handle(Unit& unit, const v1::UpdateReferralFacts& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::MarkNotReady& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::MarkReady& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RegisterFacilitator& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordCapability& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordLeave& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::DeclareStaffIdentity& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::WithdrawStaffIdentity& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordNonAssociation& command, const Facts& facts);
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
Verdict Handle(Unit& unit, const v1::RemoveMember& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CancelGroup& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CloseGroup& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordAttendance& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CorrectAttendance& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ScheduleIndividual& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CancelIndividual& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ExpireCatchUp& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::TakeMeasure& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::DeclineMeasure& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RateOutcome& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::HoldReview& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CompleteEnrolment& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RevokeCompletion& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::EndEnrolment& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::SuspendEnrolment& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ResumeEnrolment& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::TransferOut& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::LapseCredit& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ConfirmErasure& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::MergePerson& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::UnmergePerson& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordAppointment& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ReleaseAppointment& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordWarning& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::WithdrawWarning& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::ConfirmFailure& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RaiseTask& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CloseTask& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::RecordDeliveryOrg& command, const Facts& facts);
Verdict Handle(Unit& unit, const v1::CopyAccess& command, const Facts& facts);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_PROGRAMMES_H_
