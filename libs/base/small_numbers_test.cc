#include "libs/base/small_numbers.h"

#include <string>

#include "gtest/gtest.h"
#include "libs/base/random.h"

// Expected values worked out by hand from SUB-130.
namespace pdp {
namespace {

// A row a line, x where suppressed; "|x" behind a row whose total is hidden, a last line for hidden
// columns.
std::string Shown(const CountTable& table) {
  const SuppressedCells found = SuppressSmall(table);
  std::string text;
  for (size_t row = 0; row < table.size(); ++row) {
    for (size_t i = 0; i < table[row].size(); ++i) {
      text += (i == 0 ? "" : " ") + (found.cells[row][i] ? "x" : std::to_string(table[row][i]));
    }
    text += found.row_totals[row] ? "|x\n" : "\n";
  }
  for (size_t i = 0; i < found.column_totals.size(); ++i) {
    if (found.column_totals[i]) text += "column " + std::to_string(i) + " x\n";
  }
  return text + (found.grand_total ? "total x\n" : "");
}

TEST(SmallNumbersTest, FromOneToFourIsSuppressedZeroAndFiveAreShown) {
  EXPECT_EQ(Shown({{0, 5, 9}}), "0 5 9\n");
  EXPECT_EQ(Shown({{1, 4, 5, 0}}), "x x 5 0\n") << "two of them, together five";
}

TEST(SmallNumbersTest, ALoneCellTakesTheSmallestOfItsLineWithIt) {
  EXPECT_EQ(Shown({{3, 7, 20}}), "x x 20\n");
  EXPECT_EQ(Shown({{20, 3, 7, 7}}), "20 x x 7\n") << "the first on ties";
  EXPECT_EQ(Shown({{1, 1, 6}}), "x x x\n") << "two, but together fewer than five";
}

TEST(SmallNumbersTest, WhenNothingIsLeftTheTotalsAreHidden) {
  EXPECT_EQ(Shown({{3, 0, 0}}), "x 0 0|x\ntotal x\n");
  EXPECT_EQ(Shown({{2, 1}}), "x x|x\ntotal x\n");
}

TEST(SmallNumbersTest, ATableOfOneColumnIsOneLine) {
  EXPECT_EQ(Shown({{3}, {7}, {20}}), "x\nx\n20\n");
}

TEST(SmallNumbersTest, RowsAndColumnsAreProtectedUntilNothingChanges) {
  // Row 0: 3 takes 8. Column 0: 3 takes 10. Column 1: 8 takes 9; row 1 then has both.
  EXPECT_EQ(Shown({{3, 8, 20}, {10, 9, 30}, {40, 50, 60}}), "x x 20\nx x 30\n40 50 60\n");
  // Column 1 has nothing but zeros beside the cell that was taken: its total goes.
  EXPECT_EQ(Shown({{3, 8}, {10, 0}}), "x x\nx 0|x\ncolumn 1 x\ntotal x\n");
}

TEST(SmallNumbersTest, NoTableLeavesALoneOrTooSmallSetOfSuppressedCellsInALine) {
  SplitMix64 random(130);
  for (int round = 0; round < 2000; ++round) {
    const size_t rows = 1 + random.Below(5), columns = 1 + random.Below(5);
    CountTable table(rows, std::vector<int64_t>(columns));
    for (auto& row : table) {
      for (int64_t& count : row) count = static_cast<int64_t>(random.Below(12));
    }
    const SuppressedCells found = SuppressSmall(table);
    const auto check = [&](size_t size, auto at, auto hidden, bool total) {
      int64_t sum = 0;
      int suppressed = 0;
      for (size_t i = 0; i < size; ++i) {
        if (hidden(i)) {
          ++suppressed;
          sum += at(i);
        } else {
          EXPECT_TRUE(at(i) == 0 || at(i) >= 5) << "round " << round;
        }
      }
      EXPECT_TRUE(suppressed == 0 || total || (suppressed >= 2 && sum >= 5)) << "round " << round;
    };
    for (size_t row = 0; row < rows && (columns > 1 || rows == 1); ++row) {
      check(columns, [&](size_t i) { return table[row][i]; },
            [&](size_t i) { return found.cells[row][i]; }, found.row_totals[row]);
    }
    for (size_t column = 0; column < columns && rows > 1; ++column) {
      check(rows, [&](size_t i) { return table[i][column]; },
            [&](size_t i) { return found.cells[i][column]; }, found.column_totals[column]);
    }
  }
}

}  // namespace
}  // namespace pdp
