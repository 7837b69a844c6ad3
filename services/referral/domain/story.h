#ifndef PDP_SERVICES_REFERRAL_DOMAIN_STORY_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_STORY_H_

#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/decider/testkit.h"
#include "services/referral/domain/domain.h"
#include "services/referral/domain/policy.h"
#include "services/referral/reference/shipped_catalogue.h"

// A person, a sentence and a referral carried to where a test begins; for tests only. One World
// stands for the cell NAT, one for the area N56; the story passes facts between them as service.cc
// and the processes do.
namespace pdp::referral {

class Story {
 public:
  using World = decider::World<ReferralDomain>;
  static constexpr char kCrn[] = "Z000001";

  explicit Story(absl::string_view instant = "2025-09-01T09:00:00Z") {
    nat.In("NAT");
    area.In("N56");
    At(instant);
  }
  void At(absl::string_view instant) {
    nat.At(instant);
    area.At(instant);
  }

  static v1::Command Parse(absl::string_view text) {
    v1::Command command;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &command)) << text;
    return command;
  }
  World::Result Nat(const char* role, absl::string_view text) {
    return nat.As(std::string("staff-") + role, {role}).When(Parse(text));
  }
  World::Result Area(const char* role, const v1::Command& command, std::string org = "") {
    return area.As(std::string("staff-") + role, {role}, std::move(org)).When(command);
  }
  World::Result Area(const char* role, absl::string_view text, std::string org = "") {
    return Area(role, Parse(text), std::move(org));
  }

  // A man of 35 with a community order (RAR, AP by requirement 3 no; UPW requirement 2).
  void RegisterPersonAndSentence() {
    EXPECT_EQ(Nat("RO", R"pb(register_person {
      crn: "z000001" home_area: "N56" pdu: "PDU1"
      identity { name { given: "Sam" family: "Field" } date_of_birth: "1990-01-01" sex: "M"
                 contact { address: "1 High Street" } } })pb").reason(), "");
    EXPECT_EQ(Nat("CF", R"pb(register_sentence {
      crn: "Z000001" event_no: 1 order_type: "201" sentenced_on: "2025-07-01" end_on: "2026-12-31"
      area: "N56" court: "C1"
      offences { code: "O1" main: true sexual: MARK_NO extremism: MARK_NO domestic_abuse: MARK_NO }
      requirements { no: 1 kind: "RAR" length: 30 unit: "DAYS" imposed_on: "2025-07-01" }
      requirements { no: 2 ext_main: "W" length: 80 unit: "HOURS" imposed_on: "2025-07-01" } })pb")
                  .reason(), "");
  }

  v1::NatFacts Facts() const {
    v1::NatFacts facts;
    const AggregateId person = PersonId(kCrn), sentence = SentenceId("Z000001/1");
    *facts.mutable_person() = nat.Find(person)->person();
    facts.set_person_version(nat.VersionOf(person).value());
    *facts.mutable_sentence() = nat.Find(sentence)->sentence();
    facts.set_sentence_version(nat.VersionOf(sentence).value());
    *facts.add_live_sentences() = facts.sentence();
    return facts;
  }

  // Opens a referral by form; keeps its id.
  World::Result Open(absl::string_view text) {
    v1::Command command = Parse(text);
    *command.mutable_open_referral()->mutable_facts() = Facts();
    World::Result result = Area("RO", command);
    if (result.accepted()) id = result.reply().open_referral().referral_id();
    return result;
  }
  World::Result OpenProgramme() {
    return Open(R"pb(open_referral {
                       crn: "Z000001"
                       line: "PROGRAMME"
                       need: "COGNITIVE"
                       sentence_key: "Z000001/1"
                       requirement_key: "Z000001/1/1"
                     })pb");
  }
  World::Result Save(absl::string_view section) {
    return Area("RO",
                absl::StrCat("save_section { referral_id: '", id, "' section { ", section, " } }"));
  }
  void SaveProgrammeForm(const std::string& risk = "ogrs3_bp: 6200") {
    for (const std::string& section : std::vector<std::string>{
             "person { name { family: 'Field' } date_of_birth: '1990-01-01' sex: 'M' }",
             "contact { address: '1 High Street' }",
             "needs { written { language: 'en' formats: 'STANDARD' } interpreter { needed: NO } "
             "learning_difficulty { screening: 'NO' } reading { reads_simple_sentences: YES } "
             "access { step_free: NO hearing_loop: NO private_room: NO prayer_space: NO "
             "personal_care_space: NO quiet_space: NO } }",
             "sentence { sentence_key: 'Z000001/1' confirmed_on: '2025-09-01' }",
             "need_type { need: 'COGNITIVE' }",
             "risk { assessed_on: '2025-08-01' substance_stable: true acute_mh: false " + risk +
                 " items { i2_6: 1 i7_2: 1 i11_4: 1 i11_6: 1 i11_7: 1 i11_9: 1 i12_1: 1 } }",
             "availability { has_fixed_times: NO }"}) {
      EXPECT_EQ(Save(section).reason(), "") << section;
    }
  }
  World::Result ReserveSlot(const std::string& key) {
    return Nat("SYS", absl::StrCat("reserve_slot { crn: 'Z000001' key: '", key, "' referral_id: '",
                                   id, "' }"));
  }
  World::Result Submit() {
    v1::Command command;
    command.mutable_submit_referral()->set_referral_id(id);
    *command.mutable_submit_referral()->mutable_facts() = Facts();
    return Area("RO", command);
  }
  World::Result Decide() {
    v1::Command command;
    command.mutable_decide_route()->set_referral_id(id);
    *command.mutable_decide_route()->mutable_facts() = Facts();
    *command.mutable_decide_route()->mutable_catalogue() = ShippedCatalogue();
    return Area("SYS", command);
  }
  World::Result Offer(int round, const std::string& org, bool last_resort = false) {
    return Area("SYS", absl::StrCat("record_offer { referral_id: '", id, "' round: ", round,
                                    " apportionment_id: '", id, "/", round, "' org: '", org,
                                    "' last_resort: ", last_resort ? "true" : "false", " }"));
  }
  World::Result Accept(int round, const std::string& org) {
    return Area("PV", absl::StrCat("accept_offer { referral_id: '", id, "' round: ", round, " }"),
                org);
  }
  World::Result Fact(const std::string& kind, const std::string& on, const std::string& org,
                     const std::string& source) {
    return Area("SYS", absl::StrCat("record_delivery_fact { referral_id: '", id, "' kind: ", kind,
                                    " on: '", on, "' org: '", org,
                                    "' source_service: 'programmes' source_event_id: '", source,
                                    "' }"));
  }
  World::Result Fire(const std::string& fields) {
    return Area("SYS", absl::StrCat("fire_timer { referral_id: '", id, "' ", fields, " }"));
  }
  // A submitted and routed programme referral.
  void Route(const std::string& risk = "ogrs3_bp: 6200") {
    RegisterPersonAndSentence();
    EXPECT_EQ(OpenProgramme().reason(), "");
    SaveProgrammeForm(risk);
    EXPECT_EQ(ReserveSlot("COGNITIVE|Z000001/1").reason(), "");
    EXPECT_EQ(Submit().reason(), "");
    EXPECT_EQ(Decide().reason(), "");
  }

  const v1::Referral& referral() const { return area.Find(ReferralId(id))->referral(); }
  std::string state() const { return v1::ReferralState_Name(referral().state()); }
  const v1::SlaClock& clock(absl::string_view code) const {
    const v1::SlaClock* found = nullptr;
    for (const v1::SlaClock& clock : referral().clocks()) {
      if (absl::string_view(clock.code()) == code) found = &clock;
    }
    static const v1::SlaClock none;
    return found == nullptr ? none : *found;
  }

  World nat, area;
  std::string id;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_STORY_H_
