#ifndef PDP_SERVICES_SUBCONTRACTOR_PROCESSES_SEED_KEEPER_H_
#define PDP_SERVICES_SUBCONTRACTOR_PROCESSES_SEED_KEEPER_H_

#include <string>
#include <vector>

#include "libs/base/random.h"
#include "libs/projection/process.h"

namespace pdp::subcontractor {

// Commits the daily seed of every pool that draws by one, for today and for tomorrow, so that the
// commitment stands before the first batch of a day (SUB-45). The domain knows no randomness: this
// is where a seed comes from. Opening a pool starts the chain; the revealing of a seed, which a
// timer does at midnight, is its daily tick. A seed committed already is an answer, and so is the
// id of a step that was taken with another seed.
class SeedKeeper final : public projection::Process {
 public:
  explicit SeedKeeper(Random& random) : random_(random) {}
  std::string name() const override { return "seed_keeper"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  Random& random_;
};

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_PROCESSES_SEED_KEEPER_H_
