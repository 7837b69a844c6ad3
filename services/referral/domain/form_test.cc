#include "services/referral/domain/form.h"

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "libs/criteria/criteria.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/difficulty.h"
#include "services/referral/domain/routing_facts.h"
#include "services/referral/domain/routing_inputs.h"
#include "services/referral/domain/story.h"
#include "services/referral/domain/tokens.h"

// The form and who is asked what: REF-6, 8, 9, 10, 11, 12, 27, 30.
namespace pdp::referral {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class FormTest : public ::testing::Test {
 protected:
  // Missing parts of a form with an empty NEEDS section and nothing else wrong there.
  std::vector<std::string> Missing(const std::string& line, const std::string& identity,
                                   const std::string& needs = "",
                                   const char* today = "2025-09-01") {
    v1::Referral referral;
    referral.set_line(line);
    v1::Section& section = (*referral.mutable_sections())["NEEDS"];
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(needs, section.mutable_needs()));
    v1::Person person;
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(identity, person.mutable_identity()));
    const Date day = *ParseDate(today);
    std::vector<std::string> fields;
    for (const Violation& v : MissingParts(referral, person, day, Policy::Shipped(day))) {
      fields.push_back(v.field);
    }
    return fields;
  }
  Story story_;
};

// REF-6: 18 to 25 at submission, inclusive; born on 2002-09-01 is 25 until 2028-08-31.
TEST_F(FormTest, MaturityIsScreenedFrom18To25) {
  const char* screening = "NEEDS.maturity.screening";
  const std::string born = "date_of_birth: '2002-09-01' sex: 'M'";
  EXPECT_THAT(Missing("UPW", born, "", "2020-08-31"), Not(Contains(screening))) << "17";
  EXPECT_THAT(Missing("UPW", born, "", "2020-09-01"), Contains(screening)) << "18";
  EXPECT_THAT(Missing("UPW", born, "", "2028-08-31"), Contains(screening)) << "25";
  EXPECT_THAT(Missing("UPW", born, "", "2028-09-01"), Not(Contains(screening))) << "26";
  EXPECT_THAT(Missing("UPW", born, "maturity { screening: 'DECLINED' }", "2028-08-31"),
              Not(Contains(screening)))
      << "declined is an answer";
}

// REF-8, REF-9.
TEST_F(FormTest, EveryWomanIsAskedByHerLine) {
  const std::string woman = "date_of_birth: '1980-01-01' sex: 'F'";
  const auto programme = Missing("PROGRAMME", woman);
  for (const char* field :
       {"NEEDS.women_programme.delivery_choice", "NEEDS.women_programme.female_facilitator",
        "NEEDS.barriers.strengths", "NEEDS.barriers.barriers"}) {
    EXPECT_THAT(programme, Contains(field));
  }
  EXPECT_THAT(programme, Not(Contains("NEEDS.women_work.workplace_choice")));
  EXPECT_THAT(Missing("UPW", woman), Contains("NEEDS.women_work.workplace_choice"));
  EXPECT_THAT(Missing("UPW", woman, "women_work { workplace_choice: 'DECLINED' }"),
              Not(Contains("NEEDS.women_work.workplace_choice")));
  EXPECT_THAT(Missing("PROGRAMME", woman, "barriers { none_identified: true strengths: 'family' }"),
              Not(Contains("NEEDS.barriers.barriers")));
  const std::string man = "date_of_birth: '1980-01-01' sex: 'M'";
  EXPECT_THAT(Missing("PROGRAMME", man), Not(Contains("NEEDS.barriers.strengths")));
}

// REF-7: one function, by the basis in force.
TEST_F(FormTest, WhoIsAWoman) {
  const auto woman = [](const char* sex, const char* identity, const char* basis) {
    common::v1::PolicySet set = ShippedPolicySet();
    for (common::v1::PolicyRow& row : *set.mutable_rows()) {
      if (row.key() == "comp.woman_basis") row.set_value(basis);
    }
    v1::Identity person;
    person.set_sex(sex);
    person.set_gender_identity(identity);
    return IsWoman(person, Policy(set, *ParseDate("2025-09-01")));
  };
  EXPECT_TRUE(woman("F", "", "SEX_OR_IDENTITY"));
  EXPECT_TRUE(woman("M", "GIF", "SEX_OR_IDENTITY"));
  EXPECT_FALSE(woman("F", "GIM", "SEX_OR_IDENTITY"));
  EXPECT_TRUE(woman("F", "GINB", "SEX_OR_IDENTITY"));
  EXPECT_FALSE(woman("NS", "GISD", "SEX_OR_IDENTITY"));
  EXPECT_TRUE(woman("F", "GIM", "SEX"));
  EXPECT_FALSE(woman("M", "GIF", "SEX"));
}

// REF-10: everyone on unpaid work, women and men.
TEST_F(FormTest, UnpaidWorkAsksForEmploymentTrainingAndEducation) {
  EXPECT_THAT(Missing("UPW", "sex: 'M'"), Contains("ETE"));
  EXPECT_THAT(Missing("PROGRAMME", "sex: 'M'"), Not(Contains("ETE")));
  story_.RegisterPersonAndSentence();
  const auto refused = story_.Nat("RO", "record_needs { crn: 'Z000001' source: 'RO' answers { ete "
                                        "{ need: 'PLENTY' employed_weekly_minutes: -1 } } }");
  EXPECT_EQ(refused.rejected().violations.size(), 2u);
}

// REF-11: they travel as availability; a window ends after it begins.
TEST_F(FormTest, WeeklyTimesAreWindowsOfADay) {
  story_.RegisterPersonAndSentence();
  const auto times = [&](const std::string& window) {
    return story_.Nat("RO", "record_needs { crn: 'Z000001' source: 'RO' answers { times { "
                            "has_fixed_times: YES " + window + " } } }");
  };
  for (const char* bad :
       {"windows { weekday: 0 from_min: 0 to_min: 60 }", "windows { weekday: 8 to_min: 60 }",
        "windows { weekday: 1 from_min: 600 to_min: 600 }",
        "windows { weekday: 1 from_min: 600 to_min: 1441 }"}) {
    EXPECT_EQ(times(bad).rejected().violations[0].code, "WINDOW_INVALID") << bad;
  }
  EXPECT_EQ(times("").rejected().violations[0].code, "CONDITIONAL_FIELD_MISSING");
  EXPECT_EQ(times("windows { weekday: 7 from_min: 600 to_min: 1440 }").reason(), "");
  // A court requirement's draft finds them filled in.
  v1::Command command = Story::Parse(
      "open_referral { crn: 'Z000001' line: 'UPW' origin: 'REQUIREMENT' sentence_key: 'Z000001/1' "
      "requirement_key: 'Z000001/1/2' }");
  *command.mutable_open_referral()->mutable_facts() = story_.Facts();
  story_.id = story_.Area("SYS", command).reply().open_referral().referral_id();
  EXPECT_EQ(story_.referral().sections().at("AVAILABILITY").availability().windows(0).weekday(), 7);
}

// REF-12: ethnicity, religion, orientation, marital status, pregnancy are no inputs: no criterion
// can name them, and decision and difficulty do not move with them.
TEST_F(FormTest, ProtectedCharacteristicsAreNeverInputs) {
  for (const char* fact :
       {"ethnicity", "religion", "sexual_orientation", "marital_status", "pregnancy"}) {
    EXPECT_FALSE(criteria::CheckRule(absl::StrCat(fact, " = YES")).ok()) << fact;
  }
  story_.Route();
  v1::NatFacts facts = story_.Facts();
  const Policy policy = Policy::Shipped(*ParseDate("2025-09-01"));
  const auto decide = [&] {
    const RoutingInputs inputs =
        InputsOf(facts, ShippedCatalogue(), {}, story_.referral(), *ParseDate("2025-09-01"));
    return absl::StrCat(DecideRouting(inputs, policy).SerializeAsString(),
                        AssessDifficulty(inputs.person, false).SerializeAsString());
  };
  const std::string before = decide();
  v1::Identity* identity = facts.mutable_person()->mutable_identity();
  identity->set_ethnicity("B1");
  identity->set_religion("R");
  identity->set_sexual_orientation("O");
  identity->set_marital_status("M");
  identity->set_pregnancy("YES");
  EXPECT_EQ(decide(), before);
}

// REF-30.
TEST_F(FormTest, SectionsBelongToLinesAndASaveReplacesTheSection) {
  EXPECT_THAT(SectionsOfLine("PROGRAMME"),
              ElementsAre("PERSON", "CONTACT", "NEEDS", "SENTENCE", "NEED_TYPE", "RISK",
                          "AVAILABILITY"));
  EXPECT_THAT(SectionsOfLine("UPW"), ElementsAre("PERSON", "CONTACT", "NEEDS", "SENTENCE", "ETE",
                                                 "WORK_LIMITS", "AVAILABILITY"));
  EXPECT_THAT(SectionsOfLine("SIGNPOST"),
              ElementsAre("PERSON", "CONTACT", "NEEDS", "SENTENCE", "NEED_TYPE"));
  story_.RegisterPersonAndSentence();
  story_.OpenProgramme();
  EXPECT_EQ(story_.Save("ete { need: 'NONE' }").rejected().violations[0].code,
            "SECTION_NOT_OF_LINE");
  ASSERT_EQ(story_.Save("contact { address: 'x' email: 'a@b' }").reason(), "");
  ASSERT_EQ(story_.Save("contact { address: 'y' }").reason(), "");
  EXPECT_EQ(story_.referral().sections().at("CONTACT").contact().email(), "");
}

// REF-27, its refusals in the order printed.
TEST_F(FormTest, OpenReferralNamesWhatItsLineNeeds) {
  story_.RegisterPersonAndSentence();
  const auto open = [&](const std::string& fields) {
    return story_.Open("open_referral { crn: 'Z000001' " + fields + " }").reason();
  };
  EXPECT_EQ(open("line: 'PROGRAMME' sentence_key: 'Z000001/9'"), "SENTENCE_NOT_LIVE");
  EXPECT_EQ(open("line: 'UPW' sentence_key: 'Z000001/1'"), "REQUIREMENT_NOT_LIVE");
  EXPECT_EQ(open("line: 'UPW' sentence_key: 'Z000001/1' requirement_key: 'Z000001/1/9'"),
            "REQUIREMENT_NOT_LIVE");
  EXPECT_EQ(open("line: 'UPW' sentence_key: 'Z000001/1' requirement_key: 'Z000001/1/1'"),
            "LINE_NOT_ALLOWED")
      << "a RAR requirement";
  EXPECT_EQ(open("line: 'PROGRAMME' sentence_key: 'Z000001/1'"), "LINE_NOT_ALLOWED") << "no need";
  EXPECT_EQ(open("line: 'SIGNPOST' sentence_key: 'Z000001/1'"), "LINE_NOT_ALLOWED")
      << "no category";
  story_.area.In("N07");
  EXPECT_EQ(open("line: 'PROGRAMME' need: 'COGNITIVE' sentence_key: 'Z000001/1'"),
            "AREA_MISMATCH");
  story_.area.In("N56");
  EXPECT_EQ(open("line: 'SIGNPOST' category: 'ACCOMMODATION' sentence_key: 'Z000001/1'"), "");
  EXPECT_EQ(open("line: 'UPW' sentence_key: 'Z000001/1' requirement_key: 'Z000001/1/2'"), "");
}

// REF-58: bought through the dynamic framework: closed, no provider sees it.
TEST_F(FormTest, ASignpostReferralIsClosedWithItsCategory) {
  story_.RegisterPersonAndSentence();
  ASSERT_EQ(story_.Open("open_referral { crn: 'Z000001' line: 'SIGNPOST' category: "
                        "'ACCOMMODATION' sentence_key: 'Z000001/1' }").reason(), "");
  for (const char* section :
       {"person { name { family: 'Field' } date_of_birth: '1990-01-01' sex: 'M' }",
        "contact { no_fixed_abode: true }",
        "needs { written { language: 'cy' formats: 'STANDARD' } interpreter { needed: NO } "
        "learning_difficulty { screening: 'NO' } access { step_free: NO hearing_loop: NO "
        "private_room: NO prayer_space: NO personal_care_space: NO quiet_space: NO } }",
        "sentence { sentence_key: 'Z000001/1' confirmed_on: '2025-09-01' }",
        "need_type { category: 'ACCOMMODATION' }"}) {
    ASSERT_EQ(story_.Save(section).reason(), "") << section;
  }
  ASSERT_EQ(story_.Submit().reason(), "");
  const auto decided = story_.Decide();
  EXPECT_EQ(decided.event_names(), "EligibilityDecided, ReferralClosed, SlaClockMet");
  EXPECT_EQ(decided.events[1].event.referral_closed().category(), "ACCOMMODATION");
  EXPECT_EQ(story_.state(), "CLOSED");
}

// REF-87: seven days back, two minutes ahead; a fact of a service ninety days.
TEST_F(FormTest, OccurredAtLiesInItsRange) {
  story_.RegisterPersonAndSentence();
  const auto at = [&](const char* role, absl::Duration from_now) {
    story_.nat.OccurredAt(story_.nat.now() + from_now);
    return story_
        .Nat(role, "reserve_slot { crn: 'Z000001' key: 'k' referral_id: 'r' }")
        .reason();
  };
  const auto risk = [&](absl::Duration from_now) {
    story_.nat.OccurredAt(story_.nat.now() + from_now);
    return story_.Nat("RO", "record_risk { crn: 'Z000001' risk { assessed_on: '2025-08-01' } }")
        .reason();
  };
  EXPECT_EQ(risk(absl::Minutes(2)), "");
  EXPECT_EQ(risk(absl::Minutes(2) + absl::Seconds(1)), "OCCURRED_AT_OUT_OF_RANGE");
  EXPECT_EQ(risk(-absl::Hours(24 * 7)), "");
  EXPECT_EQ(risk(-absl::Hours(24 * 7) - absl::Seconds(1)), "OCCURRED_AT_OUT_OF_RANGE");
  EXPECT_EQ(at("SYS", -absl::Hours(24 * 90)), "");
  EXPECT_EQ(at("SYS", -absl::Hours(24 * 90) - absl::Seconds(1)), "OCCURRED_AT_OUT_OF_RANGE");
}

// REF-83: on the due date it is met; after it, breached; an in-time event told later reverses it.
TEST(ClockTest, AnEventInTimeToldLaterReversesTheBreach) {
  Story story;
  story.Route();
  ASSERT_EQ(story.Offer(1, "ORG-A").reason(), "");
  ASSERT_EQ(story.Accept(1, "ORG-A").reason(), "");
  ASSERT_EQ(story.clock("FIRST_APPOINTMENT").due_on(), "2025-09-15");
  story.At("2025-09-15T22:59:59Z");
  EXPECT_EQ(story.Fire("kind: CLOCK_BREACH clock: 'FIRST_APPOINTMENT' n: 1").reason(),
            "TIMER_NOT_DUE");
  story.At("2025-09-15T23:00:00Z");
  EXPECT_EQ(story.Fire("kind: CLOCK_BREACH clock: 'FIRST_APPOINTMENT' n: 1").event_names(),
            "SlaClockBreached");
  EXPECT_EQ(story.Fact("HELD", "2025-09-15", "ORG-A", "e1").event_names(),
            "AppointmentHeld, SlaClockBreachReversed");
  EXPECT_EQ(story.clock("FIRST_APPOINTMENT").status(), v1::SlaClock::MET);
}

// REF-86: the clocks of the table, their limits, and that the end cancels all but REPORT.
TEST(ClockTest, TheClocksOfTheTable) {
  const Policy policy = Policy::Shipped(*ParseDate("2025-09-01"));
  const std::pair<const char*, int> limits[] = {
      {"REQUIREMENT_DRAFT", 5}, {"DECISION", 2},          {"PLACEMENT", 5},
      {"OFFER", 2},             {"ASSIGNMENT", 2},        {"FIRST_APPOINTMENT", 10},
      {"WORK_ARRANGED", 7},     {"REPORT", 5},            {"TRANSFER", 5}};
  for (const auto& [clock, days] : limits) {
    EXPECT_EQ(policy.Int(absl::StrCat("sla.", clock)), days) << clock;
    EXPECT_NE(FindCode("clock", clock), nullptr) << clock;
  }
  Story story;
  story.Route();
  ASSERT_EQ(story.Offer(1, "ORG-A").reason(), "");
  ASSERT_EQ(story.Accept(1, "ORG-A").reason(), "");
  ASSERT_EQ(story.Fact("STARTED", "2025-09-01", "ORG-A", "e1").reason(), "");
  ASSERT_EQ(story.Fact("STOPPED", "2025-09-01", "ORG-A", "e2").reason(), "");
  EXPECT_EQ(story.clock("ASSIGNMENT").status(), v1::SlaClock::CANCELLED);
  EXPECT_EQ(story.clock("REPORT").status(), v1::SlaClock::RUNNING);
  EXPECT_EQ(story.clock("REPORT").due_on(), "2025-09-08");
}

}  // namespace
}  // namespace pdp::referral
