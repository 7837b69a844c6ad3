// What is known of the person: UPW-22 to 24, 30 to 37, 47; worked example W7.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/story.h"

namespace pdp::unpaid_work {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class PersonTest : public ::testing::Test {
 protected:
  std::string Needs(const std::string& rest) {
    return story.Reason("RO", absl::StrCat("record_communication_needs { crn: 'T000001' ", rest,
                                           " }"));
  }
  Story::Result Answer(const std::string& section, const std::string& key,
                       const std::string& value) {
    return story.Do("RO", absl::StrCat("answer_section { crn: 'T000001' section: '", section,
                                       "' answers { key: '", key, "' values: '", value, "' } }"));
  }
  std::string Allot(int64_t minutes, const std::string& group = "R1") {
    return story.Reason("CO", absl::StrCat("set_ete_allotment { crn: 'T000001' group: '", group,
                                           "' minutes: ", minutes, " }"));
  }
  std::vector<std::string> Support() {
    return {story.Case().support_needs().begin(), story.Case().support_needs().end()};
  }
  Story story;
};

TEST_F(PersonTest, UPW30_ALanguageAndAWrittenFormatAreNeeded) {
  story.Register("R1", 40, "2024-01-08");
  EXPECT_EQ(Needs("formats: 'STANDARD'"), "VALIDATION_FAILED");
  EXPECT_EQ(Needs("languages: 'EN' formats: 'STANDARD'"), "VALIDATION_FAILED");
  EXPECT_EQ(Needs("languages: 'en' formats: 'SMOKE'"), "UNKNOWN_CODE");
  EXPECT_EQ(Needs("languages: 'en' formats: 'AUDIO'"), "WRITTEN_FORMAT_MISSING");
  ASSERT_TRUE(Answer("LEARNING", "LEVEL", "MODERATE").accepted());
  EXPECT_EQ(Needs("languages: 'en' formats: 'AUDIO'"), "WRITTEN_FORMAT_MISSING");
  EXPECT_EQ(Needs("languages: 'en' formats: 'STANDARD'"), "FORMAT_NEED_MISSING");
  EXPECT_EQ(Needs("languages: 'en' languages: 'cym' formats: 'EASY_READ' formats: 'AUDIO'"), "");
}

TEST_F(PersonTest, UPW33_AnswersDeriveSupportNeedsAndConstraints) {
  story.Register("R1", 40, "2024-01-08");
  EXPECT_THAT(Answer("MATURITY", "LEVEL", "LOW").event_names(),
              HasSubstr("SupportNeedsDerived"));
  EXPECT_THAT(Support(), ElementsAre("MENTORING"));
  ASSERT_TRUE(Answer("LEARNING", "LEVEL", "SEVERE").accepted());
  EXPECT_THAT(Support(), ElementsAre("LD_AWARE", "LOW_RATIO", "MENTORING"));
  // A new answer replaces what the old one made.
  ASSERT_TRUE(Answer("LEARNING", "LEVEL", "MODERATE").accepted());
  ASSERT_TRUE(Answer("MATURITY", "LEVEL", "HIGH").accepted());
  EXPECT_THAT(Support(), ElementsAre("LD_AWARE"));
  EXPECT_EQ(Answer("LEARNING", "LEVEL", "SOMEWHAT").reason(), "UNKNOWN_CODE");
  EXPECT_EQ(Answer("STARS", "SIGN", "LEO").reason(), "UNKNOWN_CODE");

  EXPECT_THAT(Answer("RISK", "EXCLUSION_ZONE", "600000,200000,1000").event_names(),
              HasSubstr("ConstraintDerived"));
  EXPECT_EQ(Answer("RISK", "EXCLUSION_ZONE", "here").reason(), "VALIDATION_FAILED");
  ASSERT_EQ(story.Case().constraints_size(), 1);
  EXPECT_EQ(story.Case().constraints(0).code(), "EXCLUSION_ZONE");
  EXPECT_THAT(Answer("RISK", "ACCESS_BAR", "CHILDREN").event_names(),
              HasSubstr("ConstraintWithdrawn, ConstraintDerived"));
  ASSERT_EQ(story.Case().constraints_size(), 1);
  EXPECT_EQ(story.Case().constraints(0).param(), "CHILDREN");
  // The same answer again derives nothing anew.
  EXPECT_EQ(Answer("RISK", "ACCESS_BAR", "CHILDREN").event_names(), "SectionAnswered");
}

TEST_F(PersonTest, TokensOfTheReferralAreTakenOverOnceAndTheNewestStands) {
  story.Register("R1", 40, "2024-01-08");
  const auto take = [&](int version, const std::string& tokens) {
    return story.Do("SYS", absl::StrCat("take_over_person_facts { crn: 'T000001' person { "
                                        "person_version: ", version, " ", tokens,
                                        " } composition_class: CLASS_F }"));
  };
  ASSERT_TRUE(take(3, "tokens: 'STEP_FREE' tokens: 'WOMEN_ONLY_WORK' tokens: 'INTERPRETER:pl'")
                  .accepted());
  EXPECT_EQ(story.Case().composition().women_option(), v1::WOMEN_ONLY);
  EXPECT_THAT(Support(), ElementsAre("INTERPRETER:pl"));
  EXPECT_EQ(story.Case().constraints(0).code(), "FACILITY_NEED");
  EXPECT_EQ(take(3, "").event_names(), "");
  EXPECT_EQ(take(2, "").event_names(), "");
  // Her own answer stands against a later prefill (interfaces C13).
  story.Must("SP", "record_composition_choice { crn: 'T000001' composition_class: CLASS_N }");
  ASSERT_TRUE(take(4, "").accepted());
  EXPECT_EQ(story.Case().composition().composition_class(), v1::CLASS_N);
  EXPECT_EQ(story.Case().constraints_size(), 0);
}

TEST_F(PersonTest, UPW22_EteNeedsAreAResponsibleOfficersJudgement) {
  story.Register("R1", 40, "2024-01-08");
  const std::string needs = "record_ete_needs { crn: 'T000001' level: ETE_SOME skills: 'LITERACY'";
  EXPECT_EQ(story.Reason("CO", needs + " }"), "NOT_RESPONSIBLE_OFFICER");
  EXPECT_EQ(story.Reason("SYS", needs + " }"), "NOT_RESPONSIBLE_OFFICER");
  EXPECT_EQ(story.Reason("RO", "record_ete_needs { crn: 'T000001' level: ETE_SOME "
                               "skills: 'LUCK' }"),
            "UNKNOWN_CODE");
  EXPECT_EQ(story.Reason("SYS", needs + " officer: 'ro-9' }"), "");
  EXPECT_EQ(story.Reason("RO", needs + " }"), "");
}

TEST_F(PersonTest, W7_TheEtePercentFollowsTheOrderDate) {
  story.Register("R1", 150, "2024-03-31");
  story.Register("R2", 150, "2024-04-01");
  EXPECT_EQ(story.Case().groups(0).ete_cap(), 1800);
  EXPECT_EQ(story.Case().groups(1).ete_cap(), 2700);
  EXPECT_EQ(Allot(1), "ETE_NEEDS_NOT_ASSESSED");
  story.Must("RO", "record_ete_needs { crn: 'T000001' level: ETE_NONE }");
  EXPECT_EQ(Allot(1), "ETE_NO_NEED");
  EXPECT_EQ(Allot(0), "");
  story.Must("RO", "record_ete_needs { crn: 'T000001' level: ETE_HIGH }");
  EXPECT_EQ(Allot(1801), "ETE_CAP_EXCEEDED");
  EXPECT_EQ(Allot(1800), "");
  story.Credit("a", v1::ETE_USED, 600, "2024-04-02");
  EXPECT_EQ(Allot(599), "ETE_ALLOTMENT_BELOW_USED");
  EXPECT_EQ(Allot(600), "");
}

TEST_F(PersonTest, UPW24_ALoweredCapLowersTheAllotmentNeverBelowWhatIsUsed) {
  story.Register("R1", 100, "2024-01-08");
  story.Must("RO", "record_ete_needs { crn: 'T000001' level: ETE_HIGH }");
  ASSERT_EQ(Allot(1200), "");
  story.Credit("a", v1::ETE_USED, 700, "2024-02-01");
  // 40 hours: cap 480, 700 used.
  story.Must("SYS", "vary_requirement { crn: 'T000001' requirement_id: 'R1' new_hours: 40 "
                    "court_ref: 'C1' }");
  EXPECT_EQ(story.Case().groups(0).ete_cap(), 480);
  EXPECT_EQ(story.Case().groups(0).ete_allotted(), 700);
}

TEST_F(PersonTest, ALargerAllotmentDrawsKeptEteSurplus) {
  story.Register("R1", 100, "2024-01-08");
  story.Must("RO", "record_ete_needs { crn: 'T000001' level: ETE_HIGH }");
  ASSERT_EQ(Allot(300), "");
  story.Credit("a", v1::ETE_USED, 420, "2024-02-01");
  EXPECT_EQ(story.Balance("R1", v1::ETE_USED), 300);
  ASSERT_EQ(Allot(400), "");
  EXPECT_EQ(story.Balance("R1", v1::ETE_USED), 400);
  ASSERT_EQ(story.Case().surplus_size(), 1);
  EXPECT_EQ(story.Case().surplus(0).minutes(), 20);
}

TEST_F(PersonTest, UPW31_TheCaseIsAssessedWhenAllOfItIsThere) {
  story.Register("R1", 40, "2024-01-08");
  story.Needs();
  story.Must("RO", "record_ete_needs { crn: 'T000001' level: ETE_NONE }");
  story.Sections("T000001", "HEALTH");
  EXPECT_EQ(story.Case().status(), v1::CASE_REGISTERED);
  ASSERT_TRUE(Answer("HEALTH", "NOTE", "none").accepted());
  EXPECT_EQ(story.Case().status(), v1::CASE_ASSESSED);
}

TEST_F(PersonTest, UPW32_InductionNeedsEverySectionAndAnAttendedAppointment) {
  story.Scope();
  story.Register("R1", 40, "2024-01-08");
  story.Needs();
  story.Must("RO", "record_ete_needs { crn: 'T000001' level: ETE_NONE }");
  story.Sections("T000001", "HEALTH");
  ASSERT_TRUE(Answer("MATURITY", "LEVEL", "NOT_ASSESSED").accepted());
  const std::string complete = "complete_induction { crn: 'T000001' on: '2024-04-16' }";
  story.Project("N56-IND", "INDUCTION");
  const std::string session = story.Plan("N56-IND", "2024-04-16", 540, 660);
  const std::string appointment = story.Book(session);
  story.world.At("2024-04-16T18:00:00Z");
  const auto incomplete = story.Do("CO", complete);
  EXPECT_EQ(incomplete.reason(), "ASSESSMENT_INCOMPLETE");
  ASSERT_EQ(incomplete.rejected().violations.size(), 2u);
  EXPECT_EQ(incomplete.rejected().violations[0].subject, "MATURITY");
  EXPECT_EQ(incomplete.rejected().violations[1].subject, "HEALTH");
  ASSERT_TRUE(Answer("MATURITY", "LEVEL", "LOW").accepted());
  ASSERT_TRUE(Answer("HEALTH", "NOTE", "none").accepted());
  EXPECT_EQ(story.Reason("CO", complete), "INDUCTION_NOT_ATTENDED");
  ASSERT_TRUE(story.Outcome(Story::Item(appointment, "ATTC", 540, 660)).accepted());
  EXPECT_EQ(story.Reason("SU", complete), "");
  EXPECT_EQ(story.Case().status(), v1::CASE_INDUCTED);
}

TEST_F(PersonTest, TheWeeklyPlanIsNothingOrSevenTo28Hours) {
  story.Register("R1", 40, "2024-01-08");
  const auto plan = [&](int minutes) {
    return story.Reason("SP", absl::StrCat("set_weekly_plan { crn: 'T000001' plan_minutes: ",
                                           minutes, " }"));
  };
  EXPECT_EQ(story.Case().plan_minutes(), 420);
  EXPECT_EQ(plan(419), "WEEKLY_PLAN_OUT_OF_RANGE");
  EXPECT_EQ(plan(1681), "WEEKLY_PLAN_OUT_OF_RANGE");
  EXPECT_EQ(plan(1680), "");
  EXPECT_EQ(plan(0), "");
}

TEST_F(PersonTest, APersonOnAnOrderSeesTheirOwnCaseOnly) {
  story.Register("R1", 40, "2024-01-08", "", "T000002");
  EXPECT_EQ(story.Reason("SP", "set_weekly_plan { crn: 'T000002' plan_minutes: 420 }"),
            "NOT_FOUND");
}

TEST_F(PersonTest, UPW47_ConsentAndOptionAreAWomans) {
  story.Register("R1", 40, "2024-01-08");
  const std::string consent =
      "record_consent { crn: 'T000001' scope: SCOPE_ANY until: '2024-12-31' }";
  EXPECT_EQ(story.Reason("RO", consent), "CONSENT_NOT_APPLICABLE");
  EXPECT_EQ(story.Reason("RO", "record_composition_choice { crn: 'T000001' composition_class: "
                               "CLASS_M women_option: WOMEN_ONLY }"),
            "CONSENT_NOT_APPLICABLE");
  story.Must("RO", "record_composition_choice { crn: 'T000001' composition_class: CLASS_F }");
  const auto given = story.Do("SP", consent);
  ASSERT_TRUE(given.accepted());
  const std::string withdraw = absl::StrCat("withdraw_consent { crn: 'T000001' consent_id: '",
                                            given.reply().record_consent().consent_id(), "' }");
  EXPECT_EQ(story.Reason("SP", withdraw), "");
  EXPECT_EQ(story.Reason("SP", withdraw), "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(story.Reason("SP", "withdraw_consent { crn: 'T000001' consent_id: 'x' }"),
            "NOT_FOUND");
}

TEST_F(PersonTest, AProgrammesBlockSurvivesANewForm) {
  story.Register("R1", 40, "2024-01-08");
  story.Must("SYS", "record_availability_block { crn: 'T000001' block { block_id: 'p1' from: "
                    "'2024-05-01' to: '2024-05-01' start: 600 end: 720 reason: 'PROGRAMME' } }");
  story.Must("SP", "set_availability { crn: 'T000001' availability { week_bits: 7 } }");
  EXPECT_EQ(story.Case().availability().blocks_size(), 1);
  story.Must("SYS", "remove_availability_block { crn: 'T000001' block_id: 'p1' }");
  EXPECT_EQ(story.Case().availability().blocks_size(), 0);
}

class InstructionTest : public PersonTest {
 protected:
  void SetUp() override {
    story.Scope();
    story.Project("N56-001");
    story.Person("T000001");
    appointment = story.Book(story.Plan("N56-001", "2024-05-03"));
  }
  std::string Issue(const std::string& language, const std::string& formats,
                    const std::string& sections) {
    return story.Reason("CO", absl::StrCat("issue_instruction { crn: 'T000001' appointment_ids: '",
                                           appointment, "' language: '", language, "' ", formats,
                                           sections, " channel: 'LETTER' }"));
  }
  static constexpr char kAll[] = "sections: 'WHEN' sections: 'WHERE' sections: 'BRING' sections: "
                                 "'CONTACT' sections: 'ABSENCE' sections: 'CONSEQUENCES'";
  std::string appointment;
};

TEST_F(InstructionTest, UPW36_CodesComeInThePrintedOrder) {
  ASSERT_EQ(Needs("languages: 'en' languages: 'pl' formats: 'STANDARD' formats: 'LARGE_PRINT'"),
            "");
  EXPECT_EQ(Issue("fr", "formats: 'STANDARD'", "sections: 'WHEN'"),
            "INSTRUCTION_LANGUAGE_MISMATCH");
  EXPECT_EQ(Issue("pl", "formats: 'STANDARD'", "sections: 'WHEN'"),
            "INSTRUCTION_FORMAT_MISMATCH");
  const std::string formats = "formats: 'STANDARD' formats: 'LARGE_PRINT' ";
  EXPECT_EQ(Issue("pl", formats, "sections: 'WHEN'"), "INSTRUCTION_INCOMPLETE");
  EXPECT_EQ(Issue("pl", formats, kAll), "TEMPLATE_NOT_AVAILABLE");
  EXPECT_EQ(Issue("en", formats, kAll), "");
}

TEST_F(InstructionTest, ARefusalNeedsAWitnessAndNothingIsAnsweredBeforeItIsIssued) {
  const auto issued = story.Instruct(appointment);
  ASSERT_TRUE(issued.accepted());
  const std::string id = issued.reply().issue_instruction().instruction_id();
  const auto acknowledge = [&](const std::string& rest) {
    return story.Reason("CO", absl::StrCat("acknowledge_instruction { crn: 'T000001' "
                                           "instruction_id: '", id, "' ", rest, " }"));
  };
  EXPECT_EQ(acknowledge("method: REFUSED on: '2024-04-14' at: 600"), "WITNESS_REQUIRED");
  EXPECT_EQ(acknowledge("method: SIGNED on: '2024-04-14' at: 600"), "ACK_BEFORE_ISSUE");
  EXPECT_EQ(acknowledge("method: SIGNED on: '2024-05-14' at: 600"), "VALIDATION_FAILED");
  EXPECT_EQ(acknowledge("method: REFUSED on: '2024-04-15' at: 599 witness: 'A. Smith'"), "");
  EXPECT_EQ(story.Case().instructions(0).status(), v1::INSTRUCTION_REFUSED_WITNESSED);
  EXPECT_EQ(acknowledge("method: SIGNED on: '2024-04-15' at: 599"), "STATE_FORBIDS_COMMAND");
}

TEST_F(InstructionTest, ARepeatOnTheSameDayReplacesTheUnanswered) {
  ASSERT_TRUE(story.Instruct(appointment).accepted());
  ASSERT_TRUE(story.Instruct(appointment).accepted());
  EXPECT_EQ(story.Case().instructions(0).status(), v1::INSTRUCTION_SUPERSEDED);
  EXPECT_EQ(story.Case().instructions(1).status(), v1::INSTRUCTION_ISSUED);
}

}  // namespace
}  // namespace pdp::unpaid_work
