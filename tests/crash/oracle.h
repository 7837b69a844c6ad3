#ifndef PDP_TESTS_CRASH_ORACLE_H_
#define PDP_TESTS_CRASH_ORACLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "pdp/common/v1/admin_service.pb.h"
#include "pdp/common/v1/common.pb.h"

namespace pdp::crash {

// What callers were told, kept outside the service that is killed, and what must then be true of
// its log:
//   - what was acknowledged is there, at the position that was told;
//   - what was sent and not acknowledged is there once or not at all;
//   - a command id is there at most once, and nothing is there that nobody sent;
//   - an answer never changes: a repeat is told the first position.
// Thread-safe.
class Oracle {
 public:
  // Before the call; the same id may be sent again.
  void Sent(const std::string& command_id);
  // The caller was told the outcome. Finds an answer that differs from an earlier one.
  void Acknowledged(const std::string& command_id, const common::v1::Outcome& outcome);

  // Command ids of the given kind, in the order of sending.
  std::vector<std::string> acknowledged() const;
  std::vector<std::string> unknown() const;

  // Holds the records of a whole log against what was told; `findings` come back empty when all is
  // well. Barriers and epochs are passed over.
  std::vector<std::string> Check(const std::vector<common::v1::RecordInfo>& records) const;

 private:
  struct Told {
    bool known = false;
    uint64_t epoch = 0;
    uint64_t seq = 0;
  };
  mutable absl::Mutex mutex_;
  std::map<std::string, Told> told_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> order_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> changed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pdp::crash

#endif  // PDP_TESTS_CRASH_ORACLE_H_
