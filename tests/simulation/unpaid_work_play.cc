#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/sim/world.h"
#include "pdp/programmes/v1/public_events.pb.h"
#include "services/unpaid_work/domain/unpaid_work.h"
#include "services/unpaid_work/processes/all.h"
#include "services/unpaid_work/projections/calendar.h"
#include "services/unpaid_work/projections/cases.h"
#include "services/unpaid_work/projections/ledger.h"
#include "services/unpaid_work/projections/tasks.h"
#include "services/unpaid_work/projections/work.h"
#include "services/unpaid_work/public_events.h"
#include "tests/simulation/nat_news.h"
#include "tests/simulation/referral_peer.h"
#include "tests/simulation/service_play.h"

namespace pdp::sim {
namespace {

// The case behind a referral id, `ref-` and the CRN: forty hours of unpaid work, once imposed.
bool KnownReferral(const std::string& id, referral::v1::GetReferralReply* reply) {
  if (!absl::StartsWith(id, "ref-T")) return false;
  const std::string crn = id.substr(4);
  reply->set_crn(crn);
  reply->set_person_version(1);
  reply->set_sentence_version(1);
  reply->set_line("UPW");
  reply->set_holder_org("P01");
  reply->set_pdu("N56ESSEX");
  reply->set_sentence_key(crn + "/1");
  reply->mutable_sentence()->set_order_type("201");
  reply->mutable_sentence()->set_sentenced_on("2024-01-08");
  auto& requirement = *reply->mutable_requirement();
  // The last one names no requirement that could be served.
  if (crn != "T000005") reply->set_requirement_key(crn + "/1/1");
  requirement.set_kind("UPW");
  requirement.set_unit("HOURS");
  requirement.set_length(40);
  reply->mutable_person()->set_crn(crn);
  reply->mutable_person()->mutable_identity()->set_sex("M");
  reply->mutable_person()->mutable_identity()->set_date_of_birth("1990-01-01");
  reply->mutable_person()->mutable_needs()->mutable_written()->set_language("en");
  reply->mutable_person()->mutable_needs()->mutable_written()->add_formats("STANDARD");
  reply->mutable_person()->mutable_needs()->mutable_ete()->set_need("HIGH");
  reply->mutable_responsible_officer()->set_id("staff-RO");
  return true;
}

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
  std::vector<std::unique_ptr<projection::Process>> Processes(
      Area area, Random&, const projection::Surroundings& here) const override {
    return unpaid_work::MakeProcesses(area, here);
  }
  std::unique_ptr<Peer> MakePeer(World& world) const override {
    return std::make_unique<ReferralPeer>(world, KnownReferral);
  }
  absl::Time begins() const override {
    return absl::FromCivil(absl::CivilSecond(2024, 4, 15, 9), absl::UTCTimeZone());
  }
  std::vector<std::string> subjects() const override { return {"T000001", "T000002", "T000003"}; }
  std::vector<std::string> main_deeds() const override {
    return {"deed ReserveCase",        "deed RegisterRequirement",  "deed AssignOrganisation",
            "deed TakeOverPersonFacts", "deed RecordCommunicationNeeds", "deed RecordEteNeeds",
            "deed VaryRequirement",    "deed ExtendWindow",         "deed TerminateRequirement",
            "deed SuspendCase",        "deed RaiseIntakeException",
            "deed ResolveIntakeException", "deed RecordOrganisationScope",
            "deed RecordAvailabilityBlock", "deed RemoveAvailabilityBlock",
            "deed ConfirmErasure"};
  }

  std::vector<std::string> main_events() const override {
    return {"CaseSlotSet",      "RequirementRegistered", "SectionAnswered", "InductionCompleted",
            "ProjectOpened",    "SessionPlanned",        "SeatBooked",      "AppointmentBooked",
            "OutcomeRecorded",  "MinutesPosted",         "NoteWritten"};
  }

 protected:
  std::vector<std::string> areas(Dice&) const override { return {"N56", "NAT"}; }
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

  std::vector<Stream> Overhear(Draft& draft) const override {
    Dice& dice = draft.dice();
    NatNews nat(dice, {"T000001", "T000002", "T000003"});
    nat.Change(static_cast<int>(dice.Between(1, 6)));
    nat.Happen(static_cast<int>(dice.Below(3)));
    if (dice.Chance(400)) nat.Erase(dice.Chance(500) ? "T000001" : "T000003");
    nat.Change(static_cast<int>(dice.Below(3)));
    return {nat.Take(), Cases(dice), Programmes(dice), OneContract(dice, "UPW", "N56ESSEX")};
  }

 private:
  // Cases are accepted, of people who are here and who are not; some end again, or come back.
  static Stream Cases(Dice& dice) {
    Stream told;
    for (const char* id : {"ref-T000003", "ref-T000001", "ref-T000005", "ref-unknown"}) {
      if (dice.Chance(300)) continue;
      referral::v1::PublicEvent event;
      auto& accepted = *event.mutable_referral_accepted();
      accepted.set_referral_id(id);
      accepted.set_round(1);
      accepted.set_version(9);
      accepted.set_org("P01");
      accepted.set_line("UPW");
      Say(&told, "referral", "N56", event);
    }
    for (const char* id : {"ref-T000003", "ref-T000004", "ref-T000005", "ref-T000001"}) {
      referral::v1::PublicEvent event;
      switch (dice.Below(6)) {
        case 0:
          event.mutable_referral_returned()->set_referral_id(id);
          break;
        case 1:
          event.mutable_referral_withdrawn()->set_referral_id(id);
          break;
        case 2:
          event.mutable_referral_reopened()->set_referral_id(id);
          event.mutable_referral_reopened()->set_crn(std::string(id).substr(4));
          break;
        default:
          continue;
      }
      Say(&told, "referral", "N56", event);
    }
    return told;
  }

  static Stream Programmes(Dice& dice) {
    Stream told;
    for (int n = static_cast<int>(dice.Below(5)); n > 0; --n) {
      programmes::v1::PublicEvent event;
      const std::string session = absl::StrCat("g1/S", dice.Below(2));
      if (dice.Chance(600)) {
        auto& booked = *event.mutable_person_session_booked();
        booked.set_crn("T000001");
        booked.set_session_id(session);
        booked.set_date("2024-05-13");
        booked.set_start_min(600);
        booked.set_minutes(120);
      } else {
        event.mutable_person_session_released()->set_crn("T000001");
        event.mutable_person_session_released()->set_session_id(session);
      }
      Say(&told, "programmes", "N56", event);
    }
    return told;
  }

  // At the end nobody whose case is open here is known by older facts than referral has told
  // (section 8, person facts).
  std::string FindOldFacts(World& world) const override {
    // Whom a process took over; a client of the story asks nobody.
    for (const char* crn : {"T000003"}) {
      if (world.erased().contains(crn)) continue;
      const auto read =
          world.reference()->cell(world.plan().areas[0]).ReadState(unpaid_work::CaseId(crn));
      if (!read.ok()) continue;
      const auto& c = static_cast<const unpaid_work::v1::State&>(*read->state).case_();
      if (c.status() == unpaid_work::v1::CASE_CLOSED || c.requirements().empty()) continue;
      uint64_t told = 0;
      for (const auto& event : world.Feed("referral", Area::Nat())) {
        const auto data = projection::DataOf<referral::v1::PublicEvent>(event);
        if (data.needs_recorded().crn() == crn) told = data.needs_recorded().person_version();
        if (data.risk_recorded().crn() == crn) told = data.risk_recorded().person_version();
      }
      if (c.person().person_version() < told) {
        return absl::StrCat("the case of ", crn, " is left with facts of version ",
                            c.person().person_version(), " where referral has told of ", told);
      }
    }
    return "";
  }

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
             absl::StrCat("register_requirement { crn: '", crn, "' requirement_id: '", crn,
                          "/1/1' referral_id: 'ref-", crn, "' order_id: '", crn,
                          "/1' order_type: '201' order_date: '2024-01-08' hours: 40 org: 'P01' "
                          "pdu: 'N56ESSEX' origin: ORIGINAL }"));
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
