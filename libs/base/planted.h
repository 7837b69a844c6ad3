#ifndef PDP_LIBS_BASE_PLANTED_H_
#define PDP_LIBS_BASE_PLANTED_H_

// Bugs put in on purpose, to prove that the simulator finds them. They exist only in the copies of
// the libraries that libs/sim compiles with PDP_PLANTED_BUGS for its own tests; everywhere else the
// conditions below are the constant false.

namespace pdp {

enum class Planted {
  kNone,
  kSkipFence,          // a reader takes records of an older epoch
  kAckBeforeReadBack,  // an answer when the append was handed over
  kAcceptGap,          // a reader takes the record behind a hole
  kForgetIdempotency,  // no idempotency row is written
  kLoseInboxMark,      // a commit does not move the mark of its cause
  kForgetRider,        // a refusal on a doubtful lease is answered at once
  kUnsyncedLog,        // the embedded log is written and not synced
  kUnsyncedKeys,       // records are sent before their keys are durable
  kAnyClaimIsOwn,      // a process takes the claims of all for its own
  kTimerFiresTwice,    // a fired timer stays, and fires under a new command id
  kStaleOverlay,       // decisions do not see the commits in flight
  kWallClockLease,     // leases are measured by a clock that people set
  kServeAtOnce,        // a new leader does not wait until the lease of the old one is over
  kApplyOutOfOrder,    // a standby applies two records of one read the wrong way round
  kHalfCommit,         // a replica applies the first of the aggregates of a commit only
  kPositionAhead,      // the position says what was read, not what the views hold
  kLoseAnswers,        // whoever waits for a commit that cannot be written hears nothing
  kTimerArmedOnce,     // a timer set again for one instant counts as the one before
  kStaleTimer,         // a timer fires while a commit in flight moves it
  kClearState,         // state rows hold personal data in the clear
  kDropFailedEvent,    // a process goes on over an event that it could not react to
  kFreshIdEachTry,     // a process asks a peer again under another command id
};

#ifdef PDP_PLANTED_BUGS
inline Planted& PlantedBug() {
  static Planted bug = Planted::kNone;
  return bug;
}
#define PDP_PLANTED(bug) (::pdp::PlantedBug() == ::pdp::Planted::bug)
#else
#define PDP_PLANTED(bug) false
#endif

}  // namespace pdp

#endif  // PDP_LIBS_BASE_PLANTED_H_
