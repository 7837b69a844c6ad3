#include "gmock/gmock.h"
#include "services/referral/domain/access.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/family.h"
#include "services/referral/domain/story.h"

// Merge and unmerge of persons: REF-93.
namespace pdp::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MergeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* crn : {"T000001", "T000002", "T000003"}) Register(crn);
  }
  void Register(const std::string& crn) {
    ASSERT_EQ(story_.Nat("RO", absl::StrCat("register_person { crn: '", crn,
                                            "' home_area: 'N56' identity { name { family: 'F' } "
                                            "date_of_birth: '1990-01-01' sex: 'M' } }"))
                  .reason(),
              "");
  }
  Story::World::Result Merge(const std::string& from, const std::string& to,
                             const char* role = "AA") {
    return story_.Nat(role, absl::StrCat("merge_persons { from: '", from, "' to: '", to, "' }"));
  }
  Story::World::Result Unmerge(const std::string& from, const char* role = "AA") {
    return story_.Nat(role, absl::StrCat("unmerge_person { from: '", from, "' }"));
  }
  Story::World::Result Slot(const std::string& crn, const std::string& key, const std::string& id) {
    return story_.Nat("SYS", absl::StrCat("reserve_slot { crn: '", crn, "' key: '", key,
                                          "' referral_id: '", id, "' }"));
  }
  const v1::Person& Person(const std::string& crn) {
    return story_.nat.Find(PersonId(crn))->person();
  }
  std::string Everything() {
    std::string all;
    for (const char* crn : {"T000001", "T000002", "T000003"}) {
      all += Person(crn).ShortDebugString() + "\n";
    }
    return all;
  }
  Story story_;
};

// REF-93.
TEST_F(MergeTest, AMergeLinksTheRecordsAndUnitesSlotsAndRestrictions) {
  ASSERT_EQ(Slot("T000001", "COGNITIVE|T000001/1", "r1").reason(), "");
  ASSERT_EQ(Slot("T000002", "COGNITIVE|T000002/1", "r2").reason(), "");
  ASSERT_EQ(story_.Nat("DP", "restrict_access { crn: 'T000001' list: 'EXCLUDED' entries { user_id: "
                             "'cousin' } reason: 'r' }").reason(), "");
  ASSERT_EQ(story_.Nat("DP", "restrict_access { crn: 'T000002' list: 'EXCLUDED' entries { user_id: "
                             "'brother' } reason: 'r' }").reason(), "");
  const auto merged = Merge("T000001", "T000002");
  EXPECT_EQ(merged.event_names(), "PersonMerged, PersonAbsorbed");
  const v1::PersonMerged& event = merged.events[0].event.person_merged();
  EXPECT_EQ(event.united().excluded_size(), 2);
  EXPECT_THAT(event.aliases(), ElementsAre("T000001"));
  // Two open PROGRAMME referrals of one need: a task.
  ASSERT_EQ(event.duplicates_size(), 1);
  EXPECT_EQ(event.duplicates(0).need(), "COGNITIVE");
  EXPECT_THAT(event.duplicates(0).referral_ids(), ElementsAre("r1", "r2"));
  EXPECT_EQ(Person("T000001").merged_into(), "T000002");
  EXPECT_EQ(Person("T000001").status(), v1::PERSON_MERGED);
  EXPECT_THAT(Person("T000002").aliases(), ElementsAre("T000001"));
  // A slot of either record is held for both.
  EXPECT_EQ(Slot("T000002", "COGNITIVE|T000001/1", "r3").reason(), "SLOT_HELD");
  // What is said of the alias is said of the root.
  const auto needs = story_.Nat("RO", "record_needs { crn: 'T000001' source: 'RO' answers { "
                                      "reading { reads_simple_sentences: YES } } }");
  ASSERT_EQ(needs.reason(), "");
  EXPECT_EQ(needs.events[0].aggregate, PersonId("T000002"));
  EXPECT_EQ(needs.events[0].event.needs_recorded().crn(), "T000002");
}

TEST_F(MergeTest, MergeRefusalsComeInOrder) {
  EXPECT_EQ(Merge("T000001", "T000002", "RO").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(Merge("T000009", "T000002").reason(), "NOT_FOUND");
  EXPECT_EQ(Merge("T000001", "T000009").reason(), "NOT_FOUND");
  EXPECT_EQ(Merge("T1", "x").rejected().violations.size(), 2u);
  EXPECT_EQ(Merge("T000001", "T000001").reason(), "MERGE_CYCLE");
  ASSERT_EQ(Merge("T000001", "T000002").reason(), "");
  EXPECT_EQ(Merge("T000002", "T000001").reason(), "MERGE_CYCLE") << "root(T000001) is T000002";
  EXPECT_EQ(Merge("T000001", "T000003").reason(), "SOURCE_ALREADY_MERGED");
  EXPECT_EQ(Merge("T000003", "T000001").reason(), "TARGET_IS_MERGED");
  EXPECT_EQ(Unmerge("T000003").reason(), "NOT_MERGED");
  EXPECT_EQ(Unmerge("T000001", "RO").reason(), "NOT_AUTHORISED");
}

// REF-93.
TEST_F(MergeTest, MergeThenUnmergeChangesNothing) {
  ASSERT_EQ(Slot("T000001", "COGNITIVE|T000001/1", "r1").reason(), "");
  ASSERT_EQ(story_.Nat("DP", "restrict_access { crn: 'T000001' list: 'RESTRICTED' entries { "
                             "user_id: 'staff-AA' } reason: 'r' }").reason(), "");
  ASSERT_EQ(Merge("T000003", "T000001").reason(), "");
  const std::string before = Everything();
  ASSERT_EQ(Merge("T000001", "T000002").reason(), "");
  EXPECT_THAT(FamilyOf(decider::Unit<ReferralDomain>(story_.nat, story_.nat.facts()), "T000003"),
              ElementsAre("T000002", "T000001", "T000003"));
  const auto unmerged = Unmerge("T000001");
  EXPECT_EQ(unmerged.event_names(), "PersonUnmerged, PersonReleased");
  EXPECT_THAT(unmerged.events[0].event.person_unmerged().survivors(), ElementsAre("T000002"));
  EXPECT_EQ(unmerged.events[0].event.person_unmerged().lists().restricted_size(), 1);
  EXPECT_EQ(unmerged.events[0].event.person_unmerged().survivor_lists().restricted_size(), 0);
  EXPECT_EQ(Everything(), before);
}

// Referrals opened under a CRN go back with it; those opened on the survivor stay.
TEST_F(MergeTest, AfterAnUnmergeEachRecordHasItsOwnSlots) {
  ASSERT_EQ(Slot("T000001", "COGNITIVE|T000001/1", "r1").reason(), "");
  ASSERT_EQ(Merge("T000001", "T000002").reason(), "");
  ASSERT_EQ(Slot("T000002", "COGNITIVE|T000002/1", "r2").reason(), "");
  ASSERT_EQ(Slot("T000001", "UPW|T000001/1/1", "r3").reason(), "") << "a draft of the alias";
  const auto unmerged = Unmerge("T000001");
  EXPECT_THAT(unmerged.events[0].event.person_unmerged().left_with_survivor(), ElementsAre("r2"));
  EXPECT_EQ(Person("T000001").slots_size(), 2);
  EXPECT_EQ(Person("T000002").slots_size(), 1);
}

TEST_F(MergeTest, ARestrictionOfEitherRecordHidesThePersonAndLiftsFromAll) {
  ASSERT_EQ(story_.Nat("DP", "restrict_access { crn: 'T000001' list: 'EXCLUDED' entries { user_id: "
                             "'staff-RO' } reason: 'r' }").reason(), "");
  ASSERT_EQ(Merge("T000001", "T000002").reason(), "");
  const std::string record = "record_risk { crn: 'T000002' risk { assessed_on: '2025-08-01' } }";
  EXPECT_EQ(story_.Nat("RO", record).reason(), "NOT_FOUND");
  const auto lifted = story_.Nat("DP", "lift_restriction { crn: 'T000002' list: 'EXCLUDED' entries "
                                       "{ user_id: 'staff-RO' } reason: 'r' }");
  ASSERT_EQ(lifted.reason(), "");
  EXPECT_EQ(lifted.events[0].aggregate, PersonId("T000001")) << "where the entry stands";
  EXPECT_THAT(lifted.events[0].event.restriction_lifted().aliases(), ElementsAre("T000002"));
  EXPECT_EQ(story_.Nat("RO", record).reason(), "");
}

TEST_F(MergeTest, NoDeeperThanEight) {
  Register("T000010");
  for (int i = 11; i <= 19; ++i) {
    Register(absl::StrCat("T0000", i));
    const auto merged = Merge(absl::StrCat("T0000", i - 1), absl::StrCat("T0000", i));
    EXPECT_EQ(merged.reason(), i <= 18 ? "" : "MERGE_TOO_DEEP") << i;
  }
  decider::Unit<ReferralDomain> unit(story_.nat, story_.nat.facts());
  EXPECT_EQ(RootOf(unit, "T000010"), "T000018");
}

// The referral keeps the CRN it was opened under; the facts are the root's.
TEST_F(MergeTest, AReferralOfAMergedCrnGoesOn) {
  story_.Route();
  Register("T000004");
  ASSERT_EQ(Merge("Z000001", "T000004").reason(), "");
  v1::Command command;
  command.mutable_review_route()->set_referral_id(story_.id);
  command.mutable_review_route()->set_cause("MERGED");
  *command.mutable_review_route()->mutable_facts() = story_.Facts();
  auto* person = command.mutable_review_route()->mutable_facts()->mutable_person();
  EXPECT_EQ(story_.Area("SYS", command).reason(), "");
  *person = story_.nat.Find(PersonId("T000004"))->person();
  EXPECT_EQ(story_.Area("SYS", command).reason(), "") << "an alias of it";
  person->clear_aliases();
  EXPECT_EQ(story_.Area("SYS", command).reason(), "NOT_FOUND") << "somebody else";
  EXPECT_EQ(story_.referral().origin_crn(), "Z000001");
}

}  // namespace
}  // namespace pdp::referral
