#ifndef PDP_LIBS_LOG_VERIFY_H_
#define PDP_LIBS_LOG_VERIFY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/area.h"
#include "libs/log/tail.h"
#include "libs/record/acceptance.h"

namespace pdp::log {

// The first record of a log that is not what its author wrote.
struct Damage {
  int64_t index = 0;
  // As far as it can still be read.
  uint64_t epoch = 0;
  uint64_t seq = 0;
  std::string what;
};

struct VerifyReport {
  uint64_t records = 0;
  uint64_t accepted = 0;
  // Records that readers pass over, by reason. Normal after a failover.
  std::map<std::string, uint64_t> dropped;
  // The end of the history; compare its hash with a checkpoint or a replica, because the last
  // record of a log has no successor that would vouch for it.
  uint64_t epoch = 0;
  uint64_t seq = 0;
  std::string hash_hex;
  std::optional<Damage> damage;
};

// Recomputes the chain over the raw records of one area, in order. Frames that do not decode are
// named at once. A frame altered together with its CRC is found by its successor, whose prev_hash
// vouches for the bytes before it; which of the two was altered is decided by the record after
// them. Not thread-safe.
class Verifier {
 public:
  explicit Verifier(Area area) : area_(area), acceptance_(record::ReaderState{}) {}

  // False when the first damage is known: stop.
  bool Offer(int64_t index, absl::string_view bytes);
  VerifyReport Finish();

 private:
  struct Seen {
    int64_t index = -1;
    uint64_t epoch = 0;
    uint64_t seq = 0;
    Digest hash;
  };

  bool Found(const Seen& at, std::string what);

  const Area area_;
  record::Acceptance acceptance_;
  VerifyReport report_;
  Seen last_accepted_;
  // A record that did not continue the chain, waiting for its successor's word.
  std::optional<Seen> suspect_;
};

// Over all of a source. Unavailable when it cannot be read; damage found by the store itself (a
// block checksum) is a damage of the report.
absl::StatusOr<VerifyReport> Verify(Area area, RawSource& source);

}  // namespace pdp::log

#endif  // PDP_LIBS_LOG_VERIFY_H_
