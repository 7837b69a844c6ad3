#include "services/programmes/domain/evolve.h"

#include <algorithm>

namespace pdp::programmes {
namespace {

template <typename Bookings, typename Released>
void Release(const Released& released, Bookings* bookings) {
  for (const std::string& id : released) {
    bookings->erase(std::remove_if(bookings->begin(), bookings->end(),
                                   [&](const auto& b) { return b.session_id() == id; }),
                    bookings->end());
  }
}

void TakeOut(const std::string& id, v1::Calendar* calendar) {
  auto* all = calendar->mutable_appointments();
  all->erase(std::remove_if(all->begin(), all->end(),
                            [&](const auto& a) { return a.appointment_id() == id; }),
             all->end());
}

void PutIn(const v1::Appointment& appointment, v1::Calendar* calendar) {
  TakeOut(appointment.appointment_id(), calendar);
  *calendar->add_appointments() = appointment;
}

void PutFailure(const v1::Failure& failure, v1::Order* order) {
  for (v1::Failure& known : *order->mutable_failures()) {
    if (known.failure_id() != failure.failure_id()) continue;
    known = failure;
    return;
  }
  *order->add_failures() = failure;
}

void AddAlias(const v1::PersonAliasAdded& event, const AggregateId& id, v1::State& state) {
  if (id.kind() == "enrolment") {
    *state.mutable_enrolment()->add_aliases() = event.to_crn();
  } else if (id.id() == event.from_crn()) {
    state.mutable_open_enrolments()->set_merged_into(event.to_crn());
  } else {
    *state.mutable_open_enrolments()->add_aliases() = event.from_crn();
  }
}

template <typename Names>
void Without(const std::string& name, Names* names) {
  names->erase(std::remove(names->begin(), names->end(), name), names->end());
}

void RemoveAlias(const v1::PersonAliasRemoved& event, const AggregateId& id, v1::State& state) {
  if (id.kind() == "enrolment") {
    Without(event.to_crn(), state.mutable_enrolment()->mutable_aliases());
  } else if (id.id() == event.from_crn()) {
    state.mutable_open_enrolments()->clear_merged_into();
  } else {
    Without(event.from_crn(), state.mutable_open_enrolments()->mutable_aliases());
  }
}

}  // namespace

void Programmes::Evolve(State& state, const AggregateId& id, const Event& event,
                        const EventFacts& facts) {
  switch (event.event_case()) {
    case Event::kEnrolmentOpened:
    case Event::kReferralFactsUpdated:
    case Event::kSuitabilityConfirmed:
    case Event::kMarkedNotReady:
    case Event::kMarkedReady:
    case Event::kNonAssociationRecorded:
    case Event::kDeliveryChoiceRecorded:
    case Event::kEnrolmentAllocated:
    case Event::kEnrolmentReleased:
    case Event::kEnrolmentPaused:
    case Event::kCreditLapsed:
    case Event::kCreditTransferred:
    case Event::kIndividualSessionPlanned:
    case Event::kIndividualSessionCancelled:
    case Event::kAttendanceRecorded:
    case Event::kAttendanceCorrected:
    case Event::kProgrammeStarted:
    case Event::kCatchUpRequired:
    case Event::kCatchUpSatisfied:
    case Event::kCatchUpVoided:
    case Event::kCatchUpExpired:
    case Event::kCatchUpDueMoved:
    case Event::kAttendanceReviewRequired:
    case Event::kMeasureTaken:
    case Event::kMeasureDeclined:
    case Event::kOutcomeRated:
    case Event::kReviewHeld:
    case Event::kProgrammeCompleted:
    case Event::kCompletionRevoked:
    case Event::kEnrolmentSuspended:
    case Event::kEnrolmentResumed:
    case Event::kEnrolmentTransferredOut:
    case Event::kEnrolmentEnded:
      return EvolveEnrolment(event, facts, state.mutable_enrolment());
    case Event::kEnrolmentListed: {
      auto* entries = state.mutable_open_enrolments()->mutable_entries();
      const auto& listed = event.enrolment_listed();
      entries->erase(std::remove_if(entries->begin(), entries->end(),
                                    [&](const auto& entry) {
                                      return entry.enrolment_id() == listed.enrolment_id();
                                    }),
                     entries->end());
      if (!listed.open()) return;
      auto* entry = entries->Add();
      entry->set_enrolment_id(listed.enrolment_id());
      entry->set_requirement_key(listed.requirement_key());
      entry->set_route(listed.route());
      entry->set_open(true);
      return;
    }
    case Event::kFacilitatorRegistered:
      state.mutable_facilitator()->set_staff_id(event.facilitator_registered().staff_id());
      return state.mutable_facilitator()->set_org(event.facilitator_registered().org());
    case Event::kCapabilityRecorded:
      *state.mutable_facilitator()->add_capabilities() = event.capability_recorded().capability();
      return;
    case Event::kLeaveRecorded:
      *state.mutable_facilitator()->add_leave() = event.leave_recorded().leave();
      return;
    case Event::kStaffBooked: {
      auto* bookings = state.mutable_facilitator()->mutable_bookings();
      Release(event.staff_booked().released_session_ids(), bookings);
      for (const v1::Booking& booking : event.staff_booked().bookings()) *bookings->Add() = booking;
      return;
    }
    case Event::kStaffIdentityDeclared: {
      v1::Facilitator* staff = state.mutable_facilitator();
      staff->set_declared_gender(event.staff_identity_declared().gender());
      *staff->mutable_identity_codes() = event.staff_identity_declared().identity_codes();
      return staff->set_consent_id(event.staff_identity_declared().consent_id());
    }
    case Event::kStaffIdentityWithdrawn:
      state.mutable_facilitator()->clear_declared_gender();
      state.mutable_facilitator()->clear_identity_codes();
      return state.mutable_facilitator()->clear_consent_id();
    case Event::kSiteRegistered: {
      auto* site = state.mutable_site();
      site->set_site_id(event.site_registered().site_id());
      site->set_pdu(event.site_registered().pdu());
      site->set_opens_min(event.site_registered().opens_min());
      return site->set_closes_min(event.site_registered().closes_min());
    }
    case Event::kRoomPut: {
      v1::Room* room = nullptr;
      for (v1::Room& known : *state.mutable_site()->mutable_rooms()) {
        if (known.room_id() == event.room_put().room_id()) room = &known;
      }
      if (room == nullptr) room = state.mutable_site()->add_rooms();
      room->set_room_id(event.room_put().room_id());
      room->set_capacity(event.room_put().capacity());
      *room->mutable_attributes() = event.room_put().attributes();
      return;
    }
    case Event::kSiteClosed:
      *state.mutable_site()->add_closures() = event.site_closed().closure();
      return;
    case Event::kRoomBooked:
      for (v1::Room& room : *state.mutable_site()->mutable_rooms()) {
        if (room.room_id() != event.room_booked().room_id()) continue;
        Release(event.room_booked().released_session_ids(), room.mutable_bookings());
        for (const v1::Booking& booking : event.room_booked().bookings()) {
          *room.add_bookings() = booking;
        }
      }
      return;
    case Event::kGroupOpened: {
      const v1::GroupOpened& opened = event.group_opened();
      v1::Group* group = state.mutable_group();
      group->set_group_id(opened.group_id());
      group->set_code(opened.code());
      group->set_version_ref(opened.version_ref());
      group->set_content_hash(opened.content_hash());
      group->set_delivery_org(opened.delivery_org());
      group->set_site_id(opened.site_id());
      group->set_sex_mode(opened.sex_mode());
      *group->mutable_slots() = opened.slots();
      group->set_earliest_start(opened.earliest_start());
      *group->mutable_size() = opened.size();
      return group->set_status(v1::FORMING);
    }
    case Event::kGroupCodeTaken:
      return state.mutable_group_code()->set_group_id(event.group_code_taken().group_id());
    case Event::kStaffAssigned:
      *state.mutable_group()->mutable_staff() = event.staff_assigned().staff();
      return;
    case Event::kMemberAllocated: {
      v1::Member* member = state.mutable_group()->add_members();
      member->set_enrolment_id(event.member_allocated().enrolment_id());
      return member->set_joined_on(event.member_allocated().on());
    }
    case Event::kSchedulePlanned:
      *state.mutable_group()->mutable_sessions() = event.schedule_planned().sessions();
      *state.mutable_group()->mutable_skipped() = event.schedule_planned().skipped();
      return state.mutable_group()->set_status(v1::SCHEDULED);
    case Event::kSessionMoved:
      for (v1::Session& session : *state.mutable_group()->mutable_sessions()) {
        if (session.session_id() != event.session_moved().to().session_id()) continue;
        auto moves = session.moves();
        session = event.session_moved().to();
        *session.mutable_moves() = moves;
        v1::SessionMove* move = session.add_moves();
        move->mutable_at()->set_seconds(absl::ToUnixSeconds(facts.occurred_at));
        move->set_notice_min(event.session_moved().notice_min());
        move->set_reason(event.session_moved().reason_code());
        move->set_from_date(event.session_moved().from_date());
      }
      return;
    case Event::kSessionCancelled:
      return;  // the occurrence is lost; SessionMoved gives the session its new place (PRG-65)
    case Event::kGroupConfirmed:
      return state.mutable_group()->set_status(v1::CONFIRMED);
    case Event::kSessionHeld:
      for (v1::Session& session : *state.mutable_group()->mutable_sessions()) {
        if (session.session_id() == event.session_held().session_id()) session.set_status(v1::HELD);
      }
      return state.mutable_group()->set_status(v1::RUNNING);
    case Event::kMemberRemoved: {
      auto* members = state.mutable_group()->mutable_members();
      const std::string& enrolment_id = event.member_removed().enrolment_id();
      for (const v1::Member& member : *members) {
        if (member.enrolment_id() != enrolment_id) continue;
        v1::Member* former = state.mutable_group()->add_former_members();
        *former = member;
        former->set_left_on(event.member_removed().on());
      }
      members->erase(
          std::remove_if(members->begin(), members->end(),
                         [&](const auto& m) { return m.enrolment_id() == enrolment_id; }),
          members->end());
      return;
    }
    case Event::kCompositionBreached: {
      v1::Breach* breach = state.mutable_group()->add_breaches();
      breach->set_rule(event.composition_breached().rule());
      breach->set_since(event.composition_breached().since());
      return breach->set_resolve_by(event.composition_breached().resolve_by());
    }
    case Event::kCompositionResolved: {
      auto* breaches = state.mutable_group()->mutable_breaches();
      breaches->erase(std::remove_if(breaches->begin(), breaches->end(),
                                     [&](const auto& b) {
                                       return b.rule() == event.composition_resolved().rule();
                                     }),
                      breaches->end());
      return;
    }
    case Event::kGroupCancelled:
      return state.mutable_group()->set_status(v1::CANCELLED);
    case Event::kGroupClosed:
      return state.mutable_group()->set_status(v1::CLOSED);
    case Event::kPersonSessionsChanged: {
      const v1::PersonSessionsChanged& changed = event.person_sessions_changed();
      v1::Calendar* calendar = state.mutable_calendar();
      calendar->set_crn(changed.crn());
      for (const std::string& id : changed.released_session_ids()) TakeOut(id, calendar);
      for (const v1::Appointment& a : changed.booked()) PutIn(a, calendar);
      for (const v1::Appointment& a : changed.moved()) PutIn(a, calendar);
      return;
    }
    case Event::kAppointmentRecorded:
      state.mutable_calendar()->set_crn(event.appointment_recorded().crn());
      return PutIn(event.appointment_recorded().appointment(), state.mutable_calendar());
    case Event::kAppointmentReleased:
      return TakeOut(event.appointment_released().appointment_id(), state.mutable_calendar());
    case Event::kErasureConfirmed:
      *state.mutable_erasure()->mutable_gaps() = event.erasure_confirmed().gaps();
      return;
    case Event::kPersonAliasAdded:
      return AddAlias(event.person_alias_added(), id, state);
    case Event::kPersonAliasRemoved:
      return RemoveAlias(event.person_alias_removed(), id, state);
    case Event::kFailureRaised:
      state.mutable_order()->set_order_id(event.failure_raised().order_id());
      state.mutable_order()->set_kind(event.failure_raised().kind());
      return PutFailure(event.failure_raised().failure(), state.mutable_order());
    case Event::kFailureOutcomesChanged:
      return PutFailure(event.failure_outcomes_changed().failure(), state.mutable_order());
    case Event::kFailureConfirmed:
      for (v1::Failure& failure : *state.mutable_order()->mutable_failures()) {
        if (failure.failure_id() != event.failure_confirmed().failure_id()) continue;
        failure.set_status(v1::CONFIRMED_FAILURE);
        failure.clear_provisional_until();
        failure.set_confirmed_on(event.failure_confirmed().confirmed_on());
      }
      return;
    case Event::kFailureRescinded:
      for (v1::Failure& failure : *state.mutable_order()->mutable_failures()) {
        if (failure.failure_id() != event.failure_rescinded().failure_id()) continue;
        failure.set_status(v1::RESCINDED);
        failure.clear_outcomes();
        failure.clear_provisional_until();
        failure.clear_confirmed_on();
      }
      return;
    case Event::kWarningRecorded:
      state.mutable_order()->set_order_id(event.warning_recorded().order_id());
      *state.mutable_order()->add_warnings() = event.warning_recorded().warning();
      return;
    case Event::kWarningWithdrawn: {
      auto* warnings = state.mutable_order()->mutable_warnings();
      const std::string& warning_id = event.warning_withdrawn().warning_id();
      warnings->erase(std::remove_if(warnings->begin(), warnings->end(),
                                     [&](const auto& w) { return w.warning_id() == warning_id; }),
                      warnings->end());
      return;
    }
    case Event::kStepDue:
      *state.mutable_order()->add_steps() = event.step_due().step();
      return;
    case Event::kStepWithdrawn: {
      auto* steps = state.mutable_order()->mutable_steps();
      const v1::Step& gone = event.step_withdrawn().step();
      steps->erase(std::remove_if(steps->begin(), steps->end(),
                                  [&](const auto& s) {
                                    return s.failure_id() == gone.failure_id() &&
                                           s.step() == gone.step();
                                  }),
                   steps->end());
      return;
    }
    case Event::kTaskRaised:
      *state.mutable_task() = event.task_raised().task();
      return;
    case Event::kTaskClosed:
      return state.mutable_task()->set_closed(true);
    case Event::kDeliveryOrgRecorded:
      *state.mutable_delivery_org() = event.delivery_org_recorded().delivery_org();
      return;
    case Event::kAccessCopied:
      *state.mutable_access() = event.access_copied().access();
      return;
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace pdp::programmes
