#include "services/referral/domain/recorder.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/check.h"
#include "services/referral/domain/sla.h"
#include "services/referral/domain/working_days.h"

namespace pdp::referral {
namespace {

int CutoffMinutes(const Policy& policy) {
  const std::vector<std::string> parts = absl::StrSplit(policy.Text("clock.cutoff"), ':');
  int hours = 0, minutes = 0;
  PDP_CHECK(parts.size() == 2 && absl::SimpleAtoi(parts[0], &hours) &&
                absl::SimpleAtoi(parts[1], &minutes),
            "clock.cutoff is hh:mm");
  return hours * 60 + minutes;
}

bool IsLive(const v1::SlaClock& clock) {
  return clock.status() == v1::SlaClock::RUNNING || clock.status() == v1::SlaClock::PAUSED;
}

constexpr absl::string_view kInformation = "AWAITING_INFORMATION";
constexpr absl::string_view kDeferred = "PERSON_UNAVAILABLE";
constexpr char kTransfer[] = "TRANSFER";

}  // namespace

Verdict Recorder::Done() { return Done(StateReply(unit_, id_)); }
Verdict Recorder::Done(v1::Reply reply) {
  if (calendar_left_) return decider::Reject("CALENDAR_NOT_COVERED");
  return reply;
}

// The newest instance of a clock that has not been stopped: running, paused or breached.
const v1::SlaClock* Recorder::Live(absl::string_view code) const {
  const v1::SlaClock* newest = nullptr;
  for (const v1::SlaClock& clock : self().clocks()) {
    if (absl::string_view(clock.code()) == code) newest = &clock;
  }
  if (newest == nullptr || !newest->stopped_on().empty()) return nullptr;
  return IsLive(*newest) || newest->status() == v1::SlaClock::BREACHED ? newest : nullptr;
}

bool Recorder::Recompute(v1::SlaClock& clock, const v1::SlaPause* extra) {
  std::vector<::pdp::referral::Pause> pauses;
  const auto add = [&](const v1::SlaPause& pause) {
    if (pause.clock() == clock.code() && pause.n() == clock.n()) {
      pauses.push_back({*ParseDate(pause.from()), ParseDate(pause.to())});
    }
  };
  for (const v1::SlaPause& pause : self().pauses()) {
    const bool replaced = extra != nullptr && pause.clock() == extra->clock() &&
                          pause.n() == extra->n() && pause.reason() == extra->reason() &&
                          pause.to().empty();
    if (!replaced) add(pause);
  }
  if (extra != nullptr) add(*extra);
  const std::optional<Due> due = DueAfter(*ParseDate(clock.day0()), clock.limit_days(), pauses);
  if (!due) {
    calendar_left_ = true;
    return false;
  }
  clock.set_due_on(due->due_on ? FormatDate(*due->due_on) : "");
  clock.set_remaining_days(due->remaining_days);
  bool open = false;
  for (const ::pdp::referral::Pause& pause : pauses) open = open || !pause.to;
  clock.set_status(open ? v1::SlaClock::PAUSED : v1::SlaClock::RUNNING);
  return true;
}

void Recorder::Start(absl::string_view code, Date on, std::optional<int> limit_days) {
  if (Live(code) != nullptr) return;
  const Policy policy = PolicyNow(facts_);
  // REF-81: by occurred_at; a fact that names only its date began at the start of that day.
  const bool same_day = on == LocalDate(facts_.occurred_at);
  const std::optional<Date> day0 =
      DayZero(same_day ? facts_.occurred_at : StartOfLocalDate(on), CutoffMinutes(policy));
  if (!day0) {
    calendar_left_ = true;
    return;
  }
  v1::SlaClock clock;
  clock.set_code(std::string(code));
  int n = 1;
  for (const v1::SlaClock& earlier : self().clocks()) {
    if (absl::string_view(earlier.code()) == code) n = earlier.n() + 1;
  }
  clock.set_n(n);
  clock.set_day0(FormatDate(*day0));
  clock.set_limit_days(limit_days.value_or(
      static_cast<int>(policy.Int(absl::StrCat("sla.", code)))));
  clock.set_org(self().holder_org());
  clock.set_calendar_version(CalendarNow());
  if (!Recompute(clock, nullptr)) return;
  v1::SlaClockStarted started;
  *started.mutable_clock() = std::move(clock);
  unit_.Emit(id_, Wrap(std::move(started)));
}

// REF-83.
void Recorder::Stop(absl::string_view code, Date on) {
  const v1::SlaClock* live = Live(code);
  if (live == nullptr) return;
  v1::SlaClock clock = *live;
  clock.set_stopped_on(FormatDate(on));
  const bool met = IsMet(on, ParseDate(clock.due_on()));
  const bool was_breached = clock.status() == v1::SlaClock::BREACHED;
  clock.set_status(met ? v1::SlaClock::MET : v1::SlaClock::BREACHED);
  if (met && was_breached) {
    v1::SlaClockBreachReversed event;
    *event.mutable_clock() = std::move(clock);
    unit_.Emit(id_, Wrap(std::move(event)));
  } else if (met) {
    v1::SlaClockMet event;
    *event.mutable_clock() = std::move(clock);
    unit_.Emit(id_, Wrap(std::move(event)));
  } else {
    v1::SlaClockBreached event;
    *event.mutable_clock() = std::move(clock);
    unit_.Emit(id_, Wrap(std::move(event)));
  }
}

void Recorder::Breach(const v1::SlaClock& clock) {
  v1::SlaClockBreached event;
  *event.mutable_clock() = clock;
  event.mutable_clock()->set_status(v1::SlaClock::BREACHED);
  unit_.Emit(id_, Wrap(std::move(event)));
}

void Recorder::RecomputeAll() {
  const v1::Referral before = self();
  for (const v1::SlaClock& live : before.clocks()) {
    if (!IsLive(live)) continue;
    v1::SlaClock clock = live;
    // Day 0 is a working day.
    const std::optional<Date> day0 = ParseDate(clock.day0());
    if (!day0) continue;
    if (InCalendar(*day0) && !IsDayOfWork(*day0)) {
      const std::optional<Date> next = DaysOfWorkAfter(*day0, 1);
      if (next) clock.set_day0(FormatDate(*next));
    }
    clock.set_calendar_version(CalendarNow());
    if (!Recompute(clock, nullptr)) return;
    const bool same = clock.day0() == live.day0() && clock.due_on() == live.due_on() &&
                      clock.remaining_days() == live.remaining_days();
    if (same) continue;
    v1::SlaClockRecomputed event;
    event.set_reason(absl::StrCat("CALENDAR:", clock.calendar_version()));
    *event.mutable_clock() = std::move(clock);
    unit_.Emit(id_, Wrap(std::move(event)));
  }
}

void Recorder::Pause(absl::string_view code, absl::string_view reason, Date on) {
  const v1::SlaClock* live = Live(code);
  if (live == nullptr || live->status() == v1::SlaClock::BREACHED) return;
  v1::SlaPause pause;
  pause.set_clock(live->code());
  pause.set_n(live->n());
  pause.set_reason(std::string(reason));
  pause.set_from(FormatDate(std::max(on, *ParseDate(live->day0()))));
  v1::SlaClockPaused event;
  *event.mutable_clock() = *live;
  event.set_reason(pause.reason());
  event.set_from(pause.from());
  if (Recompute(*event.mutable_clock(), &pause)) unit_.Emit(id_, Wrap(std::move(event)));
}

void Recorder::Resume(absl::string_view code, absl::string_view reason, Date on) {
  const v1::SlaClock* live = Live(code);
  if (live == nullptr || live->status() != v1::SlaClock::PAUSED) return;
  for (const v1::SlaPause& open : self().pauses()) {
    if (open.clock() != live->code() || open.n() != live->n() || !open.to().empty() ||
        absl::string_view(open.reason()) != reason) {
      continue;
    }
    v1::SlaPause pause = open;
    pause.set_to(FormatDate(std::max(on, *ParseDate(open.from()))));
    v1::SlaClockResumed event;
    *event.mutable_clock() = *live;
    event.set_reason(pause.reason());
    event.set_to(pause.to());
    if (Recompute(*event.mutable_clock(), &pause)) unit_.Emit(id_, Wrap(std::move(event)));
    return;
  }
}

void Recorder::Cancel(absl::string_view code) {
  const v1::SlaClock* live = Live(code);
  if (live == nullptr || !IsLive(*live)) return;
  v1::SlaClockCancelled event;
  *event.mutable_clock() = *live;
  event.mutable_clock()->set_status(v1::SlaClock::CANCELLED);
  unit_.Emit(id_, Wrap(std::move(event)));
}

void Recorder::CancelAll(bool keep_report) {
  std::vector<std::string> codes;
  for (const v1::SlaClock& clock : self().clocks()) {
    if (IsLive(clock) && !(keep_report && clock.code() == "REPORT")) codes.push_back(clock.code());
  }
  for (const std::string& code : codes) Cancel(code);
}

// REF-85: NEEDS_INFO and DEFERRED pause these two.
void Recorder::PauseWaiting(absl::string_view reason, Date on) {
  Pause("DECISION", reason, on);
  Pause("FIRST_APPOINTMENT", reason, on);
}
void Recorder::ResumeWaiting(absl::string_view reason, Date on) {
  Resume("DECISION", reason, on);
  Resume("FIRST_APPOINTMENT", reason, on);
}

void Recorder::PauseForTransfer(Date on) {
  std::vector<std::string> codes;
  for (const v1::SlaClock& clock : self().clocks()) {
    if (IsLive(clock) && clock.code() != "OFFER" && clock.code() != "TRANSFER") {
      codes.push_back(clock.code());
    }
  }
  for (const std::string& code : codes) Pause(code, kTransfer, on);
}
void Recorder::ResumeAfterTransfer(Date on) {
  std::vector<std::string> codes;
  for (const v1::SlaClock& clock : self().clocks()) codes.push_back(clock.code());
  for (const std::string& code : codes) Resume(code, kTransfer, on);
}

// DECISION, FIRST_APPOINTMENT and WORK_ARRANGED go on with what was left of them, under the reasons
// that were open; PLACEMENT, OFFER and ASSIGNMENT start anew.
void Recorder::TakeOverClocks(const v1::Referral& snapshot, Date on) {
  for (const char* code : {"DECISION", "FIRST_APPOINTMENT", "WORK_ARRANGED"}) {
    const v1::SlaClock* newest = nullptr;
    for (const v1::SlaClock& clock : snapshot.clocks()) {
      if (clock.code() == code) newest = &clock;
    }
    const bool was_running = newest != nullptr && newest->status() == v1::SlaClock::CANCELLED &&
                             newest->remaining_days() > 0;
    if (!was_running) continue;
    Start(code, on, newest->remaining_days());
    for (const v1::SlaPause& pause : snapshot.pauses()) {
      if (pause.clock() == newest->code() && pause.n() == newest->n() && pause.to().empty() &&
          pause.reason() != kTransfer) {
        Pause(code, pause.reason(), on);
      }
    }
  }
  // A route that was decided is decided again, and somebody waits for it.
  if (self().state() == v1::SUBMITTED) Start("DECISION", on);
  if (self().state() == v1::ROUTED) Start("PLACEMENT", on);
}

// The table of REF-86, by event.
void Recorder::MoveClocks(const v1::Event& event, Date on) {
  const bool programme = self().line() == "PROGRAMME";
  const bool unpaid_work = self().line() == "UPW";
  switch (event.event_case()) {
    case v1::Event::kReferralOpened:
      if (self().origin() == "REQUIREMENT") Start("REQUIREMENT_DRAFT", on);
      return;
    case v1::Event::kReferralSubmitted:
      Stop("REQUIREMENT_DRAFT", on);
      Start("DECISION", on);
      if (programme) Start("FIRST_APPOINTMENT", on);
      return;
    case v1::Event::kInformationRequested:
      return PauseWaiting(kInformation, on);
    case v1::Event::kReferralDeferred:
      return PauseWaiting(kDeferred, on);
    case v1::Event::kInformationProvided:
      ResumeWaiting(kInformation, on);
      return ResumeWaiting(kDeferred, on);
    case v1::Event::kDeferralReviewDue:
      return ResumeWaiting(kDeferred, on);
    case v1::Event::kCourtConflictRaised:
      return Stop("DECISION", on);
    case v1::Event::kReferralRouted:
      Stop("DECISION", on);
      return Start("PLACEMENT", on);
    case v1::Event::kReferralClosed:
      Stop("DECISION", on);
      return CancelAll(false);
    case v1::Event::kReferralOffered:
      return Start("OFFER", on);
    case v1::Event::kOfferDeclined:
    case v1::Event::kOfferRescinded:
    case v1::Event::kOfferLapsed:  // Behind due_on, so this breaches (REF-83).
      return Stop("OFFER", on);
    case v1::Event::kReferralAccepted:
      Stop("OFFER", on);
      Stop("PLACEMENT", on);
      Start("ASSIGNMENT", on);
      if (unpaid_work) Start("WORK_ARRANGED", on);
      return;
    case v1::Event::kReferralReturned:
      Cancel("ASSIGNMENT");
      return Cancel("WORK_ARRANGED");
    case v1::Event::kCaseworkerAssigned:
      return Stop("ASSIGNMENT", on);
    case v1::Event::kAppointmentArranged:
      if (!event.appointment_arranged().former_holder()) Stop("WORK_ARRANGED", on);
      return;
    case v1::Event::kAppointmentHeld:
      if (!event.appointment_held().former_holder()) Stop("FIRST_APPOINTMENT", on);
      return;
    case v1::Event::kDeliveryEnded:
      if (event.delivery_ended().former_holder()) return;
      CancelAll(true);
      if (event.delivery_ended().report_due()) Start("REPORT", on);
      return;
    case v1::Event::kDeliveryReported:
      if (!event.delivery_reported().former_holder()) Stop("REPORT", on);
      return;
    case v1::Event::kDraftExpired:
    case v1::Event::kDraftDiscarded:
      return CancelAll(false);

    case v1::Event::kReferralReopened:
      return Cancel("REPORT");
    case v1::Event::kDecisionReopened:
      ResumeWaiting(kInformation, on);
      return ResumeWaiting(kDeferred, on);
    case v1::Event::kTransferRequested:
      PauseForTransfer(on);
      return Start("TRANSFER", on);
    case v1::Event::kTransferCancelled:
    case v1::Event::kTransferRefused:
      Stop("TRANSFER", on);
      return ResumeAfterTransfer(on);
    // Before the seal, which is the last event of the stream (REF-94).
    case v1::Event::kTransferAccepted:
      Stop("TRANSFER", on);
      return CancelAll(false);
    case v1::Event::kReferralReceived:
      return TakeOverClocks(event.referral_received().snapshot(), on);
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
    case v1::Event::kDecisionHeldForReview:
    case v1::Event::kDecisionConfirmed:
    case v1::Event::kDifficultyAssessed:
    case v1::Event::kPlacementFailed:
    case v1::Event::kPlacementRetried:
    case v1::Event::kCaseworkerUnassigned:
    case v1::Event::kCaseworkerPosted:
    case v1::Event::kDeliveryStarted:
    case v1::Event::kReferralWithdrawn:
    case v1::Event::kReferralConcluded:
    case v1::Event::kSlaClockStarted:
    case v1::Event::kSlaClockPaused:
    case v1::Event::kSlaClockResumed:
    case v1::Event::kSlaClockMet:
    case v1::Event::kSlaClockBreached:
    case v1::Event::kSlaClockBreachReversed:
    case v1::Event::kSlaClockCancelled:
    case v1::Event::kSlotCheckDue:
    case v1::Event::kDecisionOverridden:
    case v1::Event::kCourtConflictResolved:
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
    case v1::Event::kPersonMerged:
    case v1::Event::kPersonAbsorbed:
    case v1::Event::kPersonUnmerged:
    case v1::Event::kPersonReleased:
    case v1::Event::kReferralAmended:
    case v1::Event::kDeliveryRequirementsChanged:
    case v1::Event::kRouteReviewRaised:
    case v1::Event::kRouteReviewCleared:
    case v1::Event::kEstimateRetryDue:
    case v1::Event::kSlaClockRecomputed:
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
    case v1::Event::kReferralHandedOff:
    case v1::Event::kHandoffConfirmed:
    case v1::Event::EVENT_NOT_SET:
      return;
  }
}

}  // namespace pdp::referral
