#ifndef PDP_LIBS_SIM_LANE_H_
#define PDP_LIBS_SIM_LANE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/engine/domain.h"
#include "libs/privacy/key_vault.h"
#include "libs/sim/shared_vault.h"
#include "pdp/log/v1/record.pb.h"

namespace pdp::sim {

// The deterministic bytes of a message without what is personal in it.
std::string CanonicalImpersonal(const google::protobuf::Message& message);

// Every key there ever was, destroyed ones included: for judges.
class KnowingVault final : public privacy::KeyVault {
 public:
  explicit KnowingVault(const KeyStore& keys) : keys_(keys) {}
  absl::StatusOr<privacy::PersonKey> Obtain(absl::string_view subject) override {
    return Find(subject);
  }
  absl::StatusOr<privacy::PersonKey> Find(absl::string_view subject) override;
  absl::Status Sync() override { return absl::OkStatus(); }
  absl::Status Destroy(absl::string_view) override { return absl::OkStatus(); }

 private:
  const KeyStore& keys_;
};

// The states of one area as the events of its history make them, with what `vault` can open: no
// engine, no views. Evolve and nothing else.
class Lane final : public engine::StateReader {
 public:
  struct Known {
    engine::MessagePtr state;
    Version version;
    uint64_t seq = 0;
  };
  Lane(Area area, const engine::Domain& domain, privacy::KeyVault& vault)
      : area_(area), domain_(domain), vault_(vault) {}

  const google::protobuf::Message* Find(const AggregateId& id) const override;
  Version VersionOf(const AggregateId& id) const override;
  // The events of a commit as they were read, in order, after they have been applied.
  absl::StatusOr<std::vector<engine::EmittedEvent>> Apply(const log::v1::Record& record);
  // By the text of the id.
  const std::map<std::string, Known>& states() const { return states_; }

 private:
  const Area area_;
  const engine::Domain& domain_;
  privacy::KeyVault& vault_;
  std::map<std::string, Known> states_;
};

// The states of a lane as a cell that loads them from its rows has them: of those whose key is
// destroyed, without what was personal.
class LoadedLane final : public engine::StateReader {
 public:
  LoadedLane(const Lane& lane, const engine::Domain& domain, const KeyStore& keys)
      : lane_(lane), domain_(domain), keys_(keys) {}
  const google::protobuf::Message* Find(const AggregateId& id) const override;
  Version VersionOf(const AggregateId& id) const override { return lane_.VersionOf(id); }

 private:
  const Lane& lane_;
  const engine::Domain& domain_;
  const KeyStore& keys_;
  mutable std::map<std::string, std::unique_ptr<google::protobuf::Message>> loaded_;
};

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_LANE_H_
