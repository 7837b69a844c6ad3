#include "services/unpaid_work/domain/evolve.h"

namespace pdp::unpaid_work {
namespace {

v1::Case& Case(v1::State& state) { return *state.mutable_case_(); }

}  // namespace

// One exhaustive switch: the compiler lists what a new event touches.
void UnpaidWork::Evolve(State& state, const AggregateId&, const Event& event,
                        const EventFacts& facts) {
  switch (event.event_case()) {
    case Event::kCaseSlotSet: {
      const auto& set = event.case_slot_set();
      auto* slot = state.mutable_case_slot();
      slot->set_crn(set.crn());
      slot->set_area(set.area());
      slot->set_in_transit(set.in_transit());
      return;
    }
    case Event::kRequirementRegistered:
      return evolve::Registered(Case(state), event.requirement_registered(), facts);
    case Event::kRequirementVaried: {
      const auto& varied = event.requirement_varied();
      auto* requirement = evolve::MutableRequirement(Case(state), varied.requirement_id());
      requirement->set_hours(varied.new_hours());
      requirement->set_variations(requirement->variations() + 1);
      requirement->set_out_of_bounds(requirement->out_of_bounds() || varied.out_of_bounds());
      return;
    }
    case Event::kRequirementTerminated:
      return evolve::Terminated(Case(state), event.requirement_terminated());
    case Event::kRequirementHoursDone:
      return evolve::HoursDone(Case(state), event.requirement_hours_done());
    case Event::kRequirementReopened:
      return evolve::Reopened(Case(state), event.requirement_reopened());
    case Event::kGroupLeadSet:
      return evolve::LeadSet(Case(state), event.group_lead_set());
    case Event::kWindowSet: {
      evolve::MutableRequirement(Case(state), event.window_set().requirement_id())
          ->set_last_day(event.window_set().last_day());
      return;
    }
    case Event::kWindowExtended: {
      const auto& extended = event.window_extended();
      auto* requirement = evolve::MutableRequirement(Case(state), extended.requirement_id());
      requirement->set_last_day(extended.new_last_day());
      requirement->set_extended(true);
      requirement->set_expired(false);
      return;
    }
    case Event::kWindowExpired: {
      evolve::MutableRequirement(Case(state), event.window_expired().requirement_id())
          ->set_expired(true);
      return;
    }
    case Event::kTotalityFlagged:
      return;
    case Event::kMinutesPosted:
      return evolve::Posted(Case(state), event.minutes_posted());
    case Event::kSurplusKept: {
      *Case(state).add_surplus() = event.surplus_kept().surplus();
      return;
    }
    case Event::kSurplusDrawn:
      return evolve::Drawn(Case(state), event.surplus_drawn());
    case Event::kCaseStatusChanged:
      Case(state).set_status(event.case_status_changed().to());
      return;
    case Event::kCaseSuspended: {
      auto* suspended = Case(state).mutable_suspended();
      suspended->set_reason(event.case_suspended().reason());
      suspended->set_from(event.case_suspended().from());
      return;
    }
    case Event::kCaseResumed:
      Case(state).clear_suspended();
      return;
    case Event::kCaseClosed: {
      auto& c = Case(state);
      c.set_status(v1::CASE_CLOSED);
      for (auto& requirement : *c.mutable_requirements()) {
        if (requirement.status() == v1::REQUIREMENT_HOURS_DONE) {
          requirement.set_status(v1::REQUIREMENT_CLOSED);
        }
      }
      return;
    }
    case Event::kOrganisationAssigned: {
      const auto& assigned = event.organisation_assigned();
      auto& c = Case(state);
      c.set_org(assigned.new_org());
      if (!assigned.requirement_id().empty()) {
        evolve::MutableRequirement(c, assigned.requirement_id())
            ->set_referral_id(assigned.referral_id());
      }
      return;
    }
    case Event::kPersonFactsTakenOver: {
      const auto& taken = event.person_facts_taken_over();
      auto& c = Case(state);
      *c.mutable_person() = taken.person();
      if (taken.has_composition()) *c.mutable_composition() = taken.composition();
      return;
    }
    case Event::kCommunicationNeedsRecorded: {
      *Case(state).mutable_communication() = event.communication_needs_recorded().needs();
      return;
    }
    case Event::kSectionAnswered:
      return evolve::Answered(Case(state), event.section_answered());
    case Event::kConstraintDerived: {
      *Case(state).add_constraints() = event.constraint_derived().constraint();
      return;
    }
    case Event::kConstraintWithdrawn: {
      evolve::ConstraintWithdrawn(Case(state), event.constraint_withdrawn().constraint());
      return;
    }
    case Event::kSupportNeedsDerived: {
      *Case(state).mutable_support_needs() = event.support_needs_derived().tags();
      return;
    }
    case Event::kEteNeedsRecorded: {
      *Case(state).mutable_ete_needs() = event.ete_needs_recorded().needs();
      Case(state).set_ete_needs_recorded(true);
      return;
    }
    case Event::kEteAllotmentSet: {
      evolve::MutableGroup(Case(state), event.ete_allotment_set().group())
          ->set_ete_allotted(event.ete_allotment_set().minutes());
      return;
    }
    case Event::kAvailabilitySet: {
      *Case(state).mutable_availability() = event.availability_set().availability();
      return;
    }
    case Event::kWeeklyPlanSet: {
      Case(state).set_plan_minutes(event.weekly_plan_set().plan_minutes());
      return;
    }
    case Event::kCompositionChoiceRecorded: {
      *Case(state).mutable_composition() = event.composition_choice_recorded().composition();
      return;
    }
    case Event::kConsentRecorded: {
      *Case(state).add_consents() = event.consent_recorded().consent();
      Case(state).set_consents_recorded(Case(state).consents_recorded() + 1);
      return;
    }
    case Event::kConsentWithdrawn:
      return evolve::ConsentWithdrawn(Case(state), event.consent_withdrawn());
    case Event::kInductionCompleted: {
      Case(state).set_inducted_on(event.induction_completed().on());
      return;
    }
    case Event::kInstructionIssued:
      return evolve::Issued(Case(state), event.instruction_issued());
    case Event::kInstructionAcknowledged: {
      const auto& received = event.instruction_acknowledged();
      auto* instruction =
          evolve::MutableInstruction(Case(state), received.instruction_id());
      if (instruction == nullptr) return;
      instruction->set_status(v1::INSTRUCTION_ACKNOWLEDGED);
      instruction->set_acknowledged_on(received.on());
      instruction->set_acknowledged_at(received.at());
      return;
    }
    case Event::kInstructionRefused: {
      const auto& received = event.instruction_refused();
      auto* instruction =
          evolve::MutableInstruction(Case(state), received.instruction_id());
      if (instruction == nullptr) return;
      instruction->set_status(v1::INSTRUCTION_REFUSED_WITNESSED);
      instruction->set_acknowledged_on(received.on());
      instruction->set_acknowledged_at(received.at());
      return;
    }
    case Event::kAppointmentBooked:
      return evolve::Booked(Case(state), event.appointment_booked());
    case Event::kAppointmentMoved:
      return evolve::Moved(Case(state), event.appointment_moved());
    case Event::kAppointmentTrimmed:
      return evolve::Trimmed(Case(state), event.appointment_trimmed());
    case Event::kAppointmentWithdrawn:
      return evolve::Withdrawn(Case(state), event.appointment_withdrawn());
    case Event::kFirstOfferMet: {
      Case(state).set_first_offered_on(event.first_offer_met().on());
      return;
    }
    case Event::kFirstOfferBreached:
      Case(state).set_first_offer_breached(true);
      return;
    case Event::kOutcomeRecorded: {
      const auto& decided = event.outcome_recorded();
      evolve::Decided(Case(state), decided.appointment_id(), decided.outcome(),
                      decided.status(), decided.evidence_due());
      return;
    }
    case Event::kOutcomeCorrected: {
      const auto& decided = event.outcome_corrected();
      evolve::Decided(Case(state), decided.appointment_id(), decided.outcome(),
                      decided.status(), decided.evidence_due());
      return;
    }
    case Event::kOutcomeDefaulted: {
      const auto& decided = event.outcome_defaulted();
      auto& c = Case(state);
      evolve::Decided(c, decided.appointment_id(), decided.outcome(), decided.status(), "");
      if (auto* appointment = evolve::MutableAppointment(c, decided.appointment_id())) {
        if (appointment->evidence() != v1::EVIDENCE_REJECTED) {
          appointment->set_evidence(v1::EVIDENCE_DEFAULTED);
        }
      }
      return;
    }
    case Event::kOfferClosed: {
      const auto& e = event.offer_closed();
      if (auto* appointment = evolve::MutableAppointment(Case(state), e.appointment_id())) {
        *appointment->mutable_offer() = e.offer();
      }
      return;
    }
    case Event::kOutcomeOverdue:
      return;
    case Event::kNoteWritten: {
      const auto& e = event.note_written();
      if (auto* appointment = evolve::MutableAppointment(Case(state), e.appointment_id())) {
        appointment->set_note_rev(e.note_rev());
        appointment->set_note_sensitive(e.sensitive());
      }
      return;
    }
    case Event::kEvidenceSubmitted: {
      const auto& e = event.evidence_submitted();
      if (auto* appointment = evolve::MutableAppointment(Case(state), e.appointment_id())) {
        appointment->set_evidence(v1::EVIDENCE_SUBMITTED);
      }
      return;
    }
    case Event::kEvidenceAccepted: {
      const auto& e = event.evidence_accepted();
      if (auto* appointment = evolve::MutableAppointment(Case(state), e.appointment_id())) {
        appointment->set_evidence(v1::EVIDENCE_ACCEPTED);
      }
      return;
    }
    case Event::kEvidenceRejected: {
      const auto& e = event.evidence_rejected();
      if (auto* appointment = evolve::MutableAppointment(Case(state), e.appointment_id())) {
        appointment->set_evidence(v1::EVIDENCE_REJECTED);
      }
      return;
    }
    case Event::kAdjustmentMade: {
      *Case(state).add_adjustments() = event.adjustment_made().adjustment();
      return;
    }
    case Event::kAdjustmentReversed: {
      for (auto& adjustment : *Case(state).mutable_adjustments()) {
        if (adjustment.adjustment_id() == event.adjustment_reversed().adjustment_id()) {
          adjustment.set_reversed(true);
        }
      }
      return;
    }
    case Event::kTravelCredited: {
      const auto& e = event.travel_credited();
      if (auto* appointment = evolve::MutableAppointment(Case(state), e.appointment_id())) {
        appointment->set_travel_credited(true);
      }
      return;
    }
    case Event::kFailureNoted:
      return evolve::FailureNoted(Case(state), event.failure_noted());
    case Event::kFailureVoided:
      return evolve::FailureVoided(Case(state), event.failure_voided());
    case Event::kEnforcementOverdue:
      return;
    case Event::kErasureConfirmed:
      *state.mutable_erasure()->mutable_gaps() = event.erasure_confirmed().gaps();
      return;
    case Event::kProjectNominated: {
      const auto& nominated = event.project_nominated();
      auto* project = state.mutable_project();
      project->set_project_id(nominated.project_id());
      project->set_status(v1::PROJECT_NOMINATED);
      *project->mutable_terms() = nominated.terms();
      project->set_beneficiary(nominated.beneficiary());
      return;
    }
    case Event::kProjectEvaluated:
      state.mutable_project()->set_status(v1::PROJECT_EVALUATED);
      return;
    case Event::kProjectApproved:
      state.mutable_project()->set_status(v1::PROJECT_APPROVED);
      return;
    case Event::kProjectDeclined:
      state.mutable_project()->set_status(v1::PROJECT_DECLINED);
      return;
    case Event::kProjectOpened:
      state.mutable_project()->set_status(v1::PROJECT_OPEN);
      return;
    case Event::kProjectUpdated: {
      *state.mutable_project()->mutable_terms() = event.project_updated().terms();
      state.mutable_project()->set_beneficiary(event.project_updated().beneficiary());
      return;
    }
    case Event::kProjectSuspended:
      state.mutable_project()->set_status(v1::PROJECT_SUSPENDED);
      return;
    case Event::kProjectClosed:
      state.mutable_project()->set_status(v1::PROJECT_CLOSED);
      return;
    case Event::kProjectTurnoutCounted:
      return evolve::TurnoutCounted(*state.mutable_project(), event.project_turnout_counted());
    case Event::kSessionPlanned: {
      *state.mutable_session() = event.session_planned().session();
      return;
    }
    case Event::kSessionOpened:
      state.mutable_session()->set_status(v1::SESSION_OPEN);
      return;
    case Event::kSessionLocked:
      state.mutable_session()->set_status(v1::SESSION_LOCKED);
      return;
    case Event::kSessionRun:
      state.mutable_session()->set_status(v1::SESSION_RUN);
      return;
    case Event::kSessionCancelled:
      state.mutable_session()->set_status(v1::SESSION_CANCELLED);
      return;
    case Event::kSupervisorAssigned: {
      auto* session = state.mutable_session();
      session->add_supervisors(event.supervisor_assigned().staff_id());
      session->set_capacity(event.supervisor_assigned().capacity());
      session->set_overbook(event.supervisor_assigned().overbook());
      return;
    }
    case Event::kSupervisorUnassigned:
      return evolve::Unassigned(*state.mutable_session(), event.supervisor_unassigned());
    case Event::kSeatBooked: {
      auto* session = state.mutable_session();
      *session->add_seats() = event.seat_booked().seat();
      session->set_seats_given(event.seat_booked().seat().seat_no());
      return;
    }
    case Event::kSeatReleased:
      return evolve::SeatReleased(*state.mutable_session(), event.seat_released());
    case Event::kSeatDecided: {
      for (auto& seat : *state.mutable_session()->mutable_seats()) {
        if (seat.seat_no() != event.seat_decided().seat_no()) continue;
        seat.set_decided(true);
        seat.set_attended(event.seat_decided().attended());
      }
      return;
    }
    case Event::kCompositionBroken: {
      *state.mutable_session()->mutable_lone() = event.composition_broken().crns();
      return;
    }
    case Event::kCompositionRepaired:
      state.mutable_session()->clear_lone();
      return;
    case Event::kSupervisorRegistered: {
      const auto& registered = event.supervisor_registered();
      auto* supervisor = state.mutable_supervisor();
      supervisor->set_staff_id(registered.staff_id());
      supervisor->set_org(registered.org());
      supervisor->set_sex(registered.sex());
      return;
    }
    case Event::kCompetenceRecorded: {
      evolve::Competent(*state.mutable_supervisor(), event.competence_recorded().competence());
      return;
    }
    case Event::kStaffAbsenceRecorded: {
      *state.mutable_supervisor()->add_absences() = event.staff_absence_recorded().absence();
      return;
    }
    case Event::kSupervisorBooked: {
      *state.mutable_supervisor()->add_assignments() = event.supervisor_booked().assignment();
      return;
    }
    case Event::kSupervisorFreed: {
      evolve::Freed(*state.mutable_supervisor(), event.supervisor_freed().session_id());
      return;
    }
    case Event::kOrganisationScopeRecorded:
      return evolve::ScopeRecorded(*state.mutable_organisation_scope(),
                                   event.organisation_scope_recorded());
    case Event::kIntakeExceptionRaised: {
      *state.mutable_intake_exception() = event.intake_exception_raised().exception();
      return;
    }
    case Event::kIntakeExceptionResolved: {
      auto* exception = state.mutable_intake_exception();
      exception->set_resolved(true);
      exception->set_resolution(event.intake_exception_resolved().resolution());
      return;
    }
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace pdp::unpaid_work
