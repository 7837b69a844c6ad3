#include "gmock/gmock.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/story.h"
#include "services/referral/domain/wrap.h"

// Decisions by hand and time limits by hand: REF-50, REF-52, REF-82, REF-84.
namespace pdp::referral {
namespace {

using ::testing::ElementsAre;

constexpr char kNote20[] = "a note of more than twenty characters";

class DecisionTest : public ::testing::Test {
 protected:
  Story::World::Result Do(const char* role, v1::Command command) {
    return story_.Area(role, command);
  }
  Story::World::Result Override(const std::string& route, const std::string& note = kNote20,
                                const char* role = "AM",
                                const std::string& code = "RISK_NEED_OVERRIDE") {
    v1::Command command;
    auto* override_decision = command.mutable_override_decision();
    override_decision->set_referral_id(story_.id);
    override_decision->set_route(route);
    override_decision->set_code(code);
    override_decision->set_note(note);
    *override_decision->mutable_facts() = story_.Facts();
    *override_decision->mutable_catalogue() = ShippedCatalogue();
    return story_.Area(role, command);
  }
  Story::World::Result Resolve(const char* role, const std::string& choice,
                               const std::string& note = kNote20) {
    v1::Command command;
    auto* resolve = command.mutable_resolve_conflict();
    resolve->set_referral_id(story_.id);
    resolve->set_choice(choice);
    resolve->set_note(note);
    *resolve->mutable_facts() = story_.Facts();
    *resolve->mutable_catalogue() = ShippedCatalogue();
    return story_.Area(role, command);
  }
  Story story_;
};

// REF-52.
// ogrs3_bp 1000 is below both thresholds: NOT_ELIGIBLE; TSP/1:O1, COG-GEN/1:O1.
TEST_F(DecisionTest, AnOverridableCriterionIsOverriddenAndTravels) {
  story_.Route("ogrs3_bp: 1000");
  ASSERT_EQ(story_.state(), "REVIEW");
  const auto overridden = Override("TSP");
  EXPECT_EQ(overridden.event_names(),
            "DecisionOverridden, DifficultyAssessed, ReferralRouted, SlaClockMet, SlaClockStarted");
  const v1::DecisionOverridden& event = overridden.events[0].event.decision_overridden();
  EXPECT_THAT(event.overridden_criteria(), ElementsAre("O1"));
  EXPECT_EQ(event.version_ref(), "TSP/1");
  EXPECT_EQ(story_.state(), "ROUTED");
  EXPECT_EQ(story_.referral().decision().route(), "TSP");
  EXPECT_THAT(story_.referral().overridden_criteria(), ElementsAre("O1"));
  EXPECT_EQ(story_.Offer(1, "ORG-A").reason(), "");
}

TEST_F(DecisionTest, AnOverrideMayChooseAnyTriedRoute) {
  story_.Route("ogrs3_bp: 1000");
  const auto overridden = Override("SI_COG");
  ASSERT_EQ(overridden.reason(), "");
  EXPECT_EQ(overridden.events[0].event.decision_overridden().version_ref(), "COG-GEN/1");
}

// REF-52.
TEST_F(DecisionTest, OverrideRefusalsComeInOrder) {
  story_.Route("ogrs3_bp: 6200");
  EXPECT_EQ(Override("XYZ", "").reason(), "STATE_FORBIDS_COMMAND") << "it is routed";
  story_ = Story();
  story_.Route("ogrs3_bp: 1000");
  EXPECT_EQ(Override("XYZ", "", "RO").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(Override("XYZ", "", "AM", "WHIM").reason(), "VALIDATION_FAILED");
  EXPECT_EQ(Override("XYZ", "").reason(), "ROUTE_UNKNOWN");
  EXPECT_EQ(Override("BBR", "").reason(), "ROUTE_NOT_OVERRIDABLE") << "not of the need's ladder";
  EXPECT_EQ(Override("UPW", "").reason(), "ROUTE_NOT_OVERRIDABLE") << "never to unpaid work";
  EXPECT_EQ(Override("TSP", "nineteen characters").reason(), "NOTE_REQUIRED");
}

// REF-52.
// 28 + 7 x 16 + 28 days from 2026-07-20 pass the end of the order; 28 + 7 x 8 do not.
TEST_F(DecisionTest, TimeIsNeverOverridden) {
  story_.At("2026-07-20T09:00:00Z");
  story_.Route("ogrs3_bp: 1000");
  ASSERT_EQ(story_.state(), "REVIEW");
  EXPECT_EQ(Override("TSP").reason(), "ROUTE_NOT_OVERRIDABLE");
  EXPECT_EQ(Override("SI_COG").reason(), "");
}

// A court's programme requirement that the person is not eligible for.
class ConflictTest : public DecisionTest {
 protected:
  void SetUp() override {
    story_.RegisterPersonAndSentence();
    ASSERT_EQ(story_.Nat("CF", "add_requirement { crn: 'Z000001' event_no: 1 requirement { no: 3 "
                               "kind: 'AP' named_route: 'TSP' unit: 'NONE' imposed_on: "
                               "'2025-07-01' } }")
                  .reason(),
              "");
    ASSERT_EQ(story_.Open("open_referral { crn: 'Z000001' line: 'PROGRAMME' need: 'COGNITIVE' "
                          "sentence_key: 'Z000001/1' requirement_key: 'Z000001/1/3' }")
                  .reason(),
              "");
    story_.SaveProgrammeForm("ogrs3_bp: 1000");
    ASSERT_EQ(story_.ReserveSlot("COGNITIVE|Z000001/1").reason(), "");
    ASSERT_EQ(story_.Submit().reason(), "");
    ASSERT_EQ(story_.Decide().reason(), "");
    ASSERT_EQ(story_.state(), "CONFLICT");
  }
};

// REF-50.
TEST_F(ConflictTest, SeekingAVariationDefersFourWeeks) {
  EXPECT_EQ(Resolve("AM", "SEEK_VARIATION").reason(), "NOT_AUTHORISED") << "the officer's to do";
  EXPECT_EQ(Resolve("RO", "SOMETHING").reason(), "VALIDATION_FAILED");
  EXPECT_EQ(Resolve("RO", "SEEK_VARIATION", "short").reason(), "NOTE_REQUIRED");
  EXPECT_EQ(Resolve("RO", "SEEK_VARIATION").event_names().substr(0, 39),
            "CourtConflictResolved, ReferralDeferred");
  EXPECT_EQ(story_.state(), "DEFERRED");
  EXPECT_EQ(story_.referral().review_on(), "2025-09-29");
}

// REF-50, REF-52.
TEST_F(ConflictTest, DeliveringAsOrderedIsAnOverrideByTheAreaManager) {
  EXPECT_EQ(Resolve("RO", "DELIVER_AS_ORDERED").reason(), "NOT_AUTHORISED");
  const auto resolved = Resolve("AM", "DELIVER_AS_ORDERED");
  ASSERT_EQ(resolved.reason(), "");
  EXPECT_EQ(story_.state(), "ROUTED");
  EXPECT_EQ(story_.referral().decision().route(), "TSP");
  EXPECT_THAT(story_.referral().overridden_criteria(), ElementsAre("O1"));
  EXPECT_EQ(Resolve("AM", "DELIVER_AS_ORDERED").reason(), "STATE_FORBIDS_COMMAND");
}

// REF-50.
TEST_F(ConflictTest, ProceedingWithTheAlternativeDecidesOverTheWholeLadder) {
  ASSERT_EQ(Resolve("RO", "PROCEED_ALTERNATIVE").reason(), "");
  EXPECT_EQ(story_.state(), "SUBMITTED");
  EXPECT_TRUE(story_.referral().proceed_alternative());
  ASSERT_EQ(story_.Decide().reason(), "");
  EXPECT_EQ(story_.state(), "REVIEW") << "now the intervention was tried too";
  EXPECT_THAT(story_.referral().decision().reasons(), ElementsAre("TSP/1:O1", "COG-GEN/1:O1"));
}

// FIRST_APPOINTMENT, N 10, from Monday 2025-09-01: W-3 with September for June.
class ClocksTest : public DecisionTest {
 protected:
  void SetUp() override {
    story_.Route();
    ASSERT_EQ(story_.clock("FIRST_APPOINTMENT").due_on(), "2025-09-15");
  }
  Story::World::Result Clock(const std::string& command, const std::string& on,
                             const std::string& clock = "FIRST_APPOINTMENT",
                             const std::string& reason = "HOSPITAL") {
    return story_.Area("RO", absl::StrCat(command, "_clock { referral_id: '", story_.id,
                                          "' clock: '", clock, "' reason: '", reason,
                                          "' effective_on: '", on, "' }"));
  }
  void Today(const std::string& date) { story_.At(date + "T09:00:00Z"); }
};

// REF-82.
TEST_F(ClocksTest, W3APauseOfAWeekMovesTheDueDateByAWeek) {
  Today("2025-09-08");
  EXPECT_EQ(Clock("pause", "2025-09-08").event_names(), "SlaClockPaused");
  EXPECT_EQ(story_.clock("FIRST_APPOINTMENT").due_on(), "");
  EXPECT_EQ(story_.clock("FIRST_APPOINTMENT").remaining_days(), 6);
  Today("2025-09-15");
  EXPECT_EQ(Clock("resume", "").event_names(), "SlaClockResumed");
  EXPECT_EQ(story_.clock("FIRST_APPOINTMENT").due_on(), "2025-09-22");
}

TEST_F(ClocksTest, W3APauseAndResumeOnOneDayHasNoEffect) {
  Today("2025-09-09");
  ASSERT_EQ(Clock("pause", "").reason(), "");
  ASSERT_EQ(Clock("resume", "").reason(), "");
  EXPECT_EQ(story_.clock("FIRST_APPOINTMENT").due_on(), "2025-09-15");
}

// REF-85.
TEST_F(ClocksTest, ItRunsOnlyWhenNoReasonIsOpen) {
  Today("2025-09-08");
  ASSERT_EQ(Clock("pause", "").reason(), "");
  ASSERT_EQ(Clock("pause", "", "FIRST_APPOINTMENT", "COURT").reason(), "");
  EXPECT_EQ(Clock("pause", "").reason(), "CLOCK_NOT_RUNNING") << "that reason is open already";
  Today("2025-09-10");
  ASSERT_EQ(Clock("resume", "").reason(), "");
  EXPECT_EQ(story_.clock("FIRST_APPOINTMENT").status(), v1::SlaClock::PAUSED);
  ASSERT_EQ(Clock("resume", "", "FIRST_APPOINTMENT", "COURT").reason(), "");
  EXPECT_EQ(story_.clock("FIRST_APPOINTMENT").status(), v1::SlaClock::RUNNING);
  EXPECT_EQ(story_.clock("FIRST_APPOINTMENT").due_on(), "2025-09-17") << "two days lost";
}

// REF-84.
TEST_F(ClocksTest, RefusalsComeInOrder) {
  EXPECT_EQ(Clock("pause", "x", "LUNCH", "TIRED").rejected().violations.size(), 3u);
  EXPECT_EQ(Clock("pause", "", "OFFER").reason(), "CLOCK_NOT_PAUSABLE");
  EXPECT_EQ(Clock("pause", "", "REPORT").reason(), "CLOCK_NOT_RUNNING") << "never started";
  EXPECT_EQ(Clock("pause", "", "DECISION").reason(), "CLOCK_NOT_RUNNING") << "met already";
  EXPECT_EQ(Clock("resume", "").reason(), "CLOCK_NOT_PAUSED");
}

// REF-84.
TEST_F(ClocksTest, ABreachedClockIsNotPaused) {
  story_.At("2025-09-16T00:00:00+01:00");
  ASSERT_EQ(story_.Fire("kind: CLOCK_BREACH clock: 'FIRST_APPOINTMENT' n: 1").reason(), "");
  EXPECT_EQ(Clock("pause", "").reason(), "CLOCK_NOT_RUNNING");
}

// REF-84.
// Today Thursday 2025-09-11: its 5th working day back is Thursday 2025-09-04.
TEST_F(ClocksTest, TheDateLiesBetweenTheStartTheLastResumeAndTodayAndIsRecent) {
  Today("2025-09-02");
  EXPECT_EQ(Clock("pause", "2025-08-29").reason(), "PAUSE_DATE_INVALID") << "before day0";
  Today("2025-09-11");
  EXPECT_EQ(Clock("pause", "2025-09-12").reason(), "PAUSE_DATE_INVALID") << "tomorrow";
  EXPECT_EQ(Clock("pause", "2025-09-03").reason(), "PAUSE_DATE_INVALID") << "too long ago";
  ASSERT_EQ(Clock("pause", "2025-09-04").reason(), "");
  EXPECT_EQ(Clock("resume", "2025-09-03").reason(), "PAUSE_DATE_INVALID") << "before its pause";
  ASSERT_EQ(Clock("resume", "2025-09-09").reason(), "");
  EXPECT_EQ(Clock("pause", "2025-09-08").reason(), "PAUSE_DATE_INVALID") << "before that resume";
  EXPECT_EQ(Clock("pause", "2025-09-09").reason(), "");
}

TEST(WrapTest, EachCaseOfTheEnvelopeHasATypeOfItsOwn) {
  const google::protobuf::OneofDescriptor* cases = v1::Event::descriptor()->oneof_decl(0);
  std::set<const google::protobuf::Descriptor*> types;
  for (int i = 0; i < cases->field_count(); ++i) {
    EXPECT_TRUE(types.insert(cases->field(i)->message_type()).second) << cases->field(i)->name();
  }
  v1::OfferLapsed lapsed;
  lapsed.set_round(3);
  EXPECT_EQ(Wrap(lapsed).offer_lapsed().round(), 3);
}

}  // namespace
}  // namespace pdp::referral
