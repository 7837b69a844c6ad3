#include "services/referral/projections/cases.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/calendar.h"
#include "libs/base/timestamp.h"
#include "pdp/referral/v1/events.pb.h"
#include "services/referral/domain/commands.h"

namespace pdp::referral {
namespace {

using projection::RecordedEvent;
using projection::RowWriter;

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

void Change(v1::CaseRow& row, const v1::Event& event, const RecordedEvent& recorded) {
  switch (event.event_case()) {
    case v1::Event::kReferralOpened:
      row.set_reference(event.referral_opened().reference());
      row.set_crn(event.referral_opened().crn());
      row.set_line(event.referral_opened().line());
      row.set_pdu(event.referral_opened().pdu());
      row.set_area(event.referral_opened().area());
      row.set_state(v1::DRAFT);
      return;
    case v1::Event::kDraftExpired:
      row.set_state(v1::EXPIRED);
      return;
    case v1::Event::kReferralSubmitted:
      row.set_state(v1::SUBMITTED);
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
      return;
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
      if (!event.delivery_ended().former_holder()) row.set_state(v1::ENDED);
      return;
    case v1::Event::kReferralConcluded:
      row.set_state(v1::CONCLUDED);
      return;
    case v1::Event::kReferralReopened:
      row.set_state(v1::IN_DELIVERY);
      return;
    case v1::Event::kSlaClockStarted:
      return PutClock(row, event.sla_clock_started().clock());
    case v1::Event::kSlaClockPaused:
      return PutClock(row, event.sla_clock_paused().clock());
    case v1::Event::kSlaClockResumed:
      return PutClock(row, event.sla_clock_resumed().clock());
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
    case v1::Event::kPossibleDuplicateFlagged:
    case v1::Event::kDraftSectionSaved:
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
    case v1::Event::kReturnRequested:
    case v1::Event::kReturnRefused:
    case v1::Event::kEnforcementReported:
    case v1::Event::kEnforcementWithdrawn:
    case v1::Event::kOrganisationContracted:
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
    case v1::Event::EVENT_NOT_SET:
      return;
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

std::string Cases::PersonPrefix(absl::string_view crn) { return absl::StrCat("p/", crn, "/"); }

std::string Cases::InboxPrefix(absl::string_view org) { return absl::StrCat("i/", org, "/"); }

std::string Cases::OrderKey(const v1::CaseRow& row) {
  const int stratum = row.stratum() == "HIGH" ? 0 : row.stratum() == "MEDIUM" ? 1 : 2;
  return absl::StrFormat("%s%d%s%d%020d%s", kOrderPrefix, row.breached() ? 0 : 1,
                         row.due_on().empty() ? "9999-12-31" : row.due_on(), stratum,
                         row.submitted_at().seconds(), row.referral_id());
}

absl::Status Cases::Project(const RecordedEvent& recorded, RowWriter& rows) {
  if (recorded.aggregate.kind() != "referral") return absl::OkStatus();
  const auto& event = recorded.As<v1::Event>();
  v1::CaseRow row;
  const std::string id(recorded.aggregate.id());
  if (rows.Get(RowKey(id), &row)) rows.Delete(OrderKey(row));
  row.set_referral_id(id);
  row.set_version(recorded.version.value());
  const bool offered = row.state() == v1::OFFERED;
  Change(row, event, recorded);
  Summarise(row);
  rows.Put(RowKey(id), row);
  rows.Put(OrderKey(row), row);
  if (offered && row.state() != v1::OFFERED) Withdraw(row, rows);
  // Found by person whatever becomes of it; the newest row is under r/.
  if (event.has_referral_opened()) rows.Put(absl::StrCat(PersonPrefix(row.crn()), id), row);
  if (event.has_referral_offered()) Offer(row, event.referral_offered(), rows);
  return absl::OkStatus();
}

}  // namespace pdp::referral
