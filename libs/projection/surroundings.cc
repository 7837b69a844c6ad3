#include "libs/projection/surroundings.h"

#include "absl/strings/str_cat.h"

namespace pdp::projection {

absl::Status Surroundings::CatchUp(Area area, absl::Duration wait,
                                   const std::vector<std::string>& projections) const {
  const engine::CellReader* cell = reader(area);
  if (cell == nullptr) {
    return absl::UnavailableError(absl::StrCat("cell ", area.code(), " is not hosted here"));
  }
  common::v1::ReadOptions now;
  *now.add_min_position() = cell->position();
  return WaitFor(now, clock().Now() + wait, projections);
}

}  // namespace pdp::projection
