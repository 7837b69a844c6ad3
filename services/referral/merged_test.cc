// A person of several records, in the lists and the log of NAT (REF-90, REF-91, REF-93).

#include <set>

#include "gmock/gmock.h"
#include "services/referral/testing/service_world.h"

namespace pdp::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Strings = std::vector<std::string>;

class MergedTest : public ServiceWorld {
 protected:
  v1::SearchReply Find(const std::string& text, const std::string& role = "RO",
                       const std::string& org = "") {
    v1::SearchRequest request;
    request.set_text(text);
    *request.mutable_actor() = Actor(role, org);
    v1::SearchReply reply;
    EXPECT_TRUE(Ask(&Stub::Search, request, &reply).ok());
    return reply;
  }
};

// REF-93: any CRN and any name of a merged person find the person, with all of their referrals.
TEST_F(MergedTest, AMergedPersonIsFoundAsOneAndAfterwardsAsTwo) {
  Register("T000001", "Smith", "John");
  Register("T000002", "Taylor", "Jon");
  Register("T000003", "Smithson", "Jack");
  const std::set<std::string> both = {Open("T000001"), Open("T000002")};
  const auto cases = [](const v1::SearchReply& reply) {
    std::set<std::string> ids;
    for (const v1::SearchHit& hit : reply.hits()) {
      for (const v1::CaseRow& row : hit.cases()) ids.insert(row.referral_id());
    }
    return ids;
  };
  ASSERT_EQ(Send("NAT", "AA", "merge_persons { from: 'T000002' to: 'T000001' }"), "");
  for (const char* text : {"T000001", "T000002", "smith, jo", "taylor"}) {
    const v1::SearchReply found = Find(text);
    EXPECT_EQ(Crns(found), Strings{"T000001"}) << text;
    EXPECT_EQ(cases(found), both) << text;
  }
  // Both names begin so: once, at the place of the name that the person has.
  ASSERT_EQ(Send("NAT", "AA", "merge_persons { from: 'T000003' to: 'T000001' }"), "");
  EXPECT_EQ(Crns(Find("smith")), Strings{"T000001"});
  ASSERT_EQ(Send("NAT", "AA", "unmerge_person { from: 'T000003' }"), "");
  ASSERT_EQ(Send("NAT", "AA", "unmerge_person { from: 'T000002' }"), "");
  EXPECT_EQ(Crns(Find("smith")), (Strings{"T000001", "T000003"}));
  EXPECT_EQ(Crns(Find("taylor")), Strings{"T000002"});
  EXPECT_EQ(cases(Find("T000002")).size(), 1u);
}

// REF-93: merges of merged records, and what is left when one leaves.
TEST_F(MergedTest, AFamilyThatLeavesIsFoundAsItsOwn) {
  for (int i = 1; i <= 3; ++i) {
    Register(absl::StrCat("T00000", i), absl::StrCat(std::string(3, 'a' + i), "son"), "Al");
  }
  ASSERT_EQ(Send("NAT", "AA", "merge_persons { from: 'T000001' to: 'T000002' }"), "");
  ASSERT_EQ(Send("NAT", "AA", "merge_persons { from: 'T000002' to: 'T000003' }"), "");
  for (const char* crn : {"T000001", "T000002", "T000003"}) {
    EXPECT_EQ(Crns(Find(crn)), Strings{"T000003"});
  }
  ASSERT_EQ(Send("NAT", "AA", "unmerge_person { from: 'T000002' }"), "");
  EXPECT_EQ(Crns(Find("T000001")), Strings{"T000002"});
  EXPECT_EQ(Crns(Find("dddson")), Strings{"T000003"});
  EXPECT_EQ(Crns(Find("bbbson")), Strings{"T000002"});
}

// REF-90, REF-93: the lists of one record limit every record of the person, in NAT's own lists too.
TEST_F(MergedTest, TheListsOfARecordLimitThePersonItWasMergedInto) {
  Register("T000001", "Smith", "John");
  Register("T000002", "Taylor", "Jon");
  Exclude("T000002", "TEAM-X");
  const auto exported = [&](const std::string& org) {
    v1::ExportCaseloadRequest request;
    request.set_area("N56");
    *request.mutable_actor() = Actor("RO", org);
    v1::ExportCaseloadReply reply;
    EXPECT_TRUE(Ask(&Stub::ExportCaseload, request, &reply).ok());
    return reply.lines_size();
  };
  EXPECT_EQ(exported("TEAM-X"), 1);
  ASSERT_EQ(Send("NAT", "AA", "merge_persons { from: 'T000002' to: 'T000001' }"), "");
  for (const char* text : {"T000001", "T000002", "smith", "taylor"}) {
    EXPECT_TRUE(Crns(Find(text, "RO", "TEAM-X")).empty()) << text;
    EXPECT_EQ(Crns(Find(text, "RO", "TEAM-Y")), Strings{"T000001"}) << text;
  }
  EXPECT_EQ(exported("TEAM-X"), 0);
  // A list that comes later names the survivor, and limits the merged record as well.
  Exclude("T000001", "TEAM-Y");
  EXPECT_TRUE(Crns(Find("taylor", "RO", "TEAM-Y")).empty());
  EXPECT_EQ(exported("TEAM-Y"), 0);
  // Apart again: each has its own.
  ASSERT_EQ(Send("NAT", "AA", "unmerge_person { from: 'T000002' }"), "");
  EXPECT_EQ(Crns(Find("smith", "RO", "TEAM-X")), Strings{"T000001"});
  EXPECT_TRUE(Crns(Find("taylor", "RO", "TEAM-X")).empty());
  EXPECT_EQ(Crns(Find("taylor", "RO", "TEAM-Y")), Strings{"T000002"});
  EXPECT_TRUE(Crns(Find("smith", "RO", "TEAM-Y")).empty());
}

// REF-91, REF-93: limited by the record that was merged into theirs.
TEST_F(MergedTest, ReadsOfAPersonLimitedByAnotherRecordAreLogged) {
  Register("T000001", "Field", "Sam");
  Register("T000002", "Feld", "Sam");
  Exclude("T000002", "TEAM-X");
  const auto log = [&] {
    v1::AccessLogRequest request;
    request.set_area("NAT");
    *request.mutable_actor() = Actor("DP");
    v1::AccessLogReply reply;
    EXPECT_TRUE(Ask(&Stub::AccessLog, request, &reply).ok());
    std::vector<std::string> entries;
    for (const v1::AccessLogEntry& entry : reply.entries()) {
      entries.push_back(absl::StrCat(entry.query(), " ", entry.crn()));
    }
    return entries;
  };
  EXPECT_EQ(Find("field").hits_size(), 1);
  EXPECT_THAT(log(), IsEmpty());
  ASSERT_EQ(Send("NAT", "AA", "merge_persons { from: 'T000002' to: 'T000001' }"), "");
  EXPECT_EQ(Find("field").hits_size(), 1);
  EXPECT_THAT(log(), ElementsAre("Search T000001"));
  ASSERT_EQ(Send("NAT", "AA", "unmerge_person { from: 'T000002' }"), "");
  EXPECT_EQ(Find("field").hits_size(), 1);
  EXPECT_THAT(log(), ElementsAre("Search T000001")) << "is limited no more";
}

}  // namespace
}  // namespace pdp::referral
