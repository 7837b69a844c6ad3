// What a change of person, sentence or requirement means to a referral: REF-25, REF-85.

#include "services/referral/processes/life_events.h"

#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pdp::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LifeEventsTest : public ::testing::Test {
 protected:
  LifeEventsTest() {
    referral_.set_id("R");
    referral_.set_line("PROGRAMME");
    referral_.set_sentence_key("Z000001/1");
    referral_.set_requirement_key("Z000001/1/3");
    referral_.set_state(v1::ACCEPTED);
  }
  // "withdraw SER", "discard", "pause FIRST_APPOINTMENT", "resume WORK_ARRANGED".
  std::vector<std::string> After(const std::string& text) {
    v1::PublicEvent event;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event)) << text;
    std::vector<std::string> done;
    for (const v1::Command& command : CommandsOf(event, referral_)) {
      if (command.has_withdraw_referral()) {
        EXPECT_EQ(command.withdraw_referral().referral_id(), "R");
        done.push_back("withdraw " + command.withdraw_referral().code());
      } else if (command.has_discard_draft()) {
        done.push_back("discard");
      } else if (command.has_pause_clock()) {
        EXPECT_EQ(command.pause_clock().reason(), "CUSTODY");
        done.push_back("pause " + command.pause_clock().clock());
      } else {
        EXPECT_EQ(command.resume_clock().reason(), "CUSTODY");
        done.push_back("resume " + command.resume_clock().clock());
      }
    }
    return done;
  }
  std::vector<std::string> AfterRequirement(const std::string& cause,
                                            const std::string& key = "Z000001/1/3") {
    return After("requirement_ended { requirement_key: '" + key + "' cause: '" + cause + "' }");
  }
  std::vector<std::string> AfterSentence(const std::string& cause,
                                         const std::string& key = "Z000001/1") {
    return After("sentence_ended { sentence_key: '" + key + "' cause: '" + cause + "' }");
  }
  v1::Referral referral_;
};

// REF-25.
TEST_F(LifeEventsTest, AnEndWithoutCompletionWithdrawsWithTheCodeOfItsCause) {
  EXPECT_THAT(AfterRequirement("REVOKED"), ElementsAre("withdraw SER"));
  EXPECT_THAT(AfterRequirement("TERMINATED"), ElementsAre("withdraw SER"));
  EXPECT_THAT(AfterRequirement("EXPIRED"), ElementsAre("withdraw SEE"));
  EXPECT_THAT(AfterRequirement("QUASHED"), ElementsAre("withdraw ACQ"));
  EXPECT_THAT(AfterRequirement("COMPLETED"), IsEmpty());
  EXPECT_THAT(AfterRequirement("REVOKED", "Z000001/1/4"), IsEmpty()) << "another requirement";
  EXPECT_THAT(AfterSentence("EXPIRED"), ElementsAre("withdraw SEE"));
  EXPECT_THAT(AfterSentence("COMPLETED"), IsEmpty());
  EXPECT_THAT(AfterSentence("REVOKED", "Z000001/2"), IsEmpty()) << "another sentence";
}

TEST_F(LifeEventsTest, UnpaidWorkFollowsItsRequirementAlone) {
  referral_.set_line("UPW");
  EXPECT_THAT(AfterSentence("EXPIRED"), IsEmpty());
  EXPECT_THAT(AfterSentence("REVOKED"), IsEmpty()) << "its RequirementEnded says it";
  EXPECT_THAT(AfterRequirement("REVOKED"), ElementsAre("withdraw SER"));
}

TEST_F(LifeEventsTest, ADraftIsDiscardedAndWhatIsOverStays) {
  referral_.set_state(v1::DRAFT);
  EXPECT_THAT(AfterRequirement("REVOKED"), ElementsAre("discard"));
  for (const auto state : {v1::CLOSED, v1::ENDED, v1::CONCLUDED, v1::DISCARDED, v1::MOVED}) {
    referral_.set_state(state);
    EXPECT_THAT(AfterRequirement("REVOKED"), IsEmpty()) << v1::ReferralState_Name(state);
    EXPECT_THAT(After("death_recorded { }"), IsEmpty());
    EXPECT_THAT(After("location_changed { location: 'CUSTODY' }"), IsEmpty());
  }
}

TEST_F(LifeEventsTest, ADeathEndsEveryReferral) {
  EXPECT_THAT(After("death_recorded { }"), ElementsAre("withdraw USE"));
  referral_.set_line("UPW");
  EXPECT_THAT(After("death_recorded { }"), ElementsAre("withdraw USE"));
}

// REF-85.
TEST_F(LifeEventsTest, CustodyPausesAndTheCommunityResumes) {
  EXPECT_THAT(After("location_changed { location: 'CUSTODY' }"),
              ElementsAre("pause FIRST_APPOINTMENT", "pause WORK_ARRANGED"));
  EXPECT_THAT(After("location_changed { location: 'COMMUNITY' }"),
              ElementsAre("resume FIRST_APPOINTMENT", "resume WORK_ARRANGED"));
}

}  // namespace
}  // namespace pdp::referral
