#ifndef PDP_LIBS_SIM_JUDGE_H_
#define PDP_LIBS_SIM_JUDGE_H_

#include <string>

namespace pdp::sim {

class World;

// Judges a run that has ended, whatever was played, by the decider itself: the accepted history is
// replayed from nothing with Decide and Evolve alone, without engine, views or wire.
//
//   a commit holds the events that the decider gives on the state before it, with the facts that
//     are recorded; its reply and its subjects too
//   a refusal, or that there is nothing to do, is what the decider says in some state between call
//     and answer
//   a command id takes effect once; a timer fires once, not before it is due, as it was last set
//   a read with a token misses nothing up to the token, and shows a state that was
//   every event that a process must react to has been reacted to
//   states, timers and every row of every family and projection are those of a replica that read
//     the history from nothing, byte for byte (replica_rows.h)
//   no personal text is on a disk or in the log in the clear; an erased person reads as erased
//
// Empty when all was kept.
std::string JudgeByReplay(World& world);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_JUDGE_H_
