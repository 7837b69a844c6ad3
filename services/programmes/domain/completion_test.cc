#include "services/programmes/domain/completion.h"

#include <random>

#include "services/programmes/domain/story.h"

namespace pdp::programmes {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::OutcomeResult Change(v1::Measure::Direction direction, int post) {
  v1::Measure measure;
  measure.set_direction(direction);
  measure.set_rci(6);
  v1::MeasureResult result;
  result.set_pre(20);
  result.set_post(post);
  return Judge(measure, &result);
}

TEST(MeasureTest, E15_ChangeAgainstTheReliableChangeIndex) {
  EXPECT_EQ(Change(v1::Measure::UP, 26), v1::ACHIEVED);
  EXPECT_EQ(Change(v1::Measure::UP, 25), v1::PARTLY);
  EXPECT_EQ(Change(v1::Measure::UP, 20), v1::NOT_ACHIEVED);
  EXPECT_EQ(Change(v1::Measure::DOWN, 14), v1::ACHIEVED);
  EXPECT_EQ(Change(v1::Measure::DOWN, 15), v1::PARTLY);
  EXPECT_EQ(Judge(v1::Measure(), nullptr), v1::NOT_MEASURED);
}

TEST(MeasureTest, E15_AnOutcomeOverItsMeasures) {
  EXPECT_EQ(Combine({v1::ACHIEVED, v1::PARTLY}), v1::PARTLY);
  EXPECT_EQ(Combine({v1::ACHIEVED, v1::NOT_ACHIEVED}), v1::PARTLY);
  EXPECT_EQ(Combine({v1::NOT_MEASURED, v1::ACHIEVED}), v1::ACHIEVED);
  EXPECT_EQ(Combine({v1::NOT_ACHIEVED, v1::NOT_ACHIEVED}), v1::NOT_ACHIEVED);
  EXPECT_EQ(Combine({v1::NOT_MEASURED}), v1::NOT_MEASURED);
}

TEST(DosageTest, E15_EighteenOfNineteen) {
  v1::Enrolment e;
  e.set_version_ref("TSP/1");
  for (const v1::CatalogueRow& row : FindVersion("TSP/1")->rows()) {
    if (!row.core()) continue;
    v1::LedgerRow* ledger = e.add_ledger();
    ledger->set_row(row.code());
    ledger->set_credit(row.code() == "PR4" ? v1::MISSED : v1::CREDITED);
  }
  EXPECT_EQ(DosageOf(e).core, 19);
  EXPECT_EQ(DosageOf(e).bp(), 9473);
  const auto missing = MissingForCompletion(e);
  ASSERT_FALSE(missing.empty());
  EXPECT_EQ(missing[0], (Violation{"ROW_NOT_CREDITED", "PR4", "", ""}));
}

std::string Measure(const char* verb, const char* phase, const std::string& more = "") {
  return absl::StrCat(verb, " { enrolment_id: 'm1/1' instrument: 'WELLBEING' phase: '", phase, "' ",
                      more, "}");
}
constexpr char kComplete[] = "complete_enrolment { enrolment_id: 'm1/1' }";
constexpr char kReview[] =
    "hold_review { enrolment_id: 'm1/1' date: '2026-05-27' person_present: true "
    "facilitator_present: true officer_present: true }";

// m1 attends everything of an EM-GEN group: S8 on 13 May, its review two weeks on, 27 May.
struct CompletionTest : ::testing::Test, Story {
  void AttendAll(const std::string& but = "") {
    Confirmed(4, 0);
    Must("FAC", Measure("take_measure", "PRE", "total: 20 "));
    At("2026-03-18T08:00:00Z");
    Must("FAC",
         "schedule_individual { enrolment_id: 'm1/1' row: 'PG1' date: '2026-03-18' "
         "start_min: 600 minutes: 60 staff: 'F1' }");
    At("2026-03-18T18:00:00Z");
    Must("FAC", Register("m1/1/PG1/1", Entry("m1/1", "ATTC", 60)));
    for (int i = 1; i <= 8; ++i) {
      const std::string row = absl::StrCat("S", i);
      At(absl::StrCat(session("g1", row).date(), "T18:00:00Z"));
      if (row == but) continue;
      Must("FAC", Register(absl::StrCat("g1/", row), Entry("m1/1", "ATTC", 120)));
    }
  }
  void Finish() {
    AttendAll();
    Must("FAC", Measure("take_measure", "POST", "total: 26 "));
    At("2026-05-27T15:00:00Z");
    Must("FAC", kReview);
  }
};

TEST_F(CompletionTest, PRG96_EverythingThatIsMissingIsListed) {
  AttendAll("S3");
  const auto refused = Do("PM", kComplete);
  EXPECT_EQ(refused.reason(), "COMPLETION_CONDITIONS_NOT_MET");
  EXPECT_THAT(Codes(refused), ElementsAre("ROW_NOT_CREDITED", "MEASURE_MISSING", "REVIEW_MISSING"));
  EXPECT_EQ(refused.rejected().violations[0].subject, "S3");
}

TEST_F(CompletionTest, IF_E_CompletionItsFactAndWhatCancelsIt) {
  Finish();
  const auto done = Do("PM", kComplete);
  ASSERT_EQ(done.reason(), "") << Violations(done);
  const auto& completed = done.events[0].event.programme_completed();
  EXPECT_EQ(completed.completed_on(), "2026-05-27");
  EXPECT_EQ(completed.core_total(), 9);
  EXPECT_EQ(completed.dosage_bp(), 10000);
  EXPECT_EQ(completed.minutes(), 60 + 8 * 120);
  EXPECT_EQ(completed.outcomes(0).result(), v1::ACHIEVED);
  EXPECT_EQ(completed.fact().fact_id(), "programmes/cmp/m1/1/1");
  EXPECT_EQ(completed.fact().kind(), common::v1::DeliveryFact::COMPLETION);
  EXPECT_EQ(completed.fact().quantity_centi(), 100);
  EXPECT_EQ(completed.fact().service_date(), "2026-05-27");
  EXPECT_EQ(Do("PM", kComplete).reason(), "ALREADY_COMPLETED");  // PRG-97
  // PRG-83: a correction only after the completion is revoked.
  EXPECT_EQ(Do("FAC", Correct("m1/1", "g1/S8", "ATTC", 100)).reason(),
            "COMPLETION_MUST_BE_REVOKED_FIRST");
  const auto revoked =
      Do("TM", "revoke_completion { enrolment_id: 'm1/1' reason: 'wrong person' }");
  const auto& cancelled = revoked.events[0].event.completion_revoked();
  EXPECT_EQ(cancelled.holder_org(), "P01");
  EXPECT_EQ(cancelled.fact().fact_id(), "programmes/cmp/m1/1/1/x");
  EXPECT_EQ(cancelled.fact().supersedes(), "programmes/cmp/m1/1/1");
  EXPECT_TRUE(cancelled.fact().cancelled());
  EXPECT_EQ(cancelled.fact().quantity_centi(), 0);
  const auto again = Do("PM", kComplete);
  EXPECT_EQ(again.events[0].event.programme_completed().fact().fact_id(), "programmes/cmp/m1/1/2");
  EXPECT_EQ(Do("TM", "revoke_completion { enrolment_id: 'm1/1' }").reason(), "VALIDATION_FAILED");
}

TEST_F(CompletionTest, PRG97_AtMostOnceBetweenRevocationsInAnyOrder) {
  Finish();
  std::mt19937 random(7);
  bool completed = false;
  int n = 0;
  for (int step = 0; step < 200; ++step) {
    if (random() % 2 == 0) {
      const auto done = Do("PM", kComplete);
      ASSERT_EQ(done.accepted(), !completed) << "step " << step;
      if (!done.accepted()) continue;
      completed = true;
      EXPECT_EQ(done.events[0].event.programme_completed().fact().fact_id(),
                absl::StrCat("programmes/cmp/m1/1/", ++n));
    } else {
      const auto undone = Do("TM", "revoke_completion { enrolment_id: 'm1/1' reason: 'x' }");
      ASSERT_EQ(undone.accepted(), completed) << "step " << step;
      completed = false;
    }
  }
  EXPECT_GT(n, 20);
}

TEST_F(CompletionTest, ARevokedCompletionIsOpenAgainForItsRequirement) {
  Finish();
  Must("PM", kComplete);
  const std::string again = Receive({.referral = "n1", .crn = "Tm1"});
  Must("TM", "revoke_completion { enrolment_id: 'm1/1' reason: 'x' }");
  EXPECT_EQ(Do("SYS", again).reason(), "DUPLICATE_ENROLMENT");
  Must("PM", kComplete);
  EXPECT_EQ(Do("SYS", again).reason(), "");
}

TEST_F(CompletionTest, PRG98_ThePhasesOfAMeasure) {
  Confirmed(4, 0);
  EXPECT_EQ(Do("FAC", Measure("take_measure", "POST", "total: 1 ")).reason(), "WRONG_PHASE");
  EXPECT_EQ(Do("FAC", Measure("take_measure", "MID", "total: 1 ")).reason(), "WRONG_PHASE");
  EXPECT_EQ(Do("FAC", Measure("take_measure", "PRE", "total: 71 ")).reason(), "SCORE_OUT_OF_RANGE");
  EXPECT_EQ(Do("FAC", Measure("take_measure", "PRE", "total: -1 ")).reason(), "SCORE_OUT_OF_RANGE");
  At("2026-03-25T14:59:59Z");  // S1 ends at 15:00
  Must("FAC", Measure("take_measure", "PRE", "total: 70 "));
  EXPECT_EQ(Do("FAC", Measure("take_measure", "PRE", "total: 1 ")).reason(), "ALREADY_TAKEN");
  At("2026-03-25T15:00:00Z");
  EXPECT_EQ(Do("FAC", "take_measure { enrolment_id: 'm2/1' instrument: 'WELLBEING' phase: 'PRE' }")
                .reason(),
            "WRONG_PHASE");
  At("2026-06-11T09:00:00Z");  // 28 days after 13 May is 10 June
  EXPECT_EQ(Do("FAC", Measure("take_measure", "POST", "total: 1 ")).reason(), "WRONG_PHASE");
  At("2026-06-10T09:00:00Z");
  Must("FAC", Measure("take_measure", "POST", "total: 1 "));
  // A decline is accepted at any later time.
  At("2026-09-01T09:00:00Z");
  Must("FAC", "decline_measure { enrolment_id: 'm2/1' instrument: 'WELLBEING' phase: 'POST' }");
}

TEST_F(CompletionTest, PRG100_TheReview) {
  AttendAll();
  const auto review = [&](const char* more) {
    return Do("FAC", absl::StrCat("hold_review { enrolment_id: 'm1/1' ", more, " }")).reason();
  };
  EXPECT_EQ(review("date: 'x'"), "VALIDATION_FAILED");
  EXPECT_EQ(review("date: '2026-05-26' person_present: true facilitator_present: true"),
            "REVIEW_TOO_EARLY");
  EXPECT_EQ(review("date: '2026-05-27' facilitator_present: true"), "ATTENDEE_MISSING");
  EXPECT_EQ(review("date: '2026-05-20' exception_code: 'SENTENCE_ENDED'"), "");
  EXPECT_EQ(enrolment("m1/1").review().exception_code(), "SENTENCE_ENDED");
}

TEST_F(CompletionTest, CommonRefusals) {
  Confirmed(4, 0);
  EXPECT_EQ(Do("PM", "complete_enrolment { enrolment_id: 'x/1' }").reason(), "NOT_FOUND");
  EXPECT_EQ(Do("FAC", kComplete).reason(), "NOT_AUTHORISED");
  EXPECT_EQ(Do("PM", kComplete, "P02").reason(), "NOT_YOUR_ORGANISATION");
  EXPECT_EQ(Do("PM", kComplete).reason(), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(Do("TM", "revoke_completion { enrolment_id: 'm1/1' reason: 'x' }").reason(),
            "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(Do("FAC", "rate_outcome { enrolment_id: 'm1/1' outcome: 'SKILLS' result: ACHIEVED }")
                .reason(),
            "VALIDATION_FAILED");  // measured, not rated
}

}  // namespace
}  // namespace pdp::programmes
