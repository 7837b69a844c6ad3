#ifndef PDP_SERVICES_UNPAID_WORK_DOMAIN_EVOLVE_H_
#define PDP_SERVICES_UNPAID_WORK_DOMAIN_EVOLVE_H_

#include "services/unpaid_work/domain/unpaid_work.h"

// What the events change, by family; Evolve in evolve.cc is the one switch that calls them.

namespace pdp::unpaid_work::evolve {

// evolve_books.cc
void Registered(v1::Case& c, const v1::RequirementRegistered& event, const EventFacts& facts);
void Terminated(v1::Case& c, const v1::RequirementTerminated& event);
void HoursDone(v1::Case& c, const v1::RequirementHoursDone& event);
void Reopened(v1::Case& c, const v1::RequirementReopened& event);
void LeadSet(v1::Case& c, const v1::GroupLeadSet& event);
void Posted(v1::Case& c, const v1::MinutesPosted& event);
void Drawn(v1::Case& c, const v1::SurplusDrawn& event);
v1::Requirement* MutableRequirement(v1::Case& c, const std::string& requirement_id);
v1::Group* MutableGroup(v1::Case& c, const std::string& group_id);

// evolve_person.cc
void Answered(v1::Case& c, const v1::SectionAnswered& event);
void ConstraintWithdrawn(v1::Case& c, const v1::Constraint& constraint);
void ConsentWithdrawn(v1::Case& c, const v1::ConsentWithdrawn& event);
void Issued(v1::Case& c, const v1::InstructionIssued& event);
v1::Instruction* MutableInstruction(v1::Case& c, const std::string& instruction_id);

// evolve_work.cc
void Booked(v1::Case& c, const v1::AppointmentBooked& event);
void Moved(v1::Case& c, const v1::AppointmentMoved& event);
void Trimmed(v1::Case& c, const v1::AppointmentTrimmed& event);
void Withdrawn(v1::Case& c, const v1::AppointmentWithdrawn& event);
void Decided(v1::Case& c, const std::string& appointment_id,
             const v1::AppointmentOutcome& outcome, v1::AppointmentStatus status,
             const std::string& evidence_due);
void FailureNoted(v1::Case& c, const v1::FailureNoted& event);
void FailureVoided(v1::Case& c, const v1::FailureVoided& event);
v1::Appointment* MutableAppointment(v1::Case& c, const std::string& appointment_id);

// evolve_places.cc: projects, sessions, supervisors, scopes.
void SeatReleased(v1::Session& session, const v1::SeatReleased& event);
void ScopeRecorded(v1::OrganisationScope& scope, const v1::OrganisationScopeRecorded& event);
void Competent(v1::Supervisor& supervisor, const v1::Competence& competence);
void Freed(v1::Supervisor& supervisor, const std::string& session_id);
void TurnoutCounted(v1::Project& project, const v1::ProjectTurnoutCounted& event);
void Unassigned(v1::Session& session, const v1::SupervisorUnassigned& event);

}  // namespace pdp::unpaid_work::evolve

#endif  // PDP_SERVICES_UNPAID_WORK_DOMAIN_EVOLVE_H_
