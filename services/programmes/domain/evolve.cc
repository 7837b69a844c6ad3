#include <algorithm>

#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/programmes.h"

namespace pdp::programmes {
namespace {

void Open(const v1::EnrolmentOpened& event, const EventFacts& facts, v1::Enrolment* e) {
  e->set_id(event.enrolment_id());
  e->set_referral_id(event.referral_id());
  e->set_round(event.round());
  e->set_crn(event.crn());
  e->set_delivery_org(event.delivery_org());
  e->set_stratum(event.stratum());
  e->set_route(event.route());
  e->set_version_ref(event.version_ref());
  e->set_content_hash(event.content_hash());
  *e->mutable_requirement() = event.requirement();
  e->set_received_on(event.received_on());
  e->set_opened_on(event.opened_on());
  *e->mutable_tokens() = event.tokens();
  *e->mutable_responsivity() = event.responsivity();
  e->set_pdu(event.pdu());
  e->set_verdict(event.verdict());
  e->set_area(std::string(facts.area.code()));
  e->set_status(v1::AWAITING_SUITABILITY);
  if (const v1::ProgrammeVersion* version = FindVersion(event.version_ref())) {
    for (const v1::CatalogueRow& row : version->rows()) {
      if (row.core()) e->add_ledger()->set_row(row.code());
    }
  }
}

// A ledger row follows the newest outcomes of its sessions: credited by any, else missed (PRG-83).
void Recount(const std::string& row, v1::Enrolment* e) {
  for (v1::LedgerRow& ledger : *e->mutable_ledger()) {
    if (ledger.row() != row) continue;
    ledger.clear_session_id();
    ledger.clear_date();
    ledger.set_minutes(0);
    ledger.set_credit(v1::PENDING);
    for (const v1::Attendance& a : e->attendances()) {
      if (a.row() != row) continue;
      if (ledger.credit() == v1::CREDITED) break;
      ledger.set_credit(a.credit() ? v1::CREDITED : v1::MISSED);
      if (a.credit()) {
        ledger.set_session_id(a.session_id());
        ledger.set_date(a.date());
        ledger.set_minutes(a.minutes_present());
      }
    }
  }
}

// Keeps one current outcome a session.
void Attend(const v1::Attendance& attendance, v1::Enrolment* e) {
  auto* all = e->mutable_attendances();
  auto it = std::find_if(all->begin(), all->end(), [&](const auto& a) {
    return a.session_id() == attendance.session_id();
  });
  if (it == all->end()) {
    *all->Add() = attendance;
  } else {
    *it = attendance;
  }
  Recount(attendance.row(), e);
}

v1::MeasureResult* ResultFor(const std::string& instrument, v1::Enrolment* e) {
  for (v1::MeasureResult& result : *e->mutable_measures()) {
    if (result.instrument() == instrument) return &result;
  }
  v1::MeasureResult* result = e->add_measures();
  result->set_instrument(instrument);
  return result;
}

void CloseObligation(const std::string& id, v1::Enrolment* e) {
  for (v1::Obligation& obligation : *e->mutable_obligations()) {
    if (obligation.id() == id) obligation.set_open(false);
  }
}

template <typename Bookings, typename Released>
void Release(const Released& released, Bookings* bookings) {
  for (const std::string& id : released) {
    bookings->erase(std::remove_if(bookings->begin(), bookings->end(),
                                   [&](const auto& b) { return b.session_id() == id; }),
                    bookings->end());
  }
}

}  // namespace

void Programmes::Evolve(State& state, const AggregateId& id, const Event& event,
                        const EventFacts& facts) {
  switch (event.event_case()) {
    case Event::kEnrolmentOpened:
      return Open(event.enrolment_opened(), facts, state.mutable_enrolment());
    case Event::kSuitabilityConfirmed:
      return state.mutable_enrolment()->set_status(v1::WAITING);
    case Event::kDeliveryChoiceRecorded: {
      auto* person = state.mutable_enrolment()->mutable_responsivity();
      person->set_delivery_choice(event.delivery_choice_recorded().choice());
      person->set_female_facilitator(event.delivery_choice_recorded().female_facilitator());
      return;
    }
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
    case Event::kEnrolmentAllocated:
      state.mutable_enrolment()->set_group_id(event.enrolment_allocated().group_id());
      state.mutable_enrolment()->set_joined_on(event.enrolment_allocated().on());
      return state.mutable_enrolment()->set_status(v1::ALLOCATED);
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
    case Event::kIndividualSessionPlanned:
      *state.mutable_enrolment()->add_individual() = event.individual_session_planned().session();
      return;
    case Event::kAttendanceRecorded:
      return Attend(event.attendance_recorded().attendance(), state.mutable_enrolment());
    case Event::kAttendanceCorrected:
      return Attend(event.attendance_corrected().attendance(), state.mutable_enrolment());
    case Event::kProgrammeStarted:
      state.mutable_enrolment()->set_started_on(event.programme_started().date());
      return state.mutable_enrolment()->set_status(v1::ON_PROGRAMME);
    case Event::kCatchUpRequired:
      *state.mutable_enrolment()->add_obligations() = event.catch_up_required().obligation();
      return;
    case Event::kCatchUpSatisfied:
      return CloseObligation(event.catch_up_satisfied().obligation_id(),
                             state.mutable_enrolment());
    case Event::kCatchUpVoided:
      return CloseObligation(event.catch_up_voided().obligation_id(), state.mutable_enrolment());
    case Event::kSessionHeld:
      for (v1::Session& session : *state.mutable_group()->mutable_sessions()) {
        if (session.session_id() == event.session_held().session_id()) session.set_status(v1::HELD);
      }
      return state.mutable_group()->set_status(v1::RUNNING);
    case Event::kMeasureTaken: {
      auto* result = ResultFor(event.measure_taken().instrument(), state.mutable_enrolment());
      if (event.measure_taken().phase() == "PRE") {
        return result->set_pre(event.measure_taken().total());
      }
      return result->set_post(event.measure_taken().total());
    }
    case Event::kMeasureDeclined: {
      auto* result = ResultFor(event.measure_declined().instrument(), state.mutable_enrolment());
      if (event.measure_declined().phase() == "PRE") return result->set_pre_declined(true);
      return result->set_post_declined(true);
    }
    case Event::kOutcomeRated: {
      for (v1::OutcomeRating& rating : *state.mutable_enrolment()->mutable_outcomes()) {
        if (rating.outcome() != event.outcome_rated().rating().outcome()) continue;
        rating = event.outcome_rated().rating();
        return;
      }
      *state.mutable_enrolment()->add_outcomes() = event.outcome_rated().rating();
      return;
    }
    case Event::kReviewHeld:
      *state.mutable_enrolment()->mutable_review() = event.review_held().review();
      return;
    case Event::kProgrammeCompleted: {
      const auto& completed = event.programme_completed();
      v1::Completion* completion = state.mutable_enrolment()->mutable_completion();
      completion->set_completed_on(completed.completed_on());
      completion->set_core_credited(completed.core_credited());
      completion->set_core_total(completed.core_total());
      completion->set_dosage_bp(completed.dosage_bp());
      completion->set_n(completed.n());
      state.mutable_enrolment()->set_completions(completed.n());
      return state.mutable_enrolment()->set_status(v1::COMPLETED);
    }
    case Event::kCompletionRevoked:
      state.mutable_enrolment()->clear_completion();
      return state.mutable_enrolment()->set_status(v1::ON_PROGRAMME);
    case Event::kEnrolmentEnded:
      state.mutable_enrolment()->set_end_reason(event.enrolment_ended().reason_code());
      return state.mutable_enrolment()->set_status(v1::ENDED);
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace pdp::programmes
