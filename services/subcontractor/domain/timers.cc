#include "libs/base/calendar.h"
#include "services/subcontractor/domain/pricing.h"
#include "services/subcontractor/domain/subcontractor.h"

// Timers that follow from events: batches, seeds, lapse, month close on day 1 at 06:00, silence.

namespace pdp::subcontractor {
namespace {

using Change = decider::TimerChange<v1::Command>;

constexpr int kCloseMinute = 6 * 60;

// The next multiple of the batch length, counted from the epoch: the same for every pool.
absl::Time NextBatch(absl::Time now, int batch_minutes) {
  if (batch_minutes <= 0) return now;
  const int64_t length = batch_minutes * 60;
  return absl::FromUnixSeconds((absl::ToUnixSeconds(now) / length + 1) * length);
}

Change DrawAt(const std::string& service, const std::string& timer_id,
              std::optional<absl::Time> due) {
  Change change{.timer_id = timer_id, .due_at = due};
  change.command.mutable_draw_batch()->set_service(service);
  return change;
}

// The end of a subcontract, when its last day is over.
Change EndAt(const std::string& subcontract_id, const std::string& last_day) {
  Change change{.timer_id = absl::StrCat("end/", subcontract_id),
                .due_at = StartOfLocalDate(*ParseDate(last_day) + 1)};
  change.command.mutable_end_subcontract()->set_subcontract_id(subcontract_id);
  return change;
}

Change CloseAt(const std::string& subcontract_id, const std::string& month) {
  Change change{.timer_id = absl::StrCat("close/", subcontract_id),
                .due_at = LocalInstant(ParseMonth(month)->last + 1, kCloseMinute)};
  change.command.mutable_close_period()->set_subcontract_id(subcontract_id);
  change.command.mutable_close_period()->set_month(month);
  return change;
}

// What is left in the queue waits for the next batch.
std::vector<Change> Batch(const v1::PoolState& pool, const EventFacts& facts) {
  if (pool.batch_minutes() == 0) return {};
  const std::string id = absl::StrCat("draw/", pool.service());
  if (pool.queue().empty()) return {DrawAt(pool.service(), id, std::nullopt)};
  return {DrawAt(pool.service(), id, NextBatch(facts.recorded_at, pool.batch_minutes()))};
}

}  // namespace

std::string Subcontractor::SubjectOf(const AggregateId& id) {
  if (id.kind() != "seed") return "";
  const absl::string_view rest = id.id();
  return absl::StrCat("seed/", rest.substr(0, rest.find('/')));
}

std::vector<Change> Subcontractor::Timers(const AggregateId& id, const State& after,
                                          const Event& event, const EventFacts& facts) {
  switch (event.event_case()) {
    case Event::kReferralQueued:
    case Event::kReferralApportioned:
    case Event::kApportionmentFailed:
    case Event::kAllocationRefunded:
      return Batch(after.pool(), facts);
    case Event::kSeedCommitted: {
      const auto& seed = event.seed_committed();
      const Date date = *ParseDate(seed.date());
      // What waited for the seed is drawn as soon as its day has come.
      Change draw =
          DrawAt(seed.service(), absl::StrCat("seeded/", seed.service(), "/", seed.date()),
                 std::max(facts.recorded_at, StartOfLocalDate(date)));
      Change reveal{.timer_id = absl::StrCat("reveal/", seed.service(), "/", seed.date()),
                    .due_at = StartOfLocalDate(date + 1)};
      reveal.command.mutable_reveal_seed()->set_service(seed.service());
      reveal.command.mutable_reveal_seed()->set_date(seed.date());
      return {std::move(draw), std::move(reveal)};
    }
    case Event::kSubcontractProposed: {
      const auto& proposed = event.subcontract_proposed();
      Change lapse{.timer_id = absl::StrCat("lapse/", proposed.subcontract_id()),
                   .due_at = StartOfLocalDate(*ParseDate(proposed.lapses_on()))};
      lapse.command.mutable_lapse_proposal()->set_subcontract_id(proposed.subcontract_id());
      return {std::move(lapse)};
    }
    case Event::kSubcontractActivated: {
      const std::string& subcontract_id = event.subcontract_activated().subcontract_id();
      return {Change{.timer_id = absl::StrCat("lapse/", subcontract_id)},
              CloseAt(subcontract_id, event.subcontract_activated().from().substr(0, 7)),
              EndAt(subcontract_id, event.subcontract_activated().to())};
    }
    case Event::kSubcontractEndNoticed:
      return {EndAt(event.subcontract_end_noticed().subcontract_id(),
                    event.subcontract_end_noticed().on())};
    case Event::kSubcontractEnded:
      return {Change{.timer_id = absl::StrCat("end/", event.subcontract_ended().subcontract_id())}};
    case Event::kLedgerPosted: {
      // A charge of an earlier month may come when the closings of an ended subcontract have
      // stopped: the running month is closed once more, so that it is stated.
      const auto& posted = event.ledger_posted();
      const std::string month = MonthOf(LocalDate(facts.recorded_at));
      if (posted.month().empty() || posted.month() >= month) return {};
      Change late = CloseAt(posted.subcontract_id(), month);
      late.timer_id = absl::StrCat("late/", posted.subcontract_id(), "/", month);
      return {std::move(late)};
    }
    case Event::kSubcontractRejected:
      return {Change{.timer_id = absl::StrCat("lapse/", after.subcontract().subcontract_id())}};
    case Event::kPeriodClosed: {
      const auto& closed = event.period_closed();
      Change draft{.timer_id = absl::StrCat("draft/", closed.subcontract_id(), "/", closed.month()),
                   .due_at = facts.recorded_at};
      draft.command.mutable_draft_statement()->set_subcontract_id(closed.subcontract_id());
      draft.command.mutable_draft_statement()->set_month(closed.month());
      const std::string next = MonthOf(AddMonths(ParseMonth(closed.month())->first, 1));
      return {std::move(draft), CloseAt(closed.subcontract_id(), next)};
    }
    case Event::kStatementDrafted: {
      const auto& drafted = event.statement_drafted();
      if (drafted.silence_accepts_on().empty()) return {};
      Change accept{.timer_id = absl::StrCat("silence/", drafted.statement_id()),
                    .due_at = StartOfLocalDate(*ParseDate(drafted.silence_accepts_on()) + 1)};
      accept.command.mutable_accept_statement()->set_statement_id(drafted.statement_id());
      return {std::move(accept)};
    }
    case Event::kStatementAccepted:
      return {Change{.timer_id =
                         absl::StrCat("silence/", event.statement_accepted().statement_id())}};
    case Event::kOrganisationRegistered:
    case Event::kIdentifierTaken:
    case Event::kOrganisationCopied:
    case Event::kPrimeContractCreated:
    case Event::kContractSigned:
    case Event::kPcgExecuted:
    case Event::kPrimeContractActivated:
    case Event::kContractListed:
    case Event::kSubcontractSigned:
    case Event::kSubcontractLapsed:
    case Event::kSubcontractListed:
    case Event::kPoolOpened:
    case Event::kSharesAgreed:
    case Event::kPoolModeSet:
    case Event::kPoolMemberJoined:
    case Event::kPoolMemberLeft:
    case Event::kDeficitsReset:
    case Event::kCapacityDeclared:
    case Event::kPoolMemberSuspended:
    case Event::kPoolMemberResumed:
    case Event::kSeedRevealed:
    case Event::kAllocationConfirmed:
    case Event::kAllocationConsumed:
    case Event::kAllocationOverridden:
    case Event::kAllocationRecorded:
    case Event::kReferralRoundRecorded:
    case Event::kAllocationClosed:
    case Event::kReferralDeliveryRecorded:
    case Event::kAllocationBypassed:
    case Event::kApportionmentBoundExceeded:
    case Event::kChargeAccrued:
    case Event::kChargeReversed:
    case Event::kPeriodTrueUpPosted:
    case Event::kFactRecorded:
    case Event::kFactSuperseded:
    case Event::kChargesStated:
    case Event::kSubcontractSuspended:
    case Event::kSubcontractResumed:
    case Event::kAllocationReopened:
    case Event::kChargeTaskRaised:
    case Event::kChargeTaskClosed:
    case Event::EVENT_NOT_SET:
      return {};
  }
  return {};
}

}  // namespace pdp::subcontractor
