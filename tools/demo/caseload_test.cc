#include "tools/demo/caseload.h"

#include <map>
#include <set>

#include "gtest/gtest.h"

namespace pdp::demo {
namespace {

CaseloadOptions Options() {
  CaseloadOptions options;
  options.today = Date(2026, 11, 24);
  return options;
}

TEST(CaseloadTest, TheSameSeedGivesTheSamePeople) {
  for (uint64_t n : {0u, 1u, 1999u}) {
    EXPECT_EQ(MakePerson(Options(), n).person.SerializeAsString(),
              MakePerson(Options(), n).person.SerializeAsString());
  }
  EXPECT_NE(MakePerson(Options(), 0).person.identity().date_of_birth(),
            MakePerson(Options(), 1).person.identity().date_of_birth());
}

TEST(CaseloadTest, CrnsAreSyntheticAndUnique) {
  std::set<std::string> seen;
  for (uint64_t n = 0; n < 2000; ++n) {
    const std::string crn = MakePerson(Options(), n).crn;
    EXPECT_EQ(crn.size(), 7u);
    EXPECT_EQ(crn[0], 'T');
    EXPECT_TRUE(seen.insert(crn).second);
  }
}

TEST(CaseloadTest, TheMixIsThatOfTheHeader) {
  int women = 0, work = 0, young = 0;
  constexpr int kPeople = 4000;
  for (uint64_t n = 0; n < kPeople; ++n) {
    const SyntheticPerson person = MakePerson(Options(), n);
    women += person.person.identity().sex() == "F";
    const int age = AgeOn(*ParseDate(person.person.identity().date_of_birth()), Options().today);
    EXPECT_GE(age, 18);
    EXPECT_LE(age, 66);
    young += age <= 25;
    for (const auto& requirement : person.sentence.requirements()) {
      work += requirement.ext_main() == "W";
      if (requirement.ext_main() == "W") {
        EXPECT_GE(requirement.length(), 40);
        EXPECT_LE(requirement.length(), 300);
      }
    }
  }
  // Shares in percent, with room for chance at this number of people.
  EXPECT_NEAR(100.0 * women / kPeople, 100.0 / 9, 2);
  EXPECT_NEAR(100.0 * work / kPeople, 100.0 / 3, 3);
  EXPECT_GT(young, 0);
}

}  // namespace
}  // namespace pdp::demo
