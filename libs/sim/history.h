#ifndef PDP_LIBS_SIM_HISTORY_H_
#define PDP_LIBS_SIM_HISTORY_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/hash.h"
#include "libs/sim/wire_log.h"
#include "pdp/log/v1/record.pb.h"

namespace pdp::sim {

// The history of one area as the reader rule of design section 2 gives it, read here by code of its
// own.
struct History {
  struct Entry {
    log::v1::Record record;
    absl::Time at;  // when it was stored
  };
  uint64_t epoch = 0;
  uint64_t seq = 0;
  Digest hash;
  std::vector<Entry> accepted;  // records that move seq: seq s is at s - 1
  std::map<std::pair<uint64_t, uint64_t>, std::vector<Digest>> hashes;  // by (epoch, seq)
  std::string problem;
};

History ReadHistory(const Broker& broker, Area area);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_HISTORY_H_
