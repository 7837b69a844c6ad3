#ifndef PDP_LIBS_BASE_SMALL_NUMBERS_H_
#define PDP_LIBS_BASE_SMALL_NUMBERS_H_

#include <cstdint>
#include <vector>

// Disclosure control for tables of counts of people, of every service (SUB-130; interfaces, C9). A
// small count would say of whom it is, and so would one that can be worked out from its line.
//
//   table {{3, 7, 20}}: 3 is suppressed; 7 too, the smallest of its line that is left
//
// Pure.
namespace pdp {

// `report.small`: counts from 1 to one below it are suppressed; 0 is shown.
inline constexpr int64_t kReportSmall = 5;

using CountTable = std::vector<std::vector<int64_t>>;

struct SuppressedCells {
  // As the table: true where the count must not be shown.
  std::vector<std::vector<bool>> cells;
  // Totals of lines that would give a lone cell away, and then the total of all.
  std::vector<bool> row_totals, column_totals;
  bool grand_total = false;
};

// Rows must be equally long. Until nothing changes, rows from the top and then columns from the
// left: a line with suppressed cells needs at least two of them, together `small` or more; else its
// smallest cell left that is not zero goes too, the first on ties; when none is left its total is
// hidden. A table of one row or of one column is one line.
SuppressedCells SuppressSmall(const CountTable& table, int64_t small = kReportSmall);

}  // namespace pdp

#endif  // PDP_LIBS_BASE_SMALL_NUMBERS_H_
