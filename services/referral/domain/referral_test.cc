#include "absl/strings/str_join.h"
#include "libs/base/timestamp.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/story.h"

// The life of a referral, told by commands; worked examples W-4, W-7 and W-8.
namespace pdp::referral {
namespace {

std::string Instant(const google::protobuf::Timestamp& stamp) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", FromTimestamp(stamp), absl::UTCTimeZone());
}

TEST(ReferralTest, AFormReferralGoesFromDraftToConcluded) {
  Story story;
  story.RegisterPersonAndSentence();
  EXPECT_EQ(story.OpenProgramme().event_names(), "ReferenceTaken, ReferralOpened");
  EXPECT_EQ(story.referral().reference().size(), 8u);
  story.SaveProgrammeForm();
  EXPECT_EQ(story.Submit().reason(), "SLOT_NOT_RESERVED");
  EXPECT_EQ(story.ReserveSlot("COGNITIVE|Z000001/1").event_names(), "SlotReserved");
  EXPECT_EQ(story.Submit().event_names(), "ReferralSubmitted, SlaClockStarted, SlaClockStarted");
  EXPECT_EQ(story.clock("DECISION").due_on(), "2025-09-03");
  EXPECT_EQ(story.Decide().event_names(),
            "EligibilityDecided, DifficultyAssessed, ReferralRouted, SlaClockMet, SlaClockStarted");
  EXPECT_EQ(story.referral().decision().route(), "TSP");
  EXPECT_EQ(story.Offer(1, "ORG-A").reason(), "");
  EXPECT_EQ(story.Accept(1, "ORG-B").reason(), "NOT_FOUND");
  EXPECT_EQ(story.Accept(1, "ORG-A").reason(), "");
  EXPECT_EQ(story.Area("PV", absl::StrCat("assign_caseworkers { referral_id: '", story.id,
                                          "' caseworkers { id: 'cw1' lead: true } "
                                          "caseworkers { id: 'cw2' } }"), "ORG-A").event_names(),
            "CaseworkerAssigned, SlaClockMet, CaseworkerPosted, CaseworkerAssigned, "
            "CaseworkerPosted");
  EXPECT_EQ(story.state(), "ASSIGNED");
  EXPECT_EQ(story.Fact("STARTED", "2025-09-01", "ORG-A", "e1").event_names(),
            "AppointmentHeld, SlaClockMet, DeliveryStarted");
  EXPECT_EQ(story.Fact("STARTED", "2025-09-01", "ORG-A", "e1").event_names(), "");
  EXPECT_EQ(story.state(), "IN_DELIVERY");
  EXPECT_EQ(story.Fact("COMPLETED", "2025-09-01", "ORG-A", "e2").event_names(),
            "DeliveryEnded, SlaClockStarted");
  EXPECT_EQ(story.Fact("REPORTED", "2025-09-01", "ORG-A", "e3").event_names(),
            "DeliveryReported, SlaClockMet, ReferralConcluded");
  EXPECT_EQ(story.state(), "CONCLUDED");
  EXPECT_EQ(story.referral().ended().delivery_class(), "COMPLETED");
}

class CaseworkersTest : public ::testing::Test {
 protected:
  // A case of ORG-A with cw1 and cw2, and one of ORG-B with nobody yet.
  CaseworkersTest() {
    story_.Route();
    Hold("ORG-A");
    first_ = story_.id;
    EXPECT_EQ(Assign(first_, "ORG-A", "caseworkers { id: 'cw1' lead: true } "
                                      "caseworkers { id: 'cw2' }").reason(), "");
    EXPECT_EQ(story_.Open("open_referral { crn: 'Z000001' line: 'PROGRAMME' need: "
                          "'EMOTIONAL_MANAGEMENT' sentence_key: 'Z000001/1' requirement_key: "
                          "'Z000001/1/1' }").reason(), "");
    story_.SaveProgrammeForm();
    EXPECT_EQ(story_.Save("need_type { need: 'EMOTIONAL_MANAGEMENT' }").reason(), "");
    EXPECT_EQ(story_.ReserveSlot("EMOTIONAL_MANAGEMENT|Z000001/1").reason(), "");
    EXPECT_EQ(story_.Submit().reason(), "");
    EXPECT_EQ(story_.Decide().reason(), "");
    Hold("ORG-B");
  }
  void Hold(const std::string& org) {
    EXPECT_EQ(story_.Offer(1, org).reason(), "");
    EXPECT_EQ(story_.Accept(1, org).reason(), "");
  }
  Story::World::Result Assign(const std::string& id, const std::string& org,
                              const std::string& caseworkers) {
    return story_.Area("PV", absl::StrCat("assign_caseworkers { referral_id: '", id, "' ",
                                          caseworkers, " }"), org);
  }
  Story story_;
  std::string first_;
};

// REF-66.
TEST_F(CaseworkersTest, OneToFiveWithOneLead) {
  EXPECT_EQ(Assign(story_.id, "ORG-B", "").reason(), "CASEWORKER_COUNT");
  EXPECT_EQ(Assign(story_.id, "ORG-B", "caseworkers { id: 'a' lead: true } caseworkers { id: 'b' } "
                                       "caseworkers { id: 'c' } caseworkers { id: 'd' } "
                                       "caseworkers { id: 'e' } caseworkers { id: 'f' }")
                .reason(), "CASEWORKER_COUNT");
  EXPECT_EQ(Assign(story_.id, "ORG-B", "caseworkers { id: 'a' }").reason(), "LEAD_COUNT");
  EXPECT_EQ(Assign(story_.id, "ORG-B", "caseworkers { id: 'a' lead: true } caseworkers { id: 'b' "
                                       "lead: true }").reason(), "LEAD_COUNT");
  EXPECT_EQ(Assign(story_.id, "ORG-B", "caseworkers { id: 'a' lead: true }").reason(), "");
  EXPECT_EQ(Assign(story_.id, "ORG-B", "caseworkers { id: 'a' lead: true }").reason(),
            "NOTHING_TO_CHANGE");
}

// REF-66: all of the organisation that holds the case.
TEST_F(CaseworkersTest, NobodyWhoWorksACaseOfAnotherOrganisation) {
  const auto refused = Assign(story_.id, "ORG-B", "caseworkers { id: 'cw3' lead: true } "
                                                  "caseworkers { id: 'cw1' } "
                                                  "caseworkers { id: 'cw2' }");
  EXPECT_EQ(refused.reason(), "ASSIGNEE_NOT_IN_ORGANISATION");
  ASSERT_EQ(refused.rejected().violations.size(), 2u);
  EXPECT_EQ(refused.rejected().violations[0].subject, "cw1");
  EXPECT_EQ(refused.rejected().violations[1].subject, "cw2");
  // In the order of the table.
  EXPECT_EQ(Assign(story_.id, "ORG-B", "caseworkers { id: 'cw1' }").reason(), "LEAD_COUNT");
  // A refusal makes nobody anybody's.
  EXPECT_EQ(Assign(first_, "ORG-A", "caseworkers { id: 'cw1' lead: true } "
                                    "caseworkers { id: 'cw3' }").reason(), "");
  // Taken off the one case, cw2 is free; cw3 no more.
  EXPECT_EQ(Assign(story_.id, "ORG-B", "caseworkers { id: 'cw2' lead: true }").reason(), "");
  EXPECT_EQ(Assign(story_.id, "ORG-B", "caseworkers { id: 'cw2' lead: true } "
                                       "caseworkers { id: 'cw3' }").reason(),
            "ASSIGNEE_NOT_IN_ORGANISATION");
  // And now ORG-B's.
  EXPECT_EQ(Assign(first_, "ORG-A", "caseworkers { id: 'cw1' lead: true } "
                                    "caseworkers { id: 'cw2' }").reason(),
            "ASSIGNEE_NOT_IN_ORGANISATION");
}

// REF-66: who changed employer is free when the last case is over, or returned.
TEST_F(CaseworkersTest, ACaseThatIsOverBindsNobody) {
  const std::string cw1 = "caseworkers { id: 'cw1' lead: true }";
  ASSERT_EQ(Assign(story_.id, "ORG-B", cw1).reason(), "ASSIGNEE_NOT_IN_ORGANISATION");
  ASSERT_EQ(story_.Area("RO", absl::StrCat("withdraw_referral { referral_id: '", first_,
                                           "' code: 'MOV' }")).reason(), "");
  EXPECT_EQ(Assign(story_.id, "ORG-B", cw1).reason(), "");
  ASSERT_EQ(story_.Area("PV", absl::StrCat("return_referral { referral_id: '", story_.id,
                                           "' code: 'STAFF_LOSS' }"), "ORG-B").reason(), "");
  EXPECT_EQ(story_.state(), "ROUTED");
  ASSERT_EQ(story_.Offer(2, "ORG-C").reason(), "");
  ASSERT_EQ(story_.Accept(2, "ORG-C").reason(), "");
  EXPECT_EQ(Assign(story_.id, "ORG-C", cw1).reason(), "");
}

// REF-66, REF-90: of another organisation comes before not cleared.
TEST_F(CaseworkersTest, NobodyWhomAnAccessListNamesAsAnothersUser) {
  ASSERT_EQ(story_.Area("SYS", "copy_access { crn: 'Z000001' nat_order: 1 lists { excluded { "
                               "user_id: 'ro-9' } cleared { user_id: 'cw8' org: 'ORG-A' } cleared "
                               "{ user_id: 'staff-PV' org: 'ORG-B' } cleared { user_id: 'cw9' "
                               "org: 'ORG-A' } cleared { user_id: 'cw9' org: 'ORG-B' } } }")
                .reason(), "");
  EXPECT_EQ(Assign(story_.id, "ORG-B", "caseworkers { id: 'cw8' lead: true }").reason(),
            "ASSIGNEE_NOT_IN_ORGANISATION");
  EXPECT_EQ(Assign(story_.id, "ORG-B", "caseworkers { id: 'cw7' lead: true }").reason(),
            "ASSIGNEE_NOT_CLEARED");
  EXPECT_EQ(Assign(story_.id, "ORG-B", "caseworkers { id: 'cw9' lead: true }").reason(), "");
}

// REF-4, REF-5, REF-31.
TEST(ReferralTest, SubmitNamesEveryMissingSectionAndFieldAtOnce) {
  Story story;
  story.RegisterPersonAndSentence();
  story.OpenProgramme();
  ASSERT_EQ(
      story.Save("needs { written { language: 'en' } interpreter { needed: YES language: 'pl' } }")
          .reason(),
      "");
  const auto result = story.Submit();
  EXPECT_EQ(result.reason(), "DRAFT_INCOMPLETE");
  std::vector<std::string> fields;
  for (const Violation& violation : result.rejected().violations) fields.push_back(violation.field);
  EXPECT_EQ(absl::StrJoin(fields, " "),
            "PERSON CONTACT NEEDS.written.formats NEEDS.learning_difficulty.screening NEEDS.access "
            "NEEDS.reading.reads_simple_sentences SENTENCE NEED_TYPE RISK AVAILABILITY");
}

// REF-33, REF-34.
TEST(ReferralTest, ASlotHeldByAnotherIsADuplicateUnlessOverridden) {
  Story story;
  story.RegisterPersonAndSentence();
  story.OpenProgramme();
  story.SaveProgrammeForm();
  ASSERT_EQ(story.Nat("SYS", "reserve_slot { crn: 'Z000001' key: 'COGNITIVE|Z000001/1' "
                             "referral_id: 'other' }").reason(), "");
  EXPECT_EQ(story.ReserveSlot("COGNITIVE|Z000001/1").reason(), "SLOT_HELD");
  const auto refused = story.Submit();
  EXPECT_EQ(refused.reason(), "DUPLICATE_OPEN_REFERRAL");
  EXPECT_EQ(refused.rejected().metadata.at("ids"), "other");
  ASSERT_EQ(story
                .Nat("SYS", absl::StrCat("reserve_slot { crn: 'Z000001' key: 'COGNITIVE|Z000001/1' "
                                         "override_code: 'NEW_EPISODE' referral_id: '",
                                         story.id, "' }"))
                .reason(),
            "");
  v1::Command command;
  auto* submit = command.mutable_submit_referral();
  submit->set_referral_id(story.id);
  *submit->mutable_facts() = story.Facts();
  submit->mutable_slot_override()->set_code("NEW_EPISODE");
  submit->mutable_slot_override()->set_note("too short");
  EXPECT_EQ(story.Area("RO", command).reason(), "NOTE_REQUIRED");
  submit->mutable_slot_override()->set_note("a new episode");
  EXPECT_EQ(story.Area("RO", command).event_names(),
            "DuplicateOverridden, ReferralSubmitted, SlaClockStarted, SlaClockStarted");
}

// REF-32, REF-62.
TEST(ReferralTest, W4OffersAndDraftsExpireAtLocalMidnight) {
  Story spring("2026-03-26T10:00:00Z");
  spring.Route("ogrs3_bp: 6200");
  ASSERT_EQ(spring.Offer(1, "ORG-A").reason(), "");
  EXPECT_EQ(spring.referral().rounds(0).respond_on(), "2026-03-30");
  EXPECT_EQ(Instant(spring.referral().rounds(0).expires_at()), "2026-03-30T23:00:00Z");
  Story autumn("2025-10-23T10:00:00Z");
  autumn.Route("ogrs3_bp: 6200");
  ASSERT_EQ(autumn.Offer(1, "ORG-A").reason(), "");
  EXPECT_EQ(autumn.referral().rounds(0).respond_on(), "2025-10-27");
  EXPECT_EQ(Instant(autumn.referral().rounds(0).expires_at()), "2025-10-28T00:00:00Z");

  Story draft("2025-09-01T09:00:00Z");
  draft.RegisterPersonAndSentence();
  draft.At("2025-03-10T12:00:00Z");
  // The order is of July; the draft alone is what W-4 is about.
  ASSERT_EQ(draft.OpenProgramme().reason(), "");
  draft.At("2025-04-09T22:59:59Z");
  EXPECT_EQ(draft.Fire("kind: DRAFT_EXPIRY").reason(), "TIMER_NOT_DUE");
  draft.At("2025-04-09T23:00:00Z");
  EXPECT_EQ(draft.Save("contact { address: 'x' }").reason(), "DRAFT_EXPIRED");
  EXPECT_EQ(draft.Fire("kind: DRAFT_EXPIRY").event_names(), "DraftExpired");
  EXPECT_EQ(draft.state(), "EXPIRED");
  EXPECT_TRUE(draft.referral().sections().empty());
}

// REF-60, REF-62, REF-63, REF-64.
TEST(ReferralTest, W7RoundsNeverRestartAndTheLastResortIsBinding) {
  Story story;
  story.Route();
  ASSERT_EQ(story.Offer(1, "ORG-A").reason(), "");
  EXPECT_EQ(story.Area("PV", absl::StrCat("decline_offer { referral_id: '", story.id,
                                          "' round: 1 code: 'TOO_COMPLEX' }"), "ORG-A").reason(),
            "NOTE_REQUIRED");
  EXPECT_EQ(story
                .Area("PV",
                      absl::StrCat("decline_offer { referral_id: '", story.id,
                                   "' round: 1 code: 'TOO_COMPLEX' note: 'needs two staff' }"),
                      "ORG-A")
                .event_names(),
            "OfferDeclined, SlaClockMet");
  EXPECT_EQ(story.Offer(1, "ORG-B").reason(), "ROUND_MISMATCH");
  EXPECT_EQ(story.Offer(2, "ORG-A").reason(), "ORGANISATION_EXCLUDED");
  ASSERT_EQ(story.Offer(2, "ORG-B").reason(), "");
  EXPECT_EQ(story.Fire("kind: OFFER_LAPSE round: 2").reason(), "TIMER_NOT_DUE");
  story.At("2025-09-03T23:00:00Z");
  EXPECT_EQ(story.Accept(2, "ORG-B").reason(), "OFFER_EXPIRED");
  EXPECT_EQ(story.Fire("kind: OFFER_LAPSE round: 2").event_names(),
            "OfferLapsed, SlaClockBreached");
  EXPECT_EQ(story.Accept(2, "ORG-B").reason(), "OFFER_EXPIRED");
  ASSERT_EQ(story.Offer(3, "PRIME", true).reason(), "");
  EXPECT_EQ(story.Area("PV", absl::StrCat("decline_offer { referral_id: '", story.id,
                                          "' round: 3 code: 'UNSAFE' }"), "PRIME").reason(),
            "BINDING_OFFER");
  story.At("2025-09-08T23:00:00Z");
  const auto accepted = story.Fire("kind: OFFER_LAPSE round: 3");
  EXPECT_EQ(accepted.reason(), "");
  EXPECT_EQ(story.referral().holder_org(), "PRIME");
  EXPECT_EQ(story.state(), "ACCEPTED");
}

// REF-24.
TEST(ReferralTest, W8TheIdOfACourtRequirementsReferral) {
  EXPECT_EQ(RequirementReferralId("Z000001/1/2", "UPW"), "56c49957-80f5-5aed-9f45-d4e25e6034fb");
  Story story;
  story.RegisterPersonAndSentence();
  v1::Command command = Story::Parse(R"pb(open_referral {
    crn: "Z000001" line: "UPW" origin: "REQUIREMENT" sentence_key: "Z000001/1"
    requirement_key: "Z000001/1/2" })pb");
  *command.mutable_open_referral()->mutable_facts() = story.Facts();
  const auto opened = story.Area("SYS", command);
  EXPECT_EQ(opened.event_names(),
            "ReferenceTaken, ReferralOpened, SlaClockStarted, DraftSectionSaved, "
            "DraftSectionSaved");
  // What is known of the story's person.
  EXPECT_EQ(opened.events[3].event.draft_section_saved().section(), "CONTACT");
  EXPECT_EQ(opened.events[4].event.draft_section_saved().section(), "PERSON");
  story.id = opened.reply().open_referral().referral_id();
  EXPECT_EQ(story.id, "56c49957-80f5-5aed-9f45-d4e25e6034fb");
  EXPECT_EQ(story.referral().slot_key(), "UPW|Z000001/1/2");
  EXPECT_EQ(story.clock("REQUIREMENT_DRAFT").due_on(), "2025-09-08");
  const auto again = story.Area("SYS", command);
  EXPECT_EQ(again.event_names(), "");
  EXPECT_TRUE(again.reply().open_referral().existing());
}

// REF-96, REF-97.
TEST(ReferralTest, W8WithdrawnBeforeStartIsConcludedInOneCommit) {
  Story story;
  story.Route();
  story.Offer(1, "ORG-A");
  story.Accept(1, "ORG-A");
  story.Area("PV", absl::StrCat("assign_caseworkers { referral_id: '", story.id,
                                "' caseworkers { id: 'cw1' lead: true } }"), "ORG-A");
  const auto result = story.Area("RO", absl::StrCat("withdraw_referral { referral_id: '", story.id,
                                                    "' code: 'MOV' }"));
  EXPECT_EQ(result.event_names(),
            "ReferralWithdrawn, DeliveryEnded, SlaClockCancelled, ReferralConcluded");
  EXPECT_EQ(result.events[0].event.referral_withdrawn().phase(), "PRE_START");
  EXPECT_EQ(result.events[0].event.referral_withdrawn().open_round(), 1);
  const v1::DeliveryEnded& ended = result.events[1].event.delivery_ended();
  EXPECT_EQ(ended.delivery_class(), "CANCELLED");
  EXPECT_FALSE(ended.report_due());
  EXPECT_EQ(ended.slot_key(), "COGNITIVE|Z000001/1");  // Released by the process in NAT.
  EXPECT_EQ(story.Area("RO", absl::StrCat("withdraw_referral { referral_id: '", story.id,
                                          "' code: 'MOV' }")).reason(), "ALREADY_ENDED");
}

// REF-96, REF-97.
TEST(ReferralTest, W8AStartedInterventionOwesAReport) {
  Story story;
  story.Route("ogrs3_bp: 3000");
  ASSERT_EQ(story.referral().decision().route(), "SI_COG");
  story.Offer(1, "ORG-A");
  story.Accept(1, "ORG-A");
  ASSERT_EQ(story.Fact("STARTED", "2025-09-01", "ORG-A", "e1").reason(), "");
  EXPECT_EQ(story.Area("RO", absl::StrCat("withdraw_referral { referral_id: '", story.id,
                                          "' code: 'INE' }")).reason(), "CODE_NOT_ALLOWED");
  ASSERT_EQ(story.Area("RO", absl::StrCat("withdraw_referral { referral_id: '", story.id,
                                          "' code: 'MOV' }")).reason(), "");
  EXPECT_EQ(story.state(), "ENDED");
  EXPECT_EQ(story.referral().ended().delivery_class(), "ENDED_EARLY");
  EXPECT_TRUE(story.referral().ended().report_due());
  ASSERT_EQ(story.Fact("REPORTED", "2025-09-01", "ORG-A", "e2").reason(), "");
  EXPECT_EQ(story.state(), "CONCLUDED");
}

// REF-85.
TEST(ReferralTest, MissingFactsPauseTheDecisionClockAndAnAnswerResumesIt) {
  Story story;
  story.Route("sara: LOW");
  EXPECT_EQ(story.state(), "NEEDS_INFO");
  EXPECT_EQ(story.clock("DECISION").status(), v1::SlaClock::PAUSED);
  EXPECT_EQ(story.clock("DECISION").due_on(), "");
  EXPECT_EQ(story.clock("DECISION").remaining_days(), 2);
  story.At("2025-09-08T09:00:00Z");
  const std::string provide = absl::StrCat(
      "provide_information { referral_id: '", story.id,
      "' sections { risk { assessed_on: '2025-08-01' ogrs3_bp: 6200 substance_stable: true "
      "items { i2_6: 1 i7_2: 1 i11_4: 1 i11_6: 1 i11_7: 1 } } } }");
  EXPECT_EQ(story.Area("RO", provide).event_names(),
            "InformationProvided, SlaClockResumed, SlaClockResumed");
  EXPECT_EQ(story.clock("DECISION").due_on(), "2025-09-09");
  EXPECT_EQ(story.Decide().reason(), "");
  EXPECT_EQ(story.referral().decision().route(), "TSP");
}

// REF-53.
TEST(ReferralTest, AnAdverseDecisionIsConfirmedBySomebodyElse) {
  Story story;
  story.Route("ogrs3_bp: 100");
  EXPECT_EQ(story.state(), "REVIEW");
  const std::string confirm =
      absl::StrCat("confirm_decision { referral_id: '", story.id, "' note: 'agreed' }");
  EXPECT_EQ(story.Area("RO", confirm).reason(), "SUBMITTER_CANNOT_CONFIRM");
  EXPECT_EQ(story.Area("AM", confirm).event_names(),
            "DecisionConfirmed, ReferralClosed, SlaClockMet, SlaClockCancelled");
}

// REF-59.
TEST(ReferralTest, DifficultyIsFrozenAtTheFirstRouting) {
  Story story;
  story.Route();
  const std::string before = story.referral().difficulty().SerializeAsString();
  story.Offer(1, "ORG-A");
  story.Accept(1, "ORG-A");
  ASSERT_EQ(story
                .Area("SYS", absl::StrCat("return_referral { referral_id: '", story.id,
                                          "' code: 'WRONG_ROUTE' version_ref: 'TSP/1' }"))
                .reason(),
            "");
  EXPECT_EQ(story.state(), "SUBMITTED");
  story.Nat("RO", "record_risk { crn: 'Z000001' risk { assessed_on: '2025-08-31' ogrs3_bp: 9000 "
                  "rosh: VERY_HIGH substance_stable: true acute_mh: false "
                  "items { i2_6: 2 i7_2: 2 i11_4: 2 } } }");
  ASSERT_EQ(story.Decide().reason(), "");
  EXPECT_EQ(story.referral().decision().route(), "SI_COG");  // The gate sees NOT_SUITABLE (REF-57).
  EXPECT_EQ(story.referral().difficulty().SerializeAsString(), before);
  EXPECT_EQ(story.Offer(2, "ORG-A").reason(), "ORGANISATION_EXCLUDED");
}

// REF-99.
TEST(ReferralTest, FactsComeFromWhoHeldTheCaseOnThatDate) {
  Story story;
  story.Route();
  story.Offer(1, "ORG-A");
  story.Accept(1, "ORG-A");
  EXPECT_EQ(story.Fact("STARTED", "2025-09-01", "ORG-B", "e1").reason(), "FACT_NOT_FROM_HOLDER");
  EXPECT_EQ(story.Fact("STARTED", "2025-08-31", "ORG-A", "e1").reason(), "FACT_NOT_FROM_HOLDER");
  EXPECT_EQ(story.Fact("REPORTED", "2025-09-01", "ORG-A", "e1").reason(), "FACT_OUT_OF_ORDER");
  EXPECT_EQ(story.Fact("REOPENED", "2025-09-01", "ORG-A", "e1").reason(), "FACT_OUT_OF_ORDER");
}

TEST(ReferralTest, TimersFollowFromEvents) {
  Story story;
  story.Route();
  const auto offered = story.Offer(1, "ORG-A");
  const decider::EventFacts facts{*Area::FromCode("N56"), Version(1), story.area.now(),
                                  story.area.now()};
  const v1::State* state = story.area.Find(ReferralId(story.id));
  const auto timers =
      ReferralDomain::Timers(ReferralId(story.id), *state, offered.events[0].event, facts);
  ASSERT_EQ(timers.size(), 1u);
  EXPECT_EQ(timers[0].timer_id, "offer/" + story.id);
  EXPECT_EQ(absl::FormatTime(*timers[0].due_at, absl::UTCTimeZone()).substr(0, 16),
            "2025-09-03T23:00");
}

}  // namespace
}  // namespace pdp::referral
