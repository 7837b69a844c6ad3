#ifndef PDP_LIBS_SIM_JUDGED_PROCESSES_H_
#define PDP_LIBS_SIM_JUDGED_PROCESSES_H_

#include <string>

namespace pdp::sim {

class World;

// Whether every process of the play, in each area, is done with every event it subscribes to: it
// has said so. One whose reaction depends on the event alone is asked once more what it does: when
// that is commands, at least one of them must have had an answer. Which event was left out; empty
// when none was.
std::string FindUnansweredEvents(World& world);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_JUDGED_PROCESSES_H_
