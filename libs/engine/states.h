#ifndef PDP_LIBS_ENGINE_STATES_H_
#define PDP_LIBS_ENGINE_STATES_H_

#include <list>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/area.h"
#include "libs/engine/domain.h"
#include "libs/privacy/key_vault.h"
#include "libs/view/view_db.h"
#include "pdp/log/v1/views.pb.h"

namespace pdp::engine {

// The newest state of the aggregates of one cell: the overlay of commits in flight over a cache of
// applied states over the state family. Owned and used by the cell thread alone.
//
// An entry changed by a commit in flight is pinned until that commit is applied or given up; pinned
// entries are dropped together when the flight is given up, and loaded again as last applied.
class States final : public StateReader {
 public:
  States(Area area, const Domain& domain, const view::ViewDb& db, privacy::KeyVault& vault,
         size_t bytes_max)
      : area_(area), domain_(domain), db_(db), vault_(vault), bytes_max_(bytes_max) {}

  // Null also when the row cannot be read: see status().
  const google::protobuf::Message* Find(const AggregateId& id) const override;
  Version VersionOf(const AggregateId& id) const override;
  // The first failure to read a row; once set, nothing decided since then may be used.
  const absl::Status& status() const { return status_; }

  // Whether something in flight has been read since ForgetReads.
  void ForgetReads() { read_in_flight_ = false; }
  bool read_in_flight() const { return read_in_flight_; }

  // A commit in flight made this state.
  void PutInFlight(const NewState& state);
  // A commit with this state has been applied: unpins what PutInFlight pinned.
  void Applied(const AggregateId& id);
  // A state made by applying somebody else's commit.
  void PutApplied(const NewState& state);
  void DropInFlight();
  // Forgets the least recently used entries over the limit. Between decisions only: invalidates
  // what Find returned.
  void Trim();

 private:
  struct Entry {
    ConstMessagePtr state;  // null: nothing was ever emitted on it
    Version version;
    size_t bytes = 0;
    int pins = 0;
    std::list<AggregateId>::iterator used;
  };

  Entry* Load(const AggregateId& id) const;
  void Set(Entry* entry, const NewState& state) const;

  const Area area_;
  const Domain& domain_;
  const view::ViewDb& db_;
  privacy::KeyVault& vault_;
  const size_t bytes_max_;
  mutable absl::Status status_;
  mutable bool read_in_flight_ = false;
  mutable size_t bytes_ = 0;
  // Front: most recently used.
  mutable std::list<AggregateId> order_;
  mutable absl::flat_hash_map<AggregateId, std::unique_ptr<Entry>> entries_;
};

// Reads and opens one state row. nullopt-like: `state` null when there is none.
struct LoadedState {
  std::unique_ptr<google::protobuf::Message> state;
  log::v1::StateRow row;
  bool erased = false;
};
absl::StatusOr<LoadedState> LoadState(Area area, const Domain& domain, const view::ViewDb& db,
                                      privacy::KeyVault& vault, const AggregateId& id);

// The row of a state, personal fields sealed under the key of its subject; without them when that
// key is destroyed.
absl::StatusOr<log::v1::StateRow> SealState(Area area, const Domain& domain,
                                            privacy::KeyVault& vault, const NewState& state,
                                            Seq seq);

}  // namespace pdp::engine

#endif  // PDP_LIBS_ENGINE_STATES_H_
