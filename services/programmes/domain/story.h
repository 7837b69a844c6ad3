#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_STORY_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_STORY_H_

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/decider/testkit.h"
#include "services/programmes/domain/programmes.h"

// People, staff and a group carried to where a test begins; for tests only. Everything happens in
// the area N56 through commands, so a story is one that users could live.
// Longer than the house rule because one story serves every test of the domain.
namespace pdp::programmes {

class Story {
 public:
  using World = decider::World<Programmes>;
  using Result = World::Result;

  static constexpr char kOrg[] = "P01";

  explicit Story(absl::string_view instant = "2026-03-02T09:00:00Z") {
    In("N56");
    At(instant);
  }

  World& In(absl::string_view area) { return world_.In(area); }
  World& At(absl::string_view instant) { return world_.At(instant); }
  World& As(std::string id, std::vector<std::string> roles, std::string organisation = "") {
    return world_.As(std::move(id), std::move(roles), std::move(organisation));
  }
  World& Given(const AggregateId& id, const v1::Event& event) { return world_.Given(id, event); }
  World& Expecting(uint64_t version) { return world_.Expecting(version); }
  const v1::State* Find(const AggregateId& id) const { return world_.Find(id); }
  Version VersionOf(const AggregateId& id) const { return world_.VersionOf(id); }
  absl::Time now() const { return world_.now(); }

  static v1::Command Parse(const std::string& text) {
    v1::Command command;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &command)) << text;
    return command;
  }
  // One command of a person with that role; of the prime organisation unless said.
  Result Do(const char* role, const std::string& text, std::string org = "") {
    return As(absl::StrCat("staff-", role), {role}, std::move(org)).When(Parse(text));
  }
  void Must(const char* role, const std::string& text) {
    const Result result = Do(role, text);
    ASSERT_EQ(result.reason(), "") << text << Violations(result);
  }
  static std::string Violations(const Result& result) {
    std::string out;
    if (result.accepted()) return out;
    for (const Violation& v : result.rejected().violations) {
      absl::StrAppend(&out, v.code, " ", v.subject, " ", v.field, "; ");
    }
    return out;
  }
  static std::vector<std::string> Codes(const Result& result) {
    std::vector<std::string> codes;
    if (result.accepted()) return codes;
    for (const Violation& v : result.rejected().violations) codes.push_back(v.code);
    return codes;
  }
  // The events of one type, in order.
  template <typename Get>
  static auto Of(const Result& result, bool (v1::Event::*has)() const, Get get) {
    std::vector<std::decay_t<decltype((std::declval<v1::Event>().*get)())>> out;
    for (const auto& emitted : result.events) {
      if ((emitted.event.*has)()) out.push_back((emitted.event.*get)());
    }
    return out;
  }

  // Site S1 with a room for twenty, open 09:00 to 21:00; F1 to F4 of P01, trained for every shipped
  // programme and in trauma-informed practice.
  void Premises() {
    Must("PM", R"(register_site { site_id: "S1" pdu: "PDU1" opens_min: 540 closes_min: 1260 })");
    Must("PM", R"(put_room { site_id: "S1" room_id: "R1" capacity: 20 })");
    for (const char* id : {"F1", "F2", "F3", "F4"}) Staff(id, true);
  }
  void Staff(const std::string& id, bool trauma) {
    Must("PM", absl::StrCat("register_facilitator { staff_id: '", id, "' org: 'P01' }"));
    for (const char* code :
         {"TSP", "BBR", "EM-GEN", "EM-W", "COG-GEN", "COG-W", "DA-GEN", "DA-W"}) {
      Capability(id, absl::StrCat("PROG:", code));
    }
    if (trauma) Capability(id, "TRAUMA");
  }
  void Capability(const std::string& id, const std::string& kind,
                  const std::string& gained = "2020-01-01", const std::string& expires = "") {
    Must("PM", absl::StrCat("record_capability { staff_id: '", id, "' capability { kind: '", kind,
                            "' gained_on: '", gained, "' expires_on: '", expires, "' } }"));
  }

  struct Person {
    std::string referral;
    bool woman = false;
    std::string version = "EM-GEN/1";
    std::string route = "SI_EM";
    std::string order_end = "2028-01-31";
    std::string order_kind = "COMMUNITY";
    // Empty: not yet asked.
    std::string choice = "NO_PREFERENCE";
    std::string crn = "";
    int round = 1;
    std::string org = "P01";
  };
  static std::string Crn(const Person& p) {
    return p.crn.empty() ? absl::StrCat("T", p.referral) : p.crn;
  }
  static std::string Receive(const Person& p) {
    return absl::StrCat(
        "receive_referral { referral_id: '", p.referral, "' round: ", p.round, " crn: '", Crn(p),
        "' delivery_org: '", p.org, "' stratum: 'MEDIUM' route: '", p.route,
        "' version_ref: '", p.version,
        "' requirement { key: '", Crn(p), "/1/1' order_id: '", Crn(p), "/1' kind: '", p.order_kind,
        "' order_end: '", p.order_end, "' } received_on: '2026-01-05' opened_on: '2026-02-02' ",
        "responsivity { woman: ", p.woman ? "true" : "false", " sex: '", p.woman ? "F" : "M",
        "' } pdu: 'PDU1' verdict: 'ELIGIBLE' person_version: 1 sentence_version: 1 }");
  }
  static std::string Id(const Person& p) { return absl::StrCat(p.referral, "/", p.round); }
  // Received, suitable, and, for a woman, asked: WAITING.
  std::string Enrol(const Person& p) {
    Must("SYS", Receive(p));
    Must("TM", absl::StrCat("confirm_suitability { enrolment_id: '", Id(p), "' }"));
    if (p.woman && !p.choice.empty()) {
      Must("FAC", absl::StrCat("record_delivery_choice { enrolment_id: '", Id(p), "' choice: '",
                               p.choice, "' female_facilitator: 'NOT_WANTED' }"));
    }
    return Id(p);
  }
  // m men and f women, m1 ... and f1 ...; their enrolment ids.
  std::vector<std::string> People(int m, int f, const std::string& version = "EM-GEN/1",
                                  const std::string& route = "SI_EM") {
    std::vector<std::string> ids;
    for (int i = 1; i <= m; ++i) {
      ids.push_back(Enrol({.referral = absl::StrCat("m", i), .version = version, .route = route}));
    }
    for (int i = 1; i <= f; ++i) {
      ids.push_back(Enrol(
          {.referral = absl::StrCat("f", i), .woman = true, .version = version, .route = route}));
    }
    return ids;
  }

  static std::string OpenGroup(const std::string& id, const std::string& more = "") {
    return absl::StrCat("open_group { group_id: '", id, "' code: '", id,
                        "' delivery_org: 'P01' site_id: 'S1' ", more, " }");
  }
  // An EM-GEN group on Wednesdays at 13:00 from 18 March 2026 with F1 to F4:
  // PG1 18 Mar, S1 25 Mar, S2 1 Apr ... S8 13 May, RV1 27 May.
  void Group(const std::string& id = "g1", const std::string& mode = "MIXED",
             const std::string& version = "EM-GEN/1",
             const std::string& slots = "slots { iso_weekday: 3 start_min: 780 }",
             const std::string& start = "2026-03-18") {
    Must("SCH", OpenGroup(id, absl::StrCat("version_ref: '", version, "' sex_mode: ", mode, " ",
                                           slots, " earliest_start: '", start, "'")));
    Must("SCH",
         absl::StrCat("assign_staff { group_id: '", id, "' staff { staff_id: 'F1' order: 1 } ",
                      "staff { staff_id: 'F2' order: 2 } staff { staff_id: 'F3' order: 3 } ",
                      "staff { staff_id: 'F4' cover: true order: 1 } }"));
  }
  static std::string Allocate(const std::string& group, const std::vector<std::string>& ids) {
    std::string text = absl::StrCat("allocate_members { group_id: '", group, "' ");
    for (const std::string& id : ids) absl::StrAppend(&text, "enrolment_ids: '", id, "' ");
    return text + "}";
  }
  void Schedule(const std::string& id = "g1") {
    Must("SCH", absl::StrCat("generate_schedule { group_id: '", id, "' }"));
  }
  void Confirm(const std::string& id = "g1") {
    Must("PM", absl::StrCat("confirm_group { group_id: '", id, "' }"));
  }
  // A confirmed EM-GEN group g1 with these members.
  std::vector<std::string> Confirmed(int m, int f) {
    Premises();
    Group();
    std::vector<std::string> ids = People(m, f);
    Must("SCH", Allocate("g1", ids));
    Schedule();
    Confirm();
    return ids;
  }
  static std::string Entry(const std::string& id, const std::string& code, int minutes) {
    return absl::StrCat(" entries { enrolment_id: '", id, "' code: '", code,
                        "' minutes_present: ", minutes, " }");
  }
  static std::string Register(const std::string& session, const std::string& entries,
                              bool close = false, const std::string& more = "") {
    return absl::StrCat("record_attendance { session_id: '", session, "'", entries,
                        close ? " close: true " : " ", more, "}");
  }
  static std::string Correct(const std::string& id, const std::string& session,
                             const std::string& code, int minutes,
                             const std::string& evidence = "doc-1") {
    return absl::StrCat("correct_attendance { enrolment_id: '", id, "' session_id: '", session,
                        "' code: '", code, "' minutes_present: ", minutes,
                        " reason: 'wrong line' evidence_ref: '", evidence, "' }");
  }

  const v1::Enrolment& enrolment(const std::string& id) const {
    return Find(EnrolmentId(id))->enrolment();
  }
  const v1::Group& group(const std::string& id = "g1") const { return Find(GroupId(id))->group(); }
  const v1::Order& order(const std::string& id) const { return Find(OrderId(id))->order(); }
  const v1::Session& session(const std::string& group_id, const std::string& row) const {
    for (const v1::Session& s : group(group_id).sessions()) {
      if (s.row() == row) return s;
    }
    ADD_FAILURE() << "no row " << row;
    return v1::Session::default_instance();
  }
  v1::RowCredit credit(const std::string& id, const std::string& row) const {
    for (const v1::LedgerRow& r : enrolment(id).ledger()) {
      if (r.row() == row) return r.credit();
    }
    ADD_FAILURE() << "no row " << row;
    return v1::PENDING;
  }
  bool HasTask(const std::string& id) const { return Find(TaskId(id)) != nullptr; }

 private:
  World world_;
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_STORY_H_
