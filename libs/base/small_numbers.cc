#include "libs/base/small_numbers.h"

#include <algorithm>
#include <cstddef>

#include "libs/base/check.h"

namespace pdp {
namespace {

// One row or one column of the table.
class Lines {
 public:
  Lines(const CountTable& table, int64_t small, SuppressedCells* found)
      : table_(table), small_(small), found_(found) {}

  // True when a cell or a total was taken away.
  bool Row(size_t row) {
    return Protect(
        table_[row].size(), [&](size_t i) { return table_[row][i]; },
        [&](size_t i) { return found_->cells[row][i]; },
        [&](size_t i) { found_->cells[row][i] = true; }, found_->row_totals, row);
  }
  bool Column(size_t column) {
    return Protect(
        table_.size(), [&](size_t i) { return table_[i][column]; },
        [&](size_t i) { return found_->cells[i][column]; },
        [&](size_t i) { found_->cells[i][column] = true; }, found_->column_totals, column);
  }

 private:
  template <typename Count, typename Hidden, typename Hide>
  bool Protect(size_t size, Count count, Hidden hidden, Hide hide, std::vector<bool>& totals,
               size_t line) {
    bool changed = false;
    while (true) {
      int64_t sum = 0;
      size_t suppressed = 0, smallest = size;
      for (size_t i = 0; i < size; ++i) {
        if (hidden(i)) {
          ++suppressed;
          sum += count(i);
        } else if (count(i) != 0 && (smallest == size || count(i) < count(smallest))) {
          smallest = i;
        }
      }
      if (suppressed == 0 || (suppressed >= 2 && sum >= small_)) return changed;
      if (smallest == size) {
        const bool hides = !totals[line];
        totals[line] = true;
        return changed || hides;
      }
      hide(smallest);
      changed = true;
    }
  }

  const CountTable& table_;
  const int64_t small_;
  SuppressedCells* found_;
};

}  // namespace

SuppressedCells SuppressSmall(const CountTable& table, int64_t small) {
  SuppressedCells found;
  const size_t rows = table.size(), columns = rows == 0 ? 0 : table[0].size();
  found.row_totals.assign(rows, false);
  found.column_totals.assign(columns, false);
  for (const std::vector<int64_t>& row : table) {
    PDP_CHECK(row.size() == columns, "a table has rows of one length");
    std::vector<bool>& cells = found.cells.emplace_back();
    for (const int64_t count : row) cells.push_back(count > 0 && count < small);
  }
  Lines lines(table, small, &found);
  // Each turn takes a cell or a total away, so there are no more turns than cells and lines.
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t row = 0; row < rows && (columns > 1 || rows == 1); ++row) {
      changed = lines.Row(row) || changed;
    }
    for (size_t column = 0; column < columns && rows > 1; ++column) {
      changed = lines.Column(column) || changed;
    }
  }
  const auto any = [](const std::vector<bool>& totals) {
    return std::any_of(totals.begin(), totals.end(), [](bool hidden) { return hidden; });
  };
  found.grand_total = any(found.row_totals) || any(found.column_totals);
  return found;
}

}  // namespace pdp
