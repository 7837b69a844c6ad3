#ifndef PDP_LIBS_SIM_JUDGED_PROCESSES_H_
#define PDP_LIBS_SIM_JUDGED_PROCESSES_H_

#include <string>

namespace pdp::sim {

class World;

// Asks every process of the play once more what it does about every event it subscribes to, and
// looks whether that has been done: an event that asks for commands must have had an answer to at
// least one of them, in the cell that the process acts for. Which event was left out; empty when
// none was.
std::string FindUnansweredEvents(World& world);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_JUDGED_PROCESSES_H_
