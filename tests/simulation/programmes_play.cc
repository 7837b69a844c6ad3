#include "absl/strings/str_cat.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "services/programmes/domain/programmes.h"
#include "services/programmes/processes/person_facts.h"
#include "services/programmes/projections/access.h"
#include "services/programmes/projections/calendars.h"
#include "services/programmes/projections/enrolments.h"
#include "services/programmes/projections/groups.h"
#include "services/programmes/projections/sessions.h"
#include "services/programmes/projections/tasks.h"
#include "services/programmes/public_events.h"
#include "tests/simulation/service_play.h"

namespace pdp::sim {
namespace {

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
  std::vector<std::unique_ptr<projection::Process>> Processes(Area, Random&) const override {
    std::vector<std::unique_ptr<projection::Process>> all;
    all.push_back(std::make_unique<programmes::AccessFollower>());
    return all;
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

 protected:
  std::vector<std::string> areas() const override { return {"N56"}; }
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

  void Overhear(Draft& draft, Plan* plan) const override {
    for (int i = static_cast<int>(draft.dice().Below(5)); i > 0; --i) {
      referral::v1::PublicEvent event;
      auto& restricted = *event.mutable_access_restricted();
      restricted.set_crn(subjects()[draft.dice().Below(4)]);
      restricted.set_person_version(draft.dice().Below(6) + 1);
      Told(plan, "referral", "NAT", event, draft);
    }
  }

 private:
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
