#ifndef PDP_LIBS_SIM_PLAY_H_
#define PDP_LIBS_SIM_PLAY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/area.h"
#include "libs/base/random.h"
#include "libs/engine/domain.h"
#include "libs/privacy/key_vault.h"
#include "libs/projection/process.h"
#include "libs/projection/projection.h"
#include "libs/projection/publisher.h"
#include "libs/projection/surroundings.h"
#include "libs/sim/peers.h"

namespace pdp::sim {

struct Plan;
class World;

// What is played: a service as the world sees it, and who judges it. Stateless; one object serves
// every run.
class Play {
 public:
  virtual ~Play() = default;
  // That of the service.
  virtual std::string name() const = 0;
  virtual std::shared_ptr<const engine::Domain> domain() const = 0;
  virtual projection::PublicEventMapper to_public() const = 0;
  // Made anew for each process that starts; `vault` and `random` are the process's own.
  virtual std::vector<std::unique_ptr<projection::Projection>> Projections(
      privacy::KeyVault& vault) const = 0;
  virtual std::vector<std::unique_ptr<projection::Process>> Processes(
      Area area, Random& random, const projection::Surroundings& here) const = 0;
  // The other services of a run; null: its processes ask nobody.
  virtual std::unique_ptr<Peer> MakePeer(World&) const { return nullptr; }
  // What the clocks of people show when a run begins.
  virtual absl::Time begins() const = 0;
  // Whose keys may be destroyed in a run.
  virtual std::vector<std::string> subjects() const = 0;
  // What the name of every further key begins with that goes with the owner's; empty: none does.
  virtual std::string OthersErasedWith(const std::string&) const { return ""; }
  // Areas, whether processes run, what clients want, what other services tell. Deterministic by
  // the seed of the plan.
  virtual void Draw(Plan* plan) const = 0;
  // Whether a client reads this aggregate back with the token of its answer.
  virtual bool ReadsBack(const AggregateId& id) const = 0;
  // Whether its judge wants World::reference: a replica that reads everything from nothing.
  virtual bool ComparesReplicas() const = 0;
  // Whether rows of this family made before somebody was erased differ from rows made after it in
  // more than what the destroyed key sealed.
  virtual bool OutlivesErasure(const std::string&) const { return false; }
  // Every promise of the design (section 8), at the end of a run. Empty when all were kept; else
  // what was broken.
  virtual std::string Judge(World& world) const = 0;
};

// What there is to play, each with its share; the seed decides which.
struct Repertoire {
  struct Item {
    const Play* play = nullptr;
    uint64_t share = 1;
  };
  std::vector<Item> items;
  const Play& Of(uint64_t seed) const;
};

// The bank of the tests alone.
const Play& BankPlay();

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_PLAY_H_
