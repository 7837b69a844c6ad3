#include "libs/view/view_db.h"

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace pdp::view {
namespace {

using ::pdp::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Optional;

class ViewDbTest : public ::testing::Test {
 protected:
  ViewDbTest()
      : path_(std::filesystem::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(path_);
  }
  ~ViewDbTest() override { std::filesystem::remove_all(path_); }
  const std::filesystem::path path_;
};

TEST_F(ViewDbTest, RowsAndNamedFamiliesSurviveAReopening) {
  {
    ASSERT_OK_AND_ASSIGN(auto db, ViewDb::Open(path_));
    ASSERT_OK_AND_ASSIGN(Family rows, db->Named("p.list.v1"));
    EXPECT_OK(db->Put(rows, "k", "v"));
    EXPECT_OK(db->Put(db->meta(), "m", "1"));
  }
  ASSERT_OK_AND_ASSIGN(auto db, ViewDb::Open(path_));
  EXPECT_THAT(db->names(), ElementsAre("p.list.v1"));
  ASSERT_OK_AND_ASSIGN(Family rows, db->Named("p.list.v1"));
  EXPECT_THAT(*db->Get(rows, "k"), Optional(std::string("v")));
  EXPECT_THAT(*db->Get(db->meta(), "m"), Optional(std::string("1")));
  EXPECT_EQ(*db->Get(db->meta(), "none"), std::nullopt);
}

TEST_F(ViewDbTest, ADroppedFamilyIsGoneWithItsRows) {
  ASSERT_OK_AND_ASSIGN(auto db, ViewDb::Open(path_));
  ASSERT_OK_AND_ASSIGN(Family rows, db->Named("p.list.v1"));
  EXPECT_OK(db->Put(rows, "k", "v"));
  EXPECT_OK(db->Drop("p.list.v1"));
  EXPECT_OK(db->Drop("p.list.v1"));
  ASSERT_OK_AND_ASSIGN(rows, db->Named("p.list.v1"));
  EXPECT_EQ(*db->Get(rows, "k"), std::nullopt);
}

TEST_F(ViewDbTest, OnlyOneProcessHasItOpen) {
  ASSERT_OK_AND_ASSIGN(auto db, ViewDb::Open(path_));
  EXPECT_THAT(ViewDb::Open(path_), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ViewDbTest, AScanStaysInsideItsPrefixAndStartsWhereItIsTold) {
  ASSERT_OK_AND_ASSIGN(auto db, ViewDb::Open(path_));
  for (const char* key : {"a1", "b1", "b2", "b3", "c1"}) {
    EXPECT_OK(db->Put(db->state(), key, "v"));
  }
  std::vector<std::string> seen;
  EXPECT_OK(db->Scan(db->state(), "b", "b2", [&](absl::string_view key, absl::string_view) {
    seen.emplace_back(key);
    return true;
  }));
  EXPECT_THAT(seen, ElementsAre("b2", "b3"));
}

TEST_F(ViewDbTest, ACheckpointIsACopyThatOpens) {
  ASSERT_OK_AND_ASSIGN(auto db, ViewDb::Open(path_));
  EXPECT_OK(db->Put(db->meta(), "m", "1"));
  const std::string copy = path_.string() + ".copy";
  std::filesystem::remove_all(copy);
  ASSERT_OK(db->Checkpoint(copy));
  EXPECT_OK(db->Put(db->meta(), "m", "2"));
  ASSERT_OK_AND_ASSIGN(auto copied, ViewDb::Open(copy));
  EXPECT_THAT(*copied->Get(copied->meta(), "m"), Optional(std::string("1")));
  copied.reset();
  std::filesystem::remove_all(copy);
}

}  // namespace
}  // namespace pdp::view
