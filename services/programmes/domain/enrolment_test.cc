#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/story.h"

namespace pdp::programmes {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ReceiveReferralTest, OpensAnEnrolmentWithWhatReferralDecided) {
  Story s;
  const auto result = s.Do("SYS", Story::Receive({.referral = "r1", .woman = true}));
  ASSERT_EQ(result.reason(), "");
  EXPECT_EQ(result.reply().enrolment().enrolment_id(), "r1/1");
  EXPECT_EQ(result.event_names(), "EnrolmentOpened, EnrolmentListed");
  const v1::Enrolment& e = s.enrolment("r1/1");
  EXPECT_EQ(e.status(), v1::AWAITING_SUITABILITY);
  EXPECT_EQ(e.received_on(), "2026-01-05");
  EXPECT_EQ(e.content_hash(), ContentHash(*FindVersion("EM-GEN/1")));
  EXPECT_EQ(e.ledger_size(), 9);  // core rows of EM-GEN/1
  EXPECT_EQ(e.stratum(), "MEDIUM");
}

TEST(ReceiveReferralTest, PRG20_ARedeliveryIsANoOpWithTheSameAnswer) {
  Story s;
  s.Must("SYS", Story::Receive({.referral = "r1"}));
  const auto again = s.Do("SYS", Story::Receive({.referral = "r1"}));
  EXPECT_EQ(again.reply().enrolment().enrolment_id(), "r1/1");
  EXPECT_THAT(again.events, IsEmpty());
}

TEST(ReceiveReferralTest, EveryBadFieldIsNamedAndNothingWritten) {
  Story s;
  const auto result = s.Do("SYS", "receive_referral { referral_id: 'r1' received_on: '5 May' }");
  EXPECT_EQ(result.reason(), "VALIDATION_FAILED");
  std::vector<std::string> fields;
  for (const auto& v : result.rejected().violations) fields.push_back(v.field);
  EXPECT_THAT(fields,
              ElementsAre("crn", "delivery_org", "route", "version_ref", "round", "received_on",
                          "opened_on", "requirement.key", "requirement.order_id"));
  EXPECT_EQ(s.Find(EnrolmentId("r1/0")), nullptr);
}

TEST(ReceiveReferralTest, RefusalsInTheOrderOfTheSpecification) {
  Story s;
  EXPECT_EQ(s.Do("TM", Story::Receive({.referral = "r1"})).reason(), "NOT_AUTHORISED");
  s.Must("SYS", Story::Receive({.referral = "r1", .crn = "T1"}));
  // PRG-20 comes first: a second open enrolment of person, requirement and product.
  std::string second = Story::Receive({.referral = "r2", .crn = "T1"});
  absl::string_view retained = "verdict: 'RETAINED_BY_NPS'";
  second.replace(second.find("verdict: 'ELIGIBLE'"), 19, std::string(retained));
  EXPECT_EQ(s.Do("SYS", second).reason(), "DUPLICATE_ENROLMENT");
  // PRG-2: before anything of the version is looked at.
  std::string kept = Story::Receive({.referral = "r3", .version = "NONE/1"});
  kept.replace(kept.find("verdict: 'ELIGIBLE'"), 19, std::string(retained));
  EXPECT_EQ(s.Do("SYS", kept).reason(), "RETAINED_BY_NPS");
  EXPECT_EQ(s.Do("SYS", Story::Receive({.referral = "r3", .version = "NONE/1"})).reason(),
            "UNKNOWN_PRODUCT");
  EXPECT_EQ(
      s.Do("SYS", Story::Receive({.referral = "r3", .version = "BCM/1", .route = "BCM"})).reason(),
      "UNKNOWN_PRODUCT");  // a draft
  EXPECT_EQ(s.Do("SYS", Story::Receive({.referral = "r3", .version = "TSP/1"})).reason(),
            "UNKNOWN_PRODUCT");  // of another route
}

TEST(ReceiveReferralTest, PRG20_AMergedPersonsOtherNumberCountsToo) {
  Story s;
  s.Must("SYS", Story::Receive({.referral = "r1", .crn = "T1"}));
  s.Must("SYS", "merge_person { from_crn: 'T2' to_crn: 'T1' }");
  std::string same = Story::Receive({.referral = "r2", .crn = "T2"});
  same.replace(same.find("key: 'T2/1/1'"), 13, "key: 'T1/1/1'");
  EXPECT_EQ(s.Do("SYS", same).reason(), "DUPLICATE_ENROLMENT");
}

TEST(ReceiveReferralTest, PRG20_ALaterRoundKeepsTheClockOfTheFirst) {
  Story s;
  s.Enrol({.referral = "r1"});
  s.Must("SYS", "end_enrolment { enrolment_id: 'r1/1' reason_code: 'RETURNED' }");
  std::string next = Story::Receive({.referral = "r1", .round = 2});
  next.replace(next.find("received_on: '2026-01-05'"), 25, "received_on: '2026-03-02'");
  s.Must("SYS", next);
  EXPECT_EQ(s.enrolment("r1/2").received_on(), "2026-01-05");
  EXPECT_EQ(s.enrolment("r1/2").status(), v1::AWAITING_SUITABILITY);
}

TEST(ConfirmSuitabilityTest, E7_TheLatestStartIsTheLastDay) {
  // TSP, order end 2027-03-31: 28 days of buffer and 16 weeks before it.
  Story s("2026-11-11T10:00:00Z");
  const Story::Person tsp{
      .referral = "r1", .version = "TSP/1", .route = "TSP", .order_end = "2027-03-31"};
  s.Must("SYS", Story::Receive(tsp));
  s.At("2026-11-12T10:00:00Z");
  EXPECT_EQ(s.Do("TM", "confirm_suitability { enrolment_id: 'r1/1' }").reason(), "INFEASIBLE");
  s.At("2026-11-11T23:30:00Z");
  const auto confirmed = s.Do("TM", "confirm_suitability { enrolment_id: 'r1/1' }");
  ASSERT_EQ(confirmed.reason(), "");
  EXPECT_EQ(confirmed.events[0].event.suitability_confirmed().latest_start(), "2026-11-11");
  EXPECT_EQ(s.enrolment("r1/1").status(), v1::WAITING);
}

TEST(ConfirmSuitabilityTest, Refusals) {
  Story s;
  EXPECT_EQ(s.Do("TM", "confirm_suitability { enrolment_id: 'r1/1' }").reason(), "NOT_FOUND");
  std::string unsuitable = Story::Receive({.referral = "r1"});
  unsuitable.replace(unsuitable.find("'ELIGIBLE'"), 10, "'NOT_ELIGIBLE'");
  s.Must("SYS", unsuitable);
  EXPECT_EQ(s.Do("SCH", "confirm_suitability { enrolment_id: 'r1/1' }").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("TM", "confirm_suitability { enrolment_id: 'r1/1' }", "P02").reason(),
            "NOT_YOUR_ORGANISATION");
  s.Expecting(7);
  EXPECT_EQ(s.Do("TM", "confirm_suitability { enrolment_id: 'r1/1' }").reason(),
            "VERSION_CONFLICT");
  EXPECT_EQ(s.Do("TM", "confirm_suitability { enrolment_id: 'r1/1' }").reason(), "NOT_ELIGIBLE");
  s.Enrol({.referral = "r2"});
  EXPECT_EQ(s.Do("TM", "confirm_suitability { enrolment_id: 'r2/1' }").reason(),
            "STATE_FORBIDS_COMMAND");
}

TEST(RecordDeliveryChoiceTest, PRG43_45_AsksBothAndRefusesUnknownCodes) {
  Story s;
  s.Must("SYS", Story::Receive({.referral = "r1", .woman = true}));
  const auto bad = s.Do("FAC", "record_delivery_choice { enrolment_id: 'r1/1' choice: 'X' }");
  EXPECT_EQ(bad.reason(), "VALIDATION_FAILED");
  EXPECT_EQ(bad.rejected().violations.size(), 2u);
  s.Must("FAC",
         "record_delivery_choice { enrolment_id: 'r1/1' choice: 'WOMEN_ONLY' "
         "female_facilitator: 'REQUESTED' }");
  EXPECT_EQ(s.enrolment("r1/1").responsivity().delivery_choice(), "WOMEN_ONLY");
  EXPECT_EQ(s.enrolment("r1/1").responsivity().female_facilitator(), "REQUESTED");
  EXPECT_EQ(s.Do("SCH", "record_delivery_choice { enrolment_id: 'r1/1' }").reason(),
            "NOT_AUTHORISED");
}

TEST(EndEnrolmentTest, PRG103_TheReasonSaysWhoCausedTheEnd) {
  const auto ended = [](const char* more) {
    Story s;
    s.Enrol({.referral = "r1"});
    const auto result =
        s.Do("SYS", absl::StrCat("end_enrolment { enrolment_id: 'r1/1' ", more, "}"));
    EXPECT_EQ(result.reason(), "") << more;
    return Story::Of(result, &v1::Event::has_enrolment_ended, &v1::Event::enrolment_ended)[0];
  };
  EXPECT_FALSE(ended("reason_code: 'MOVED_AWAY'").provider_caused());
  EXPECT_TRUE(ended("reason_code: 'NO_GROUP_AVAILABLE'").provider_caused());
  EXPECT_TRUE(ended("reason_code: 'GROUP_CANCELLED'").provider_caused());
  // RETURNED: the provider's for STAFF_LOSS, CONTRACT_ENDED and OTHER only.
  for (const char* code : {"STAFF_LOSS", "CONTRACT_ENDED", "OTHER"}) {
    const auto e = ended(absl::StrCat("reason_code: 'RETURNED' return_code: '", code, "'").c_str());
    EXPECT_TRUE(e.provider_caused()) << code;
    EXPECT_EQ(e.return_code(), code);
  }
  EXPECT_FALSE(ended("reason_code: 'RETURNED' return_code: 'WRONG_ROUTE'").provider_caused());
  EXPECT_FALSE(ended("reason_code: 'RETURNED'").provider_caused());
}

TEST(EndEnrolmentTest, TellsReferralWhatItNeedsToKnow) {
  Story s;
  s.Enrol({.referral = "r1"});
  const auto result =
      s.Do("SYS",
           "end_enrolment { enrolment_id: 'r1/1' reason_code: 'DIED' on: '2026-02-27' "
           "cause: 'referral/NAT/12/0' }");
  const auto ended =
      Story::Of(result, &v1::Event::has_enrolment_ended, &v1::Event::enrolment_ended)[0];
  EXPECT_EQ(ended.referral_id(), "r1");
  EXPECT_EQ(ended.holder_org(), "P01");
  EXPECT_EQ(ended.on(), "2026-02-27");
  EXPECT_EQ(ended.cause(), "referral/NAT/12/0");
  EXPECT_EQ(ended.version_ref(), "EM-GEN/1");
  EXPECT_EQ(ended.stratum(), "MEDIUM");
  EXPECT_FALSE(ended.started());
  EXPECT_EQ(s.Do("SYS", "end_enrolment { enrolment_id: 'r1/1' reason_code: 'DIED' }").reason(),
            "STATE_FORBIDS_COMMAND");
  // The requirement may be referred again.
  s.Must("SYS", Story::Receive({.referral = "r2", .crn = "Tr1"}));
}

TEST(EndEnrolmentTest, Refusals) {
  Story s;
  EXPECT_EQ(s.Do("SYS", "end_enrolment { enrolment_id: 'r1/1' }").reason(), "NOT_FOUND");
  s.Enrol({.referral = "r1"});
  EXPECT_EQ(s.Do("FAC", "end_enrolment { enrolment_id: 'r1/1' }").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(s.Do("PM", "end_enrolment { enrolment_id: 'r1/1' on: 'x' }").reason(),
            "VALIDATION_FAILED");
  EXPECT_EQ(s.Do("PM", "end_enrolment { enrolment_id: 'r1/1' reason_code: 'WHIM' }").reason(),
            "REASON_INVALID");
}

TEST(EndEnrolmentTest, PM3_FreesThePlaceAndTheSessionsToCome) {
  Story s;
  const auto ids = s.Confirmed(4, 0);
  const auto result = s.Do("SYS", "end_enrolment { enrolment_id: 'm1/1' reason_code: 'RETURNED' }");
  ASSERT_EQ(result.reason(), "");
  EXPECT_EQ(s.group().members_size(), 3);
  EXPECT_EQ(s.Find(CalendarId("Tm1"))->calendar().appointments_size(), 0);
  EXPECT_EQ(s.Find(CalendarId("Tm2"))->calendar().appointments_size(), 8);  // S1 to S8
}

}  // namespace
}  // namespace pdp::programmes
