// Properties over random stories (specification, section 12). Seeds are fixed and printed.

#include <random>

#include "services/programmes/domain/membership.h"
#include "services/programmes/domain/story.h"

namespace pdp::programmes {
namespace {

// PRG-64: each row one session under its own id; dates strictly increase; gaps hold.
void ExpectSoundTimetable(const v1::Group& group) {
  const v1::ProgrammeVersion& version = *FindVersion(group.version_ref());
  ASSERT_EQ(group.sessions_size(), version.rows_size());
  for (int i = 0; i < group.sessions_size(); ++i) {
    const v1::Session& session = group.sessions(i);
    EXPECT_EQ(session.session_id(), absl::StrCat(group.group_id(), "/", version.rows(i).code()));
    if (i == 0) continue;
    const Date before = *ParseDate(group.sessions(i - 1).date());
    const Date date = *ParseDate(session.date());
    EXPECT_LT(before, date) << session.session_id();
    if (version.rows(i).gap_weeks() > 0) {
      EXPECT_LE(before + 7 * version.rows(i).gap_weeks(), date) << session.session_id();
    }
  }
}

// PRG-42, 52: never a lone woman at work without a breach, and no breach without one.
void ExpectWomenRule(const Story& s, const v1::Group& group) {
  if (group.status() != v1::CONFIRMED && group.status() != v1::RUNNING) return;
  Composition now;
  for (const v1::Member& member : group.members()) {
    const v1::Enrolment& e = s.enrolment(member.enrolment_id());
    if (e.status() == v1::SUSPENDED) continue;
    ++(e.responsivity().woman() ? now.women : now.others);
  }
  EXPECT_EQ(now.lone_woman(), group.breaches_size() == 1);
}

class PropertyTest : public ::testing::TestWithParam<int> {};

TEST_P(PropertyTest, AnyStoryKeepsTheRulesAndReplaysToTheSameState) {
  SCOPED_TRACE(absl::StrCat("seed ", GetParam()));
  std::mt19937 random(GetParam());
  const auto pick = [&](int n) { return static_cast<int>(random() % n); };
  Story s;
  Story replay;
  const auto apply = [&](const char* role, const std::string& text) {
    const auto result = s.Do(role, text);
    for (const auto& emitted : result.events) {
      replay.At(absl::FormatTime(absl::RFC3339_full, s.now(), absl::UTCTimeZone()));
      replay.Given(emitted.aggregate, emitted.event);
    }
    return result.accepted();
  };
  // The setting goes through the same door, so that the copy has it too.
  ASSERT_TRUE(
      apply("PM", "register_site { site_id: 'S1' pdu: 'P' opens_min: 420 closes_min: 1260 }"));
  ASSERT_TRUE(apply("PM", "put_room { site_id: 'S1' room_id: 'R1' capacity: 20 }"));
  for (const char* id : {"F1", "F2", "F3"}) {
    apply("PM", absl::StrCat("register_facilitator { staff_id: '", id, "' org: 'P01' }"));
    for (const char* kind : {"PROG:EM-GEN", "TRAUMA"}) {
      apply("PM", absl::StrCat("record_capability { staff_id: '", id, "' capability { kind: '",
                               kind, "' gained_on: '2020-01-01' } }"));
    }
  }
  std::vector<std::string> ids;
  for (int i = 0; i < 10; ++i) {
    const Story::Person p{.referral = absl::StrCat("p", i), .woman = i % 2 == 1};
    apply("SYS", Story::Receive(p));
    apply("TM", absl::StrCat("confirm_suitability { enrolment_id: '", Story::Id(p), "' }"));
    apply("FAC", absl::StrCat("record_delivery_choice { enrolment_id: '", Story::Id(p),
                              "' choice: 'NO_PREFERENCE' female_facilitator: 'NOT_WANTED' }"));
    ids.push_back(Story::Id(p));
  }
  apply("SCH", Story::OpenGroup("g1",
                                "version_ref: 'EM-GEN/1' sex_mode: MIXED earliest_start: "
                                "'2026-03-18' slots { iso_weekday: 3 start_min: 780 } "
                                "slots { iso_weekday: 5 start_min: 600 }"));
  apply("SCH",
        "assign_staff { group_id: 'g1' staff { staff_id: 'F1' order: 1 } "
        "staff { staff_id: 'F2' order: 2 } staff { staff_id: 'F3' cover: true } }");
  apply("SCH", Story::Allocate("g1", {ids[0], ids[2], ids[4], ids[1], ids[3]}));
  apply("SCH", "generate_schedule { group_id: 'g1' }");
  ASSERT_TRUE(apply("PM", "confirm_group { group_id: 'g1' }"));
  const char* rows[] = {"PG1", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "RV1"};
  const char* codes[] = {"ATTC", "ATTC", "ATTC", "UAAB", "AAME", "AFTC", "AASD"};
  int accepted = 0;
  for (int step = 0; step < 120; ++step) {
    if (pick(3) == 0) {
      s.At(absl::FormatTime(absl::RFC3339_full, s.now() + absl::Hours(7 + pick(40)),
                            absl::UTCTimeZone()));
    }
    const std::string& id = ids[pick(10)];
    const std::string row = rows[pick(10)];
    const char* code = codes[pick(7)];
    const int minutes = code[0] == 'A' && code[1] != 'A' ? 60 + pick(61) : 0;
    const Date today = LocalDate(s.now());
    switch (pick(10)) {
      case 0:
        accepted += apply("SCH", Story::Allocate("g1", {id}));
        break;
      case 1:
        accepted += apply("SCH", Story::Allocate("g1", {id, ids[pick(10)]}));
        break;
      case 2:
        accepted += apply("TM", absl::StrCat("remove_member { group_id: 'g1' enrolment_id: '", id,
                                             "' reason_code: 'HEALTH' }"));
        break;
      case 3:
        accepted += apply("SCH", absl::StrCat("cancel_session { group_id: 'g1' row: '", row,
                                              "' cause_code: 'WEATHER' }"));
        break;
      case 4:
        accepted += apply("SCH", absl::StrCat("reschedule_session { group_id: 'g1' row: '", row,
                                              "' date: '", FormatDate(today + 1 + pick(60)),
                                              "' start_min: ", 420 + pick(14) * 60, " }"));
        break;
      case 5:
      case 6:
        accepted += apply(
            "FAC", Story::Register(absl::StrCat("g1/", row), Story::Entry(id, code, minutes)));
        break;
      case 7:
        accepted += apply("FAC", Story::Correct(id, absl::StrCat("g1/", row), code, minutes));
        break;
      case 8:
        accepted += apply("SYS", absl::StrCat("suspend_enrolment { enrolment_id: '", id,
                                              "' reason_code: 'IN_CUSTODY' }"));
        break;
      case 9:
        accepted += apply("SYS", absl::StrCat("resume_enrolment { enrolment_id: '", id, "' }"));
        break;
    }
    ExpectSoundTimetable(s.group());
    ExpectWomenRule(s, s.group());
    for (const std::string& one : ids) {
      // PRG-91: one open obligation a row at most.
      std::set<std::string> open;
      for (const v1::Obligation& o : s.enrolment(one).obligations()) {
        if (o.open()) EXPECT_TRUE(open.insert(o.row()).second) << one << " " << o.row();
      }
    }
    if (::testing::Test::HasFailure()) FAIL() << "at step " << step;
  }
  EXPECT_GT(accepted, 20);
  std::vector<AggregateId> all = {GroupId("g1"), SiteId("S1"), FacilitatorId("F1")};
  for (const std::string& id : ids) all.push_back(EnrolmentId(id));
  for (const AggregateId& id : all) {
    EXPECT_EQ(s.Find(id)->SerializeAsString(), replay.Find(id)->SerializeAsString());
    EXPECT_EQ(s.VersionOf(id), replay.VersionOf(id));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PropertyTest, ::testing::Range(1, 31));

// What a correction may change of an enrolment and its order, without numbering.
std::string Derived(const Story& s, const std::string& id) {
  v1::Enrolment e = s.enrolment(id);
  std::string out;
  for (const v1::LedgerRow& row : e.ledger()) absl::StrAppend(&out, row.ShortDebugString(), "\n");
  for (v1::Obligation o : e.obligations()) {
    if (o.voided()) continue;
    o.clear_id();
    absl::StrAppend(&out, o.ShortDebugString(), "\n");
  }
  absl::StrAppend(&out, v1::EnrolmentStatus_Name(e.status()), " ", e.started_on(), "\n");
  if (const v1::State* state = s.Find(OrderId(e.requirement().order_id()))) {
    for (const v1::Failure& f : state->order().failures()) {
      if (f.status() != v1::RESCINDED) absl::StrAppend(&out, f.ShortDebugString(), "\n");
    }
    for (const v1::Step& step : state->order().steps()) {
      absl::StrAppend(&out, step.ShortDebugString(), "\n");
    }
  }
  return out;
}

TEST(CorrectionTest, PRG83_ThereAndBackAgainIsAsBefore) {
  const std::pair<const char*, int> outcomes[] = {{"ATTC", 120}, {"ATTC", 30}, {"AFTC", 60},
                                                  {"ATSS", 60},  {"UAAB", 0},  {"AAME", 0},
                                                  {"AASD", 0},   {"RSOF", 0}};
  for (const auto& [first, first_minutes] : outcomes) {
    for (const auto& [second, second_minutes] : outcomes) {
      if (std::string(first) == second && first_minutes == second_minutes) continue;
      SCOPED_TRACE(absl::StrCat(first, " ", first_minutes, " -> ", second, " ", second_minutes));
      Story s;
      s.Confirmed(4, 0);
      s.At("2026-03-25T15:00:00Z");
      s.Must("FAC", Story::Register("g1/S1", Story::Entry("m1/1", first, first_minutes)));
      const std::string before = Derived(s, "m1/1");
      s.Must("FAC", Story::Correct("m1/1", "g1/S1", second, second_minutes));
      EXPECT_NE(Derived(s, "m1/1"), before);
      s.Must("FAC", Story::Correct("m1/1", "g1/S1", first, first_minutes));
      EXPECT_EQ(Derived(s, "m1/1"), before);
    }
  }
}

}  // namespace
}  // namespace pdp::programmes
