#include "absl/strings/str_cat.h"
#include "services/unpaid_work/domain/unpaid_work.h"
#include "services/unpaid_work/projections/calendar.h"
#include "services/unpaid_work/projections/cases.h"
#include "services/unpaid_work/projections/ledger.h"
#include "services/unpaid_work/projections/tasks.h"
#include "services/unpaid_work/projections/work.h"
#include "services/unpaid_work/public_events.h"
#include "tests/simulation/service_play.h"

namespace pdp::sim {
namespace {

class UnpaidWork final : public ServicePlay {
 public:
  std::string name() const override { return "unpaid_work"; }
  std::shared_ptr<const engine::Domain> domain() const override {
    return engine::MakeDomain<unpaid_work::UnpaidWork>();
  }
  projection::PublicEventMapper to_public() const override { return unpaid_work::ToPublic; }
  std::vector<std::unique_ptr<projection::Projection>> Projections(
      privacy::KeyVault&) const override {
    std::vector<std::unique_ptr<projection::Projection>> all;
    all.push_back(std::make_unique<unpaid_work::Cases>());
    all.push_back(std::make_unique<unpaid_work::LedgerView>());
    all.push_back(std::make_unique<unpaid_work::PersonCalendar>());
    all.push_back(std::make_unique<unpaid_work::SessionRoster>());
    all.push_back(std::make_unique<unpaid_work::ProjectIndex>());
    all.push_back(std::make_unique<unpaid_work::Tasks>());
    return all;
  }
  // Every process of this service asks another service or reads views of its own host.
  std::vector<std::unique_ptr<projection::Process>> Processes(Area, Random&) const override {
    return {};
  }
  absl::Time begins() const override {
    return absl::FromCivil(absl::CivilSecond(2024, 4, 15, 9), absl::UTCTimeZone());
  }
  std::vector<std::string> subjects() const override { return {"T000001", "T000002", "T000003"}; }
  std::vector<std::string> main_events() const override {
    return {"CaseSlotSet",      "RequirementRegistered", "SectionAnswered", "InductionCompleted",
            "ProjectOpened",    "SessionPlanned",        "SeatBooked",      "AppointmentBooked",
            "OutcomeRecorded",  "MinutesPosted",         "NoteWritten"};
  }

 protected:
  std::vector<std::string> areas() const override { return {"N56", "NAT"}; }
  std::vector<std::string> roles() const override {
    return {"SYS", "RO", "CO", "MG", "SU", "PL", "EO", "SP", "ADMIN"};
  }

  void Tell(Draft& draft) const override {
    draft.As(0);
    const int people = static_cast<int>(draft.dice().Between(1, 2));
    draft.Do("N56", "SYS", "record_organisation_scope { org: 'P01' contract { contract_id: 'PC-1' "
                           "from: '2018-01-01' } }");
    Project(draft, "N56-IND", "INDUCTION");
    if (draft.dice().Chance(700)) Project(draft, "N56-001", "GROUP");
    for (int n = 1; n <= people; ++n) Person(draft, absl::StrCat("T00000", n));
    Work(draft, people);
  }

 private:
  static void Project(Draft& draft, const std::string& id, const std::string& kind) {
    std::string rows;
    for (int day = 1; day <= 7; ++day) {
      absl::StrAppend(&rows, "availability { weekday: ", day,
                      " start: 480 end: 1200 frequency: WEEKLY from: '2018-01-01' } ");
    }
    draft.Do("N56", "CO",
             absl::StrCat("nominate_project { project_id: '", id, "' terms { name: '$W' kind: ",
                          kind, " type_code: '", kind == "GROUP" ? "NP1" : "PI",
                          "' org: 'P01' pdu: 'N56ESSEX' site { name: '$W' host_all_male: "
                          "HOST_ALL_MALE_NO } min_group: 1 max_group: 10 min_age: 18 ",
                          rows, "risk_assessment_valid_until: '2026-12-31' community_benefit: "
                          "true } }"));
    draft.Do("N56", "CO", absl::StrCat("evaluate_project { project_id: '", id, "' }"));
    draft.Do("N56", "MG", absl::StrCat("approve_project { project_id: '", id, "' }"));
    draft.Do("N56", "CO", absl::StrCat("open_project { project_id: '", id, "' }"));
  }

  static void Person(Draft& draft, const std::string& crn) {
    draft.Do("NAT", "SYS", absl::StrCat("reserve_case { crn: '", crn, "' area: 'N56' }"));
    draft.Do("N56", "SYS",
             absl::StrCat("register_requirement { crn: '", crn, "' requirement_id: 'R-", crn,
                          "' referral_id: 'ref-R-", crn, "' order_id: 'order-R-", crn,
                          "' order_type: '201' order_date: '2024-01-08' hours: 40 org: 'P01' pdu: "
                          "'N56ESSEX' origin: ORIGINAL }"));
    draft.Do("N56", "RO", absl::StrCat("record_communication_needs { crn: '", crn,
                                       "' languages: 'en' formats: 'STANDARD' }"));
    for (const char* section : {"MATURITY", "LEARNING", "PREFERENCE", "HEALTH", "RISK",
                                "CARING_WORK", "CULTURE", "TRAVEL", "AVAILABILITY"}) {
      const absl::string_view name(section);
      const std::string answer = name == "MATURITY"   ? "key: 'LEVEL' values: 'HIGH'"
                                 : name == "LEARNING" ? "key: 'LEVEL' values: 'NONE'"
                                                      : "key: 'NOTE' values: '$W'";
      draft.Do("N56", "RO", absl::StrCat("answer_section { crn: '", crn, "' section: '", section,
                                         "' answers { ", answer, " } }"));
    }
    draft.Do("N56", "RO", absl::StrCat("record_ete_needs { crn: '", crn, "' level: ETE_NONE }"));
    draft.Do("N56", "RO", absl::StrCat("record_composition_choice { crn: '", crn,
                                       "' composition_class: CLASS_M }"));
  }

  // A day of a project: planned, booked, over, recorded.
  static void Day(Draft& draft, const std::string& project, const std::string& date, int people,
                  const std::string& code) {
    draft.Do("N56", "CO", absl::StrCat("plan_session { project_id: '", project, "' date: '", date,
                                       "' slot: 1 start: 540 end: 960 }"));
    const std::string session =
        draft.Reply<unpaid_work::v1::Reply>().plan_session().session_id();
    std::string crns;
    for (int n = 1; n <= people; ++n) absl::StrAppend(&crns, "crns: 'T00000", n, "' ");
    draft.Do("N56", "CO", absl::StrCat("book_seats { session_id: '", session, "' ", crns, "}"));
    const auto booked = draft.Reply<unpaid_work::v1::Reply>().book_seats();
    absl::Time evening;
    std::string error;
    absl::ParseTime(absl::RFC3339_full, date + "T20:00:00Z", &evening, &error);
    draft.Later(evening - draft.now());
    for (const auto& seat : booked.booked()) {
      draft.Do("N56", "SU",
               absl::StrCat("record_outcome { item { crn: '", seat.crn(), "' appointment_id: '",
                            seat.appointment_id(), "' code: '", code,
                            code == "ATTC" ? "' actual_start: 540 actual_end: 960 quality: 'GD' "
                                             "behaviour: 'GD' } }"
                                           : "' } }"));
      draft.Do("N56", "SU",
               absl::StrCat("write_note { crn: '", seat.crn(), "' appointment_id: '",
                            seat.appointment_id(), "' text: '$W' }"));
    }
  }

  static void Work(Draft& draft, int people) {
    Day(draft, "N56-IND", "2024-04-16", people, "ATTC");
    for (int n = 1; n <= people; ++n) {
      draft.Do("N56", "CO", absl::StrCat("complete_induction { crn: 'T00000", n,
                                         "' on: '2024-04-16' }"));
    }
    if (draft.State<unpaid_work::v1::State>("N56", unpaid_work::ProjectId("N56-001"))
            .has_project()) {
      Day(draft, "N56-001", "2024-04-22", people, draft.dice().Chance(500) ? "ATTC" : "UACP");
      if (draft.dice().Chance(500)) draft.Later(absl::Hours(24 * 14));
    }
  }
};

}  // namespace

const ServicePlay& UnpaidWorkPlay() {
  static const UnpaidWork play;
  return play;
}

}  // namespace pdp::sim
