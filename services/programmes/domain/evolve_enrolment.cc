#include <algorithm>

#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/evolve.h"

namespace pdp::programmes {
namespace {

using Event = v1::Event;

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
  e->set_person_version(event.person_version());
  e->set_sentence_version(event.sentence_version());
  if (!event.has_taken_over()) return;
  const v1::LedgerExport& earlier = event.taken_over();
  *e->mutable_pauses() = earlier.pauses();
  *e->mutable_measures() = earlier.measures();
  for (const v1::LedgerRow& kept : earlier.ledger()) {
    for (v1::LedgerRow& row : *e->mutable_ledger()) {
      if (row.row() == kept.row()) row = kept;
    }
  }
}

// A ledger row follows the newest outcomes of its sessions: credited by any, else missed (PRG-83).
void Recount(const std::string& row, v1::Enrolment* e) {
  for (v1::LedgerRow& ledger : *e->mutable_ledger()) {
    if (ledger.row() != row || ledger.credit() == v1::TRANSFERRED) continue;
    ledger.clear_session_id();
    ledger.clear_date();
    ledger.set_minutes(0);
    ledger.set_credit(v1::PENDING);
    for (const v1::Attendance& a : e->attendances()) {
      if (a.row() != row || a.lapsed()) continue;
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
  auto it = std::find_if(all->begin(), all->end(),
                         [&](const auto& a) { return a.session_id() == attendance.session_id(); });
  if (it == all->end()) {
    *all->Add() = attendance;
  } else {
    *it = attendance;
  }
  Recount(attendance.row(), e);
  // PRG-83: begun is a function of the outcomes as they are now.
  std::string first;
  for (const v1::Attendance& a : *all) {
    const OutcomeCode* code = FindOutcome(a.code());
    if (code == nullptr || !code->attended) continue;
    if (first.empty() || a.date() < first) first = a.date();
  }
  e->set_started_on(first);
  v1::EnrolmentStatus status = e->status() == v1::SUSPENDED ? e->suspended_from() : e->status();
  if (!first.empty() && status == v1::ALLOCATED) status = v1::ON_PROGRAMME;
  if (first.empty() && status == v1::ON_PROGRAMME && e->attendances_size() > 0) {
    status = v1::ALLOCATED;
  }
  if (e->status() == v1::SUSPENDED) {
    e->set_suspended_from(status);
  } else {
    e->set_status(status);
  }
}

v1::MeasureResult* ResultFor(const std::string& instrument, v1::Enrolment* e) {
  for (v1::MeasureResult& result : *e->mutable_measures()) {
    if (result.instrument() == instrument) return &result;
  }
  v1::MeasureResult* result = e->add_measures();
  result->set_instrument(instrument);
  return result;
}

v1::Obligation* FindObligation(const std::string& id, v1::Enrolment* e) {
  for (v1::Obligation& obligation : *e->mutable_obligations()) {
    if (obligation.id() == id) return &obligation;
  }
  return nullptr;
}

// Credit of these rows is gone; what was owed on them is begun again (PRG-102).
template <typename Rows>
void Lapse(const Rows& rows, v1::Enrolment* e) {
  const auto among = [&](const std::string& row) {
    return std::find(rows.begin(), rows.end(), row) != rows.end();
  };
  for (v1::Attendance& a : *e->mutable_attendances()) {
    if (among(a.row())) a.set_lapsed(true);
  }
  for (v1::Obligation& o : *e->mutable_obligations()) {
    if (!among(o.row()) || !o.open()) continue;
    o.set_open(false);
    o.set_voided(true);
  }
  for (v1::LedgerRow& row : *e->mutable_ledger()) {
    if (!among(row.row())) continue;
    const std::string code = row.row();
    row.Clear();
    row.set_row(code);
  }
}

void OpenPause(const std::string& from, const std::string& reason, v1::Enrolment* e) {
  v1::ClockPause* pause = e->add_pauses();
  pause->set_from(from);
  pause->set_reason_code(reason);
}

void ClosePause(const std::string& to, v1::Enrolment* e) {
  for (v1::ClockPause& pause : *e->mutable_pauses()) {
    if (pause.to().empty()) pause.set_to(to);
  }
}

void LeftGroup(const std::string& on, v1::EnrolmentStatus status, v1::Enrolment* e) {
  e->clear_group_id();
  e->clear_joined_on();
  e->set_left_on(on);
  e->set_status(status);
}

}  // namespace

void EvolveEnrolment(const Event& event, const EventFacts& facts, v1::Enrolment* e) {
  switch (event.event_case()) {
    case Event::kEnrolmentOpened:
      return Open(event.enrolment_opened(), facts, e);
    case Event::kReferralFactsUpdated: {
      const v1::ReferralFactsUpdated& updated = event.referral_facts_updated();
      e->set_person_version(updated.person_version());
      e->set_sentence_version(updated.sentence_version());
      *e->mutable_responsivity() = updated.responsivity();
      *e->mutable_requirement() = updated.requirement();
      *e->mutable_tokens() = updated.tokens();
      return;
    }
    case Event::kSuitabilityConfirmed:
      return e->set_status(v1::WAITING);
    case Event::kMarkedNotReady:
      if (event.marked_not_ready().pauses_clock()) {
        OpenPause(event.marked_not_ready().on(), event.marked_not_ready().reason_code(), e);
      }
      e->clear_group_id();
      e->clear_joined_on();
      return e->set_status(v1::NOT_READY);
    case Event::kMarkedReady:
      ClosePause(event.marked_ready().on(), e);
      return e->set_status(v1::WAITING);
    case Event::kNonAssociationRecorded: {
      const v1::NonAssociation& recorded = event.non_association_recorded().non_association();
      for (v1::NonAssociation& known : *e->mutable_non_associations()) {
        if (known.other_crn() != recorded.other_crn()) continue;
        known = recorded;
        return;
      }
      *e->add_non_associations() = recorded;
      return;
    }
    case Event::kDeliveryChoiceRecorded: {
      auto* person = e->mutable_responsivity();
      person->set_delivery_choice(event.delivery_choice_recorded().choice());
      person->set_female_facilitator(event.delivery_choice_recorded().female_facilitator());
      return;
    }
    case Event::kEnrolmentAllocated:
      e->set_group_id(event.enrolment_allocated().group_id());
      e->set_joined_on(event.enrolment_allocated().on());
      e->set_status(e->status() == v1::PAUSED ? v1::ON_PROGRAMME : v1::ALLOCATED);
      e->clear_left_on();
      e->clear_credit_until();
      return;
    case Event::kEnrolmentReleased:
      LeftGroup("", v1::WAITING, e);
      return;
    case Event::kEnrolmentPaused:
      LeftGroup(event.enrolment_paused().on(), v1::PAUSED, e);
      return e->set_credit_until(event.enrolment_paused().credit_until());
    case Event::kCreditLapsed: {
      std::vector<std::string> all;
      for (const v1::LedgerRow& row : e->ledger()) all.push_back(row.row());
      Lapse(all, e);
      e->clear_credit_until();
      e->clear_left_on();
      return e->set_status(v1::WAITING);
    }
    case Event::kCreditTransferred:
      Lapse(event.credit_transferred().lapsed_rows(), e);
      for (v1::LedgerRow& row : *e->mutable_ledger()) {
        const auto& rows = event.credit_transferred().rows();
        if (std::find(rows.begin(), rows.end(), row.row()) != rows.end()) {
          row.set_credit(v1::TRANSFERRED);
        }
      }
      return;
    case Event::kIndividualSessionPlanned:
      *e->add_individual() = event.individual_session_planned().session();
      return;
    case Event::kIndividualSessionCancelled:
      for (v1::Session& session : *e->mutable_individual()) {
        if (session.session_id() == event.individual_session_cancelled().session_id()) {
          session.set_status(v1::SESSION_CANCELLED);
        }
      }
      return;
    case Event::kAttendanceRecorded:
      return Attend(event.attendance_recorded().attendance(), e);
    case Event::kAttendanceCorrected:
      return Attend(event.attendance_corrected().attendance(), e);
    case Event::kProgrammeStarted:
      return;  // the outcome that began it says so
    case Event::kCatchUpRequired:
      *e->add_obligations() = event.catch_up_required().obligation();
      return;
    case Event::kCatchUpSatisfied:
      if (auto* o = FindObligation(event.catch_up_satisfied().obligation_id(), e)) {
        o->set_open(false);
      }
      return;
    case Event::kCatchUpVoided:
      if (auto* o = FindObligation(event.catch_up_voided().obligation_id(), e)) {
        o->set_open(false);
        o->set_voided(true);
      }
      return;
    case Event::kCatchUpExpired:
      if (auto* o = FindObligation(event.catch_up_expired().obligation_id(), e)) {
        o->set_open(false);
        o->set_expired(true);
      }
      return;
    case Event::kCatchUpDueMoved:
      if (auto* o = FindObligation(event.catch_up_due_moved().obligation_id(), e)) {
        o->set_due_by(event.catch_up_due_moved().due_by());
      }
      return;
    case Event::kAttendanceReviewRequired:
      return;  // for the treatment manager; what it counts is in the obligations
    case Event::kMeasureTaken: {
      auto* result = ResultFor(event.measure_taken().instrument(), e);
      if (event.measure_taken().phase() == "PRE") {
        return result->set_pre(event.measure_taken().total());
      }
      return result->set_post(event.measure_taken().total());
    }
    case Event::kMeasureDeclined: {
      auto* result = ResultFor(event.measure_declined().instrument(), e);
      if (event.measure_declined().phase() == "PRE") return result->set_pre_declined(true);
      return result->set_post_declined(true);
    }
    case Event::kOutcomeRated: {
      for (v1::OutcomeRating& rating : *e->mutable_outcomes()) {
        if (rating.outcome() != event.outcome_rated().rating().outcome()) continue;
        rating = event.outcome_rated().rating();
        return;
      }
      *e->add_outcomes() = event.outcome_rated().rating();
      return;
    }
    case Event::kReviewHeld:
      *e->mutable_review() = event.review_held().review();
      return;
    case Event::kProgrammeCompleted: {
      const auto& completed = event.programme_completed();
      v1::Completion* completion = e->mutable_completion();
      completion->set_completed_on(completed.completed_on());
      completion->set_core_credited(completed.core_credited());
      completion->set_core_total(completed.core_total());
      completion->set_dosage_bp(completed.dosage_bp());
      completion->set_n(completed.n());
      e->set_completions(completed.n());
      return e->set_status(v1::COMPLETED);
    }
    case Event::kCompletionRevoked:
      e->clear_completion();
      return e->set_status(v1::ON_PROGRAMME);
    case Event::kEnrolmentSuspended:
      e->set_suspended_from(e->status());
      e->set_suspended_on(event.enrolment_suspended().on());
      if (event.enrolment_suspended().pauses_clock()) {
        OpenPause(event.enrolment_suspended().on(), event.enrolment_suspended().reason_code(), e);
      }
      return e->set_status(v1::SUSPENDED);
    case Event::kEnrolmentResumed:
      // Who was not ready before is so still: that pause began with it and goes on.
      if (e->suspended_from() != v1::NOT_READY) ClosePause(event.enrolment_resumed().on(), e);
      e->set_status(e->suspended_from());
      e->clear_suspended_from();
      return e->clear_suspended_on();
    case Event::kEnrolmentTransferredOut:
      if (e->left_on().empty()) e->set_left_on(event.enrolment_transferred_out().on());
      e->clear_group_id();
      return e->set_status(v1::TRANSFERRED_OUT);
    case Event::kEnrolmentEnded:
      e->set_end_reason(event.enrolment_ended().reason_code());
      if (e->left_on().empty()) e->set_left_on(event.enrolment_ended().on());
      e->clear_group_id();
      return e->set_status(v1::ENDED);
    case Event::kEnrolmentListed:
    case Event::kFacilitatorRegistered:
    case Event::kCapabilityRecorded:
    case Event::kLeaveRecorded:
    case Event::kStaffBooked:
    case Event::kStaffIdentityDeclared:
    case Event::kStaffIdentityWithdrawn:
    case Event::kSiteRegistered:
    case Event::kRoomPut:
    case Event::kSiteClosed:
    case Event::kRoomBooked:
    case Event::kGroupOpened:
    case Event::kGroupCodeTaken:
    case Event::kStaffAssigned:
    case Event::kMemberAllocated:
    case Event::kSchedulePlanned:
    case Event::kSessionMoved:
    case Event::kSessionCancelled:
    case Event::kGroupConfirmed:
    case Event::kSessionHeld:
    case Event::kMemberRemoved:
    case Event::kCompositionBreached:
    case Event::kCompositionResolved:
    case Event::kGroupCancelled:
    case Event::kGroupClosed:
    case Event::kPersonSessionsChanged:
    case Event::kAppointmentRecorded:
    case Event::kAppointmentReleased:
    case Event::kErasureConfirmed:
    case Event::kPersonAliasAdded:
    case Event::kPersonAliasRemoved:
    case Event::kFailureRaised:
    case Event::kFailureOutcomesChanged:
    case Event::kFailureConfirmed:
    case Event::kFailureRescinded:
    case Event::kWarningRecorded:
    case Event::kWarningWithdrawn:
    case Event::kStepDue:
    case Event::kStepWithdrawn:
    case Event::kTaskRaised:
    case Event::kTaskClosed:
    case Event::kDeliveryOrgRecorded:
    case Event::kAccessCopied:
    case Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace pdp::programmes
