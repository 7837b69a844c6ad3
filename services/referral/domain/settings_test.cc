// Published rules: PublishPolicySet, PublishCalendar, PublishCodes (interfaces, C10 and C11), what
// they do to referrals (REF-57) and to running clocks (REF-86).

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/criteria/content_hash.h"
#include "services/referral/domain/form.h"
#include "services/referral/domain/in_force.h"
#include "services/referral/domain/settings.h"
#include "services/referral/domain/story.h"
#include "services/referral/domain/working_days.h"

namespace pdp::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class SettingsTest : public ::testing::Test {
 protected:
  using Result = Story::World::Result;

  static std::string Row(const std::string& key, const std::string& value,
                         const std::string& from) {
    return absl::StrCat("rows { key: '", key, "' value: '", value, "' effective_from: '", from,
                        "' basis: 'REF-86' source: 'ours' } ");
  }
  Result Policy(const std::string& version, const std::string& rows, const std::string& more = "",
                const char* role = "AM") {
    return story_.Nat(role, absl::StrCat("publish_policy_set { set { name: 'pdp-2019' version: '",
                                         version, "' ", rows, " } ", more, " }"));
  }
  Result Calendar(const std::string& version, const std::string& holidays,
                  const std::string& more = "", const char* role = "AM") {
    return story_.Nat(role, absl::StrCat("publish_calendar { calendar { version: '", version,
                                         "' first_day: '2025-01-01' last_day: '2026-12-31' ",
                                         holidays, " } ", more, " }"));
  }
  // As the process of the area does.
  Result Copy(const std::string& name, const Result& published, uint64_t order) {
    v1::Command command;
    v1::CopySettings* copy = command.mutable_copy_settings();
    copy->set_name(name);
    const v1::Event& event = published.events.at(0).event;
    *copy->mutable_published() = event.has_policy_set_published()
                                     ? event.policy_set_published().published()
                                 : event.has_calendar_published()
                                     ? event.calendar_published().published()
                                     : event.codes_published().published();
    copy->set_nat_order(order);
    return story_.Area("SYS", command);
  }
  Result ReviewRoute(const std::string& cause) {
    v1::Command command;
    command.mutable_review_route()->set_referral_id(story_.id);
    command.mutable_review_route()->set_cause(cause);
    *command.mutable_review_route()->mutable_facts() = story_.Facts();
    *command.mutable_review_route()->mutable_catalogue() = ShippedCatalogue();
    return story_.Area("SYS", command);
  }
  static std::vector<std::string> Faults(const Result& result) {
    std::vector<std::string> faults;
    if (result.accepted()) return faults;
    for (const Violation& v : result.rejected().violations) {
      faults.push_back(absl::StrCat(v.code, " at ", v.field));
    }
    return faults;
  }
  Story story_;
};

// ---- Policy sets

TEST_F(SettingsTest, APolicySetNamesEveryWrongField) {
  const std::string row = Row("sla.PLACEMENT", "7", "2025-09-02");
  EXPECT_EQ(Policy("v2", row, "", "RO").reason(), "NOT_AUTHORISED");
  EXPECT_THAT(Faults(story_.Nat("AM", "publish_policy_set { }")),
              ElementsAre("UNKNOWN_CODE at set.name", "FIELD_MISSING at set.version",
                          "FIELD_MISSING at set.rows"));
  EXPECT_THAT(
      Faults(Policy("v2", "rows { key: 'sla.NONSENSE' value: '3' basis: 'b' source: 'ours' } "
                          "rows { key: 'sla.PLACEMENT' value: 'soon' effective_from: '2025-13-01' }"
                          "rows { key: 'upw.hours.max' value: '200' basis: 'b' source: 'law' }"
                          "rows { key: 'draft.days' value: '1000001' basis: 'b' source: 'ours' }"
                          "rows { key: 'ladder.COGNITIVE' value: 'TSP,NOWHERE' basis: 'b' source: "
                          "'ours' } rows { key: 'clock.cutoff' basis: 'b' source: 'ours' }")),
      ElementsAre("UNKNOWN_CODE at set.rows[0].key", "FIELD_MISSING at set.rows[1].basis",
                  "UNKNOWN_CODE at set.rows[1].source",
                  "DATE_MALFORMED at set.rows[1].effective_from",
                  "VALUE_OUT_OF_RANGE at set.rows[1].value",
                  "UNKNOWN_CODE at set.rows[2].key", "VALUE_OUT_OF_RANGE at set.rows[3].value",
                  "VALUE_OUT_OF_RANGE at set.rows[4].value", "FIELD_MISSING at set.rows[5].value"))
      << "not of another service";
  EXPECT_THAT(Faults(Policy("v2", row + row)),
              ElementsAre("VALUE_OUT_OF_RANGE at set.rows[1].key"));
}

// In the order of interfaces, C11, then CRITERION_INPUT_FORBIDDEN.
TEST_F(SettingsTest, RefusalsOfAPolicySetComeInOrder) {
  const std::string row = Row("sla.PLACEMENT", "7", "2025-09-02");
  const std::string old = Row("sla.PLACEMENT", "7", "2019-01-01");
  const std::string past = Row("sla.PLACEMENT", "7", "2025-08-31");
  const std::string forbidden = Row("ladder.COGNITIVE", "TSP:ethnicity", "2025-09-02");
  EXPECT_EQ(Policy("pdp-2019.1", old + past + forbidden, "hash: 'no'").reason(), "VERSION_EXISTS");
  EXPECT_EQ(Policy("v2", old + past + forbidden, "hash: 'no'").reason(), "HASH_MISMATCH");
  EXPECT_EQ(Policy("v2", old + past + forbidden).reason(), "POLICY_ROW_EXISTS");
  EXPECT_EQ(Policy("v2", past + forbidden).reason(), "EFFECTIVE_IN_PAST");
  EXPECT_EQ(Policy("v2", forbidden).reason(), "CRITERION_INPUT_FORBIDDEN");
  // REF-12.
  for (const char* input :
       {"ethnicity", "religion", "sexual_orientation", "marital_status", "pregnancy"}) {
    EXPECT_EQ(Policy("v2", Row(absl::StrCat("difficulty.", input), "1", "2025-09-02")).reason(),
              "CRITERION_INPUT_FORBIDDEN") << input;
  }
  const auto published = Policy("v2", row);
  ASSERT_EQ(published.event_names(), "PolicySetPublished");
  const v1::PublishedVersion& version =
      published.events[0].event.policy_set_published().published();
  EXPECT_EQ(version.hash(), criteria::ContentHash(version.policy()));
  EXPECT_EQ(version.effective_from(), "2025-09-02");
  EXPECT_EQ(Policy("v2", Row("sla.DECISION", "3", "2025-09-03")).reason(), "VERSION_EXISTS");
  EXPECT_EQ(Policy("v3", row).reason(), "POLICY_ROW_EXISTS") << "of the version before";
  EXPECT_EQ(Policy("v3", Row("sla.PLACEMENT", "8", "2025-09-01")).reason(), "") << "today counts";
}

// Each row from its own day on; what was decided keeps its number.
TEST_F(SettingsTest, ARowCountsFromItsDayOn) {
  const auto published = Policy("v2", Row("sla.PLACEMENT", "7", "2025-09-03"));
  ASSERT_EQ(published.reason(), "");
  const auto copied = Copy(kPolicySettings, published, 5);
  EXPECT_EQ(copied.event_names(), "SettingsCopied") << "does not count yet";
  EXPECT_EQ(Copy(kPolicySettings, published, 5).event_names(), "") << "told again";
  story_.Route();
  EXPECT_EQ(story_.clock("PLACEMENT").limit_days(), 5);
  EXPECT_EQ(story_.referral().decision().policy_version(), "v2");
  Story later("2025-09-03T09:00:00Z");
  std::swap(later, story_);
  ASSERT_EQ(Copy(kPolicySettings, published, 5).event_names(), "SettingsCopied, RulesTookEffect");
  story_.Route();
  EXPECT_EQ(story_.clock("PLACEMENT").limit_days(), 7);
}

TEST_F(SettingsTest, ACopyFitsItsNameAndItsValuesCanBeRead) {
  const auto published = Policy("v2", Row("sla.PLACEMENT", "7", "2025-09-03"));
  EXPECT_THAT(Faults(Copy("calendar", published, 5)), ElementsAre("UNKNOWN_CODE at name"));
  EXPECT_THAT(Faults(story_.Area("SYS", "copy_settings { name: 'policy' published { policy { rows "
                                        "{ key: 'sla.PLACEMENT' value: 'soon' } } } }")),
              ElementsAre("FIELD_MISSING at published.version",
                          "VALUE_OUT_OF_RANGE at published.policy.rows[0]"));
  EXPECT_EQ(story_.Area("AM", "copy_settings { name: 'policy' }").reason(), "NOT_AUTHORISED");
}

TEST_F(SettingsTest, ALaterDayIsATimer) {
  const auto published = Policy("v2", Row("sla.PLACEMENT", "7", "2025-09-03") +
                                          Row("sla.DECISION", "3", "2025-10-01"));
  const auto copied = Copy(kPolicySettings, published, 5);
  std::vector<std::string> due;
  for (const auto& change : ReferralDomain::Timers(
           SettingsId(kPolicySettings), v1::State(), copied.events[0].event,
           {story_.area.facts().area, Version(1), story_.area.now(), story_.area.now()})) {
    due.push_back(FormatDate(LocalDate(*change.due_at)));
  }
  EXPECT_THAT(due, UnorderedElementsAre("2025-09-03", "2025-10-01"));
  const std::string fire =
      "fire_timer { kind: RULES_DUE settings: 'policy' settings_version: 'v2' due_at { seconds: ";
  const std::string at =
      absl::StrCat(absl::ToUnixSeconds(StartOfLocalDate(*ParseDate("2025-09-03"))), " } }");
  EXPECT_EQ(story_.Area("SYS", fire + at).reason(), "TIMER_NOT_DUE");
  story_.At("2025-09-03T00:00:00Z");
  EXPECT_EQ(story_.Area("RO", fire + at).reason(), "NOT_AUTHORISED");
  EXPECT_EQ(story_.Area("SYS", fire + "7 } }").reason(), "TIMER_NOT_DUE") << "no day of it";
  EXPECT_EQ(story_.Area("SYS", fire + at).event_names(), "RulesTookEffect");
}

// REF-32: 30 days, then 10; what was saved before keeps its day.
TEST_F(SettingsTest, ADraftExpiresByTheRowInForceWhenItWasLastSaved) {
  story_.RegisterPersonAndSentence();
  ASSERT_EQ(story_.OpenProgramme().reason(), "");
  EXPECT_EQ(story_.referral().draft_expires_on(), "2025-10-02");
  Copy(kPolicySettings, Policy("v2", Row("draft.days", "10", "2025-09-02")), 5);
  story_.At("2025-09-15T09:00:00Z");
  EXPECT_EQ(story_.Fire("kind: DRAFT_EXPIRY").reason(), "TIMER_NOT_DUE");
  const auto saved = story_.Save("contact { address: 'x' }");
  ASSERT_EQ(saved.reason(), "");
  EXPECT_EQ(story_.referral().draft_expires_on(), "2025-09-26");
  const auto timers = ReferralDomain::Timers(
      ReferralId(story_.id), *story_.area.Find(ReferralId(story_.id)), saved.events[0].event,
      {story_.area.facts().area, Version(1), story_.area.now(), story_.area.now()});
  ASSERT_EQ(timers.size(), 1u);
  EXPECT_EQ(*timers[0].due_at, StartOfLocalDate(*ParseDate("2025-09-26")));
  story_.At("2025-09-25T22:59:59Z");
  EXPECT_EQ(story_.Fire("kind: DRAFT_EXPIRY").reason(), "TIMER_NOT_DUE");
  story_.At("2025-09-25T23:00:00Z");
  EXPECT_EQ(story_.Save("contact { address: 'y' }").reason(), "DRAFT_EXPIRED");
  EXPECT_EQ(story_.Fire("kind: DRAFT_EXPIRY").event_names(), "DraftExpired");
}

// REF-35.
TEST_F(SettingsTest, AReservationIsAskedAboutByTheRowInForceWhenItWasMade) {
  story_.RegisterPersonAndSentence();
  ASSERT_EQ(story_.OpenProgramme().reason(), "");
  const auto timer = [&](const Result& reserved) {
    const auto timers = ReferralDomain::Timers(
        PersonId(Story::kCrn), v1::State(), reserved.events.at(0).event,
        {story_.nat.facts().area, Version(1), story_.nat.now(), story_.nat.now()});
    return timers.at(0);
  };
  const auto before = timer(story_.ReserveSlot("COGNITIVE|Z000001/1"));
  ASSERT_EQ(Policy("v2", Row("slot.orphan_minutes", "30", "2025-09-01")).reason(), "");
  const auto after = timer(story_.ReserveSlot("DOMESTIC_ABUSE|Z000001/1"));
  EXPECT_EQ(*before.due_at, story_.nat.now() + absl::Minutes(15));
  EXPECT_EQ(*after.due_at, story_.nat.now() + absl::Minutes(30));
  const auto fire = [&](const auto& set) {
    const auto fired = story_.nat.As("system", {"SYS"}).When(set.command);
    return fired.accepted() ? fired.event_names() : fired.reason();
  };
  story_.At("2025-09-01T09:15:00Z");
  EXPECT_EQ(fire(before), "SlotCheckDue");
  EXPECT_EQ(fire(after), "TIMER_NOT_DUE");
  story_.At("2025-09-01T09:30:00Z");
  EXPECT_EQ(fire(after), "SlotCheckDue");
}

// REF-47.
TEST_F(SettingsTest, AnEstimateIsAskedForAgainByTheRowInForceAtTheDecision) {
  for (const int minutes : {15, 60}) {
    story_ = Story("2026-07-20T09:00:00Z");
    if (minutes != 15) {
      Copy(kPolicySettings,
           Policy("v2", Row("estimate.retry_minutes", absl::StrCat(minutes), "2026-07-20")), 5);
    }
    story_.RegisterPersonAndSentence();
    ASSERT_EQ(story_.OpenProgramme().reason(), "");
    story_.SaveProgrammeForm();
    ASSERT_EQ(story_.ReserveSlot("COGNITIVE|Z000001/1").reason(), "");
    ASSERT_EQ(story_.Submit().reason(), "");
    const auto decided = story_.Decide();
    ASSERT_THAT(story_.referral().decision().reasons(), ElementsAre("TSP/1:NOT_FEASIBLE_IN_TIME"));
    const auto timers = ReferralDomain::Timers(
        ReferralId(story_.id), *story_.area.Find(ReferralId(story_.id)), decided.events[0].event,
        {story_.area.facts().area, Version(1), story_.area.now(), story_.area.now()});
    ASSERT_EQ(timers.size(), 1u);
    EXPECT_EQ(*timers[0].due_at, story_.area.now() + absl::Minutes(minutes));
  }
}

// Events of before say nothing of it: the shipped rows counted.
TEST_F(SettingsTest, OldEventsHadTheShippedRows) {
  v1::Referral draft;
  draft.set_origin("FORM");
  draft.set_last_saved_on("2025-03-10");
  EXPECT_EQ(DraftExpiresAt(draft), StartOfLocalDate(*ParseDate("2025-04-10")));
  const absl::Time now = story_.nat.now();
  v1::Event reserved;
  reserved.mutable_slot_reserved()->set_crn(Story::kCrn);
  const auto timers = ReferralDomain::Timers(PersonId(Story::kCrn), v1::State(), reserved,
                                             {story_.nat.facts().area, Version(1), now, now});
  ASSERT_EQ(timers.size(), 1u);
  EXPECT_EQ(*timers[0].due_at, now + absl::Minutes(15));
}

// REF-57: before ACCEPTED the route is decided again.
TEST_F(SettingsTest, BeforeAcceptanceTheRouteIsDecidedAgain) {
  story_.Route("ogrs3_bp: 6200");
  ASSERT_EQ(story_.state(), "ROUTED");
  ASSERT_EQ(story_.referral().decision().route(), "TSP");
  Copy(kPolicySettings, Policy("v2", Row("ladder.COGNITIVE", "SI_COG", "2025-09-01")), 5);
  EXPECT_EQ(ReviewRoute("POLICY:v2").event_names(), "DecisionReopened");
  EXPECT_EQ(story_.state(), "SUBMITTED");
  ASSERT_EQ(story_.Decide().reason(), "");
  EXPECT_EQ(story_.referral().decision().policy_version(), "v2");
  // An offer is taken back first, and says why.
  story_ = Story();
  story_.Route();
  ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
  Copy(kPolicySettings, Policy("v2", Row("ladder.COGNITIVE", "SI_COG", "2025-09-01")), 5);
  const auto rescinded = ReviewRoute("POLICY:v2");
  ASSERT_EQ(rescinded.event_names(), "OfferRescinded, SlaClockMet");
  EXPECT_EQ(rescinded.events[0].event.offer_rescinded().cause(), "POLICY:v2");
}

// REF-57: later a task, and only when outcome or route differ.
TEST_F(SettingsTest, FromAcceptanceOnATaskIsRaisedOnlyWhenTheRouteDiffers) {
  story_.Route();
  ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
  ASSERT_EQ(story_.Accept(1, "ORG-A").reason(), "");
  Copy(kPolicySettings, Policy("v2", Row("sla.PLACEMENT", "9", "2025-09-01")), 5);
  EXPECT_EQ(ReviewRoute("POLICY:v2").event_names(), "") << "the same route";
  Copy(kPolicySettings, Policy("v3", Row("ladder.COGNITIVE", "SI_COG", "2025-09-01")), 6);
  EXPECT_EQ(ReviewRoute("POLICY:v3").event_names(), "RouteReviewRaised");
  EXPECT_EQ(story_.state(), "ACCEPTED");
  EXPECT_EQ(story_.referral().route_review().cause(), "POLICY:v3");
}

// ---- Calendar

TEST_F(SettingsTest, ACalendarNamesEveryWrongField) {
  EXPECT_EQ(Calendar("c2", "holidays: '2025-12-25'", "", "AA").reason(), "NOT_AUTHORISED");
  EXPECT_THAT(Faults(story_.Nat("AM", "publish_calendar { calendar { first_day: '2025-02-01' "
                                      "last_day: '2025-01-01' } effective_from: 'x' }")),
              ElementsAre("FIELD_MISSING at calendar.version", "DATE_ORDER at calendar.last_day",
                          "FIELD_MISSING at calendar.holidays",
                          "DATE_MALFORMED at effective_from"));
  EXPECT_THAT(Faults(Calendar("c2", "holidays: 'x' holidays: '2027-01-01' holidays: '2026-01-01' "
                                    "holidays: '2025-12-25'")),
              ElementsAre("DATE_MALFORMED at calendar.holidays[0]",
                          "VALUE_OUT_OF_RANGE at calendar.holidays[1]",
                          "DATE_ORDER at calendar.holidays[2]", "DATE_ORDER at calendar.holidays[3]"
                          ));
}

TEST_F(SettingsTest, RefusalsOfACalendarComeInOrder) {
  const std::string day = "holidays: '2025-12-25'";
  EXPECT_EQ(Calendar(std::string(kCalendarVersion), day, "hash: 'no' effective_from: '2025-01-01'")
                .reason(), "VERSION_EXISTS");
  EXPECT_EQ(Calendar("c2", day, "hash: 'no' effective_from: '2025-01-01'").reason(),
            "HASH_MISMATCH");
  EXPECT_EQ(Calendar("c2", day, "effective_from: '2025-08-31'").reason(), "EFFECTIVE_IN_PAST");
  EXPECT_EQ(Calendar("c2", day).event_names(), "CalendarPublished");
  EXPECT_EQ(Calendar("c2", day).reason(), "VERSION_EXISTS");
}

// REF-86: PLACEMENT of Monday the 1st, five working days: Monday the 8th; the 4th is now a holiday.
TEST_F(SettingsTest, ANewCalendarMovesTheClocksThatRun) {
  story_.Route();
  ASSERT_EQ(story_.clock("PLACEMENT").due_on(), "2025-09-08");
  ASSERT_EQ(story_.clock("FIRST_APPOINTMENT").due_on(), "2025-09-15");
  const auto published = Calendar("c2", "holidays: '2025-09-04' holidays: '2025-12-25'");
  ASSERT_EQ(Copy(kCalendarSettings, published, 5).event_names(), "SettingsCopied, RulesTookEffect");
  const std::string recompute =
      absl::StrCat("recompute_clocks { referral_id: '", story_.id, "' }");
  EXPECT_EQ(story_.Area("RO", recompute).reason(), "NOT_AUTHORISED");
  const auto moved = story_.Area("SYS", recompute);
  ASSERT_EQ(moved.event_names(), "SlaClockRecomputed, SlaClockRecomputed");
  EXPECT_EQ(moved.events[0].event.sla_clock_recomputed().reason(), "CALENDAR:c2");
  EXPECT_EQ(story_.clock("PLACEMENT").due_on(), "2025-09-09");
  EXPECT_EQ(story_.clock("FIRST_APPOINTMENT").due_on(), "2025-09-16");
  EXPECT_EQ(story_.clock("PLACEMENT").calendar_version(), "c2");
  EXPECT_EQ(story_.clock("DECISION").due_on(), "2025-09-03") << "stopped: as it was";
  EXPECT_EQ(story_.Area("SYS", recompute).event_names(), "") << "nothing moves twice";
  // The timer of the limit moves with it.
  const auto timers = ReferralDomain::Timers(
      ReferralId(story_.id), *story_.area.Find(ReferralId(story_.id)), moved.events[1].event,
      {story_.area.facts().area, Version(1), story_.area.now(), story_.area.now()});
  ASSERT_EQ(timers.size(), 1u);
  EXPECT_EQ(LocalDate(*timers[0].due_at),
            *ParseDate(moved.events[1].event.sla_clock_recomputed().clock().due_on()) + 1);
}

TEST_F(SettingsTest, NewClocksAndOffersAreByTheCalendarInForce) {
  story_.Route();
  const auto published = Calendar("c2", "holidays: '2025-09-02' holidays: '2025-12-25'");
  Copy(kCalendarSettings, published, 5);
  ASSERT_EQ(story_.Offer(1, "ORG-A").reason(), "");
  EXPECT_EQ(story_.referral().rounds(0).respond_on(), "2025-09-04") << "two working days: 3rd, 4th";
  EXPECT_EQ(story_.clock("OFFER").due_on(), "2025-09-04");
  EXPECT_EQ(story_.clock("OFFER").calendar_version(), "c2");
}

TEST_F(SettingsTest, BeyondACalendarNothingIsComputed) {
  story_.Route();
  Copy(kCalendarSettings,
       story_.Nat("AM", "publish_calendar { calendar { version: 'c2' first_day: '2025-01-01' "
                        "last_day: '2025-09-02' holidays: '2025-08-25' } }"), 5);
  EXPECT_EQ(story_.Offer(1, "ORG-A").reason(), "CALENDAR_NOT_COVERED");
}

// ---- Codes

TEST_F(SettingsTest, AListMayGrowAndKeepsWhatItHad) {
  v1::Command command;
  v1::CodeList* list = command.mutable_publish_codes()->mutable_list();
  for (const v1::CodeList& shipped : ShippedCodeLists().lists()) {
    if (shipped.name() == "barrier") *list = shipped;
  }
  const std::string before = list->version();
  const auto publish = [&](const char* role = "AM") {
    return story_.nat.As(absl::StrCat("staff-", role), {role}).When(command);
  };
  EXPECT_EQ(publish("RO").reason(), "NOT_AUTHORISED");
  EXPECT_EQ(publish().reason(), "VERSION_EXISTS");
  list->set_version("2025.1");
  list->add_codes();
  list->add_codes()->set_code("CHILDCARE");
  EXPECT_THAT(Faults(publish()),
              ElementsAre(absl::StrCat("FIELD_MISSING at list.codes[", list->codes_size() - 2,
                                       "].code"),
                          absl::StrCat("VALUE_OUT_OF_RANGE at list.codes[", list->codes_size() - 1,
                                       "].code")));
  list->mutable_codes()->RemoveLast();
  list->mutable_codes(list->codes_size() - 1)->set_code("GAMBLING");
  command.mutable_publish_codes()->set_hash("no");
  EXPECT_EQ(publish().reason(), "HASH_MISMATCH");
  command.mutable_publish_codes()->clear_hash();
  command.mutable_publish_codes()->set_effective_from("2025-08-31");
  EXPECT_EQ(publish().reason(), "EFFECTIVE_IN_PAST");
  command.mutable_publish_codes()->clear_effective_from();
  const v1::CodeList whole = *list;
  list->mutable_codes()->DeleteSubrange(0, 1);
  EXPECT_THAT(Faults(publish()), ElementsAre("VALUE_OUT_OF_RANGE at list.codes"));
  *list = whole;
  list->set_name("nonsense");
  EXPECT_EQ(publish().reason(), "VALIDATION_FAILED");
  *list = whole;
  // A barrier of that code is refused before, and taken after.
  story_.RegisterPersonAndSentence();
  const char barrier[] = R"pb(record_needs {
    crn: "Z000001" source: "RO"
    answers { barriers { barriers { code: "GAMBLING" adjustment: "evenings"
                                    review_on: "2025-10-01" } } } })pb";
  EXPECT_EQ(story_.Nat("RO", barrier).reason(), "VALIDATION_FAILED");
  EXPECT_EQ(publish().event_names(), "CodesPublished");
  EXPECT_EQ(story_.Nat("RO", barrier).reason(), "");
}

TEST_F(SettingsTest, OutsideOfADecisionTheShippedRulesCount) {
  EXPECT_EQ(&RulesInForce::Policies(), &ShippedPolicySet());
  EXPECT_EQ(CalendarNow(), kCalendarVersion);
  EXPECT_FALSE(InCalendar(*ParseDate("2029-01-01")));
  EXPECT_FALSE(IsDayOfWork(*ParseDate("2025-12-25")));
  EXPECT_THAT(DaysInForce(v1::PublishedVersion()), IsEmpty());
}

}  // namespace
}  // namespace pdp::referral
