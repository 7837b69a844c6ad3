#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_MEMBERSHIP_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_MEMBERSHIP_H_

#include <set>
#include <string>
#include <vector>

#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/programmes.h"

// What joining and leaving do: composition of a group (PRG-42, 52), credit that is carried over
// (PRG-102, 104), the calendar of a person (PRG-39) and the list of a person's enrolments (PRG-20).

namespace pdp::programmes {

// Current members, those who are suspended left aside: they attend nothing.
struct Composition {
  int women = 0;
  int others = 0;
  // Exactly one woman among others (PRG-42).
  bool lone_woman() const { return women == 1 && others > 0; }
};
Composition CompositionOf(const Unit& unit, const v1::Group& group);
// After a change of the members of a group at work: CompositionBreached when a lone woman was left,
// CompositionResolved when she no longer is (PRG-52). Nothing while it is as it was.
void CheckComposition(Unit& unit, const std::string& group_id, const std::string& joined,
                      const Facts& facts);

// Takes the enrolment out of its group, if it is in one, from `on`: MemberRemoved, the person's
// sessions there released, composition checked. Emits nothing on the enrolment.
void LeaveGroup(Unit& unit, const v1::Enrolment& enrolment, const std::string& reason_code, Date on,
                const Facts& facts);
// Cancels the planned individual sessions dated `from` or later and frees their staff.
void CancelIndividuals(Unit& unit, const std::string& enrolment_id, Date from,
                       const std::string& cause_code);
// The enrolment's word in open_enrolments/{crn}.
void ListEnrolment(Unit& unit, const v1::Enrolment& enrolment, bool open);
// Every CRN of the person: the given one first, then those merged with it (PRG-105).
std::vector<std::string> CrnsOf(const Unit& unit, const std::string& crn);

// PRG-39: an appointment of the person, in whatever service, that leaves less than travel time to
// the given session; null when there is none. Sessions in `own` are left aside.
const v1::Appointment* ClashFor(const Unit& unit, const std::string& crn,
                                const v1::Appointment& session, const std::set<std::string>& own);
v1::Appointment AppointmentOf(const v1::Session& session, const std::string& site_id);
// On the person's calendar. A clash with what was there before is a task for the session that is
// planned now (PM-5).
void BookPerson(Unit& unit, const v1::Enrolment& enrolment,
                const std::vector<v1::Appointment>& booked,
                const std::vector<v1::Appointment>& moved,
                const std::vector<std::string>& released);
// The group's sessions that a member is expected at from `from` on (PRG-63): GROUP rows not held.
std::vector<v1::Session> SessionsOfMembers(const v1::Group& group, Date from);

// PRG-102: what becomes of credit when a person joins again. `join_row` is empty when every core
// row is credited.
struct CarriedCredit {
  std::vector<std::string> transferred;
  std::vector<std::string> lapsed;
  std::string join_row;
};
CarriedCredit CarryCredit(const v1::ProgrammeVersion& version,
                          const google::protobuf::RepeatedPtrField<v1::LedgerRow>& ledger);
// credit.weeks: the last day on which credit of what was left on `left_on` lives.
Date CreditUntil(Date left_on);
// What the next delivery of the same referral takes over (PRG-20, 104).
v1::LedgerExport ExportOf(const v1::Enrolment& enrolment, Date left_on);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_MEMBERSHIP_H_
