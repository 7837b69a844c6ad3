#include "absl/strings/str_cat.h"
#include "libs/sim/world.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"
#include "services/programmes/domain/programmes.h"
#include "services/programmes/processes/all.h"
#include "services/programmes/projections/access.h"
#include "services/programmes/projections/calendars.h"
#include "services/programmes/projections/enrolments.h"
#include "services/programmes/projections/groups.h"
#include "services/programmes/projections/sessions.h"
#include "services/programmes/projections/tasks.h"
#include "services/programmes/public_events.h"
#include "tests/simulation/nat_news.h"
#include "tests/simulation/referral_peer.h"
#include "tests/simulation/service_play.h"

namespace pdp::sim {
namespace {

// The case behind a referral id: person `x` has the CRN `Tx`, women's ids begin with f.
bool KnownReferral(const std::string& id, referral::v1::GetReferralReply* reply) {
  if (id.size() != 2 || (id[0] != 'm' && id[0] != 'f')) return false;
  reply->set_crn("T" + id);
  reply->set_person_version(1);
  reply->set_sentence_version(1);
  reply->set_line("PROGRAMME");
  reply->set_sentence_key(reply->crn() + "/1");
  reply->set_requirement_key(reply->crn() + "/1/1");
  reply->mutable_sentence()->set_order_kind("COMMUNITY");
  reply->mutable_sentence()->set_end_on("2028-01-31");
  reply->mutable_person()->set_crn(reply->crn());
  reply->mutable_person()->mutable_identity()->set_sex(id[0] == 'f' ? "F" : "M");
  reply->mutable_person()->mutable_identity()->set_date_of_birth("1990-01-01");
  return true;
}

class Programmes final : public ServicePlay {
 public:
  std::string name() const override { return "programmes"; }
  std::shared_ptr<const engine::Domain> domain() const override {
    return engine::MakeDomain<programmes::Programmes>();
  }
  projection::PublicEventMapper to_public() const override { return programmes::ToPublic; }
  std::vector<std::unique_ptr<projection::Projection>> Projections(
      privacy::KeyVault&) const override {
    std::vector<std::unique_ptr<projection::Projection>> all;
    all.push_back(std::make_unique<programmes::AccessIndex>());
    all.push_back(std::make_unique<programmes::Enrolments>());
    all.push_back(std::make_unique<programmes::Groups>());
    all.push_back(std::make_unique<programmes::Sessions>());
    all.push_back(std::make_unique<programmes::Calendars>());
    all.push_back(std::make_unique<programmes::Tasks>());
    return all;
  }
  std::vector<std::unique_ptr<projection::Process>> Processes(
      Area area, Random&, const projection::Surroundings& here) const override {
    return programmes::MakeProcesses(area, here);
  }
  std::unique_ptr<Peer> MakePeer(World& world) const override {
    return std::make_unique<ReferralPeer>(world, KnownReferral);
  }
  absl::Time begins() const override {
    return absl::FromCivil(absl::CivilSecond(2026, 3, 2, 9), absl::UTCTimeZone());
  }
  std::vector<std::string> subjects() const override {
    return {"Tm1", "Tm2", "Tf1", "Tf2", "F1", "F2"};
  }
  std::vector<std::string> main_events() const override {
    return {"EnrolmentOpened", "FacilitatorRegistered", "GroupOpened", "MemberAllocated",
            "SchedulePlanned", "GroupConfirmed", "AttendanceRecorded", "ProgrammeStarted",
            "AccessCopied"};
  }
  std::vector<std::string> main_deeds() const override {
    return {"deed ReceiveReferral",   "deed UpdateReferralFacts", "deed EndEnrolment",
            "deed SuspendEnrolment",  "deed TransferOut",         "deed RaiseTask",
            "deed RecordAppointment", "deed ReleaseAppointment",  "deed RecordWarning",
            "deed WithdrawWarning",   "deed RecordDeliveryOrg",   "deed CopyAccess",
            "deed ConfirmErasure",    "effects at referral"};
  }

 protected:
  std::vector<std::string> areas(Dice&) const override { return {"N56"}; }
  std::vector<std::string> roles() const override {
    return {"SYS", "PM", "TM", "SCH", "FAC", "RO", "AA", "ADMIN"};
  }

  void Tell(Draft& draft) const override {
    Premises(draft);
    draft.As(0);
    for (const char* person : {"m1", "m2", "f1", "f2"}) Enrol(draft, person);
    Group(draft);
    if (!draft.dice().Chance(750)) return;
    Attend(draft);
  }

  std::vector<Stream> Overhear(Draft& draft) const override {
    Dice& dice = draft.dice();
    NatNews nat(dice, {"Tm1", "Tm2", "Tm3", "Tf1", "Tf2", "Tf3"});
    nat.Change(static_cast<int>(dice.Between(1, 6)));
    nat.Restrict(static_cast<int>(dice.Below(3)));
    nat.Happen(static_cast<int>(dice.Below(3)));
    if (dice.Chance(400)) nat.Erase(dice.Chance(500) ? "Tm1" : "Tm3");
    nat.Change(static_cast<int>(dice.Below(3)));
    return {nat.Take(), Cases(dice), UnpaidWork(dice), OneContract(dice, "PROG", "PDU1")};
  }

 private:
  // Two more cases are accepted; some end again, go elsewhere, or come back.
  static Stream Cases(Dice& dice) {
    Stream told;
    for (const std::string id : {"m3", "f3", "x9"}) {
      referral::v1::PublicEvent event;
      auto& accepted = *event.mutable_referral_accepted();
      accepted.set_referral_id(id);
      accepted.set_round(1);
      accepted.set_version(9);
      accepted.set_org("P01");
      accepted.set_line(dice.Chance(900) ? "PROGRAMME" : "UPW");
      accepted.set_route("SI_EM");
      accepted.set_version_ref("EM-GEN/1");
      accepted.set_pdu("PDU1");
      accepted.set_stratum("MEDIUM");
      accepted.set_submitted_on("2026-01-05");
      Say(&told, "referral", "N56", event);
    }
    for (const std::string id : {"m2", "m3", "f3"}) {
      referral::v1::PublicEvent event;
      const uint64_t way = dice.Below(10);
      if (way < 2) {
        event.mutable_referral_returned()->set_referral_id(id);
        event.mutable_referral_returned()->set_round(1);
        event.mutable_referral_returned()->set_code("WRONG_ROUTE");
      } else if (way < 4) {
        event.mutable_referral_withdrawn()->set_referral_id(id);
        event.mutable_referral_withdrawn()->set_code("MOV");
      } else if (way < 6) {
        auto& gone = *event.mutable_referral_handed_off();
        gone.set_referral_id(id);
        gone.set_from_area("N56");
        gone.set_to_area("N07");
      } else if (way < 8) {
        event.mutable_referral_reopened()->set_referral_id(id);
      } else {
        continue;
      }
      Say(&told, "referral", "N56", event);
    }
    return told;
  }

  // A warning before the failures of the story: the next one is a breach (PRG-88).
  static Stream UnpaidWork(Dice& dice) {
    Stream told;
    unpaid_work::v1::PublicEvent event;
    auto& warning = *event.mutable_warning_issued();
    warning.set_warning_id("W-1");
    warning.set_crn("Tm1");
    warning.set_order_id("Tm1/1");
    warning.set_on("2026-03-02");
    warning.set_source("unpaid_work");
    if (dice.Chance(700)) Say(&told, "unpaid_work", "N56", event);
    for (int n = static_cast<int>(dice.Below(4)); n > 0; --n) {
      event.Clear();
      auto& booked = *event.mutable_appointment_booked();
      booked.set_crn(dice.Chance(500) ? "Tm1" : "Tm2");
      booked.set_appointment_id(absl::StrCat("A", dice.Below(2)));
      booked.set_date("2026-03-25");
      booked.set_start(540);
      booked.set_end(960);
      Say(&told, "unpaid_work", dice.Chance(800) ? "N56" : "N07", event);
    }
    if (dice.Chance(500)) {
      event.Clear();
      event.mutable_appointment_withdrawn()->set_crn("Tm1");
      event.mutable_appointment_withdrawn()->set_appointment_id("A0");
      Say(&told, "unpaid_work", "N56", event);
    }
    if (dice.Chance(400)) {
      event.Clear();
      auto& withdrawn = *event.mutable_warning_withdrawn();
      withdrawn.set_warning_id("W-1");
      withdrawn.set_crn("Tm1");
      withdrawn.set_order_id("Tm1/1");
      withdrawn.set_source("unpaid_work");
      Say(&told, "unpaid_work", "N56", event);
    }
    return told;
  }

  // Whatever replica of referral answered, and whenever: at the end nobody who is open here is
  // known by older facts than referral has told (PM-2, PM-3).
  std::string FindOldFacts(World& world) const override {
    const Area area = world.plan().areas[0];
    // Those that a process received; a client of the story asks nobody.
    for (const char* id : {"m3", "f3"}) {
      const auto read = world.reference()->cell(area).ReadState(
          programmes::EnrolmentId(absl::StrCat(id, "/1")));
      if (!read.ok()) continue;
      const auto& enrolment =
          static_cast<const programmes::v1::State&>(*read->state).enrolment();
      if (world.erased().contains(enrolment.crn())) continue;
      if (enrolment.status() == programmes::v1::COMPLETED ||
          enrolment.status() == programmes::v1::ENDED ||
          enrolment.status() == programmes::v1::TRANSFERRED_OUT) {
        continue;
      }
      int64_t person = 0, sentence = 0;
      for (const auto& told : world.Feed("referral", Area::Nat())) {
        const auto event = projection::DataOf<referral::v1::PublicEvent>(told);
        const auto newer = [&](const auto& change, auto version, int64_t* known) {
          if (change.crn() == enrolment.crn()) *known = static_cast<int64_t>(version);
        };
        const auto& needs = event.needs_recorded();
        newer(needs, needs.person_version(), &person);
        const auto& risk = event.risk_recorded();
        newer(risk, risk.person_version(), &person);
        const auto& identity = event.identity_corrected();
        newer(identity, identity.person_version(), &person);
        const auto& varied = event.requirement_varied();
        newer(varied, varied.sentence_version(), &sentence);
        const auto& moved = event.sentence_end_changed();
        newer(moved, moved.sentence_version(), &sentence);
      }
      if (enrolment.person_version() < person || enrolment.sentence_version() < sentence) {
        return absl::StrCat("enrolment ", enrolment.id(), " is left with facts of versions ",
                            enrolment.person_version(), " and ", enrolment.sentence_version(),
                            " where referral has told of ", person, " and ", sentence);
      }
    }
    return "";
  }

  static void Premises(Draft& draft) {
    draft.Do("N56", "PM", "register_site { site_id: 'S1' pdu: 'PDU1' opens_min: 540 "
                          "closes_min: 1260 }");
    draft.Do("N56", "PM", "put_room { site_id: 'S1' room_id: 'R1' capacity: 20 }");
    for (const char* staff : {"F1", "F2", "F3", "F4"}) {
      draft.Do("N56", "PM", absl::StrCat("register_facilitator { staff_id: '", staff,
                                         "' org: 'P01' }"));
      for (const char* kind : {"PROG:EM-GEN", "TRAUMA"}) {
        draft.Do("N56", "PM",
                 absl::StrCat("record_capability { staff_id: '", staff, "' capability { kind: '",
                              kind, "' gained_on: '2020-01-01' } }"));
      }
    }
  }

  static void Enrol(Draft& draft, const std::string& person) {
    const bool woman = person[0] == 'f';
    draft.Do("N56", "SYS",
             absl::StrCat(
                 "receive_referral { referral_id: '", person, "' round: 1 crn: 'T", person,
                 "' delivery_org: 'P01' stratum: 'MEDIUM' route: 'SI_EM' version_ref: 'EM-GEN/1' "
                 "requirement { key: 'T", person, "/1/1' order_id: 'T", person,
                 "/1' kind: 'COMMUNITY' order_end: '2028-01-31' } received_on: '2026-01-05' "
                 "opened_on: '2026-02-02' responsivity { woman: ", woman ? "true" : "false",
                 " sex: '", woman ? "F" : "M",
                 "' } pdu: 'PDU1' verdict: 'ELIGIBLE' person_version: 1 sentence_version: 1 }"));
    draft.Do("N56", "TM", absl::StrCat("confirm_suitability { enrolment_id: '", person, "/1' }"));
    if (!woman) return;
    draft.Do("N56", "FAC",
             absl::StrCat("record_delivery_choice { enrolment_id: '", person,
                          "/1' choice: 'NO_PREFERENCE' female_facilitator: 'NOT_WANTED' }"));
  }

  static void Group(Draft& draft) {
    draft.Do("N56", "SCH",
             "open_group { group_id: 'g1' code: 'g1' delivery_org: 'P01' site_id: 'S1' "
             "version_ref: 'EM-GEN/1' sex_mode: MIXED slots { iso_weekday: 3 start_min: 780 } "
             "earliest_start: '2026-03-18' }");
    draft.Do("N56", "SCH",
             "assign_staff { group_id: 'g1' staff { staff_id: 'F1' order: 1 } staff { staff_id: "
             "'F2' order: 2 } staff { staff_id: 'F3' order: 3 } staff { staff_id: 'F4' cover: "
             "true order: 1 } }");
    draft.Do("N56", "SCH",
             "allocate_members { group_id: 'g1' enrolment_ids: 'm1/1' enrolment_ids: 'm2/1' "
             "enrolment_ids: 'f1/1' enrolment_ids: 'f2/1' }");
    draft.Do("N56", "SCH", "generate_schedule { group_id: 'g1' }");
    draft.Do("N56", "PM", "confirm_group { group_id: 'g1' }");
  }

  // S1 is on 25 March.
  static void Attend(Draft& draft) {
    draft.Later(absl::FromCivil(absl::CivilSecond(2026, 3, 25, 16), absl::UTCTimeZone()) -
                draft.now());
    std::string entries;
    for (const char* person : {"m1", "m2", "f1"}) {
      absl::StrAppend(&entries, " entries { enrolment_id: '", person, "/1' code: '",
                      draft.dice().Chance(300) ? "UAAB' minutes_present: 0"
                                               : "ATTC' minutes_present: 118",
                      " }");
    }
    draft.Do("N56", "FAC", absl::StrCat("record_attendance { session_id: 'g1/S1'", entries, " }"));
    draft.Do("N56", "FAC",
             "correct_attendance { enrolment_id: 'm2/1' session_id: 'g1/S1' code: 'ATTC' "
             "minutes_present: 110 reason: '$W' evidence_ref: 'doc-1' }");
    draft.Later(absl::Hours(24 * 7));
    draft.Do("N56", "FAC",
             "record_attendance { session_id: 'g1/S2' entries { enrolment_id: 'm1/1' code: "
             "'UAAB' minutes_present: 0 } }");
    if (draft.dice().Chance(500)) draft.Later(absl::Hours(24 * 40));
  }
};

}  // namespace

const ServicePlay& ProgrammesPlay() {
  static const Programmes play;
  return play;
}

}  // namespace pdp::sim
