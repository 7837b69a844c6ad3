#ifndef PDP_SERVICES_SUBCONTRACTOR_PROCESSES_SEED_KEEPER_H_
#define PDP_SERVICES_SUBCONTRACTOR_PROCESSES_SEED_KEEPER_H_

#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/calendar.h"
#include "libs/base/random.h"
#include "libs/host/host.h"

namespace pdp::subcontractor {

// Commits the daily seed of every pool that draws by one, for today and for tomorrow, so that the
// commitment stands before the first batch of the day (SUB-45). The domain knows no randomness:
// this is where a seed comes from. Owned by main; one thread. A cell that does not lead yet is asked
// again at the next round; a seed committed already is an answer.
class SeedKeeper {
 public:
  SeedKeeper(const host::ServiceHost& host, Random& random) : host_(host), random_(random) {}
  ~SeedKeeper() { Stop(); }
  SeedKeeper(const SeedKeeper&) = delete;
  SeedKeeper& operator=(const SeedKeeper&) = delete;

  void Start();
  void Stop();
  // One round over all hosted areas; for tests.
  void Round();

 private:
  void Keep(Area area, const std::string& service, Date date);

  const host::ServiceHost& host_;
  Random& random_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_PROCESSES_SEED_KEEPER_H_
