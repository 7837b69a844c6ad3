#ifndef PDP_TESTS_CRASH_ORACLE_H_
#define PDP_TESTS_CRASH_ORACLE_H_

#include <cstdint>
#include <map>
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
//   - what was refused as not written is not there, unless it was sent again;
//   - what is in doubt (no answer, or an answer that says so) is there once or not at all, and what
//     a new epoch says of it holds for ever;
//   - a command id is there at most once, and nothing is there that nobody sent;
//   - an answer never changes: a repeat is told the first position.
// Thread-safe; one attempt of an id at a time.
class Oracle {
 public:
  // How the commands in doubt turned out.
  struct Resolved {
    size_t took_effect = 0;
    size_t did_not = 0;
  };

  // Before the call; the same id may be sent again. Until it is answered it is in doubt.
  void Sent(const std::string& command_id);
  // The caller was told the outcome. Finds an answer that differs from an earlier one.
  void Acknowledged(const std::string& command_id, const common::v1::Outcome& outcome);
  // The service itself said that this attempt was not written.
  void Refused(const std::string& command_id);

  // A leader of a new epoch serves, so nothing is open any more: takes down what `records`, all of
  // its log, say of the commands in doubt. Counted over all calls by resolved().
  void Resolve(const std::vector<common::v1::RecordInfo>& records);
  Resolved resolved() const;

  // Command ids of the given kind, in the order of sending.
  std::vector<std::string> acknowledged() const;
  std::vector<std::string> in_doubt() const;

  // Holds the records of a whole log against what was told; `findings` come back empty when all is
  // well. Barriers and epochs are passed over.
  std::vector<std::string> Check(const std::vector<common::v1::RecordInfo>& records) const;

 private:
  enum class What { kInDoubt, kAcknowledged, kFoundIn, kOut };
  struct Told {
    What what = What::kInDoubt;
    uint64_t epoch = 0;
    uint64_t seq = 0;
    // An earlier attempt ended in doubt: a refusal of a later one says nothing of it.
    bool doubtful = false;
    bool open = false;  // an attempt is not answered yet
  };
  std::vector<std::string> Of(What what) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::map<std::string, Told> told_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> order_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> changed_ ABSL_GUARDED_BY(mutex_);
  Resolved resolved_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pdp::crash

#endif  // PDP_TESTS_CRASH_ORACLE_H_
