#include "services/referral/projections/cases.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "libs/base/status_macros.h"
#include "libs/base/timestamp.h"
#include "pdp/referral/v1/events.pb.h"
#include "services/referral/domain/commands.h"
#include "services/referral/projections/case_lists.h"
#include "services/referral/projections/ids_of_person.h"

namespace pdp::referral {
namespace {

using projection::RecordedEvent;
using projection::RowWriter;

constexpr int kMilestonesMax = 200;

void RemoveCaseworker(v1::CaseRow& row, const std::string& id) {
  auto* caseworkers = row.mutable_caseworkers();
  for (int i = 0; i < caseworkers->size(); ++i) {
    if (caseworkers->Get(i).id() == id) return caseworkers->DeleteSubrange(i, 1);
  }
}

void PutClock(v1::CaseRow& row, const v1::SlaClock& clock) {
  for (v1::SlaClock& known : *row.mutable_clocks()) {
    if (known.code() != clock.code() || known.n() != clock.n()) continue;
    known = clock;
    return;
  }
  *row.add_clocks() = clock;
}

// What CaseList is ordered by: the running clock due first, and whether any is breached.
void Summarise(v1::CaseRow& row) {
  row.clear_clock();
  row.clear_due_on();
  row.set_breached(false);
  for (const v1::SlaClock& clock : row.clocks()) {
    if (clock.status() == v1::SlaClock::BREACHED) row.set_breached(true);
    if (clock.status() != v1::SlaClock::RUNNING || clock.due_on().empty()) continue;
    if (row.due_on().empty() || clock.due_on() < row.due_on()) {
      row.set_clock(clock.code());
      row.set_due_on(clock.due_on());
    }
  }
}

void ClearReturn(v1::CaseRow& row) {
  row.clear_return_org();
  row.clear_return_code();
  row.clear_return_on();
}

void ClearTransfer(v1::CaseRow& row) {
  row.clear_transfer_to();
  row.clear_transfer_on();
  row.clear_transfer_code();
}

// REF-94: a case that came from another area goes on here.
void Receive(v1::CaseRow& row, const v1::ReferralReceived& event) {
  const v1::Referral& snapshot = event.snapshot();
  row.set_reference(snapshot.reference());
  row.set_crn(event.crn());
  row.set_line(snapshot.line());
  row.set_pdu(event.pdu().empty() ? snapshot.pdu() : event.pdu());
  row.set_area(event.to_area());
  row.set_state(event.resume_state());
  row.set_route(snapshot.decision().route());
  row.set_stratum(snapshot.difficulty().stratum());
  *row.mutable_tokens() = snapshot.tokens();
  *row.mutable_submitted_at() = snapshot.submitted_at();
  *row.mutable_clocks() = snapshot.clocks();
  row.clear_org();
  row.clear_caseworkers();
  ClearTransfer(row);
}

void Change(v1::CaseRow& row, const v1::Event& event, const RecordedEvent& recorded) {
  switch (event.event_case()) {
    case v1::Event::kReferralOpened:
      row.set_reference(event.referral_opened().reference());
      row.set_crn(event.referral_opened().crn());
      row.set_line(event.referral_opened().line());
      row.set_pdu(event.referral_opened().pdu());
      row.set_area(event.referral_opened().area());
      row.set_need(event.referral_opened().need());
      row.set_origin(event.referral_opened().origin());
      row.set_opened_by(event.referral_opened().opened_by());
      row.set_last_saved_on(FormatDate(LocalDate(recorded.recorded_at)));
      row.set_state(v1::DRAFT);
      return;
    case v1::Event::kDraftExpired:
      row.set_state(v1::EXPIRED);
      return;
    case v1::Event::kDraftSectionSaved:
      row.set_last_saved_on(FormatDate(LocalDate(recorded.recorded_at)));
      return;
    case v1::Event::kPossibleDuplicateFlagged:
      *row.mutable_possible_duplicates() = event.possible_duplicate_flagged().other_ids();
      row.set_duplicates_on(FormatDate(LocalDate(recorded.recorded_at)));
      return;
    case v1::Event::kReferralSubmitted:
      row.set_state(v1::SUBMITTED);
      if (!event.referral_submitted().need().empty()) {
        row.set_need(event.referral_submitted().need());
      }
      *row.mutable_submitted_at() = ToTimestamp(recorded.recorded_at);
      return;
    case v1::Event::kInformationRequested:
      row.set_state(v1::NEEDS_INFO);
      return;
    case v1::Event::kInformationProvided:
      row.set_state(v1::SUBMITTED);
      return;
    case v1::Event::kDecisionHeldForReview:
      row.set_state(v1::REVIEW);
      return;
    case v1::Event::kReferralDeferred:
      row.set_state(v1::DEFERRED);
      return;
    case v1::Event::kDeferralReviewDue:
      row.set_state(v1::SUBMITTED);
      return;
    case v1::Event::kCourtConflictRaised:
      row.set_state(v1::CONFLICT);
      return;
    case v1::Event::kReferralRouted:
      row.set_state(v1::ROUTED);
      row.set_route(event.referral_routed().route());
      row.set_stratum(event.referral_routed().stratum());
      *row.mutable_tokens() = event.referral_routed().tokens();
      return;
    case v1::Event::kReferralClosed:
      row.set_state(v1::CLOSED);
      return;
    case v1::Event::kReferralOffered:
      row.set_state(v1::OFFERED);
      return;
    case v1::Event::kOfferDeclined:
      row.set_state(v1::ROUTED);
      return;
    case v1::Event::kOfferLapsed:
      row.set_state(v1::ROUTED);
      return;
    case v1::Event::kOfferRescinded:
      row.set_state(event.offer_rescinded().decide_again() ? v1::SUBMITTED : v1::ROUTED);
      return;
    case v1::Event::kDraftDiscarded:
      row.set_state(v1::DISCARDED);
      return;
    case v1::Event::kCourtConflictResolved:
      if (event.court_conflict_resolved().choice() == "PROCEED_ALTERNATIVE") {
        row.set_state(v1::SUBMITTED);
      }
      return;
    case v1::Event::kPlacementFailed:
      row.set_state(v1::UNPLACED);
      return;
    case v1::Event::kPlacementRetried:
      row.set_state(v1::ROUTED);
      return;
    case v1::Event::kReferralAccepted:
      row.set_state(v1::ACCEPTED);
      row.set_org(event.referral_accepted().org());
      return;
    case v1::Event::kReferralReturned:
      row.set_state(event.referral_returned().code() == "WRONG_ROUTE" ? v1::SUBMITTED : v1::ROUTED);
      row.clear_org();
      row.clear_caseworkers();
      ClearReturn(row);
      return;
    case v1::Event::kReturnRequested:
      row.set_return_org(event.return_requested().org());
      row.set_return_code(event.return_requested().code());
      row.set_return_on(event.return_requested().on());
      return;
    case v1::Event::kReturnRefused:
      return ClearReturn(row);
    case v1::Event::kCaseworkerAssigned:
      if (row.state() == v1::ACCEPTED) row.set_state(v1::ASSIGNED);
      RemoveCaseworker(row, event.caseworker_assigned().caseworker().id());
      *row.add_caseworkers() = event.caseworker_assigned().caseworker();
      return;
    case v1::Event::kCaseworkerUnassigned:
      RemoveCaseworker(row, event.caseworker_unassigned().id());
      return;
    case v1::Event::kDeliveryStarted:
      if (!event.delivery_started().former_holder()) row.set_state(v1::IN_DELIVERY);
      return;
    case v1::Event::kDeliveryEnded:
      if (event.delivery_ended().former_holder()) return;
      row.set_state(v1::ENDED);
      ClearTransfer(row);
      return ClearReturn(row);
    case v1::Event::kReferralConcluded:
      row.set_state(v1::CONCLUDED);
      return;
    case v1::Event::kReferralReopened:
      row.set_state(v1::IN_DELIVERY);
      return;
    case v1::Event::kDeliveryRequirementsChanged:
      *row.mutable_tokens() = event.delivery_requirements_changed().tokens();
      return;
    case v1::Event::kDecisionReopened:
      row.set_state(v1::SUBMITTED);
      return;
    case v1::Event::kTransferRequested:
      row.set_transfer_to(event.transfer_requested().to_area());
      row.set_transfer_on(event.transfer_requested().on());
      row.set_transfer_code(event.transfer_requested().code());
      return;
    case v1::Event::kTransferCancelled:
    case v1::Event::kTransferRefused:
    case v1::Event::kTransferAccepted:
      return ClearTransfer(row);
    case v1::Event::kReferralHandedOff:
      row.set_state(v1::MOVED);
      return ClearTransfer(row);
    case v1::Event::kReferralReceived:
      return Receive(row, event.referral_received());
    case v1::Event::kSlaClockStarted:
      return PutClock(row, event.sla_clock_started().clock());
    case v1::Event::kSlaClockPaused:
      return PutClock(row, event.sla_clock_paused().clock());
    case v1::Event::kSlaClockResumed:
      return PutClock(row, event.sla_clock_resumed().clock());
    case v1::Event::kSlaClockRecomputed:
      return PutClock(row, event.sla_clock_recomputed().clock());
    case v1::Event::kSlaClockMet:
      return PutClock(row, event.sla_clock_met().clock());
    case v1::Event::kSlaClockBreached:
      return PutClock(row, event.sla_clock_breached().clock());
    case v1::Event::kSlaClockBreachReversed:
      return PutClock(row, event.sla_clock_breach_reversed().clock());
    case v1::Event::kSlaClockCancelled:
      return PutClock(row, event.sla_clock_cancelled().clock());
    case v1::Event::kPersonRegistered:
    case v1::Event::kIdentityCorrected:
    case v1::Event::kNeedsRecorded:
    case v1::Event::kBarrierRecorded:
    case v1::Event::kBarrierClosed:
    case v1::Event::kRiskRecorded:
    case v1::Event::kResponsibleOfficerChanged:
    case v1::Event::kSlotReserved:
    case v1::Event::kSlotReleased:
    case v1::Event::kSentenceRegistered:
    case v1::Event::kRequirementRegistered:
    case v1::Event::kReferenceTaken:
    case v1::Event::kDuplicateOverridden:
    case v1::Event::kEligibilityDecided:
    case v1::Event::kDecisionConfirmed:
    case v1::Event::kDifficultyAssessed:
    case v1::Event::kAppointmentArranged:
    case v1::Event::kAppointmentHeld:
    case v1::Event::kDeliveryReported:
    case v1::Event::kReferralWithdrawn:
    case v1::Event::kSlotCheckDue:
    case v1::Event::kDecisionOverridden:
    case v1::Event::kReferralDirected:
    case v1::Event::kEnforcementReported:
    case v1::Event::kEnforcementWithdrawn:
    case v1::Event::kOrganisationContracted:
    case v1::Event::kCaseworkerPosted:
    case v1::Event::kLocationChanged:
    case v1::Event::kHomeAreaMoved:
    case v1::Event::kDeathRecorded:
    case v1::Event::kAccessRestricted:
    case v1::Event::kRestrictionLifted:
    case v1::Event::kAccessCleared:
    case v1::Event::kClearanceRevoked:
    case v1::Event::kRequirementVaried:
    case v1::Event::kRequirementEnded:
    case v1::Event::kSentenceEndChanged:
    case v1::Event::kSentenceEnded:
    case v1::Event::kAccessCopied:
    case v1::Event::kPersonMerged:
    case v1::Event::kPersonAbsorbed:
    case v1::Event::kPersonUnmerged:
    case v1::Event::kPersonReleased:
    case v1::Event::kReferralAmended:
    case v1::Event::kRouteReviewRaised:
    case v1::Event::kRouteReviewCleared:
    case v1::Event::kEstimateRetryDue:
    case v1::Event::kAccessRecorded:
    case v1::Event::kSubjectRequestOpened:
    case v1::Event::kIdentityConfirmed:
    case v1::Event::kRequestExtended:
    case v1::Event::kBundlePrepared:
    case v1::Event::kBundleReleased:
    case v1::Event::kRequestRefused:
    case v1::Event::kErasureApproved:
    case v1::Event::kPersonErased:
    case v1::Event::kKeysDestroyed:
    case v1::Event::kErasureCollected:
    case v1::Event::kErasureGapsListed:
    case v1::Event::kErasureCompleted:
    case v1::Event::kErasureApplied:
    case v1::Event::kLegalHoldSet:
    case v1::Event::kPolicySetPublished:
    case v1::Event::kCalendarPublished:
    case v1::Event::kCodesPublished:
    case v1::Event::kSettingsCopied:
    case v1::Event::kRulesTookEffect:
    case v1::Event::kHandoffConfirmed:
    case v1::Event::EVENT_NOT_SET:
      return;
  }
}

// The date the event itself gives, else the local date of the day it happened.
std::string DayOf(const v1::Event& event, const RecordedEvent& recorded) {
  const auto* which =
      event.GetReflection()->GetOneofFieldDescriptor(event, v1::Event::descriptor()->oneof_decl(0));
  const google::protobuf::Message& one = event.GetReflection()->GetMessage(event, which);
  const auto* on = one.GetDescriptor()->FindFieldByName("on");
  const std::string day = on == nullptr ? "" : one.GetReflection()->GetString(one, on);
  return ParseDate(day) ? day : FormatDate(LocalDate(recorded.occurred_at));
}

// Steps that a report asks for though they change no state.
bool IsStep(const v1::Event& event) {
  return event.has_appointment_arranged() || event.has_appointment_held() ||
         event.has_delivery_reported() || event.has_referral_directed();
}

// A case has some twenty; the oldest go when one has been round and round.
void DropOldest(v1::CaseRow& row) {
  const int over = row.milestones_size() - kMilestonesMax;
  if (over > 0) row.mutable_milestones()->DeleteSubrange(0, over);
}

void AddMilestone(v1::ReferralState before, const v1::Event& event, const RecordedEvent& recorded,
                  v1::CaseRow& row) {
  if (row.state() == before && !IsStep(event)) return;
  const std::string day = DayOf(event, recorded);
  if (row.state() != before) row.set_since_on(day);
  v1::Milestone* milestone = row.add_milestones();
  milestone->set_event(recorded.type);
  milestone->set_on(day);
  milestone->set_state(row.state());
  milestone->set_org(row.org());
  milestone->set_route(row.route());
  DropOldest(row);
}

// The steps in `row` behind those that are kept.
void PutMilestones(const std::string& id, const v1::CaseRow& row, RowWriter& rows) {
  if (row.milestones().empty()) return;
  v1::CaseRow kept;
  rows.Get(Cases::MilestonesKey(id), &kept);
  kept.mutable_milestones()->MergeFrom(row.milestones());
  DropOldest(kept);
  rows.Put(Cases::MilestonesKey(id), kept);
}

// Only what differs is written.
void ReplaceLists(const v1::CaseRow& before, const v1::CaseRow& after, RowWriter& rows) {
  const std::map<std::string, v1::CaseRow> old_rows = ListRows(before);
  const std::map<std::string, v1::CaseRow> new_rows = ListRows(after);
  for (const auto& [key, row] : old_rows) {
    if (!new_rows.contains(key)) rows.Delete(key);
  }
  for (const auto& [key, row] : new_rows) {
    const auto known = old_rows.find(key);
    if (known != old_rows.end() &&
        known->second.SerializeAsString() == row.SerializeAsString()) {
      continue;
    }
    rows.Put(key, row);
  }
}

std::string InboxKey(const v1::OfferSheet& sheet) {
  return absl::StrCat(Cases::InboxPrefix(sheet.org()), sheet.respond_on(), "/",
                      sheet.referral_id());
}

// Removes the offer of the referral, if one is open.
void Withdraw(const v1::CaseRow& row, RowWriter& rows) {
  v1::OfferSheet open;
  const std::string key = absl::StrCat("s/", row.referral_id());
  if (!rows.Get(key, &open)) return;
  rows.Delete(InboxKey(open));
  rows.Delete(key);
}

// REF-61: the sheet and nothing else.
void Offer(const v1::CaseRow& row, const v1::ReferralOffered& event, RowWriter& rows) {
  v1::OfferSheet sheet;
  sheet.set_referral_id(row.referral_id());
  sheet.set_reference(row.reference());
  sheet.set_pdu(row.pdu());
  sheet.set_route(row.route());
  sheet.set_stratum(row.stratum());
  *sheet.mutable_tokens() = row.tokens();
  const std::optional<Date> respond_on = ParseDate(event.respond_on());
  if (respond_on) sheet.set_earliest_start(FormatDate(*respond_on + 1));
  sheet.set_respond_on(event.respond_on());
  sheet.set_round(event.round());
  sheet.set_last_resort(event.last_resort());
  *sheet.mutable_expires_at() = event.expires_at();
  sheet.set_org(event.org());
  rows.Put(absl::StrCat("s/", row.referral_id()), sheet);
  rows.Put(InboxKey(sheet), sheet);
}

}  // namespace

std::string Cases::RowKey(absl::string_view referral_id) {
  return absl::StrCat("r/", referral_id);
}

absl::StatusOr<std::vector<std::string>> ReferralIdsOf(const projection::RowReader& cases,
                                                       Area area, absl::string_view crn,
                                                       size_t limit) {
  ASSIGN_OR_RETURN(std::vector<std::string> ids,
                   IdsOfPersonAt(cases, area, Cases::PersonKey(crn)));
  if (ids.size() > limit) ids.resize(limit);
  return ids;
}

std::string Cases::MilestonesKey(absl::string_view referral_id) {
  return absl::StrCat("v/", referral_id);
}

std::string Cases::PersonKey(absl::string_view crn) { return absl::StrCat("p/", crn); }

std::string Cases::InboxPrefix(absl::string_view org) { return absl::StrCat("i/", org, "/"); }

v1::CaseRow Cases::After(const v1::CaseRow& before, const RecordedEvent& recorded) {
  const auto& event = recorded.As<v1::Event>();
  v1::CaseRow row = before;
  row.set_referral_id(std::string(recorded.aggregate.id()));
  row.set_version(recorded.version.value());
  Change(row, event, recorded);
  AddMilestone(before.state(), event, recorded, row);
  Summarise(row);
  return row;
}

absl::Status Cases::Project(const RecordedEvent& recorded, RowWriter& rows) {
  if (recorded.aggregate.kind() != "referral") return absl::OkStatus();
  const auto& event = recorded.As<v1::Event>();
  const std::string id(recorded.aggregate.id());
  v1::CaseRow before;
  rows.Get(RowKey(id), &before);
  v1::CaseRow row = After(before, recorded);
  // Most readers ask for the case and not for its history.
  PutMilestones(id, row, rows);
  row.clear_milestones();
  rows.Put(RowKey(id), row);
  ReplaceLists(before, row, rows);
  if (before.state() == v1::OFFERED && row.state() != v1::OFFERED) Withdraw(row, rows);
  // Found by person whatever becomes of it; the newest row is under r/.
  if (event.has_referral_opened() || event.has_referral_received()) {
    AddIdOfPerson(PersonKey(row.crn()), id, rows);
  }
  if (event.has_referral_offered()) Offer(row, event.referral_offered(), rows);
  return absl::OkStatus();
}

}  // namespace pdp::referral
