#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/field_changes.h"
#include "services/referral/domain/story.h"

// Amendments and what changed facts mean: REF-13, REF-57, REF-70.
namespace pdp::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kNeedInterpreter[] = "needs { interpreter { needed: YES language: 'pl' } }";

class AmendTest : public ::testing::Test {
 protected:
  Story::World::Result Amend(const std::string& topic, const std::string& values,
                             const char* role = "RO", const std::string& reason = "CORRECTION",
                             const std::string& note = "", const std::string& org = "") {
    v1::Command command = Story::Parse(
        absl::StrCat("amend { referral_id: '", story_.id, "' topic: '", topic, "' values { ",
                     values, " } reason: '", reason, "' note: '", note, "' }"));
    *command.mutable_amend()->mutable_facts() = story_.Facts();
    *command.mutable_amend()->mutable_catalogue() = ShippedCatalogue();
    return story_.Area(role, command, org);
  }
  // As the process asks after an event of NAT.
  Story::World::Result Review(const std::string& cause) {
    v1::Command command;
    v1::ReviewRoute* review = command.mutable_review_route();
    review->set_referral_id(story_.id);
    review->set_cause(cause);
    *review->mutable_facts() = story_.Facts();
    *review->mutable_catalogue() = ShippedCatalogue();
    return story_.Area("SYS", command);
  }
  void Accepted(const std::string& risk = "ogrs3_bp: 6200") {
    story_.Route(risk);
    ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
    ASSERT_EQ(story_.Accept(1, "ORG-A").reason(), "");
  }
  static std::string Risk(const std::string& more) {
    return "risk { assessed_on: '2025-08-01' substance_stable: true acute_mh: false " + more +
           " items { i2_6: 1 i7_2: 1 i11_4: 1 i11_6: 1 i11_7: 1 i11_9: 1 i12_1: 1 } }";
  }
  Story story_;
};

// REF-70: typed old and new values; what did not change is dropped.
TEST_F(AmendTest, AnAmendmentNamesTheFieldsThatDifferWithTheirTypedValues) {
  Accepted();
  const auto amended = Amend("INTERPRETER", kNeedInterpreter);
  EXPECT_EQ(amended.event_names(), "ReferralAmended, DeliveryRequirementsChanged");
  const v1::ReferralAmended& event = amended.events[0].event.referral_amended();
  EXPECT_THAT(event.fields(),
              ElementsAre("needs.interpreter.needed", "needs.interpreter.language"));
  EXPECT_EQ(event.changes(0).old_value().code(), "NO");
  EXPECT_EQ(event.changes(0).new_value().code(), "YES");
  EXPECT_FALSE(event.changes(1).has_old_value());
  EXPECT_EQ(event.changes(1).new_value().text(), "pl");
  EXPECT_FALSE(event.decision_input());
  // REF-13: the token binds whoever accepted.
  const auto& tokens = amended.events[1].event.delivery_requirements_changed();
  EXPECT_THAT(tokens.added(), ElementsAre("INTERPRETER:pl"));
  EXPECT_THAT(tokens.removed(), IsEmpty());
  EXPECT_THAT(story_.referral().tokens(), ElementsAre("INTERPRETER:pl", "WRITTEN:en:STANDARD"));
}

TEST_F(AmendTest, OnlyTheSectionOfTheTopicIsTaken) {
  Accepted();
  EXPECT_EQ(Amend("INTERPRETER", "needs { written { language: 'cy' formats: 'BRAILLE' } }")
                .reason(),
            "VALIDATION_FAILED")
      << "the interpreter section is missing";
  ASSERT_EQ(Amend("INTERPRETER", "needs { interpreter { needed: YES language: 'pl' } written { "
                                 "language: 'cy' formats: 'BRAILLE' } }")
                .reason(),
            "");
  EXPECT_THAT(story_.referral().tokens(), ElementsAre("INTERPRETER:pl", "WRITTEN:en:STANDARD"));
}

// The amended answer counts from now on; a newer one of the person's record replaces it again.
TEST_F(AmendTest, TheNewestAnswerCountsSectionBySection) {
  Accepted();
  story_.At("2025-09-02T09:00:00Z");
  ASSERT_EQ(story_.Nat("RO", "record_needs { crn: 'Z000001' source: 'RO' answers { written { "
                             "language: 'cy' formats: 'LARGE_PRINT' } } }")
                .reason(),
            "");
  EXPECT_EQ(Review("NEEDS:WRITTEN").event_names(), "DeliveryRequirementsChanged");
  EXPECT_THAT(story_.referral().tokens(), ElementsAre("WRITTEN:cy:LARGE_PRINT"));
  story_.At("2025-09-03T09:00:00Z");
  ASSERT_EQ(Amend("INTERPRETER", kNeedInterpreter).reason(), "");
  EXPECT_THAT(story_.referral().tokens(), ElementsAre("INTERPRETER:pl", "WRITTEN:cy:LARGE_PRINT"))
      << "the record's written language is newer than the form's";
  story_.At("2025-09-04T09:00:00Z");
  ASSERT_EQ(story_.Nat("RO", "record_needs { crn: 'Z000001' source: 'PERSON' answers { "
                             "interpreter { needed: NO } } }")
                .reason(),
            "");
  ASSERT_EQ(Review("NEEDS:INTERPRETER").reason(), "");
  EXPECT_THAT(story_.referral().tokens(), ElementsAre("WRITTEN:cy:LARGE_PRINT"));
}

TEST_F(AmendTest, RefusalsComeInOrder) {
  Accepted();
  EXPECT_EQ(Amend("INTERPRETER", kNeedInterpreter, "CF").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(Amend("INTERPRETER", kNeedInterpreter, "CW", "CORRECTION", "", "ORG-B").reason(),
            "NOT_FOUND");
  const auto invalid = Amend("WEATHER", "", "RO", "WHIM");
  EXPECT_EQ(invalid.reason(), "VALIDATION_FAILED");
  EXPECT_EQ(invalid.rejected().violations.size(), 2u) << "topic and reason";
  EXPECT_EQ(Amend("NEED_TYPE", "need_type { need: 'DOMESTIC_ABUSE' }", "RO", "OTHER").reason(),
            "TOPIC_CLOSED")
      << "it is accepted; the missing note comes later";
  EXPECT_EQ(Amend("COMPLETION_TARGET", "completion_target: '2027-01-01'", "RO", "OTHER").reason(),
            "NOTE_REQUIRED");
  EXPECT_EQ(Amend("COMPLETION_TARGET", "completion_target: '2027-01-01'").reason(),
            "TARGET_AFTER_SENTENCE_END");
  EXPECT_EQ(Amend("COMPLETION_TARGET", "completion_target: '2026-12-31'").reason(), "");
  EXPECT_EQ(Amend("COMPLETION_TARGET", "completion_target: '2026-12-31'").reason(),
            "NOTHING_TO_CHANGE");
}

// The table of REF-70: who may amend what, and until when.
TEST_F(AmendTest, EachTopicHasItsPeople) {
  Accepted();
  ASSERT_EQ(story_.Area("PV", absl::StrCat("assign_caseworkers { referral_id: '", story_.id,
                                           "' caseworkers { id: 'staff-CW' lead: true } "
                                           "caseworkers { id: 'cw2' } }"), "ORG-A").reason(), "");
  EXPECT_EQ(Amend("CONTACT", "contact { address: '2 New Street' }", "CW", "PROVIDER_REQUEST", "",
                  "ORG-A")
                .reason(),
            "")
      << "the lead caseworker";
  ASSERT_EQ(story_.Area("PV", absl::StrCat("assign_caseworkers { referral_id: '", story_.id,
                                           "' caseworkers { id: 'staff-CW' } caseworkers { id: "
                                           "'cw2' lead: true } }"), "ORG-A").reason(), "");
  EXPECT_EQ(Amend("CONTACT", "contact { address: '3 New Street' }", "CW", "CORRECTION", "",
                  "ORG-A").reason(),
            "NOT_AUTHORISED")
      << "no longer the lead";
  EXPECT_EQ(Amend("RISK", Risk("ogrs3_bp: 6300"), "CW", "CORRECTION", "", "ORG-A").reason(),
            "NOT_AUTHORISED");
  EXPECT_EQ(Amend("LOCATION", "location { kind: 'CUSTODY' establishment: 'HMP' }", "AA").reason(),
            "");
  EXPECT_EQ(Amend("RELEASE_DATE", "location { release_on: '2025-12-01' }").reason(), "");
  EXPECT_EQ(story_.referral().location().establishment(), "HMP");
  EXPECT_EQ(story_.referral().location().release_on(), "2025-12-01");
  EXPECT_EQ(Amend("RESPONSIBLE_OFFICER", "responsible_officer { id: 'ro-2' }", "AA").reason(), "");
  EXPECT_EQ(Amend("TIMES", "availability { has_fixed_times: YES windows { weekday: 1 from_min: "
                           "540 to_min: 600 } }").reason(), "");
  EXPECT_EQ(Amend("TIMES", "availability { has_fixed_times: YES windows { weekday: 1 from_min: "
                           "600 to_min: 540 } }").reason(), "VALIDATION_FAILED");
  EXPECT_EQ(Amend("EMPLOYMENT", "needs { ete { need: 'SOME' } }").reason(), "");
}

// REF-57: before ACCEPTED a changed input decides again; a queued round is used up.
TEST_F(AmendTest, AChangedInputWhileRoutedSendsTheReferralBackToTheDecision) {
  story_.Route();
  const auto amended = Amend("RISK", Risk("ogrs3_bp: 3000"));
  EXPECT_EQ(amended.event_names(), "ReferralAmended, DecisionReopened");
  EXPECT_EQ(amended.events[1].event.decision_reopened().cause(), "AMENDED:RISK");
  EXPECT_EQ(amended.events[1].event.decision_reopened().open_round(), 1);
  EXPECT_EQ(story_.state(), "SUBMITTED");
  ASSERT_EQ(story_.Decide().reason(), "");
  EXPECT_EQ(story_.referral().decision().route(), "SI_COG");
  EXPECT_EQ(story_.Offer(1, "ORG-A").reason(), "ROUND_MISMATCH") << "rounds never restart";
  EXPECT_EQ(story_.Offer(2, "ORG-A").reason(), "");
}

TEST_F(AmendTest, AnOfferIsRescindedBeforeTheInputDecidesAgain) {
  story_.Route();
  ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
  EXPECT_EQ(Amend("LEARNING_DIFFICULTY", "needs { learning_difficulty { screening: 'CONFIRMED' } }")
                .event_names(),
            "ReferralAmended, OfferRescinded, SlaClockMet");
  EXPECT_EQ(story_.state(), "SUBMITTED");
  EXPECT_EQ(story_.referral().rounds(0).result(), v1::Round::RESCINDED);
  ASSERT_EQ(story_.Decide().reason(), "");
  EXPECT_EQ(story_.referral().decision().route(), "SI_COG") << "W-5 c";
}

// REF-57: from ACCEPTED on a task, and only if outcome or route would differ.
TEST_F(AmendTest, OnceAcceptedAPersonLooksAtTheRouteOnlyIfItWouldDiffer) {
  Accepted();
  EXPECT_EQ(Amend("RISK", Risk("ogrs3_bp: 7000")).event_names(), "ReferralAmended")
      << "still TSP";
  EXPECT_EQ(Amend("RISK", Risk("ogrs3_bp: 3000")).event_names(),
            "ReferralAmended, RouteReviewRaised");
  EXPECT_EQ(story_.referral().route_review().route(), "SI_COG");
  EXPECT_EQ(story_.state(), "ACCEPTED");
  EXPECT_EQ(Review("IDENTITY").event_names(), "") << "the same task is not raised twice";
  EXPECT_EQ(Amend("RISK", Risk("ogrs3_bp: 6200")).event_names(),
            "ReferralAmended, RouteReviewCleared");
  EXPECT_FALSE(story_.referral().has_route_review());
}

TEST_F(AmendTest, AFactOfTheRecordCountsLikeAnAmendment) {
  story_.Route();
  EXPECT_EQ(Review("IDENTITY").event_names(), "") << "nothing changed";
  story_.At("2025-09-01T10:00:00Z");
  ASSERT_EQ(story_.Nat("RO", "record_risk { crn: 'Z000001' risk { assessed_on: '2025-08-31' "
                             "ogrs3_bp: 3000 substance_stable: true acute_mh: false items { i2_6: "
                             "1 i7_2: 1 i11_4: 1 i11_6: 1 i11_7: 1 } } }")
                .reason(),
            "");
  EXPECT_EQ(Review("RISK").event_names(), "DecisionReopened");
  EXPECT_EQ(Review("RISK").event_names(), "") << "decided anyway";
}

TEST_F(AmendTest, MissingInformationMayComeAsAnAmendment) {
  story_.Route("sara: LOW");
  ASSERT_EQ(story_.state(), "NEEDS_INFO");
  EXPECT_EQ(Amend("RISK", Risk("ogrs3_bp: 6200")).event_names(),
            "ReferralAmended, DecisionReopened, SlaClockResumed, SlaClockResumed");
  ASSERT_EQ(story_.Decide().reason(), "");
  EXPECT_EQ(story_.state(), "ROUTED");
}

// An amended end counts until the court's own record is newer.
TEST_F(AmendTest, AnAmendedSentenceEndIsAnInputUntilTheCourtSaysAnother) {
  story_.Route();
  // 28 + 7 x 16 + 28 days from 2025-09-01 end on 2026-02-16 (W-5 b).
  EXPECT_EQ(Amend("SENTENCE_END", "sentence_end { end_on: '2026-02-15' }", "AA").event_names(),
            "ReferralAmended, DecisionReopened");
  ASSERT_EQ(story_.Decide().reason(), "");
  EXPECT_EQ(story_.referral().decision().route(), "SI_COG");
  ASSERT_EQ(story_.Nat("CF", "change_sentence_end { crn: 'Z000001' event_no: 1 end_on: "
                             "'2027-06-30' }").reason(), "");
  EXPECT_EQ(Review("SENTENCE:Z000001/1").event_names(), "DecisionReopened");
  ASSERT_EQ(story_.Decide().reason(), "");
  EXPECT_EQ(story_.referral().decision().route(), "TSP");
}

// REF-33: another need is another slot; it is reserved first, the old one released behind it.
TEST_F(AmendTest, AnotherNeedNeedsItsOwnSlot) {
  story_.Route();
  const std::string values = "need_type { need: 'EMOTIONAL_MANAGEMENT' }";
  EXPECT_EQ(Amend("NEED_TYPE", values, "AA").reason(), "NOT_AUTHORISED") << "the officer's alone";
  EXPECT_EQ(Amend("NEED_TYPE", values).reason(), "SLOT_NOT_RESERVED");
  ASSERT_EQ(story_.Nat("SYS", "reserve_slot { crn: 'Z000001' key: "
                              "'EMOTIONAL_MANAGEMENT|Z000001/1' referral_id: 'other' }").reason(),
            "");
  EXPECT_EQ(Amend("NEED_TYPE", values).reason(), "DUPLICATE_OPEN_REFERRAL");
  ASSERT_EQ(story_.Nat("SYS", "release_slot { crn: 'Z000001' key: "
                              "'EMOTIONAL_MANAGEMENT|Z000001/1' referral_id: 'other' }").reason(),
            "");
  ASSERT_EQ(story_.ReserveSlot("EMOTIONAL_MANAGEMENT|Z000001/1").reason(), "");
  const auto amended = Amend("NEED_TYPE", values);
  EXPECT_EQ(amended.event_names(), "ReferralAmended, DecisionReopened");
  EXPECT_EQ(amended.events[0].event.referral_amended().old_slot_key(), "COGNITIVE|Z000001/1");
  EXPECT_EQ(story_.referral().slot_key(), "EMOTIONAL_MANAGEMENT|Z000001/1");
  EXPECT_EQ(story_.referral().need(), "EMOTIONAL_MANAGEMENT");
}

TEST_F(AmendTest, ASentenceLinkMustBeLiveAndOfTheArea) {
  story_.Route();
  EXPECT_EQ(Amend("SENTENCE_LINK", "sentence_link { sentence_key: 'Z000001/9' }").reason(),
            "VALIDATION_FAILED");
  EXPECT_EQ(Amend("SENTENCE_LINK",
                  "sentence_link { sentence_key: 'Z000001/1' requirement_key: 'Z000001/1/9' }")
                .reason(),
            "VALIDATION_FAILED");
  EXPECT_EQ(Amend("SENTENCE_LINK", "sentence_link { sentence_key: 'Z000001/1' }").reason(), "")
      << "without a requirement: source kind RAR";
  EXPECT_EQ(story_.referral().requirement_key(), "");
}

// Every topic is closed where REF-70 closes it.
TEST_F(AmendTest, ClosedTopics) {
  story_.RegisterPersonAndSentence();
  story_.OpenProgramme();
  EXPECT_EQ(Amend("INTERPRETER", kNeedInterpreter).reason(), "TOPIC_CLOSED") << "a draft";
  Story ended;
  std::swap(story_, ended);
  Accepted();
  ASSERT_EQ(story_.Area("RO", absl::StrCat("withdraw_referral { referral_id: '", story_.id,
                                           "' code: 'MOV' }")).reason(), "");
  EXPECT_EQ(Amend("INTERPRETER", kNeedInterpreter).reason(), "TOPIC_CLOSED") << "ended";
}

// REF-47: once, in ROUTED or REVIEW, after a default estimate failed.
TEST_F(AmendTest, ALiveEstimateIsWorthASecondDecisionOnce) {
  story_.At("2026-07-20T09:00:00Z");
  story_.Route("ogrs3_bp: 6200");
  // Neither TSP (28 + 7 x 16 + 28 days) nor anything longer ends before 2026-12-31.
  ASSERT_EQ(story_.referral().decision().route(), "SI_COG");
  ASSERT_THAT(story_.referral().decision().reasons(), ElementsAre("TSP/1:NOT_FEASIBLE_IN_TIME"));
  EXPECT_EQ(story_.Fire("kind: ESTIMATE_RETRY").event_names(), "EstimateRetryDue");
  v1::Command command;
  v1::ReviewRoute* review = command.mutable_review_route();
  review->set_referral_id(story_.id);
  review->set_cause("ESTIMATE");
  *review->mutable_facts() = story_.Facts();
  *review->mutable_catalogue() = ShippedCatalogue();
  v1::Estimate* estimate = review->add_estimates();
  estimate->set_version_ref("TSP/1");
  estimate->set_date("2026-12-10");
  EXPECT_EQ(story_.Area("SYS", command).event_names(), "") << "28 days before the end or nothing";
  estimate->set_date("2026-12-03");
  EXPECT_EQ(story_.Area("SYS", command).event_names(), "DecisionReopened");
  ASSERT_EQ(story_.Decide().reason(), "");
  EXPECT_EQ(story_.Fire("kind: ESTIMATE_RETRY").reason(), "TIMER_NOT_DUE") << "once";
}

TEST(FieldChangesTest, ListsAreComparedByPlace) {
  v1::Section::AvailabilitySection before, after;
  before.add_windows()->set_weekday(1);
  before.mutable_windows(0)->set_from_min(540);
  *after.add_windows() = before.windows(0);
  after.add_windows()->set_weekday(3);
  const auto changes = FieldChanges(before, after);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].field(), "windows[1].weekday");
  EXPECT_EQ(changes[0].new_value().number(), 3);
  EXPECT_THAT(FieldChanges(after, after), IsEmpty());
  EXPECT_EQ(FieldChanges(after, before)[0].old_value().number(), 3);
}

TEST(FieldChangesTest, MapsByKeyInstantsAsOneTextAndNothingThatIsTheSame) {
  v1::Referral before;
  before.set_id("r1");
  before.set_state(v1::DRAFT);
  before.add_tokens("STEP_FREE");
  (*before.mutable_sections())["CONTACT"].mutable_contact()->set_address("1 High Street");
  (*before.mutable_sections())["CONTACT"].mutable_saved_at()->set_seconds(7);
  v1::Referral after = before;
  after.set_state(v1::SUBMITTED);
  (*after.mutable_sections())["CONTACT"].mutable_contact()->set_address("2 Mill Lane");
  (*after.mutable_sections())["RISK"].mutable_risk()->set_ovp_bp(2500);
  after.mutable_submitted_at()->set_seconds(1'756'717'200);
  after.set_person_version(7);
  after.set_open_ended(true);
  after.mutable_ended();  // There, with nothing in it.
  const auto text = [](const v1::FieldValue& value) {
    switch (value.value_case()) {
      case v1::FieldValue::kText: return value.text();
      case v1::FieldValue::kNumber: return absl::StrCat(value.number());
      case v1::FieldValue::kFlag: return std::string(value.flag() ? "yes" : "no");
      case v1::FieldValue::kCode: return value.code();
      case v1::FieldValue::VALUE_NOT_SET: break;
    }
    return std::string("none");
  };
  std::vector<std::string> told;
  for (const v1::AmendedField& change : FieldChanges(before, after)) {
    told.push_back(absl::StrCat(change.field(), ": ", text(change.old_value()), " -> ",
                                text(change.new_value())));
  }
  EXPECT_THAT(told, ElementsAre("state: DRAFT -> SUBMITTED",
                                "sections[CONTACT].contact.address: 1 High Street -> 2 Mill Lane",
                                "sections[RISK].risk.ovp_bp: none -> 2500",
                                "submitted_at: none -> 2025-09-01T09:00:00Z",
                                "person_version: none -> 7", "open_ended: none -> yes"));
}

}  // namespace
}  // namespace pdp::referral
