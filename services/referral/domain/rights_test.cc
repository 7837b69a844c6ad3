// Subject access and erasure (REF-100 to 102), the access log (REF-91): commands in the order of
// the specification's table.

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/export_classes.h"
#include "services/referral/domain/story.h"
#include "services/referral/domain/subject_request.h"

namespace pdp::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class RightsTest : public ::testing::Test {
 protected:
  using Result = Story::World::Result;

  RightsTest() { story_.RegisterPersonAndSentence(); }

  Result Nat(const std::string& who, const std::string& text) {
    return story_.nat.As(who, {"DP"}).When(Story::Parse(text));
  }
  Result As(const char* role, const std::string& text) {
    return story_.nat.As(absl::StrCat("staff-", role), {role}).When(Story::Parse(text));
  }
  Result Open(const std::string& kind, const std::string& basis = "") {
    const Result opened =
        Nat("dp-1", absl::StrCat("open_subject_request { crn: 'Z000001' kind: ", kind, " basis: '",
                                 basis, "' note: 'by letter' }"));
    if (opened.accepted()) id_ = opened.reply().subject_request().request_id();
    return opened;
  }
  Result Do(const std::string& command, const std::string& more = "",
            const std::string& who = "dp-1") {
    return Nat(who, absl::StrCat(command, " { request_id: '", id_, "' ", more, " }"));
  }
  Result System(const std::string& command, const std::string& more = "") {
    return As("SYS", absl::StrCat(command, " { request_id: '", id_, "' ", more, " }"));
  }
  const v1::SubjectRequest& request() const {
    return story_.nat.Find(SubjectRequestId(id_))->subject_request();
  }
  std::string status() const { return v1::SubjectRequestStatus_Name(request().status()); }

  // Received and identified at one instant: when it is due, and when after an extension.
  std::pair<std::string, std::string> Due(const std::string& day) {
    story_ = Story(absl::StrCat(day, "T10:00:00Z"));
    story_.nat.As("cf", {"CF"}).When(Story::Parse(R"pb(register_person {
      crn: "Z000001" home_area: "N56"
      identity { name { family: "Field" } date_of_birth: "1990-01-01" sex: "M" } })pb"));
    EXPECT_EQ(Open("ACCESS").reason(), "");
    EXPECT_EQ(Do("confirm_identity").reason(), "");
    const std::string due = request().due_on();
    EXPECT_EQ(Do("extend_request", "reason: 'many records'").reason(), "");
    return {due, request().due_on()};
  }

  Story story_;
  std::string id_;
};

// REF-100, W-4.
TEST_F(RightsTest, W4_AccessIsDueTheSameDayNextMonthOnAWorkingDay) {
  EXPECT_THAT(Due("2025-01-31"), Pair("2025-02-28", "2025-04-30"));
  EXPECT_THAT(Due("2024-11-25"), Pair("2024-12-27", "2025-02-25"));
  EXPECT_THAT(Due("2025-03-18"), Pair("2025-04-22", "2025-06-18"));
}

// REF-100: the start is the later of receipt and identity confirmation; the local date counts, with
// no cut-off.
TEST_F(RightsTest, TheTimeBeginsWithTheIdentityAndKnowsNoCutOff) {
  story_.At("2025-09-01T22:30:00Z");  // 23:30 in London
  ASSERT_EQ(Open("ACCESS").reason(), "");
  EXPECT_EQ(request().received_on(), "2025-09-01");
  EXPECT_EQ(request().due_on(), "") << "not known before the identity";
  EXPECT_EQ(status(), "RECEIVED");
  story_.At("2025-09-03T23:30:00Z");  // the 4th in London
  ASSERT_EQ(Do("confirm_identity").event_names(), "IdentityConfirmed");
  EXPECT_EQ(request().started_on(), "2025-09-04");
  EXPECT_EQ(request().due_on(), "2025-10-06") << "the 4th is a Saturday";
  EXPECT_EQ(status(), "IDENTIFIED");
}

// REF-100.
TEST_F(RightsTest, OpeningNamesEveryWrongFieldAndWhoMay) {
  EXPECT_EQ(Nat("dp", "open_subject_request { crn: 'Z999999' kind: ACCESS }").reason(),
            "NOT_FOUND");
  EXPECT_EQ(As("RO", "open_subject_request { crn: 'Z000001' kind: ACCESS }").reason(),
            "NOT_AUTHORISED");
  const auto wrong = Nat("dp", "open_subject_request { crn: 'Z1' basis: 'WHIM' }");
  ASSERT_EQ(wrong.reason(), "VALIDATION_FAILED");
  std::vector<std::string> fields;
  for (const Violation& violation : wrong.rejected().violations) fields.push_back(violation.field);
  EXPECT_THAT(fields, ElementsAre("crn", "kind", "basis"));
  EXPECT_EQ(Open("ERASURE").reason(), "VALIDATION_FAILED") << "a basis is missing";
  EXPECT_EQ(Open("ACCESS", "COURT_ORDER").reason(), "VALIDATION_FAILED");
  story_.nat.OccurredAt(story_.nat.now() - absl::Hours(24 * 8));
  EXPECT_EQ(Open("ACCESS").reason(), "OCCURRED_AT_OUT_OF_RANGE");
}

TEST_F(RightsTest, EachCommandOfARequestIsRefusedInTheOrderOfTheTable) {
  for (const char* command : {"confirm_identity", "extend_request", "release_bundle",
                              "refuse_request", "approve_erasure"}) {
    id_ = "nobody";
    EXPECT_EQ(Do(command).reason(), "NOT_FOUND") << command;
    ASSERT_EQ(Open("ACCESS").reason(), "");
    EXPECT_EQ(As("AM", absl::StrCat(command, " { request_id: '", id_, "' }")).reason(),
              "NOT_AUTHORISED") << command;
    story_.nat.Expecting(7);
    EXPECT_EQ(Do(command).reason(), "VERSION_CONFLICT") << command;
    story_.nat.OccurredAt(story_.nat.now() + absl::Hours(1));
    EXPECT_EQ(Do(command).reason(), "OCCURRED_AT_OUT_OF_RANGE") << command;
  }
  EXPECT_EQ(Do("extend_request").reason(), "VALIDATION_FAILED") << "a reason is missing";
  EXPECT_EQ(Do("refuse_request").reason(), "VALIDATION_FAILED");
  EXPECT_EQ(Do("approve_erasure", "", "dp-2").reason(), "STATE_FORBIDS_COMMAND")
      << "an access request";
  ASSERT_EQ(Open("ERASURE", "SUBJECT_REQUEST").reason(), "");
  for (const char* command : {"confirm_identity", "release_bundle"}) {
    EXPECT_EQ(Do(command).reason(), "STATE_FORBIDS_COMMAND") << command;
  }
  EXPECT_EQ(Do("extend_request", "reason: 'r'").reason(), "STATE_FORBIDS_COMMAND");
}

// REF-100.
TEST_F(RightsTest, AnExtensionNeedsTheIdentityComesOnceAndInTime) {
  ASSERT_EQ(Open("ACCESS").reason(), "");
  EXPECT_EQ(Do("extend_request", "reason: 'r'").reason(), "IDENTITY_NOT_CONFIRMED");
  ASSERT_EQ(Do("confirm_identity").reason(), "");
  EXPECT_EQ(Do("confirm_identity").reason(), "STATE_FORBIDS_COMMAND");
  ASSERT_EQ(request().due_on(), "2025-10-01");
  story_.At("2025-10-01T23:30:00Z");  // The 2nd in London.
  const auto late = Do("extend_request", "reason: 'r'");
  EXPECT_EQ(late.reason(), "EXTENSION_TOO_LATE");
  EXPECT_EQ(late.rejected().metadata.at("due_on"), "2025-10-01");
  story_.At("2025-10-01T22:30:00Z");
  EXPECT_EQ(Do("extend_request", "reason: 'r'").event_names(), "RequestExtended");
  EXPECT_EQ(request().due_on(), "2025-12-01");
  story_.At("2026-03-01T10:00:00Z");
  EXPECT_EQ(Do("extend_request", "reason: 'r'").reason(), "ALREADY_EXTENDED")
      << "before EXTENSION_TOO_LATE";
}

// REF-101.
TEST_F(RightsTest, ABundleIsReleasedOnceItWasMadeForAKnownIdentity) {
  ASSERT_EQ(Open("ACCESS").reason(), "");
  EXPECT_EQ(Do("release_bundle").reason(), "IDENTITY_NOT_CONFIRMED");
  EXPECT_EQ(System("record_bundle", "bundle_hash: 'ab'").reason(), "STATE_FORBIDS_COMMAND");
  ASSERT_EQ(Do("confirm_identity").reason(), "");
  EXPECT_EQ(Do("release_bundle").reason(), "STATE_FORBIDS_COMMAND") << "no bundle yet";
  EXPECT_EQ(Do("record_bundle", "bundle_hash: 'ab'").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(System("record_bundle").reason(), "VALIDATION_FAILED");
  EXPECT_EQ(System("record_bundle", "bundle_hash: 'ab' positions { area: 'NAT' seq: 7 }")
                .event_names(), "BundlePrepared");
  EXPECT_THAT(System("record_bundle", "bundle_hash: 'ab'").events, IsEmpty()) << "the same";
  EXPECT_EQ(status(), "READY");
  EXPECT_EQ(Do("release_bundle").event_names(), "BundleReleased");
  EXPECT_EQ(status(), "RELEASED");
  EXPECT_EQ(Do("refuse_request", "reason: 'r'").reason(), "STATE_FORBIDS_COMMAND");
}

TEST_F(RightsTest, ARequestIsRefusedFromEveryStateBeforeItsEnd) {
  for (const int steps : {0, 1, 2}) {
    ASSERT_EQ(Open("ACCESS").reason(), "");
    if (steps > 0) ASSERT_EQ(Do("confirm_identity").reason(), "");
    if (steps > 1) ASSERT_EQ(System("record_bundle", "bundle_hash: 'ab'").reason(), "");
    EXPECT_EQ(Do("refuse_request", "reason: 'manifestly unfounded'").event_names(),
              "RequestRefused");
    EXPECT_EQ(status(), "REFUSED");
  }
  ASSERT_EQ(Open("ERASURE", "SUBJECT_REQUEST").reason(), "");
  EXPECT_EQ(Do("refuse_request", "reason: 'r'").reason(), "");
  EXPECT_EQ(Do("approve_erasure", "", "dp-2").reason(), "STATE_FORBIDS_COMMAND");
}

// ---- Erasure

constexpr char kConcluded[] =
    "facts { areas: 'N56' referrals { referral_id: 'r1' area: 'N56' state: CONCLUDED since_on: "
    "'2019-09-02' } referrals { referral_id: 'r2' area: 'N56' state: CLOSED since_on: "
    "'2019-03-01' } }";

// REF-102.
TEST_F(RightsTest, AnErasureIsApprovedByAnotherWhenNothingIsOpenHeldOrKept) {
  ASSERT_EQ(Open("ERASURE", "SUBJECT_REQUEST").reason(), "");
  EXPECT_EQ(status(), "REQUESTED");
  EXPECT_EQ(Do("approve_erasure", kConcluded, "dp-1").reason(), "NOT_AUTHORISED")
      << "the requester";
  // OPEN_REFERRALS before LEGAL_HOLD before RETENTION_NOT_REACHED.
  ASSERT_EQ(As("DP", "set_legal_hold { crn: 'Z000001' hold: true reason: 'inquiry' }").reason(),
            "");
  ASSERT_EQ(As("SYS", "reserve_slot { crn: 'Z000001' key: 'COGNITIVE|Z000001/1' referral_id: 'r9' "
                      "}").reason(), "");
  const auto open = Do("approve_erasure",
                       "facts { areas: 'N56' referrals { referral_id: 'r1' state: ENDED } "
                       "referrals { referral_id: 'r2' state: MOVED } referrals { referral_id: "
                       "'r3' state: DRAFT } }", "dp-2");
  EXPECT_EQ(open.reason(), "OPEN_REFERRALS");
  EXPECT_EQ(open.rejected().metadata.at("ids"), "r1,r3,r9");
  ASSERT_EQ(As("SYS", "release_slot { crn: 'Z000001' key: 'COGNITIVE|Z000001/1' referral_id: 'r9' "
                      "}").reason(), "");
  EXPECT_EQ(Do("approve_erasure", kConcluded, "dp-2").reason(), "LEGAL_HOLD");
  ASSERT_EQ(As("DP", "set_legal_hold { crn: 'Z000001' hold: false reason: 'over' }").reason(), "");
  const auto kept = Do("approve_erasure", kConcluded, "dp-2");
  EXPECT_EQ(kept.reason(), "RETENTION_NOT_REACHED");
  EXPECT_EQ(kept.rejected().metadata.at("until"), "2025-09-02") << "last conclusion + 6 years";
  story_.At("2025-09-02T09:00:00Z");
  EXPECT_EQ(Do("approve_erasure", kConcluded, "dp-2").event_names(),
            "ErasureApproved, PersonErased");
  EXPECT_EQ(status(), "APPROVED");
}

// REF-102: a draft that came to nothing is kept as long as a case that was concluded, from the day
// it was discarded or expired.
TEST_F(RightsTest, DraftsThatAreOverAreKeptFromThatDayOn) {
  ASSERT_EQ(Open("ERASURE", "SUBJECT_REQUEST").reason(), "");
  const auto until = [&](const std::string& referrals) {
    const auto result = Do("approve_erasure", "facts { areas: 'N56' " + referrals + " }", "dp-2");
    EXPECT_EQ(result.reason(), "RETENTION_NOT_REACHED") << referrals;
    return result.accepted() ? "" : result.rejected().metadata.at("until");
  };
  EXPECT_EQ(until("referrals { referral_id: 'r1' state: DISCARDED since_on: '2020-02-29' }"),
            "2026-02-28");
  EXPECT_EQ(until("referrals { referral_id: 'r1' state: CONCLUDED since_on: '2019-10-01' } "
                  "referrals { referral_id: 'r2' state: EXPIRED since_on: '2019-12-31' }"),
            "2025-12-31");
  EXPECT_EQ(Do("approve_erasure", "facts { areas: 'N56' referrals { referral_id: 'r1' state: DRAFT "
                                  "since_on: '2010-01-01' } }", "dp-2").reason(),
            "OPEN_REFERRALS");
  EXPECT_EQ(Do("approve_erasure", "facts { areas: 'N56' referrals { referral_id: 'r1' state: "
                                  "DISCARDED since_on: '2019-09-01' } }", "dp-2").reason(), "");
}

// REF-102.
TEST_F(RightsTest, ACourtOrdersAnErasureEarlier) {
  ASSERT_EQ(Open("ERASURE", "COURT_ORDER").reason(), "");
  EXPECT_EQ(Do("approve_erasure", kConcluded, "dp-2").reason(), "");
}

TEST_F(RightsTest, ALegalHoldIsSetByTheDataProtectionOfficer) {
  EXPECT_EQ(As("DP", "set_legal_hold { crn: 'Z999999' hold: true reason: 'r' }").reason(),
            "NOT_FOUND");
  EXPECT_EQ(As("RO", "set_legal_hold { crn: 'Z000001' hold: true reason: 'r' }").reason(),
            "NOT_AUTHORISED");
  EXPECT_EQ(As("DP", "set_legal_hold { crn: 'Z000001' hold: true }").reason(),
            "VALIDATION_FAILED");
  EXPECT_EQ(As("DP", "set_legal_hold { crn: 'Z000001' reason: 'r' }").reason(),
            "NOTHING_TO_CHANGE");
}

class ErasedTest : public RightsTest {
 protected:
  // The person and an alias, approved on 2025-09-02.
  void Approve() {
    story_.At("2025-09-02T09:00:00Z");
    ASSERT_EQ(As("RO", "register_person { crn: 'Z000002' home_area: 'N56' identity { name { "
                       "family: 'Feld' } sex: 'M' } }").reason(), "");
    ASSERT_EQ(As("AA", "merge_persons { from: 'Z000002' to: 'Z000001' }").reason(), "");
    ASSERT_EQ(Open("ERASURE", "SUBJECT_REQUEST").reason(), "");
    const auto approved = Do("approve_erasure", kConcluded, "dp-2");
    ASSERT_EQ(approved.event_names(), "ErasureApproved, PersonErased, PersonErased");
    EXPECT_THAT(approved.events[1].event.person_erased().aliases(), ElementsAre("Z000002"));
    EXPECT_EQ(approved.events[2].event.person_erased().root(), "Z000001");
  }
  std::string Collect(const std::string& service, const std::string& gaps = "",
                      const std::string& area = "N56") {
    return As("SYS", absl::StrCat("collect_erasure { crn: 'Z000002' service: '", service,
                                  "' area: '", area, "' ", gaps, " }")).event_names();
  }
};

// REF-102.
TEST_F(ErasedTest, CodesAndDatesStayAndCommandsAreRefused) {
  Approve();
  for (const char* crn : {"Z000001", "Z000002"}) {
    const v1::Person& person = story_.nat.Find(PersonId(crn))->person();
    EXPECT_EQ(person.crn(), crn);
    EXPECT_EQ(person.home_area(), "N56");
    EXPECT_FALSE(person.has_identity()) << "nothing personal is kept in the state";
    EXPECT_EQ(person.status(), v1::PERSON_ERASED);
  }
  for (const char* command :
       {"record_risk { crn: 'Z000001' risk { assessed_on: '2025-08-01' } }",
        "record_needs { crn: 'Z000002' source: 'RO' }",
        "set_location { crn: 'Z000001' location { kind: 'CUSTODY' } }",
        "record_death { crn: 'Z000001' died_on: '2025-09-01' }",
        "correct_identity { crn: 'Z000001' }",
        "open_subject_request { crn: 'Z000001' kind: ACCESS }",
        "merge_persons { from: 'Z000002' to: 'Z000001' }", "unmerge_person { from: 'Z000002' }",
        "register_person { crn: 'Z000001' home_area: 'N56' identity { name { family: 'F' } "
        "date_of_birth: '1990-01-01' sex: 'M' } }",
        "register_sentence { crn: 'Z000001' event_no: 2 order_type: '201' sentenced_on: "
        "'2025-07-01' area: 'N56' }",
        "add_requirement { crn: 'Z000001' event_no: 1 requirement { no: 7 kind: 'RAR' } }"}) {
    EXPECT_EQ(story_.nat.As("everybody", {"RO", "AA", "CF", "DP", "AM"})
                  .When(Story::Parse(command)).reason(), "PERSON_ERASED") << command;
  }
  EXPECT_EQ(As("SYS", "reserve_slot { crn: 'Z000001' key: 'k' referral_id: 'r' }").reason(),
            "PERSON_ERASED");
  EXPECT_EQ(Do("refuse_request", "reason: 'r'").reason(), "PERSON_ERASED");
}

// REF-102.
TEST_F(ErasedTest, InAnAreaTheReferralsTakeNoCommand) {
  story_ = Story();
  story_.Route();
  ASSERT_EQ(story_.Area("RO", absl::StrCat("withdraw_referral { referral_id: '", story_.id,
                                           "' code: 'MOV' }")).reason(), "");
  EXPECT_EQ(story_.Area("RO", "apply_erasure { crns: 'Z000001' }").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(story_.Area("SYS", "apply_erasure { }").reason(), "VALIDATION_FAILED");
  EXPECT_EQ(story_.Area("SYS", "apply_erasure { crns: 'Z1' }").reason(), "VALIDATION_FAILED");
  EXPECT_EQ(story_.Area("SYS", "apply_erasure { crns: 'Z000001' crns: 'Z000002' }").event_names(),
            "ErasureApplied, ErasureApplied");
  EXPECT_EQ(story_.Area("SYS", "apply_erasure { crns: 'Z000001' }").event_names(), "") << "again";
  EXPECT_EQ(story_.Area("RO", absl::StrCat("withdraw_referral { referral_id: '", story_.id,
                                           "' code: 'MOV' }")).reason(), "PERSON_ERASED");
  EXPECT_EQ(story_.Fact("STARTED", "2025-09-01", "A", "e").reason(), "PERSON_ERASED");
}

// REF-102.
TEST_F(ErasedTest, ConfirmedWhenTheKeysAreGoneAndEverybodyHasAnswered) {
  Approve();
  EXPECT_EQ(request().parts_size(), 3) << "referral, programmes and unpaid_work of N56";
  EXPECT_EQ(Collect("programmes"), "ErasureCollected");
  EXPECT_EQ(Collect("programmes"), "") << "told again";
  EXPECT_EQ(Collect("programmes", "", "N07"), "") << "holds nothing of the person";
  EXPECT_EQ(Collect("unpaid_work", "gaps: 'calendar'"), "ErasureCollected");
  EXPECT_EQ(Collect("referral"), "ErasureCollected");
  EXPECT_EQ(System("record_keys_destroyed").event_names(), "KeysDestroyed");
  EXPECT_EQ(System("record_keys_destroyed").event_names(), "") << "told again";
  EXPECT_EQ(status(), "KEYS_DESTROYED");
  EXPECT_EQ(Collect("unpaid_work"), "ErasureCollected, ErasureCompleted");
  EXPECT_EQ(status(), "CONFIRMED");
}

TEST_F(ErasedTest, OnlyThePlatformCollects) {
  Approve();
  EXPECT_EQ(Do("record_keys_destroyed").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(As("DP", "collect_erasure { crn: 'Z000001' service: 'referral' area: 'N56' }").reason(),
            "NOT_AUTHORISED");
  EXPECT_EQ(As("SYS", "collect_erasure { crn: 'Z999999' }").reason(), "NOT_FOUND");
}

// REF-102.
TEST_F(ErasedTest, GapsAreListedAfterADayAndDailyUntilThereAreNone) {
  Approve();
  const std::string fire =
      absl::StrCat("fire_timer { kind: ERASURE_GAPS request_id: '", id_, "' }");
  ASSERT_EQ(System("record_keys_destroyed").reason(), "");
  ASSERT_EQ(Collect("programmes"), "ErasureCollected");
  ASSERT_EQ(Collect("unpaid_work", "gaps: 'calendar'"), "ErasureCollected");
  // 24 hours behind the approval.
  const auto timers = ReferralDomain::Timers(
      SubjectRequestId(id_), *story_.nat.Find(SubjectRequestId(id_)),
      [] {
        v1::Event event;
        event.mutable_erasure_approved();
        return event;
      }(),
      {Area::Nat(), Version(1), story_.nat.now(), story_.nat.now()});
  ASSERT_EQ(timers.size(), 1u);
  EXPECT_EQ(timers[0].due_at, story_.nat.now() + absl::Hours(24));
  story_.At("2025-09-03T09:00:00Z");
  EXPECT_EQ(As("SYS", fire).event_names(), "ErasureGapsListed");
  EXPECT_THAT(request().gaps(), ElementsAre("referral/N56", "unpaid_work/N56"));
  ASSERT_EQ(Collect("referral"), "ErasureCollected");
  ASSERT_EQ(Collect("unpaid_work"), "ErasureCollected, ErasureCompleted");
  EXPECT_EQ(As("SYS", fire).reason(), "TIMER_NOT_DUE");
  EXPECT_THAT(request().gaps(), IsEmpty());
}

// ---- Access log

// REF-91.
TEST_F(RightsTest, AReadIsLoggedForEachPersonItShowed) {
  const std::string read =
      "record_access { query: 'CaseList' actor_id: 'ro-1' organisation: 'S01' roles: 'RO' at { "
      "seconds: 7 } persons { crn: 'Z000001' referral_id: 'r1' } persons { crn: 'Z000002' } }";
  EXPECT_EQ(story_.Area("DP", read).reason(), "NOT_AUTHORISED");
  const auto wrong = story_.Area("SYS", "record_access { persons { } }");
  ASSERT_EQ(wrong.reason(), "VALIDATION_FAILED");
  EXPECT_EQ(wrong.rejected().violations.size(), 4u) << "query, actor_id, at, persons[0].crn";
  const auto logged = story_.Area("SYS", read);
  ASSERT_EQ(logged.event_names(), "AccessRecorded, AccessRecorded");
  const v1::AccessRecorded& first = logged.events[0].event.access_recorded();
  EXPECT_EQ(first.crn(), "Z000001");
  EXPECT_EQ(first.referral_id(), "r1");
  EXPECT_EQ(first.query(), "CaseList");
  EXPECT_EQ(first.actor_id(), "ro-1");
  EXPECT_EQ(logged.events[0].aggregate.text(), "access_log/N56");
}

// ---- Export classes

std::vector<std::string> Shown(const google::protobuf::Message& event) {
  std::vector<std::string> shown;
  for (const v1::BundleField& field : ExportFields(event)) {
    shown.push_back(field.class_() == v1::EXPORT
                        ? absl::StrCat(field.name(), "=", field.value())
                        : absl::StrCat(field.name(), " ", v1::ExportClass_Name(field.class_())));
  }
  return shown;
}

// REF-101.
TEST(ExportTest, EveryFieldOfEveryEventHasAClass) {
  EXPECT_THAT(FieldsWithoutClass(*v1::Event::descriptor()), IsEmpty());
  // A message that is no event, and has none.
  EXPECT_FALSE(FieldsWithoutClass(*v1::State::descriptor()).empty());
}

// REF-101.
TEST(ExportTest, WhatWouldHarmIsWithheldAndWhatNamesOthersIsRedacted) {
  v1::RiskRecorded risk;
  risk.set_crn("Z000001");
  risk.mutable_risk()->set_ogrs3_bp(6200);
  risk.mutable_risk()->set_summary("knows where she lives");
  EXPECT_THAT(Shown(risk), ElementsAre("crn=Z000001", "risk.ogrs3_bp=6200",
                                       "risk.summary WITHHOLD_RISK"));
  v1::SentenceRegistered sentence;
  sentence.add_offences()->set_code("O1");
  sentence.mutable_offences(0)->set_partner_sex("F");
  EXPECT_THAT(Shown(sentence), ElementsAre("offences[0].code=O1",
                                           "offences[0].partner_sex REDACT_THIRD_PARTY"));
}

// REF-101.
TEST(ExportTest, AnAmendmentIsShownAsTheFieldItChanged) {
  v1::ReferralAmended amended;
  amended.add_changes()->set_field("risk.summary");
  amended.mutable_changes(0)->mutable_new_value()->set_text("knows where she lives");
  amended.add_changes()->set_field("contact.email");
  amended.mutable_changes(1)->mutable_new_value()->set_text("sam@example.org");
  EXPECT_THAT(Shown(amended),
              ElementsAre("changes[0].field=risk.summary", "changes[0].new_value WITHHOLD_RISK",
                          "changes[1].field=contact.email",
                          "changes[1].new_value.text=sam@example.org"));
}

// REF-101.
TEST(ExportTest, ADecisionIsShownWithItsRulesAndSectionsInTheOrderOfTheirNames) {
  v1::EligibilityDecided decided;
  auto* item = decided.mutable_decision()->add_trace();
  item->set_item("O1");
  item->set_rule("ogrs3_bp >= 5000");
  item->add_inputs("ogrs3_bp=6200");
  EXPECT_THAT(Shown(decided), ElementsAre("decision.trace[0].item=O1",
                                          "decision.trace[0].inputs[0]=ogrs3_bp=6200",
                                          "decision.trace[0].rule=ogrs3_bp >= 5000"));
  v1::ReferralSubmitted submitted;
  (*submitted.mutable_snapshot())["RISK"].mutable_risk()->set_ovp_bp(2500);
  (*submitted.mutable_snapshot())["CONTACT"].mutable_contact()->set_email("sam@example.org");
  EXPECT_THAT(Shown(submitted), ElementsAre("snapshot[CONTACT].contact.email=sam@example.org",
                                            "snapshot[RISK].risk.ovp_bp=2500"));
}

}  // namespace
}  // namespace pdp::referral
