#include "services/referral/domain/story.h"

// Person and sentence commands (REF-1 to REF-12, REF-20 to REF-23).
namespace pdp::referral {
namespace {

// REF-1.
TEST(PersonTest, ACrnIsTrimmedAndUpperCasedAndRegisteredOnce) {
  Story story;
  story.RegisterPersonAndSentence();
  ASSERT_NE(story.nat.Find(PersonId("Z000001")), nullptr);
  const char* again = "register_person { crn: ' Z000001 ' home_area: 'N56' "
                      "identity { name { family: 'Field' } } }";
  EXPECT_EQ(story.Nat("RO", again).reason(), "PERSON_EXISTS");
  const auto bad = story.Nat("RO", "register_person { crn: 'Z12' home_area: 'N41' "
                                   "identity { sex: 'X' date_of_birth: '1990-02-30' } }");
  EXPECT_EQ(bad.reason(), "VALIDATION_FAILED");
  EXPECT_EQ(bad.rejected().violations.size(), 5u);
  EXPECT_EQ(story
                .Nat("RO",
                     "register_person { crn: 'Z000002' home_area: 'N56' "
                     "identity { name { family: 'A' } date_of_birth: '2025-09-02' } }")
                .reason(),
            "DOB_IN_FUTURE");
  EXPECT_EQ(story.Nat("PV", again).reason(), "NOT_AUTHORISED");
}

TEST(PersonTest, ACorrectionCarriesOldAndNewOfTheChangedFieldsOnly) {
  Story story;
  story.RegisterPersonAndSentence();
  EXPECT_EQ(story.Nat("RO", "correct_identity { crn: 'Z000001' identity { sex: 'M' } }").reason(),
            "NOTHING_TO_CHANGE");
  const auto result =
      story.Nat("RO", "correct_identity { crn: 'Z000001' identity { sex: 'M' ethnicity: 'W1' } }");
  ASSERT_EQ(result.event_names(), "IdentityCorrected");
  const auto& event = result.events[0].event.identity_corrected();
  ASSERT_EQ(event.fields_size(), 1);
  EXPECT_EQ(event.fields(0), "ethnicity");
  EXPECT_FALSE(event.new_values().has_name());
  EXPECT_EQ(event.new_values().sex(), "");
}

// REF-2, REF-3.
TEST(PersonTest, ANoEmptiesTheDetailInTheSameEventAndNamesIt) {
  Story story;
  story.RegisterPersonAndSentence();
  EXPECT_EQ(story.Nat("RO", "record_needs { crn: 'Z000001' source: 'RO' answers { interpreter { "
                            "needed: YES } } }").rejected().violations[0].code,
            "CONDITIONAL_FIELD_MISSING");
  const auto result = story.Nat("RO", "record_needs { crn: 'Z000001' source: 'RO' answers { "
                                      "interpreter { needed: NO language: 'pl' } } }");
  ASSERT_EQ(result.event_names(), "NeedsRecorded");
  EXPECT_EQ(result.events[0].event.needs_recorded().cleared(0), "interpreter.language");
  EXPECT_EQ(result.events[0].event.needs_recorded().answers().interpreter().language(), "");
}

// REF-4.
TEST(PersonTest, AudioAddsToAWrittenFormatAndNeverReplacesIt) {
  Story story;
  story.RegisterPersonAndSentence();
  const auto refused = story.Nat("RO",
                                 "record_needs { crn: 'Z000001' source: 'RO' answers { written { "
                                 "language: 'en' formats: 'AUDIO' } } }");
  EXPECT_EQ(refused.rejected().violations[0].field, "answers.written.formats");
  EXPECT_TRUE(story
                  .Nat("RO",
                       "record_needs { crn: 'Z000001' source: 'RO' answers { written { "
                       "language: 'en' formats: 'AUDIO' formats: 'BRAILLE' } } }")
                  .accepted());
}

// REF-9.
TEST(PersonTest, BarriersAreRecordedAndClosedAndReviewedWithin84Days) {
  Story story;  // 2025-09-01; 84 days later is 2025-11-24.
  story.RegisterPersonAndSentence();
  const auto barrier = [&](const char* code, const char* review_on) {
    return story.Nat("RO",
                     absl::StrCat("record_needs { crn: 'Z000001' source: 'RO' answers { barriers { "
                                  "barriers { code: '",
                                  code, "' adjustment: 'a' review_on: '", review_on, "' } } } }"));
  };
  EXPECT_EQ(barrier("HEALTH", "2025-11-25").rejected().violations[0].code,
            "BARRIER_REVIEW_TOO_FAR");
  EXPECT_EQ(barrier("HEALTH", "2025-11-24").event_names(), "NeedsRecorded, BarrierRecorded");
  EXPECT_EQ(barrier("DIGITAL", "2025-11-24").event_names(),
            "NeedsRecorded, BarrierRecorded, BarrierClosed");
}

TEST(PersonTest, RiskScoresHaveBounds) {
  Story story;
  story.RegisterPersonAndSentence();
  const auto risk = [&](const char* fields) {
    return story.Nat("RO", absl::StrCat("record_risk { crn: 'Z000001' risk { ", fields, " } }"))
        .reason();
  };
  EXPECT_EQ(risk("assessed_on: '2025-09-01' ogrs3_bp: 10001"), "SCORE_OUT_OF_RANGE");
  EXPECT_EQ(risk("assessed_on: '2025-09-01' items { i2_6: 3 }"), "SCORE_OUT_OF_RANGE");
  EXPECT_EQ(risk("assessed_on: '2025-09-02'"), "ASSESSED_IN_FUTURE");
  EXPECT_EQ(risk("assessed_on: '2025-09-01' ogrs3_bp: 10000"), "");
}

// REF-21.
TEST(SentenceTest, UnpaidWorkHoursHaveBoundsUnlessTheCourtConfirmed) {
  Story story;
  story.RegisterPersonAndSentence();
  int no = 10;
  const auto add = [&](const std::string& fields) {
    return story
        .Nat("CF",
             absl::StrCat("add_requirement { crn: 'Z000001' event_no: 1 requirement { no: ", ++no,
                          " ext_main: 'W' unit: 'HOURS' imposed_on: '2025-07-01' ", fields, " } }"))
        .reason();
  };
  EXPECT_EQ(add("length: 39"), "HOURS_OUT_OF_BOUNDS");
  EXPECT_EQ(add("length: 40"), "");
  EXPECT_EQ(add("length: 300"), "");
  EXPECT_EQ(add("length: 301"), "HOURS_OUT_OF_BOUNDS");
  EXPECT_EQ(add("length: 301 court_confirmed: true"), "");
  EXPECT_EQ(add("length: 20 ext_sub: 'W03'"), "");
  EXPECT_EQ(add("length: 19 ext_sub: 'W03'"), "HOURS_OUT_OF_BOUNDS");
}

// REF-20, REF-22, REF-23.
TEST(SentenceTest, UnpaidWorkNeedsAnOrderThatCarriesItAndUnknownCodesAreQuarantined) {
  Story story;
  story.RegisterPersonAndSentence();
  const auto sentence = [&](int event_no, const std::string& fields) {
    return story.Nat("CF", absl::StrCat("register_sentence { crn: 'Z000001' event_no: ", event_no,
                                        " sentenced_on: '2025-07-01' area: 'N56' ", fields, " }"));
  };
  EXPECT_EQ(
      sentence(2,
               "order_type: '204' requirements { no: 1 ext_main: 'W' length: 80 unit: 'HOURS' "
               "imposed_on: '2025-07-01' }")
          .reason(),
      "UPW_NOT_CARRIED_BY_ORDER");
  EXPECT_EQ(sentence(2, "order_type: '201' end_on: '2025-06-30'").reason(), "DATE_ORDER");
  EXPECT_EQ(sentence(2, "order_type: '201' end_on: '2026-06-30' open_ended: true").reason(),
            "DATE_ORDER");
  EXPECT_EQ(sentence(1, "order_type: '201'").reason(), "SENTENCE_EXISTS");
  const auto result = sentence(2, "order_type: '201' requirements { no: 1 ext_main: 'QQ' "
                                  "imposed_on: '2025-07-01' }");
  ASSERT_EQ(result.event_names(), "SentenceRegistered, RequirementRegistered");
  EXPECT_EQ(result.events[1].event.requirement_registered().requirement().kind(), "OTHER");
  EXPECT_TRUE(result.events[1].event.requirement_registered().requirement().quarantined());
}

}  // namespace
}  // namespace pdp::referral
