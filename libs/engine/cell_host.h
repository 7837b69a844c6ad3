#ifndef PDP_LIBS_ENGINE_CELL_HOST_H_
#define PDP_LIBS_ENGINE_CELL_HOST_H_

#include <map>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/area.h"
#include "libs/engine/cell.h"

namespace pdp::engine {

// The cells of one service process. Owns them; the parts must outlive it.
class CellHost {
 public:
  // One cell for each area; `options.area` is set for each.
  CellHost(CellOptions options, const std::vector<Area>& areas, const Cell::Parts& parts);
  ~CellHost();

  // Before Start.
  void AddCommitListener(const std::function<void(Area)>& listener);
  // Starts all cells; they lead a little later (Cell::WaitUntilLeading).
  absl::Status Start();
  void Stop();

  // Null when the area is not hosted here.
  Cell* cell(Area area) const;
  const std::vector<Area>& areas() const { return areas_; }

 private:
  std::vector<Area> areas_;
  std::map<Area, std::unique_ptr<Cell>> cells_;
};

}  // namespace pdp::engine

#endif  // PDP_LIBS_ENGINE_CELL_HOST_H_
