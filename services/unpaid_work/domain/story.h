#ifndef PDP_SERVICES_UNPAID_WORK_DOMAIN_STORY_H_
#define PDP_SERVICES_UNPAID_WORK_DOMAIN_STORY_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "libs/decider/testkit.h"
#include "services/unpaid_work/domain/ledger.h"
#include "services/unpaid_work/domain/unpaid_work.h"

// A case, a project and a session carried to where a test begins; for tests only. Cell N56, unless
// a test goes to NAT itself.

// Longer than the house rule because one story carries a case through all of the domain.

namespace pdp::unpaid_work {

class Story {
 public:
  using World = decider::World<UnpaidWork>;
  using Result = World::Result;

  explicit Story(absl::string_view instant = "2024-04-15T09:00:00Z") {
    world.In("N56").At(instant);
  }

  static v1::Command Parse(const std::string& text) {
    v1::Command command;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &command)) << text;
    return command;
  }
  Result Do(const std::string& role, const std::string& text, const std::string& org = "") {
    return world.As(role == "SP" ? "T000001" : absl::StrCat("staff-", role), {role}, org)
        .When(Parse(text));
  }
  // The reason of the refusal; empty when accepted.
  std::string Reason(const std::string& role, const std::string& text) {
    return Do(role, text).reason();
  }
  void Must(const std::string& role, const std::string& text) {
    const Result result = Do(role, text);
    ASSERT_TRUE(result.accepted()) << result.reason() << ": " << text
                                   << (result.rejected().violations.empty()
                                           ? ""
                                           : " " + result.rejected().violations[0].field);
  }

  const v1::Case& Case(const std::string& crn = "T000001") const {
    return world.Find(CaseId(crn))->case_();
  }
  const v1::Session& Session(const std::string& id) const {
    return world.Find(SessionId(id))->session();
  }
  const v1::Requirement& Requirement(const std::string& id,
                                     const std::string& crn = "T000001") const {
    return *FindRequirement(Case(crn), id);
  }
  int64_t Balance(const std::string& requirement, v1::Account account,
                  const std::string& crn = "T000001") const {
    return BalanceOf(Requirement(requirement, crn), account);
  }
  const v1::Appointment& Appointment(const std::string& id,
                                     const std::string& crn = "T000001") const {
    for (const v1::Appointment& appointment : Case(crn).appointments()) {
      if (appointment.appointment_id() == id) return appointment;
    }
    ADD_FAILURE() << "no appointment " << id;
    return v1::Appointment::default_instance();
  }

  static std::string RegisterText(const std::string& requirement, int64_t hours,
                                  const std::string& order_date, const std::string& more = "",
                                  const std::string& crn = "T000001") {
    return absl::StrCat("register_requirement { crn: '", crn, "' requirement_id: '", requirement,
                        "' referral_id: 'ref-", requirement, "' order_id: 'order-", requirement,
                        "' order_type: '201' order_date: '", order_date,
                        "' hours: ", hours, " org: 'P01' pdu: 'N56ESSEX' ",
                        more.find("origin") == std::string::npos ? "origin: ORIGINAL " : "", more,
                        " }");
  }
  void Register(const std::string& requirement, int64_t hours, const std::string& order_date,
                const std::string& more = "", const std::string& crn = "T000001") {
    Must("SYS", RegisterText(requirement, hours, order_date, more, crn));
  }

  // Writes a ledger directly, as a command of its own: figures of the worked examples that no
  // single session could hold.
  template <typename Write>
  void Books(const std::string& cause, Write write, const std::string& crn = "T000001") {
    decider::Unit<UnpaidWork> unit(world, world.facts());
    Ledger ledger(unit, crn, world.facts(), cause);
    write(ledger);
    ledger.Finish();
    for (const auto& emitted : unit.emitted()) world.Given(emitted.aggregate, emitted.event);
  }
  void Credit(const std::string& appointment, v1::Account account, int64_t minutes,
              const std::string& date, const std::string& crn = "T000001") {
    Books(absl::StrCat("out/", appointment, "/1"), [&](Ledger& ledger) {
      ledger.Credit({.account = account,
                     .minutes = minutes,
                     .appointment_id = appointment,
                     .work_date = date,
                     .keep_surplus = account != v1::TRAVEL});
    }, crn);
  }
  // What a correction to `minutes` of work does to the books (UPW-14).
  void Correct(const std::string& appointment, v1::Account account, int64_t minutes,
               const std::string& date, const std::string& crn = "T000001") {
    Books(absl::StrCat("out/", appointment, "/2"), [&](Ledger& ledger) {
      ledger.ReverseAppointment(appointment, minutes == 0);
      ledger.Credit({.account = account,
                     .minutes = minutes,
                     .appointment_id = appointment,
                     .work_date = date});
    }, crn);
  }

  void Needs(const std::string& crn = "T000001") {
    Must("RO", absl::StrCat("record_communication_needs { crn: '", crn,
                            "' languages: 'en' formats: 'STANDARD' }"));
  }
  void Sections(const std::string& crn = "T000001", const std::string& except = "") {
    for (const char* section : {"MATURITY", "LEARNING", "PREFERENCE", "HEALTH", "RISK",
                                "CARING_WORK", "CULTURE", "TRAVEL", "AVAILABILITY"}) {
      if (section == except) continue;
      const std::string level = absl::string_view(section) == "MATURITY"   ? "HIGH"
                                : absl::string_view(section) == "LEARNING" ? "NONE"
                                                                           : "";
      Must("RO", absl::StrCat("answer_section { crn: '", crn, "' section: '", section,
                              "' answers { key: '", level.empty() ? "NOTE" : "LEVEL",
                              "' values: '", level.empty() ? "none" : level, "' } }"));
    }
  }
  // Assessed and inducted: past the gates of UPW-34.
  void Ready(const std::string& crn = "T000001") {
    Needs(crn);
    Sections(crn);
    Must("RO", absl::StrCat("record_ete_needs { crn: '", crn, "' level: ETE_SOME }"));
    v1::Event event;
    event.mutable_induction_completed()->set_on("2024-01-02");
    world.Given(CaseId(crn), event);
  }
  // A ready case of 100 hours under P01, class M unless said.
  void Person(const std::string& crn, const std::string& composition = "CLASS_M",
              const std::string& option = "", int64_t hours = 100) {
    Register(absl::StrCat("R-", crn), hours, "2024-01-08", "", crn);
    Ready(crn);
    Must("RO", absl::StrCat("record_composition_choice { crn: '", crn,
                            "' composition_class: ", composition,
                            option.empty() ? "" : absl::StrCat(" women_option: ", option), " }"));
  }

  void Scope(const std::string& org = "P01") {
    Must("SYS", absl::StrCat("record_organisation_scope { org: '", org,
                             "' contract { contract_id: 'PC-1' from: '2018-01-01' } }"));
  }
  // Every weekday, 08:00 to 20:00.
  static constexpr char kSite[] = "host_all_male: HOST_ALL_MALE_NO";
  static std::string Terms(const std::string& kind = "GROUP", const std::string& more = "",
                           const std::string& site = kSite) {
    const std::string type = kind == "GROUP"        ? "NP1"
                             : kind == "INDIVIDUAL" ? "ES"
                             : kind == "ETE"        ? "ET1"
                                                    : "PI";
    std::string rows;
    for (int day = 1; day <= 7; ++day) {
      absl::StrAppend(&rows, "availability { weekday: ", day,
                      " start: 480 end: 1200 frequency: WEEKLY from: '2018-01-01' } ");
    }
    return absl::StrCat("name: 'Riverside' kind: ", kind, " type_code: '", type,
                        "' org: 'P01' pdu: 'N56ESSEX' site { name: 'Riverside' ", site, " } ",
                        more.find("min_group") == std::string::npos ? "min_group: 1 " : "",
                        "max_group: 10 min_age: 18 ", rows,
                        "risk_assessment_valid_until: '2026-12-31' community_benefit: true ", more);
  }
  void Project(const std::string& id, const std::string& kind = "GROUP",
               const std::string& more = "", const std::string& site = kSite) {
    Must("CO", absl::StrCat("nominate_project { project_id: '", id, "' terms { ",
                            Terms(kind, more, site), " } }"));
    Must("CO", absl::StrCat("evaluate_project { project_id: '", id, "' }"));
    Must("MG", absl::StrCat("approve_project { project_id: '", id, "' }"));
    Must("CO", absl::StrCat("open_project { project_id: '", id, "' }"));
  }
  // 09:00 to 16:00 unless said.
  std::string Plan(const std::string& project, const std::string& date, int start = 540,
                   int end = 960, const std::string& more = "", int slot = 1) {
    const Result result = Do("CO", absl::StrCat("plan_session { project_id: '", project,
                                                "' date: '", date, "' slot: ", slot, " start: ",
                                                start, " end: ", end, " ", more, " }"));
    EXPECT_TRUE(result.accepted()) << result.reason();
    return result.accepted() ? result.reply().plan_session().session_id() : "";
  }
  static std::string BookText(const std::string& session, const std::vector<std::string>& crns,
                              const std::string& more = "") {
    return absl::StrCat("book_seats { session_id: '", session, "' crns: '",
                        absl::StrJoin(crns, "' crns: '"), "' ", more, " }");
  }
  // The appointment of one person in one session.
  std::string Book(const std::string& session, const std::string& crn = "T000001") {
    const Result result = Do("CO", BookText(session, {crn}));
    EXPECT_TRUE(result.accepted()) << result.reason();
    return result.accepted() ? result.reply().book_seats().booked(0).appointment_id() : "";
  }
  static std::string Item(const std::string& appointment, const std::string& code, int start = 0,
                          int end = 0, int penalty = 0, const std::string& crn = "T000001") {
    const std::string attended =
        end == 0 ? ""
                 : absl::StrCat(" actual_start: ", start, " actual_end: ", end,
                                " penalty: ", penalty, " quality: 'GD' behaviour: 'GD'");
    return absl::StrCat("{ crn: '", crn, "' appointment_id: '", appointment, "' code: '", code,
                        "'", attended, " }");
  }
  Result Outcome(const std::string& item) {
    return Do("SU", absl::StrCat("record_outcome { item ", item, " }"));
  }
  Result CorrectTo(const std::string& item, int rev) {
    return Do("CO", absl::StrCat("correct_outcome { item ", item, " outcome_rev: ", rev,
                                 " reason: 'sheet misread' }"));
  }
  // Tells of an appointment in writing.
  Result Instruct(const std::string& appointment, const std::string& more = "") {
    return Do("CO", absl::StrCat(
                        "issue_instruction { crn: 'T000001' appointment_ids: '", appointment,
                        "' language: 'en' formats: 'STANDARD' sections: 'WHEN' sections: 'WHERE' "
                        "sections: 'BRING' sections: 'CONTACT' sections: 'ABSENCE' sections: "
                        "'CONSEQUENCES' channel: 'LETTER' ",
                        more, " }"));
  }

  World world;
};

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_DOMAIN_STORY_H_
