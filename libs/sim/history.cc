#include "libs/sim/history.h"

#include "absl/strings/str_cat.h"
#include "libs/record/codec.h"

namespace pdp::sim {

History ReadHistory(const Broker& broker, Area area) {
  History history;
  for (const Broker::Stored& stored : broker.records(area)) {
    auto record = record::Decode(stored.bytes);
    if (!record.ok()) {
      history.problem = absl::StrCat("a damaged record was stored: ", record.status().message());
      return history;
    }
    if (record->has_epoch_started()) {
      if (record->epoch() <= history.epoch) continue;
      history.epoch = record->epoch();
    } else {
      if (record->epoch() != history.epoch || record->seq() != history.seq + 1) continue;
      if (record->prev_hash() != history.hash.view()) {
        history.problem = absl::StrCat("the chain of ", area.code(), " breaks at seq ",
                                       record->seq());
        return history;
      }
      history.seq = record->seq();
      history.accepted.push_back({*std::move(record), stored.at});
    }
    history.hash = Sha256(stored.bytes);
    history.hashes[{history.epoch, history.seq}].push_back(history.hash);
  }
  return history;
}

}  // namespace pdp::sim
