#ifndef PDP_LIBS_SIM_REMOTE_SOURCE_H_
#define PDP_LIBS_SIM_REMOTE_SOURCE_H_

#include <memory>

#include "libs/projection/event_source.h"

namespace pdp::sim {

class World;

// Public events as a process gets them over the network: those of the service that is played from
// whichever replica answers, late, repeated, or not at all for a while; those of another service as
// the plan has them told. `reader_slot`: the machine that reads.
std::unique_ptr<projection::EventSource> MakeRemoteSource(World& world, int reader_slot,
                                                          projection::SourceRequest request);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_REMOTE_SOURCE_H_
