#ifndef PDP_LIBS_SIM_AROUND_H_
#define PDP_LIBS_SIM_AROUND_H_

#include <optional>
#include <string>
#include <vector>

#include "libs/projection/surroundings.h"

namespace pdp::sim {

class Node;
class World;

// What a process of a node may ask, as host::ServiceHost gives it: waiting is the world that goes
// on meanwhile. `only`: the one area whose cell is read here, as if others hosted the rest.
class Around final : public projection::Surroundings {
 public:
  Around(World& world, Node& node, std::optional<Area> only)
      : world_(world), node_(node), only_(only) {}

  const std::string& service() const override;
  Clock& clock() const override;
  const engine::CellReader* reader(Area area) const override;
  const projection::RowReader& rows(const std::string& projection_name) const override;
  absl::Status WaitFor(const common::v1::ReadOptions& options, absl::Time deadline,
                       const std::vector<std::string>& projections = {}) const override;
  absl::Status DestroyKeys(Area area, const std::vector<std::string>& subjects) const override;

 private:
  absl::StatusOr<std::string> AskPeer(const std::string& service, const std::string& method,
                                      const google::protobuf::Message& request,
                                      absl::Duration attempt,
                                      google::protobuf::Message* reply) const override;

  World& world_;
  Node& node_;
  const std::optional<Area> only_;
};

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_AROUND_H_
