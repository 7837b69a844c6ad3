#include "libs/engine/cell_host.h"

#include "libs/base/status_macros.h"

namespace pdp::engine {

CellHost::CellHost(CellOptions options, const std::vector<Area>& areas, const Cell::Parts& parts)
    : areas_(areas) {
  for (Area area : areas_) {
    options.area = area;
    cells_[area] = std::make_unique<Cell>(options, parts);
  }
}

CellHost::~CellHost() { Stop(); }

void CellHost::AddCommitListener(const std::function<void(Area)>& listener) {
  for (auto& [area, cell] : cells_) cell->AddCommitListener(listener);
}

absl::Status CellHost::Start() {
  for (auto& [area, cell] : cells_) RETURN_IF_ERROR(cell->Start());
  return absl::OkStatus();
}

void CellHost::Stop() {
  for (auto& [area, cell] : cells_) cell->Stop();
}

Cell* CellHost::cell(Area area) const {
  const auto it = cells_.find(area);
  return it == cells_.end() ? nullptr : it->second.get();
}

}  // namespace pdp::engine
