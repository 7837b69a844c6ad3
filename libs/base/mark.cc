#include "libs/base/mark.h"

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace pdp {
namespace {

struct Registry {
  absl::Mutex mutex;
  std::vector<Mark*> marks ABSL_GUARDED_BY(mutex);
};
Registry& Marks() {
  static Registry* const registry = new Registry();
  return *registry;
}

}  // namespace

Mark::Mark(const char* name) : name_(name) {
  absl::MutexLock lock(&Marks().mutex);
  Marks().marks.push_back(this);
}

std::map<std::string, uint64_t> Mark::All() {
  std::map<std::string, uint64_t> all;
  absl::MutexLock lock(&Marks().mutex);
  for (const Mark* mark : Marks().marks) {
    all[mark->name_] += mark->hits_.load(std::memory_order_relaxed);
  }
  return all;
}

}  // namespace pdp
