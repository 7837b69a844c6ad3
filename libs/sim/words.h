#ifndef PDP_LIBS_SIM_WORDS_H_
#define PDP_LIBS_SIM_WORDS_H_

#include <cstdint>
#include <map>
#include <string>

#include "libs/sim/history.h"

namespace pdp::sim {

class World;

// A free text that no other text of a run equals, so that it is found wherever it goes. Whether it
// is personal is for the event that holds it to say.
std::string Words(uint64_t n);

// Looks for the personal texts of the accepted events in every byte of every disk and of the log,
// whichever way round upper and lower case. Where one is in the clear; empty when nowhere.
std::string FindPersonalWords(World& world, const std::map<int, History>& histories);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_WORDS_H_
