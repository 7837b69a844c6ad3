#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "pdp/programmes/v1/public_events.pb.h"
#include "pdp/subcontractor/v1/public_events.pb.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"
#include "services/referral/domain/domain.h"
#include "services/referral/processes/all.h"
#include "services/referral/public_events.h"
#include "services/referral/reference/shipped_catalogue.h"
#include "services/referral/views.h"
#include "tests/simulation/referral_peers.h"
#include "tests/simulation/service_play.h"

namespace pdp::sim {
namespace {

using referral::v1::Command;

class Referral final : public ServicePlay {
 public:
  std::string name() const override { return "referral"; }
  std::shared_ptr<const engine::Domain> domain() const override {
    return engine::MakeDomain<referral::ReferralDomain>();
  }
  projection::PublicEventMapper to_public() const override { return referral::ToPublic; }
  std::vector<std::unique_ptr<projection::Projection>> Projections(
      privacy::KeyVault& vault) const override {
    return referral::MakeViews([&vault]() -> privacy::KeyVault& { return vault; });
  }
  std::vector<std::unique_ptr<projection::Process>> Processes(
      Area area, Random&, const projection::Surroundings& here) const override {
    return referral::MakeProcesses(area, here);
  }
  std::unique_ptr<Peer> MakePeer(World& world) const override {
    return std::make_unique<ReferralPeers>(world);
  }
  absl::Time begins() const override {
    return absl::FromCivil(absl::CivilSecond(2025, 9, 1, 9), absl::UTCTimeZone());
  }
  std::vector<std::string> subjects() const override { return {"Z000001", "Z000002", "Z000003"}; }
  std::string OthersErasedWith(const std::string& owner) const override {
    return absl::StrCat("draft/", owner, "/");
  }
  // The keyed tokens of a name are not sealed, and without its key nobody can make the same again.
  // The mix counts people as they were known when they were counted.
  bool OutlivesErasure(const std::string& family) const override {
    return family == "p.people.v3" || family == "p.mix.v1";
  }
  std::vector<std::string> main_events() const override {
    return {"PersonRegistered",   "SentenceRegistered", "ReferralOpened",  "DraftSectionSaved",
            "SlotReserved",       "ReferralSubmitted",  "ReferralRouted",  "ReferralOffered",
            "ReferralAccepted",   "DeliveryStarted",    "SlaClockStarted", "SlaClockBreached",
            "AccessRestricted",   "AccessCopied",       "OrganisationContracted",
            "PersonErased",       "KeysDestroyed",      "ErasureApplied",  "ErasureCollected",
            "SettingsCopied",     "RulesTookEffect",    "ReferralHandedOff",
            "ReferralReceived",   "HandoffConfirmed"};
  }
  std::vector<std::string> main_deeds() const override {
    return {"deed OpenReferral",     "deed ReserveSlot",     "deed ReleaseSlot",
            "deed DecideRoute",      "deed ReviewRoute",     "deed RecordOffer",
            "deed RecordNoPlacement", "deed RecordDeliveryFact", "deed WithdrawReferral",
            "deed PauseClock",       "deed CopyAccess",
            "deed RequestTransfer",  "deed AcceptTransfer",  "deed ReceiveHandoff",
            "deed ConfirmHandoff",   "deed ApplyErasure",    "deed RecordKeysDestroyed",
            "deed CollectErasure",   "deed CopySettings",    "effects at subcontractor"};
  }

 protected:
  std::vector<std::string> areas(Dice& dice) const override {
    if (dice.Chance(600)) return {"N56", "NAT"};
    return {"N56", "N07", "NAT"};
  }
  bool apart(Dice& dice) const override { return dice.Chance(300); }
  std::vector<std::string> roles() const override {
    return {"SYS", "RO", "AA", "CF", "PV", "AM", "CW", "DP", "ADMIN"};
  }

  void Tell(Draft& draft) const override {
    const int people = static_cast<int>(draft.dice().Between(1, 2));
    for (int person = 1; person <= people; ++person) {
      draft.As(person - 1);
      OnePerson(draft, absl::StrCat("Z00000", person), person == 1);
    }
    Dice& dice = draft.dice();
    draft.As(2);
    if (dice.Chance(400)) Erase(draft, "Z000003");
    if (dice.Chance(400)) Publish(draft);
    Happen(draft, "Z000001");
  }

  std::vector<Stream> Overhear(Draft& draft) const override {
    return {Contracts(draft.dice()), UnpaidWork(draft), Programmes(draft)};
  }

 private:
  static Stream Contracts(Dice& dice) {
    Stream told;
    for (const char* org : {"ORG-A", "ORG-B"}) {
      subcontractor::v1::PublicEvent event;
      auto& activated = *event.mutable_subcontract_activated();
      activated.set_contract_id("PC-1");
      activated.set_subcontract_id(absl::StrCat("SC-", org));
      activated.set_org(org);
      activated.set_area("N56");
      activated.add_services("TSP");
      activated.add_pdus("PDU1");
      activated.set_from("2025-01-01");
      activated.set_to("2026-12-31");
      Say(&told, "subcontractor", "N56", event);
      if (!dice.Chance(400)) continue;
      subcontractor::v1::PublicEvent suspended;
      suspended.mutable_subcontract_suspended()->set_contract_id("PC-1");
      suspended.mutable_subcontract_suspended()->set_subcontract_id(activated.subcontract_id());
      suspended.mutable_subcontract_suspended()->set_org(org);
      suspended.mutable_subcontract_suspended()->set_area("N56");
      Say(&told, "subcontractor", "N56", suspended);
    }
    return told;
  }

  // A case that moves to another area, with its referral; and what was erased there.
  static Stream UnpaidWork(Draft& draft) {
    Stream told;
    unpaid_work::v1::PublicEvent event;
    const std::string id = draft.vocabulary().Text("referral_id", draft.dice());
    if (draft.dice().Chance(500)) {
      auto& requested = *event.mutable_case_transfer_requested();
      requested.set_transfer_id("tr-1");
      requested.set_crn("Z000001");
      requested.set_from_area("N56");
      requested.set_to_area("N07");
      requested.add_referral_ids(id);
      Say(&told, "unpaid_work", "N56", event);
      auto& out = *event.mutable_case_transferred_out();
      out.set_transfer_id("tr-1");
      out.set_crn("Z000001");
      out.set_from_area("N56");
      out.set_to_area("N07");
      out.add_referral_ids(id);
      if (draft.dice().Chance(700)) Say(&told, "unpaid_work", "N56", event);
    }
    event.mutable_erasure_confirmed()->set_crn("Z000003");
    event.mutable_erasure_confirmed()->set_area("N56");
    if (draft.dice().Chance(400)) Say(&told, "unpaid_work", "N56", event);
    return told;
  }

  // Delivery, once the story has come so far.
  static Stream Programmes(Draft& draft) {
    Stream told;
    for (int n = static_cast<int>(draft.dice().Below(6)); n > 0; --n) {
      const std::string id = draft.vocabulary().Text("referral_id", draft.dice());
      programmes::v1::PublicEvent event;
      switch (draft.dice().Below(4)) {
        case 0:
          event.mutable_enrolment_allocated()->set_referral_id(id);
          event.mutable_enrolment_allocated()->set_on("2025-09-01");
          break;
        case 1:
          event.mutable_programme_started()->set_referral_id(id);
          event.mutable_programme_started()->set_date("2025-09-01");
          event.mutable_programme_started()->set_holder_org("ORG-A");
          break;
        case 2:
          event.mutable_programme_completed()->set_referral_id(id);
          event.mutable_programme_completed()->set_completed_on("2025-09-01");
          event.mutable_programme_completed()->set_holder_org("ORG-A");
          break;
        default:
          event.mutable_erasure_confirmed()->set_crn("Z000003");
          event.mutable_erasure_confirmed()->set_area("N56");
      }
      Say(&told, "programmes", "N56", event, absl::Seconds(3));
    }
    return told;
  }

  static void Register(Draft& draft, const std::string& crn) {
    draft.Do("NAT", "RO",
             absl::StrCat("register_person { crn: '", crn, "' home_area: 'N56' pdu: 'PDU1' "
                          "identity { name { given: '$W' family: '$W' } date_of_birth: "
                          "'1990-01-01' sex: 'M' contact { address: '$W' } } }"));
  }

  // Asked for by one, approved by another (REF-102).
  static void Erase(Draft& draft, const std::string& crn) {
    Register(draft, crn);
    draft.By("dp-1");
    draft.Do("NAT", "DP", absl::StrCat("open_subject_request { crn: '", crn,
                                       "' kind: ERASURE basis: 'COURT_ORDER' note: '$W' }"));
    const std::string id = draft.Reply<referral::v1::Reply>().subject_request().request_id();
    draft.By("dp-2");
    draft.Do("NAT", "DP",
             absl::StrCat("approve_erasure { request_id: '", id, "' facts { areas: 'N56' } }"));
  }

  // Rules that count from today on (REF-57, REF-86).
  static void Publish(Draft& draft) {
    if (draft.dice().Chance(500)) {
      draft.Do("NAT", "AM", "publish_calendar { calendar { version: 'c2' first_day: '2025-01-01' "
                            "last_day: '2027-12-31' holidays: '2025-12-25' } }");
    } else {
      draft.Do("NAT", "AM",
               absl::StrCat("publish_policy_set { set { name: 'pdp-2019' version: 'v2' rows { key: "
                            "'sla.PLACEMENT' value: '7' effective_from: '",
                            FormatDate(LocalDate(draft.now())),
                            "' basis: 'REF-86' source: 'ours' } } }"));
    }
  }

  // Life goes on, and what is known of the person changes (REF-13, REF-25, REF-85).
  static void Happen(Draft& draft, const std::string& crn) {
    const std::string of = absl::StrCat(" { crn: '", crn, "' ");
    const auto perhaps = [&](const char* role, const std::string& command) {
      if (draft.dice().Chance(350)) draft.Do("NAT", role, command);
    };
    if (draft.dice().Chance(350)) {
      draft.Do("NAT", "RO", absl::StrCat("set_location", of, "location { kind: 'CUSTODY' "
                                         "establishment: '$W' from: '2025-09-01' } }"));
      perhaps("RO", absl::StrCat("set_location", of, "location { kind: 'COMMUNITY' from: "
                                 "'2025-09-01' } }"));
    }
    perhaps("RO", absl::StrCat("record_needs", of, "source: 'RO' answers { reading { "
                               "reads_simple_sentences: NO } } }"));
    perhaps("CF", absl::StrCat("vary_requirement", of, "event_no: 1 no: 2 length: ",
                               20 * draft.dice().Between(5, 9),
                               " court_ref: 'C-1' court_confirmed: true }"));
    perhaps("CF", absl::StrCat("end_requirement", of, "event_no: 1 no: ",
                               draft.dice().Between(1, 2), " cause: 'REVOKED' on: '2025-09-01' }"));
  }

  static referral::v1::NatFacts Facts(const Draft& draft, const std::string& crn) {
    referral::v1::NatFacts facts;
    const AggregateId person = referral::PersonId(crn);
    const AggregateId sentence = referral::SentenceId(crn + "/1");
    *facts.mutable_person() = draft.State<referral::v1::State>("NAT", person).person();
    facts.set_person_version(draft.VersionOf("NAT", person).value());
    *facts.mutable_sentence() = draft.State<referral::v1::State>("NAT", sentence).sentence();
    facts.set_sentence_version(draft.VersionOf("NAT", sentence).value());
    *facts.add_live_sentences() = facts.sentence();
    return facts;
  }

  static void OnePerson(Draft& draft, const std::string& crn, bool leap) {
    Register(draft, crn);
    draft.Do("NAT", "CF",
             absl::StrCat(
                 "register_sentence { crn: '", crn, "' event_no: 1 order_type: '201' "
                 "sentenced_on: '2025-07-01' end_on: '2026-12-31' area: 'N56' court: 'C1' "
                 "offences { code: 'O1' main: true sexual: MARK_NO extremism: MARK_NO "
                 "domestic_abuse: MARK_NO } "
                 "requirements { no: 1 kind: 'RAR' length: 30 unit: 'DAYS' imposed_on: "
                 "'2025-07-01' } requirements { no: 2 ext_main: 'W' length: 80 unit: 'HOURS' "
                 "imposed_on: '2025-07-01' } }"));
    if (draft.dice().Chance(500)) {
      draft.Do("NAT", "DP",
               absl::StrCat("restrict_access { crn: '", crn, "' list: 'RESTRICTED' entries { "
                            "user_id: 'staff-RO' } entries { user_id: 'staff-CF' } "
                            "reason: '$W' }"));
    }
    const std::string id = Open(draft, crn);
    for (const std::string& section : Sections(crn)) {
      draft.Do("N56", "RO", absl::StrCat("save_section { referral_id: '", id, "' section { ",
                                         section, " } }"));
    }
    draft.Do("NAT", "SYS", absl::StrCat("reserve_slot { crn: '", crn, "' key: 'COGNITIVE|", crn,
                                        "/1' referral_id: '", id, "' }"));
    auto submit = std::make_unique<Command>();
    submit->mutable_submit_referral()->set_referral_id(id);
    *submit->mutable_submit_referral()->mutable_facts() = Facts(draft, crn);
    draft.Do("N56", "RO", std::move(submit));
    auto decide = std::make_unique<Command>();
    decide->mutable_decide_route()->set_referral_id(id);
    *decide->mutable_decide_route()->mutable_facts() = Facts(draft, crn);
    *decide->mutable_decide_route()->mutable_catalogue() = referral::ShippedCatalogue();
    draft.Do("N56", "SYS", std::move(decide));
    Deliver(draft, id, leap);
  }

  static std::string Open(Draft& draft, const std::string& crn) {
    auto open = std::make_unique<Command>();
    auto& referral = *open->mutable_open_referral();
    referral.set_crn(crn);
    referral.set_line("PROGRAMME");
    referral.set_need("COGNITIVE");
    referral.set_sentence_key(crn + "/1");
    referral.set_requirement_key(crn + "/1/1");
    *referral.mutable_facts() = Facts(draft, crn);
    draft.Do("N56", "RO", std::move(open));
    return draft.Reply<referral::v1::Reply>().open_referral().referral_id();
  }

  static std::vector<std::string> Sections(const std::string& crn) {
    return {"person { name { given: '$W' family: '$W' } date_of_birth: '1990-01-01' sex: 'M' }",
            "contact { address: '$W' }",
            "needs { written { language: 'en' formats: 'STANDARD' } interpreter { needed: NO } "
            "learning_difficulty { screening: 'NO' } reading { reads_simple_sentences: YES } "
            "access { step_free: NO hearing_loop: NO private_room: NO prayer_space: NO "
            "personal_care_space: NO quiet_space: NO } }",
            absl::StrCat("sentence { sentence_key: '", crn, "/1' confirmed_on: '2025-09-01' }"),
            "need_type { need: 'COGNITIVE' }",
            "risk { assessed_on: '2025-08-01' substance_stable: true acute_mh: false ogrs3_bp: "
            "6200 items { i2_6: 1 i7_2: 1 i11_4: 1 i11_6: 1 i11_7: 1 i11_9: 1 i12_1: 1 } }",
            "availability { has_fixed_times: NO }"};
  }

  static void Deliver(Draft& draft, const std::string& id, bool leap) {
    const auto offer = [&](int round, const std::string& org) {
      draft.Do("N56", "SYS", absl::StrCat("record_offer { referral_id: '", id, "' round: ", round,
                                          " apportionment_id: '", id, "/", round, "' org: '", org,
                                          "' }"));
    };
    offer(1, "ORG-A");
    int round = 1;
    if (draft.dice().Chance(400)) {
      draft.Do("N56", "PV",
               absl::StrCat("decline_offer { referral_id: '", id, "' round: 1 code: 'UNSAFE' }"),
               "ORG-A");
      offer(++round, "ORG-B");
    }
    const std::string org = round == 1 ? "ORG-A" : "ORG-B";
    // Nobody answers: the offer lapses, the clocks are breached.
    if (leap && draft.dice().Chance(350)) return draft.Later(absl::Hours(24 * 12));
    draft.Do("N56", "PV",
             absl::StrCat("accept_offer { referral_id: '", id, "' round: ", round, " }"), org);
    if (leap && draft.dice().Chance(300)) draft.Later(absl::Hours(24 * 30));
    const auto fact = [&](const std::string& kind, const std::string& source) {
      draft.Do("N56", "SYS",
               absl::StrCat("record_delivery_fact { referral_id: '", id, "' kind: ", kind,
                            " on: '", FormatDate(LocalDate(draft.now())), "' org: '", org,
                            "' source_service: 'programmes' source_event_id: 'programmes/N56/",
                            source, "' }"));
    };
    fact("ARRANGED", "1/0");
    fact("STARTED", "2/0");
  }
};

}  // namespace

const ServicePlay& ReferralPlay() {
  static const Referral play;
  return play;
}

}  // namespace pdp::sim
