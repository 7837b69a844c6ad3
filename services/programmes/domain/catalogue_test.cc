#include "services/programmes/domain/catalogue.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pdp::programmes {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

int Core(const v1::ProgrammeVersion& version, std::optional<v1::RowKind> kind = {}) {
  int count = 0;
  for (const v1::CatalogueRow& row : version.rows()) {
    if (row.core() && (!kind.has_value() || row.kind() == *kind)) ++count;
  }
  return count;
}

TEST(CatalogueTest, EveryShippedVersionIsSound) {
  for (const v1::ProgrammeVersion& version : ShippedCatalogue().versions()) {
    EXPECT_THAT(VersionFaults(version), IsEmpty()) << version.version_ref();
  }
}

TEST(CatalogueTest, CoreSessionsAreThoseOfSection9) {
  EXPECT_EQ(Core(*FindVersion("TSP/1")), 19);
  EXPECT_EQ(Core(*FindVersion("TSP/1"), v1::GROUP), 15);
  EXPECT_EQ(Core(*FindVersion("BBR/1")), 30);
  EXPECT_EQ(Core(*FindVersion("BBR/1"), v1::GROUP), 24);
  EXPECT_EQ(Core(*FindVersion("BCM/1")), 26);
  EXPECT_EQ(Core(*FindVersion("EM-GEN/1")), 9);
  EXPECT_EQ(Core(*FindVersion("EM-W/1")), 8);
  EXPECT_EQ(Core(*FindVersion("COG-GEN/1")), 7);
  EXPECT_EQ(Core(*FindVersion("COG-W/1")), 7);
  EXPECT_EQ(Core(*FindVersion("DA-GEN/1")), 10);
  EXPECT_EQ(Core(*FindVersion("DA-W/1")), 7);
}

// What readers without the rows are told follows from the rows.
TEST(CatalogueTest, TheStatedSpanAndSessionsAreThoseOfTheRows) {
  for (const v1::ProgrammeVersion& version : ShippedCatalogue().versions()) {
    EXPECT_EQ(version.span_weeks(), SpanWeeks(version)) << version.version_ref();
    EXPECT_EQ(version.planned_sessions(), Core(version)) << version.version_ref();
    EXPECT_EQ(version.criteria().empty(), version.status() == "DRAFT") << version.version_ref();
  }
}

TEST(CatalogueTest, ARuleThatReadsWhatNoRuleMayReadIsAFault) {
  v1::ProgrammeVersion version = *FindVersion("TSP/1");
  version.mutable_criteria(0)->set_rule("religion = X");
  EXPECT_THAT(VersionFaults(version), Contains("CRITERION_INVALID"));
}

TEST(CatalogueTest, E7_SpanAndLatestStart) {
  const std::pair<const char*, int> spans[] = {{"TSP/1", 16},    {"BBR/1", 21},    {"BCM/1", 21},
                                               {"EM-GEN/1", 10}, {"EM-W/1", 9},    {"COG-GEN/1", 8},
                                               {"COG-W/1", 8},   {"DA-GEN/1", 11}, {"DA-W/1", 8}};
  for (const auto& [ref, weeks] : spans) EXPECT_EQ(SpanWeeks(*FindVersion(ref)), weeks) << ref;
  const auto latest = [](const char* ref, const char* end) {
    return FormatDate(*LatestStart(*FindVersion(ref), end));
  };
  EXPECT_EQ(latest("TSP/1", "2027-03-31"), "2026-11-11");
  EXPECT_EQ(latest("BBR/1", "2027-03-31"), "2026-10-07");
  EXPECT_EQ(latest("DA-GEN/1", "2027-01-31"), "2026-11-15");
  EXPECT_EQ(LatestStart(*FindVersion("TSP/1"), ""), std::nullopt);
}

TEST(CatalogueTest, E8_TheFloorOfSixSessions) {
  v1::ProgrammeVersion version = *FindVersion("COG-GEN/1");  // PG1, S1..6, RV1
  const auto without = [&](int rows) {
    v1::ProgrammeVersion shorter = version;
    for (int i = 0; i < rows; ++i) shorter.mutable_rows()->DeleteSubrange(5, 1);
    for (int i = 0; i < shorter.rows_size(); ++i) shorter.mutable_rows(i)->set_ordinal(i + 1);
    shorter.mutable_outcomes(0)->clear_rows();
    shorter.mutable_outcomes(0)->add_rows("S1");
    return shorter;
  };
  EXPECT_THAT(VersionFaults(without(1)), IsEmpty());  // PG1 + five
  EXPECT_THAT(VersionFaults(without(2)), Contains("SI_MIN_SESSIONS_NOT_MET"));
  v1::ProgrammeVersion padded = without(1);
  padded.mutable_rows(4)->set_core(false);
  EXPECT_THAT(VersionFaults(padded), Contains("SI_MIN_SESSIONS_NOT_MET"));
}

TEST(CatalogueTest, E19_NominalEstimates) {
  const Date from = *ParseDate("2026-09-01");
  EXPECT_EQ(FormatDate(NominalFinish(*FindVersion("TSP/1"), from)), "2027-01-19");
  EXPECT_EQ(FormatDate(NominalFinish(*FindVersion("BBR/1"), from)), "2027-02-23");
  EXPECT_EQ(FormatDate(NominalFinish(*FindVersion("EM-W/1"), from)), "2026-12-01");
}

}  // namespace
}  // namespace pdp::programmes
