#include "services/programmes/domain/waiting.h"

#include "services/programmes/domain/story.h"

namespace pdp::programmes {
namespace {

Date D(const char* text) { return *ParseDate(text); }

TEST(WaitingTest, E16_PausedDaysDoNotCount) {
  v1::Enrolment e;
  e.set_received_on("2026-01-05");
  auto* first = e.add_pauses();
  first->set_from("2026-01-20");
  first->set_to("2026-02-03");
  e.add_pauses()->set_from("2026-02-25");
  EXPECT_EQ(WaitingOn(e, D("2026-03-02")).elapsed, 56);
  EXPECT_EQ(WaitingOn(e, D("2026-03-02")).counted, 37);
}

TEST(NotReadyTest, PRG23_OnlyThePersonsOwnReasonsStopTheClock) {
  Story s("2026-01-20T09:00:00Z");
  s.Enrol({.referral = "r1"});
  s.Must("TM", "mark_not_ready { enrolment_id: 'r1/1' reason_code: 'ACUTE_HEALTH' }");
  EXPECT_EQ(s.enrolment("r1/1").status(), v1::NOT_READY);
  s.At("2026-02-03T09:00:00Z");
  s.Must("SCH", "mark_ready { enrolment_id: 'r1/1' }");
  EXPECT_EQ(s.enrolment("r1/1").status(), v1::WAITING);
  s.At("2026-02-10T09:00:00Z");
  s.Must("SCH", "mark_not_ready { enrolment_id: 'r1/1' reason_code: 'NO_CAPACITY' }");
  s.At("2026-02-25T09:00:00Z");
  s.Must("SCH", "mark_ready { enrolment_id: 'r1/1' }");
  s.Must("RO", "suspend_enrolment { enrolment_id: 'r1/1' reason_code: 'IN_CUSTODY' }");
  EXPECT_EQ(WaitingOn(s.enrolment("r1/1"), D("2026-03-02")).elapsed, 56);
  EXPECT_EQ(WaitingOn(s.enrolment("r1/1"), D("2026-03-02")).counted, 37);
}

TEST(NotReadyTest, Refusals) {
  Story s;
  EXPECT_EQ(s.Do("TM", "mark_not_ready { enrolment_id: 'r1/1' }").reason(), "NOT_FOUND");
  s.Enrol({.referral = "r1"});
  EXPECT_EQ(s.Do("FAC", "mark_not_ready { enrolment_id: 'r1/1' }").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("TM", "mark_not_ready { enrolment_id: 'r1/1' reason_code: 'WHIM' }").reason(),
            "REASON_INVALID");
  EXPECT_EQ(s.Do("TM", "mark_ready { enrolment_id: 'r1/1' }").reason(), "STATE_FORBIDS_COMMAND");
}

TEST(SuspendTest, GoesBackToWhereItCameFromAndFreesTheSessionsToCome) {
  Story s;
  s.Confirmed(4, 0);
  s.At("2026-03-25T15:00:00Z");
  s.Must("FAC", Story::Register("g1/S1", Story::Entry("m1/1", "ATTC", 120)));
  const auto result = s.Do("SYS",
                           "suspend_enrolment { enrolment_id: 'm1/1' reason_code: "
                           "'IN_CUSTODY' on: '2026-04-02' cause: 'referral/NAT/7/0' }");
  ASSERT_EQ(result.reason(), "");
  const auto event =
      Story::Of(result, &v1::Event::has_enrolment_suspended, &v1::Event::enrolment_suspended)[0];
  EXPECT_TRUE(event.started());
  EXPECT_FALSE(event.pauses_clock());  // the waiting clock stopped at the first session
  EXPECT_EQ(event.cause(), "referral/NAT/7/0");
  // S2 on 1 April lies before it and is still to be recorded; later sessions expect nobody.
  s.At("2026-04-08T15:00:00Z");
  s.Must("FAC", Story::Register("g1/S2", Story::Entry("m1/1", "ATTC", 120)));
  EXPECT_EQ(s.Do("FAC", Story::Register("g1/S3", Story::Entry("m1/1", "ATTC", 120))).reason(),
            "NOT_EXPECTED");
  EXPECT_EQ(s.enrolment("m1/1").status(), v1::SUSPENDED);
  s.Must("PM", "resume_enrolment { enrolment_id: 'm1/1' }");
  EXPECT_EQ(s.enrolment("m1/1").status(), v1::ON_PROGRAMME);
  EXPECT_EQ(s.group().members_size(), 4);
}

TEST(SuspendTest, Refusals) {
  Story s;
  s.Enrol({.referral = "r1"});
  EXPECT_EQ(s.Do("FAC", "suspend_enrolment { enrolment_id: 'r1/1' }").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(
      s.Do("PM", "suspend_enrolment { enrolment_id: 'r1/1' reason_code: 'NO_CAPACITY' }").reason(),
      "REASON_INVALID");
  EXPECT_EQ(s.Do("PM", "resume_enrolment { enrolment_id: 'r1/1' }").reason(),
            "STATE_FORBIDS_COMMAND");
}

TEST(UpdateReferralFactsTest, PM2_OnlyFromANewerVersion) {
  Story s;
  s.Enrol({.referral = "r1", .woman = true, .choice = "WOMEN_ONLY"});
  const auto update = [](int person, const char* language) {
    return absl::StrCat("update_referral_facts { enrolment_id: 'r1/1' person_version: ", person,
                        " responsivity { woman: true sex: 'F' language: '", language, "' } }");
  };
  EXPECT_TRUE(s.Do("SYS", update(1, "cy")).events.empty());
  const auto newer = s.Do("SYS", update(2, "cy"));
  EXPECT_EQ(newer.event_names(), "ReferralFactsUpdated");
  EXPECT_EQ(s.enrolment("r1/1").responsivity().language(), "cy");
  // What was asked here stays (interfaces, C13).
  EXPECT_EQ(s.enrolment("r1/1").responsivity().delivery_choice(), "WOMEN_ONLY");
  EXPECT_TRUE(s.Do("SYS", update(2, "en")).events.empty());
  EXPECT_EQ(s.Do("TM", update(3, "en")).reason(), "NOT_AUTHORISED");
}

TEST(UpdateReferralFactsTest, PRG70_AShorterOrderIsATaskAndRemovesNobody) {
  Story s;
  s.Confirmed(4, 0);  // RV1 27 May 2026
  s.Must("SYS",
         "update_referral_facts { enrolment_id: 'm1/1' sentence_version: 2 "
         "requirement { order_end: '2026-05-27' } }");
  EXPECT_FALSE(s.HasTask("sentence/m1/1/2026-05-27"));
  s.Must("SYS",
         "update_referral_facts { enrolment_id: 'm1/1' sentence_version: 3 "
         "requirement { order_end: '2026-05-26' } }");
  EXPECT_TRUE(s.HasTask("sentence/m1/1/2026-05-26"));
  EXPECT_EQ(s.group().members_size(), 4);
  EXPECT_EQ(s.enrolment("m1/1").requirement().key(), "Tm1/1/1");
}

}  // namespace
}  // namespace pdp::programmes
