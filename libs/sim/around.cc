#include "libs/sim/around.h"

#include <memory>
#include <utility>

#include "libs/base/check.h"
#include "libs/base/mark.h"
#include "libs/base/status_macros.h"
#include "libs/sim/world.h"

namespace pdp::sim {
namespace {

// As in host::ServiceHost.
constexpr absl::Duration kKeysViewWait = absl::Seconds(30);

}  // namespace

const std::string& Around::service() const { return world_.domain()->service(); }
Clock& Around::clock() const { return node_.clock(); }

const engine::CellReader* Around::reader(Area area) const {
  if (!node_.hosts(area) || (only_.has_value() && *only_ != area)) return nullptr;
  return &node_.cell(area);
}

const projection::RowReader& Around::rows(const std::string& projection_name) const {
  const projection::RowReader* rows = node_.projections().rows(projection_name);
  PDP_CHECK(rows != nullptr, projection_name);
  return *rows;
}

absl::Status Around::WaitFor(const common::v1::ReadOptions& options, absl::Time deadline,
                             const std::vector<std::string>& projections) const {
  const auto passed = [&] {
    for (const std::string& name : projections.empty() ? node_.views_names() : projections) {
      for (const common::v1::Position& position : options.min_position()) {
        const auto area = Area::FromCode(position.area());
        if (!area.has_value() || !node_.hosts(*area)) continue;
        if (node_.projections().checkpoint(name, *area).value() < position.seq()) return false;
      }
    }
    return true;
  };
  // By the wall, which others may move; but no longer than it says now.
  const absl::Time end = world_.scheduler().now() + (deadline - clock().Now());
  ++world_.nested;
  bool waited = false;
  while (node_.alive() && !passed() && clock().Now() < deadline && world_.scheduler().Step(end)) {
    waited = true;
  }
  --world_.nested;
  if (waited) PDP_MARK("process_waited_for_its_views");
  if (!node_.alive()) return absl::UnavailableError("died");
  if (passed()) return absl::OkStatus();
  PDP_MARK("views_stayed_behind");
  return absl::DeadlineExceededError("the views are behind");
}

absl::Status Around::DestroyKeys(Area area, const std::vector<std::string>& subjects) const {
  RETURN_IF_ERROR(CatchUp(area, kKeysViewWait));
  for (const std::string& subject : subjects) {
    RETURN_IF_ERROR(node_.vault().Destroy(subject));
    if (!node_.alive()) PDP_MARK("died_among_the_keys_it_destroys");
  }
  PDP_MARK("process_destroyed_keys");
  return absl::OkStatus();
}

absl::StatusOr<std::string> Around::AskPeer(const std::string& service, const std::string& method,
                                            const google::protobuf::Message& request,
                                            absl::Duration attempt,
                                            google::protobuf::Message* reply) const {
  PeerCall call{.reaction = node_.reaction(), .service = service, .method = method};
  std::shared_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  call.request = std::move(copy);
  return world_.peers().Ask(node_, std::move(call), attempt, reply);
}

}  // namespace pdp::sim
