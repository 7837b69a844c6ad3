#include "services/referral/domain/access.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/story.h"

// Limited access and what happens to a person and a sentence: REF-21, 23, 25, 66, 90.
namespace pdp::referral {
namespace {

using ::testing::ElementsAre;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

struct Rule {
  const char* lists;
  const char* actor;
  bool allowed;
};

// REF-92.
TEST(AreaTest, AnOfficialsAreaIsTheirOrganisation) {
  const auto area = [](const std::vector<std::string>& roles, const std::string& organisation) {
    common::v1::Actor actor;
    for (const std::string& role : roles) actor.add_roles(role);
    actor.set_organisation(organisation);
    const auto own = AreaOf(actor);
    return own ? std::string(own->code()) : "";
  };
  EXPECT_EQ(area({"RO"}, "N56"), "N56");
  EXPECT_EQ(area({"AA", "AM"}, "N07"), "N07");
  EXPECT_EQ(area({"RO"}, ""), "");
  EXPECT_EQ(area({"AM"}, "NAT"), "") << "of NAT: of all";
  EXPECT_EQ(area({"RO"}, "TEAM-X"), "");
  for (const char* role : {"SYS", "CF", "DP", "AU"}) {
    EXPECT_EQ(area({"RO", role}, "N56"), "") << role;
  }
}

class AccessRules : public ::testing::TestWithParam<Rule> {};

// REF-90 row by row: an official is ro1; a provider's users are cw1 and cw2 of ORG-A.
INSTANTIATE_TEST_SUITE_P(
    Ref90, AccessRules,
    ::testing::Values(
        Rule{"", "id: 'ro1' roles: 'RO'", true},
        Rule{"", "id: 'cw1' organisation: 'ORG-A' roles: 'CW'", true},
        Rule{"excluded { user_id: 'ro1' }", "id: 'ro1' roles: 'RO'", false},
        Rule{"excluded { user_id: 'ro1' }", "id: 'ro1' roles: ['RO', 'SYS']", true},
        Rule{"excluded { user_id: 'ro1' }", "id: 'ro2' roles: 'RO'", true},
        Rule{"excluded { user_id: 'ro1' }", "id: 'cw1' organisation: 'ORG-A' roles: 'CW'", false},
        Rule{"excluded { user_id: 'ro1' } cleared { user_id: 'cw1' org: 'ORG-A' }",
             "id: 'cw1' organisation: 'ORG-A' roles: 'CW'", true},
        Rule{"excluded { user_id: 'ro1' } cleared { user_id: 'cw1' org: 'ORG-A' }",
             "id: 'cw2' organisation: 'ORG-A' roles: 'CW'", false},
        Rule{"excluded { user_id: 'ro1' } cleared { user_id: 'cw1' org: 'ORG-A' }",
             "id: 'cw1' organisation: 'ORG-B' roles: 'CW'", false},
        Rule{"excluded { user_id: 'ro1' } cleared { org: 'ORG-A' }",
             "id: 'cw2' organisation: 'ORG-A' roles: 'PV'", true},
        Rule{"excluded { org: 'ORG-A' } cleared { user_id: 'cw1' org: 'ORG-A' }",
             "id: 'cw1' organisation: 'ORG-A' roles: 'CW'", false},
        Rule{"restricted { user_id: 'ro1' }", "id: 'ro1' roles: 'RO'", true},
        Rule{"restricted { user_id: 'ro1' }", "id: 'ro2' roles: 'AM'", false},
        Rule{"restricted { user_id: 'ro1' } cleared { user_id: 'cw1' org: 'ORG-A' }",
             "id: 'cw1' organisation: 'ORG-A' roles: 'CW'", false},
        Rule{"restricted { user_id: 'cw1' org: 'ORG-A' }",
             "id: 'cw1' organisation: 'ORG-A' roles: 'CW'", true},
        Rule{"restricted { user_id: 'ro1' } excluded { user_id: 'ro1' }", "id: 'ro1' roles: 'RO'",
             false}));

// REF-90.
TEST_P(AccessRules, DecideAsPrinted) {
  EXPECT_EQ(MaySee(Parse<v1::AccessLists>(GetParam().lists),
                   Parse<common::v1::Actor>(GetParam().actor)),
            GetParam().allowed)
      << GetParam().lists << " | " << GetParam().actor;
}

TEST(ClearedOrganisations, OnlyALimitedPersonExcludesThoseWithoutAClearedUser) {
  EXPECT_TRUE(HasClearedUser(Parse<v1::AccessLists>(""), "ORG-A"));
  const auto lists = Parse<v1::AccessLists>(
      "excluded { user_id: 'ro1' } cleared { user_id: 'cw1' org: 'ORG-A' }");
  EXPECT_TRUE(HasClearedUser(lists, "ORG-A"));
  EXPECT_FALSE(HasClearedUser(lists, "ORG-B"));
}

class AccessTest : public ::testing::Test {
 protected:
  void SetUp() override { story_.Route(); }
  Story::World::Result Nat(const char* role, const std::string& text) {
    return story_.Nat(role, text);
  }
  // The area learns what NAT decided, as its process does.
  void Copy() {
    v1::Command command;
    const AggregateId person = PersonId(Story::kCrn);
    command.mutable_copy_access()->set_crn(Story::kCrn);
    *command.mutable_copy_access()->mutable_lists() = story_.nat.Find(person)->person().access();
    command.mutable_copy_access()->set_person_version(story_.nat.VersionOf(person).value());
    command.mutable_copy_access()->set_nat_order(story_.nat.VersionOf(person).value());
    ASSERT_EQ(story_.Area("SYS", command).reason(), "");
  }
  Story story_;
};

TEST_F(AccessTest, ListsChangeAndTheEventCarriesThemAsTheyNowAre) {
  EXPECT_EQ(Nat("RO", "restrict_access { crn: 'Z000001' }").reason(), "NOT_AUTHORISED");
  const auto invalid =
      Nat("DP", "restrict_access { crn: 'Z000001' list: 'BLOCKED' entries { } }");
  EXPECT_EQ(invalid.reason(), "VALIDATION_FAILED");
  EXPECT_EQ(invalid.rejected().violations.size(), 3u) << "entry, list and reason at once";
  const std::string exclude =
      "restrict_access { crn: 'Z000001' list: 'EXCLUDED' entries { user_id: 'staff-RO' } reason: "
      "'a relative' }";
  const auto restricted = Nat("DP", exclude);
  ASSERT_EQ(restricted.event_names(), "AccessRestricted");
  EXPECT_THAT(restricted.events[0].event.access_restricted().referral_ids(),
              ElementsAre(story_.id));
  EXPECT_EQ(Nat("DP", exclude).reason(), "NOTHING_TO_CHANGE");
  EXPECT_EQ(Nat("AM", "clear_for_access { crn: 'Z000001' entries { user_id: 'cw1' } reason: 'x' }")
                .reason(),
            "VALIDATION_FAILED")
      << "a cleared entry names its organisation";
  const auto cleared = Nat("AM", "clear_for_access { crn: 'Z000001' entries { user_id: 'cw1' org: "
                                 "'ORG-A' } reason: 'vetted' }");
  ASSERT_EQ(cleared.event_names(), "AccessCleared");
  EXPECT_EQ(cleared.events[0].event.access_cleared().lists().excluded_size(), 1);
  EXPECT_EQ(Nat("AM", "revoke_clearance { crn: 'Z000001' entries { user_id: 'cw1' org: 'ORG-A' } "
                      "reason: 'left' }")
                .event_names(),
            "ClearanceRevoked");
  EXPECT_EQ(Nat("DP", "lift_restriction { crn: 'Z000001' list: 'EXCLUDED' entries { user_id: "
                      "'staff-RO' } reason: 'moved team' }")
                .event_names(),
            "RestrictionLifted");
  EXPECT_FALSE(IsLimited(story_.nat.Find(PersonId(Story::kCrn))->person().access()));
}

TEST_F(AccessTest, WhoIsExcludedGetsTheAnswerOfTheAbsent) {
  ASSERT_EQ(Nat("DP", "restrict_access { crn: 'Z000001' list: 'EXCLUDED' entries { user_id: "
                      "'staff-RO' } reason: 'x' }")
                .reason(),
            "");
  const auto seen = Nat("RO", "set_responsible_officer { crn: 'Z000001' officer { id: 'r' from: "
                              "'2025-09-01' } }");
  const auto absent = Nat("RO", "set_responsible_officer { crn: 'Z999999' officer { id: 'r' from: "
                                "'2025-09-01' } }");
  EXPECT_EQ(seen.reason(), "NOT_FOUND");
  EXPECT_EQ(seen.rejected().violations, absent.rejected().violations);
  EXPECT_EQ(Nat("RO", "end_sentence { crn: 'Z000001' event_no: 1 cause: 'REVOKED' on: "
                      "'2025-09-01' }")
                .reason(),
            "NOT_FOUND")
      << "the sentence of that person too";
  const std::string withdraw =
      absl::StrCat("withdraw_referral { referral_id: '", story_.id, "' code: 'MOV' }");
  Copy();
  EXPECT_EQ(story_.Area("RO", withdraw).reason(), "NOT_FOUND");
  EXPECT_EQ(story_.Area("AM", withdraw).reason(), "") << "others go on";
}

TEST_F(AccessTest, TheCopyTakesOnlyWhatIsNewer) {
  const auto copy = [&](int version, const std::string& lists) {
    return story_.Area("SYS", absl::StrCat("copy_access { crn: 'Z000001' nat_order: ", version,
                                           " lists { ", lists, " } }"));
  };
  EXPECT_EQ(copy(7, "excluded { user_id: 'staff-RO' }").event_names(), "AccessCopied");
  EXPECT_EQ(copy(6, "").event_names(), "") << "an older event delivered again";
  EXPECT_EQ(copy(7, "").event_names(), "");
  EXPECT_EQ(copy(8, "").event_names(), "AccessCopied");
}

// REF-66, REF-90.
TEST_F(AccessTest, EveryAssignedCaseworkerPassesTheRule) {
  ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
  ASSERT_EQ(Nat("DP", "restrict_access { crn: 'Z000001' list: 'EXCLUDED' entries { user_id: "
                      "'ro-9' } reason: 'x' }")
                .reason(),
            "");
  ASSERT_EQ(Nat("DP", "clear_for_access { crn: 'Z000001' entries { user_id: 'cw1' org: 'ORG-A' } "
                      "entries { user_id: 'staff-PV' org: 'ORG-A' } reason: 'x' }")
                .reason(),
            "");
  Copy();
  ASSERT_EQ(story_.Accept(1, "ORG-A").reason(), "");
  const auto assign = [&](const std::string& caseworkers) {
    return story_.Area("PV", absl::StrCat("assign_caseworkers { referral_id: '", story_.id, "' ",
                                          caseworkers, " }"), "ORG-A");
  };
  const auto refused = assign("caseworkers { id: 'cw1' lead: true } caseworkers { id: 'cw2' }");
  EXPECT_EQ(refused.reason(), "ASSIGNEE_NOT_CLEARED");
  ASSERT_EQ(refused.rejected().violations.size(), 1u);
  EXPECT_EQ(refused.rejected().violations[0].subject, "cw2");
  EXPECT_EQ(assign("caseworkers { id: 'cw1' lead: true }").reason(), "");
}

TEST_F(AccessTest, TheListsInForceTravelWithTheRoute) {
  Story story;
  story.RegisterPersonAndSentence();
  ASSERT_EQ(story.Nat("DP", "restrict_access { crn: 'Z000001' list: 'EXCLUDED' entries { user_id: "
                            "'ro-9' } reason: 'x' }")
                .reason(),
            "");
  ASSERT_EQ(story.OpenProgramme().reason(), "");
  story.SaveProgrammeForm();
  ASSERT_EQ(story.ReserveSlot("COGNITIVE|Z000001/1").reason(), "");
  ASSERT_EQ(story.Submit().reason(), "");
  const auto decided = story.Decide();
  ASSERT_EQ(decided.reason(), "");
  for (const auto& emitted : decided.events) {
    if (!emitted.event.has_referral_routed()) continue;
    ASSERT_EQ(emitted.event.referral_routed().access().excluded_size(), 1);
    return;
  }
  FAIL() << "no ReferralRouted";
}

class LifeTest : public ::testing::Test {
 protected:
  LifeTest() { story_.RegisterPersonAndSentence(); }
  Story::World::Result Do(const std::string& text, const char* role = "CF") {
    return story_.Nat(role, text);
  }
  const v1::Sentence& sentence() { return story_.nat.Find(SentenceId("Z000001/1"))->sentence(); }
  const v1::Person& person() { return story_.nat.Find(PersonId("Z000001"))->person(); }
  Story story_;
};

TEST_F(LifeTest, CustodyIsNewsOnce) {
  const std::string custody = "set_location { crn: 'Z000001' location { kind: 'CUSTODY' "
                              "establishment: 'Norwich' release_on: '2025-12-01' from: "
                              "'2025-09-01' } }";
  EXPECT_EQ(Do(custody).event_names(), "LocationChanged");
  EXPECT_EQ(Do(custody).reason(), "NOTHING_TO_CHANGE");
  EXPECT_EQ(Do("set_location { crn: 'Z000001' location { kind: 'COMMUNITY' from: '2025-09-01' } }")
                .event_names(),
            "LocationChanged");
  EXPECT_EQ(Do("set_location { crn: 'Z000001' location { kind: 'COMMUNITY' from: '2025-09-01' } }")
                .reason(),
            "NOTHING_TO_CHANGE");
  EXPECT_EQ(Do("set_location { crn: 'Z000001' location { kind: 'MOON' from: 'x' release_on: 'y' } "
               "}")
                .rejected().violations.size(),
            3u);
}

TEST_F(LifeTest, AMoveNamesAProbationAreaAndADeathLiesInThePast) {
  EXPECT_EQ(Do("move_home_area { crn: 'Z000001' area: 'N41' pdu: 'P' from: '2025-09-01' }")
                .reason(),
            "UNKNOWN_AREA");
  EXPECT_EQ(Do("move_home_area { crn: 'Z000001' area: 'N07' pdu: 'P' from: '2025-09-01' }")
                .event_names(),
            "HomeAreaMoved");
  EXPECT_EQ(person().home_area(), "N07");
  EXPECT_EQ(Do("move_home_area { crn: 'Z000001' area: 'N07' pdu: 'P' from: '2025-09-02' }")
                .reason(),
            "NOTHING_TO_CHANGE");
  EXPECT_EQ(Do("record_death { crn: 'Z000001' died_on: '2025-09-02' }").reason(),
            "VALIDATION_FAILED");
  EXPECT_EQ(Do("record_death { crn: 'Z000001' died_on: '2025-08-31' }").event_names(),
            "DeathRecorded");
  EXPECT_TRUE(person().dead());
}

// REF-21, REF-23.
TEST_F(LifeTest, AVariationKeepsTheBoundsOfUnpaidWork) {
  const auto vary = [&](const std::string& fields) {
    return Do("vary_requirement { crn: 'Z000001' event_no: 1 no: 2 " + fields + " }");
  };
  EXPECT_EQ(vary("length: 39").reason(), "HOURS_OUT_OF_BOUNDS");
  EXPECT_EQ(vary("length: 301").reason(), "HOURS_OUT_OF_BOUNDS");
  EXPECT_EQ(vary("length: 320 court_confirmed: true court_ref: 'C/1'").event_names(),
            "RequirementVaried");
  EXPECT_EQ(vary("window_last_day: '2025-06-30'").reason(), "DATE_ORDER") << "before it began";
  const auto extended = vary("window_last_day: '2026-10-01'");
  ASSERT_EQ(extended.event_names(), "RequirementVaried");
  const v1::RequirementVaried& event = extended.events[0].event.requirement_varied();
  EXPECT_EQ(event.requirement_key(), "Z000001/1/2");
  EXPECT_EQ(event.old_requirement().window_last_day(), "");
  EXPECT_EQ(event.new_requirement().length(), 320);
  EXPECT_EQ(vary("window_last_day: '2026-10-01'").event_names(), "") << "as it is";
  EXPECT_EQ(Do("vary_requirement { crn: 'Z000001' event_no: 1 no: 9 }").reason(),
            "REQUIREMENT_NOT_LIVE");
}

TEST_F(LifeTest, AnEndedRequirementIsOver) {
  const auto end = [&](const std::string& cause, const std::string& on) {
    return Do(absl::StrCat("end_requirement { crn: 'Z000001' event_no: 1 no: 2 cause: '", cause,
                           "' on: '", on, "' }"));
  };
  EXPECT_EQ(end("BORED", "x").rejected().violations.size(), 2u);
  EXPECT_EQ(end("COMPLETED", "2025-06-30").reason(), "DATE_ORDER");
  EXPECT_EQ(end("COMPLETED", "2025-08-31").event_names(), "RequirementEnded");
  EXPECT_EQ(sentence().requirements(1).status(), v1::REQUIREMENT_COMPLETED);
  EXPECT_EQ(end("COMPLETED", "2025-08-31").reason(), "REQUIREMENT_NOT_LIVE");
  EXPECT_EQ(Do("vary_requirement { crn: 'Z000001' event_no: 1 no: 2 length: 60 }").reason(),
            "REQUIREMENT_NOT_LIVE");
}

// REF-25.
TEST_F(LifeTest, ASentenceEndsWithItsRequirementsButUnpaidWorkOutlivesExpiry) {
  const auto expired =
      Do("end_sentence { crn: 'Z000001' event_no: 1 cause: 'EXPIRED' on: '2025-08-31' }");
  EXPECT_EQ(expired.event_names(), "RequirementEnded, SentenceEnded");
  EXPECT_EQ(expired.events[0].event.requirement_ended().no(), 1) << "the RAR requirement";
  EXPECT_EQ(sentence().requirements(1).status(), v1::REQUIREMENT_LIVE);
  EXPECT_EQ(sentence().status(), v1::SENTENCE_ENDED);
  EXPECT_EQ(Do("end_sentence { crn: 'Z000001' event_no: 1 cause: 'REVOKED' on: '2025-08-31' }")
                .reason(),
            "STATE_FORBIDS_COMMAND");
  EXPECT_EQ(Do("end_requirement { crn: 'Z000001' event_no: 1 no: 2 cause: 'COMPLETED' on: "
               "'2025-08-31' }")
                .event_names(),
            "RequirementEnded");

  Story other;
  other.RegisterPersonAndSentence();
  EXPECT_EQ(other.Nat("CF", "end_sentence { crn: 'Z000001' event_no: 1 cause: 'REVOKED' on: "
                            "'2025-08-31' }")
                .event_names(),
            "RequirementEnded, RequirementEnded, SentenceEnded");
}

TEST_F(LifeTest, TheEndOfASentenceStaysBehindWhatTheCourtImposed) {
  const auto change = [&](const std::string& fields) {
    return Do("change_sentence_end { crn: 'Z000001' event_no: 1 " + fields + " }");
  };
  EXPECT_EQ(change("end_on: '2025-06-30'").reason(), "DATE_ORDER");
  EXPECT_EQ(change("open_ended: true end_on: '2027-01-01'").reason(), "DATE_ORDER");
  EXPECT_EQ(change("end_on: 'x'").reason(), "VALIDATION_FAILED");
  const auto changed = change("end_on: '2027-06-30' court_ref: 'C/2' court_confirmed: true");
  ASSERT_EQ(changed.event_names(), "SentenceEndChanged");
  EXPECT_EQ(changed.events[0].event.sentence_end_changed().old_end_on(), "2026-12-31");
  EXPECT_EQ(change("end_on: '2027-06-30'").event_names(), "");
  EXPECT_EQ(change("open_ended: true").event_names(), "SentenceEndChanged");
  EXPECT_EQ(sentence().end_on(), "");
}

TEST(DeathTest, ADeathEndsDeliveryWithoutAReport) {
  Story story;
  story.Route();
  ASSERT_EQ(story.Offer(1, "ORG-A").reason(), "");
  ASSERT_EQ(story.Accept(1, "ORG-A").reason(), "");
  ASSERT_EQ(story.Fact("STARTED", "2025-09-01", "ORG-A", "e1").reason(), "");
  const auto withdrawn = story.Area(
      "SYS", absl::StrCat("withdraw_referral { referral_id: '", story.id, "' code: 'USE' }"));
  ASSERT_EQ(withdrawn.reason(), "");
  EXPECT_FALSE(story.referral().ended().report_due());
  EXPECT_EQ(story.state(), "CONCLUDED");
}

}  // namespace
}  // namespace pdp::referral
