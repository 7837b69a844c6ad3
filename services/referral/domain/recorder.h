#ifndef PDP_SERVICES_REFERRAL_DOMAIN_RECORDER_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_RECORDER_H_

#include <optional>
#include <string>

#include "services/referral/domain/commands.h"
#include "services/referral/domain/wrap.h"

namespace pdp::referral {

// Emits the events of one decision on one referral, and right behind each event the events of the
// clocks it starts, pauses, resumes, stops and cancels (table of REF-86, REF-81 to REF-85). Lives
// for one decision.
//
//   Recorder record(unit, facts, id);
//   record.Emit(std::move(offered));
//   return record.Done();
class Recorder {
 public:
  Recorder(Unit& unit, const Facts& facts, AggregateId id)
      : unit_(unit), facts_(facts), id_(std::move(id)) {}

  // `on`: the local date of the fact when it is not that of occurred_at (REF-99).
  template <typename E>
  void Emit(E event, std::optional<Date> on = std::nullopt) {
    v1::Event envelope = Wrap(std::move(event));
    unit_.Emit(id_, envelope);
    MoveClocks(envelope, on.value_or(LocalDate(facts_.occurred_at)));
  }

  // The reply with the state reached; CALENDAR_NOT_COVERED when a clock could not be computed.
  Verdict Done();
  Verdict Done(v1::Reply reply);

  // By hand (REF-84). The caller has checked that the clock runs, or waits for this reason.
  void PauseByHand(absl::string_view code, absl::string_view reason, Date on) {
    Pause(code, reason, on);
  }
  void ResumeByHand(absl::string_view code, absl::string_view reason, Date on) {
    Resume(code, reason, on);
  }
  // The newest instance of a clock that is running, paused or breached; nullptr: none.
  const v1::SlaClock* LiveClock(absl::string_view code) const { return Live(code); }
  // Every clock that runs or waits, by the calendar that now counts (REF-86).
  void RecomputeAll();
  // The limit of a clock that has just run out of time (timer).
  void Breach(const v1::SlaClock& clock);

 private:
  void MoveClocks(const v1::Event& event, Date on);
  // `limit_days`: nullopt, that of the policy.
  void Start(absl::string_view code, Date on, std::optional<int> limit_days = std::nullopt);
  void Stop(absl::string_view code, Date on);
  void Pause(absl::string_view code, absl::string_view reason, Date on);
  void Resume(absl::string_view code, absl::string_view reason, Date on);
  void CancelAll(bool keep_report);
  void Cancel(absl::string_view code);
  void StopDecision(Date on);
  // REF-85: a pending transfer stops every pausable clock.
  void PauseForTransfer(Date on);
  void ResumeAfterTransfer(Date on);
  // REF-95: the clocks of a case that arrived from another area.
  void TakeOverClocks(const v1::Referral& snapshot, Date on);
  void PauseWaiting(absl::string_view reason, Date on);
  void ResumeWaiting(absl::string_view reason, Date on);
  // Due date from the pauses of the state; marks the failure when the calendar ends.
  bool Recompute(v1::SlaClock& clock, const v1::SlaPause* extra);
  const v1::SlaClock* Live(absl::string_view code) const;
  const v1::Referral& self() const { return ReferralAt(unit_, id_); }


  Unit& unit_;
  const Facts& facts_;
  AggregateId id_;
  bool calendar_left_ = false;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_RECORDER_H_
