#ifndef PDP_LIBS_SIM_REPLICA_ROWS_H_
#define PDP_LIBS_SIM_REPLICA_ROWS_H_

#include <map>
#include <string>

#include "libs/base/area.h"
#include "libs/view/view_db.h"

namespace pdp::sim {

class World;

// The rows of an area in a family of which the area is the first byte of each key.
std::map<std::string, std::string> RowsOf(const view::ViewDb& views, view::Family family,
                                          Area area);

// Whether every living replica holds, byte for byte, the rows of the one that read the history from
// nothing: archive, states, index, command ids, inbox, and every projection. Timers are judged
// elsewhere. What an erased person's rows still hold under the destroyed key counts as not there,
// and command ids that have expired may be there or not. What differs; empty when nothing.
std::string CompareRows(World& world);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_REPLICA_ROWS_H_
