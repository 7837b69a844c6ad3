#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "services/referral/domain/story.h"

// Who may change a person of NAT: REF-90, 91, 92, 93.
namespace pdp::referral {
namespace {

// REF-92: what an official of one area may change in NAT. Z000001 is at home in N56.
class PersonScopeTest : public ::testing::Test {
 protected:
  PersonScopeTest() {
    story_.RegisterPersonAndSentence();
    Register("Z000002", "N07");
    Register("Z000003", "N56");
  }
  void Register(const std::string& crn, const std::string& area) {
    EXPECT_EQ(story_.Nat("RO", absl::StrCat("register_person { crn: '", crn, "' home_area: '", area,
                                            "' identity { name { family: 'Feld' } sex: 'M' } }"))
                  .reason(), "");
  }
  Story::World::Result Do(const char* role, const std::string& org, const std::string& text) {
    return story_.nat.As(absl::StrCat("staff-", role), {role}, org).When(Story::Parse(text));
  }
  // Everything that is said of a refusal, with the CRN taken out.
  std::string Told(const char* role, const std::string& org, const std::string& text,
                   const std::string& crn) {
    const auto result = Do(role, org, absl::StrReplaceAll(text, {{"$", crn}}));
    if (result.accepted()) return "accepted";
    const Rejected& refused = result.rejected();
    std::string told = absl::StrCat(refused.reason, "; ", refused.detail);
    for (const Violation& v : refused.violations) {
      absl::StrAppend(&told, "; ", v.code, " ", v.subject, " ", v.field, " ", v.detail);
    }
    for (const auto& [key, value] : refused.metadata) {
      absl::StrAppend(&told, "; ", key, "=", value);
    }
    return absl::StrReplaceAll(told, {{crn, "$"}});
  }
  Story story_;
};

constexpr const char* kPersonCommands[] = {
    "correct_identity { crn: '$' identity { name { family: 'Other' } } }",
    "correct_identity { crn: '$' identity { sex: 'X' } }",
    "record_needs { crn: '$' source: 'RO' answers { interpreter { needed: NO } } }",
    "record_needs { crn: '$' }",
    "record_risk { crn: '$' risk { assessed_on: '2025-08-01' } }",
    "set_responsible_officer { crn: '$' officer { id: 'ro-1' from: '2025-09-01' } }",
    "set_location { crn: '$' location { kind: 'CUSTODY' from: '2025-09-01' } }",
    "move_home_area { crn: '$' area: 'N07' pdu: 'P' from: '2025-09-01' }",
    "record_death { crn: '$' died_on: '2025-08-31' }",
    "restrict_access { crn: '$' list: 'EXCLUDED' entries { user_id: 'u' } reason: 'r' }",
    "lift_restriction { crn: '$' list: 'EXCLUDED' entries { user_id: 'u' } reason: 'r' }",
    "clear_for_access { crn: '$' entries { user_id: 'u' org: 'o' } reason: 'r' }",
    "revoke_clearance { crn: '$' entries { user_id: 'u' org: 'o' } reason: 'r' }",
    "register_sentence { crn: '$' event_no: 7 order_type: '201' sentenced_on: '2025-07-01' "
    "end_on: '2026-07-01' area: 'N07' }",
    "register_sentence { crn: '$' event_no: 1 sentenced_on: 'never' }",
    "add_requirement { crn: '$' event_no: 1 requirement { no: 1 kind: 'RAR' } }",
    "vary_requirement { crn: '$' event_no: 1 no: 2 length: 90 }",
    "end_requirement { crn: '$' event_no: 1 no: 2 cause: 'COMPLETED' on: '2025-09-01' }",
    "change_sentence_end { crn: '$' event_no: 1 end_on: '2027-01-01' }",
    "end_sentence { crn: '$' event_no: 1 cause: 'REVOKED' on: '2025-09-01' }",
    "unmerge_person { from: '$' }",
    "merge_persons { from: '$' to: 'Z000002' }",
    "merge_persons { from: 'Z000002' to: '$' }",
    "merge_persons { from: '$' to: 'Z1' }",
};

// REF-92, REF-91: nothing that is said tells a person of another area from one who is not.
TEST_F(PersonScopeTest, APersonOfAnotherAreaIsNotThere) {
  for (const char* role : {"RO", "AA", "AM"}) {
    for (const char* command : kPersonCommands) {
      const std::string told = Told(role, "N07", command, "Z000001");
      EXPECT_EQ(told, Told(role, "N07", command, "Z999999")) << role << " " << command;
      EXPECT_NE(told, "accepted") << role << " " << command;
      EXPECT_EQ(story_.nat.Find(PersonId("Z000001"))->person().home_area(), "N56");
    }
  }
  EXPECT_EQ(Told("RO", "N07", kPersonCommands[0], "Z000001"),
            "NOT_FOUND; person/$ is not known here");
}

// REF-92: of the area, of no area, and of all.
TEST_F(PersonScopeTest, TheirOwnOfficialsAndThoseOfAllAreasChangeThem) {
  const std::string command = "record_risk { crn: 'Z000001' risk { assessed_on: '2025-08-01' } } ";
  const auto risk = [&](const char* role, const std::string& org, const std::string& more = "") {
    return Do(role, org, command + more).reason();
  };
  EXPECT_EQ(risk("RO", "N56"), "");
  EXPECT_EQ(risk("RO", "TEAM-X"), "");
  EXPECT_EQ(risk("RO", ""), "");
  EXPECT_EQ(risk("RO", "N07"), "NOT_FOUND");
  EXPECT_EQ(Do("CF", "N07", "end_sentence { crn: 'Z000001' event_no: 1 cause: 'REVOKED' on: "
                            "'2025-09-01' }").reason(), "");
  // An open referral in the area of the actor, as the service has found it.
  EXPECT_EQ(risk("RO", "N07", "in_scope: 'Z000001'"), "");
  EXPECT_EQ(risk("RO", "N07", "in_scope: 'Z000003'"), "NOT_FOUND");
  EXPECT_EQ(risk("AA", "N07", "in_scope: 'Z000001'"), "NOT_AUTHORISED");
  // Gone with the home.
  ASSERT_EQ(Do("RO", "N56", "move_home_area { crn: 'Z000001' area: 'N07' pdu: 'P' from: "
                            "'2025-09-01' }").reason(), "");
  EXPECT_EQ(risk("RO", "N07"), "");
  EXPECT_EQ(risk("RO", "N56"), "NOT_FOUND");
}

// REF-92, REF-93: one person, wherever one of the records is at home.
TEST_F(PersonScopeTest, AMergedPersonIsOfEveryAreaOfTheRecords) {
  const std::string merge = "merge_persons { from: 'Z000002' to: 'Z000001' }";
  EXPECT_EQ(Do("AA", "N07", merge).reason(), "NOT_FOUND");
  EXPECT_EQ(Do("AA", "N56", merge).reason(), "NOT_FOUND");
  ASSERT_EQ(Do("AA", "", merge).reason(), "");
  for (const char* area : {"N07", "N56"}) {
    for (const char* crn : {"Z000001", "Z000002"}) {
      EXPECT_EQ(Told("RO", area, "record_risk { crn: '$' risk { assessed_on: '2025-08-01' } }",
                     crn), "accepted") << area << " " << crn;
    }
  }
  // Whom an alias leads to is not told.
  ASSERT_EQ(Do("AA", "N56", "merge_persons { from: 'Z000003' to: 'Z000001' }").reason(), "");
  EXPECT_EQ(Told("RO", "N50", kPersonCommands[0], "Z000003"),
            "NOT_FOUND; person/$ is not known here");
  ASSERT_EQ(Do("AA", "", "unmerge_person { from: 'Z000002' }").reason(), "");
  EXPECT_EQ(Told("RO", "N07", kPersonCommands[0], "Z000001"),
            "NOT_FOUND; person/$ is not known here");
}

// REF-92: RecordNeeds by a caseworker of the holder, and of nobody else.
TEST_F(PersonScopeTest, ACaseworkerChangesWhomTheOrganisationHoldsACaseOf) {
  const std::string needs = kPersonCommands[2];
  for (const char* role : {"CW", "PV"}) {
    EXPECT_EQ(Told(role, "ORG-A", needs, "Z000001"), Told(role, "ORG-A", needs, "Z999999"));
    EXPECT_EQ(Told(role, "ORG-A", needs, "Z000001"), "NOT_FOUND; person/$ is not known here");
  }
  EXPECT_EQ(Told("PV", "ORG-A", needs + " in_scope: '$'", "Z000001").substr(0, 14),
            "NOT_AUTHORISED");
  EXPECT_EQ(Told("CW", "ORG-A", needs + " in_scope: '$'", "Z000001"), "accepted");
  EXPECT_EQ(Told("CW", "ORG-A", needs + " in_scope: 'Z000003'", "Z000001"),
            "NOT_FOUND; person/$ is not known here");
}

// REF-90: a sentence is added by whoever sees the person.
TEST_F(PersonScopeTest, WhoMayNotSeeAPersonRegistersNoSentence) {
  ASSERT_EQ(Do("DP", "", "restrict_access { crn: 'Z000001' list: 'EXCLUDED' entries { org: "
                         "'TEAM-X' } reason: 'r' }").reason(), "");
  for (const char* command : {kPersonCommands[13], kPersonCommands[14]}) {
    EXPECT_EQ(Told("RO", "TEAM-X", command, "Z000001"), Told("RO", "TEAM-X", command, "Z999999"));
  }
  EXPECT_EQ(Told("RO", "TEAM-Y", kPersonCommands[13], "Z000001"), "accepted");
}

}  // namespace
}  // namespace pdp::referral
