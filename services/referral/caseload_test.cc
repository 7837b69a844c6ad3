#include "services/referral/caseload.h"

#include <set>

#include "services/referral/caseload_check.h"
#include "services/referral/testing/service_world.h"

// Lines of a caseload file: what the rules say to them, the commands they become, and that what is
// exported is what was imported.
namespace pdp::referral {
namespace {

using Strings = std::vector<std::string>;

v1::CaseloadLine Line(const std::string& text) {
  v1::CaseloadLine line;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &line)) << text;
  return line;
}

// Everything a line can hold, of a woman in custody with two orders, one over, and a form to open.
std::string Whole(const std::string& crn) {
  return absl::StrCat(
      "person { crn: '", crn,
      "' home_area: 'N56' pdu: 'N56ESX' identity { name { given: 'Ada' family: 'Nunn' } "
      "date_of_birth: '1990-02-03' sex: 'F' ethnicity: 'B1' identifiers { kind: 'PNC' value: "
      "'2001/1' } contact { address: '1 High Street' phones: '01' } } } "
      "needs { written { language: 'en' formats: ['STANDARD', 'AUDIO'] } "
      "interpreter { needed: YES language: 'pl' } learning_difficulty { screening: 'NO' } "
      "women_programme { delivery_choice: 'WOMEN_ONLY' female_facilitator: 'REQUESTED' } "
      "barriers { barriers { code: 'CHILDCARE' adjustment: 'daytime' review_on: '2025-10-01' } "
      "strengths: 'family' } ete { need: 'SOME' areas: 'EMPLOYMENT' } "
      "times { has_fixed_times: YES windows { weekday: 1 from_min: 540 to_min: 600 } } } "
      "risk { ogrs3_bp: 5200 sara: MEDIUM rosh: HIGH items { i2_6: 0 i7_2: 2 } "
      "assessed_on: '2025-08-01' acute_mh: false } "
      "responsible_officer { id: 'ro-7' name: 'R O' from: '2025-01-01' } "
      "location { kind: 'CUSTODY' establishment: 'PBI' release_on: '2025-12-01' from: "
      "'2025-08-01' } "
      "access { excluded { org: 'TEAM-X' } cleared { user_id: 'pv-1' org: 'ORG-A' } } "
      "sentences { event_no: 1 order_type: '201' sentenced_on: '2024-01-10' end_on: '2025-06-01' "
      "court: 'N56MC1' area: 'N56' offences { code: '101' main: true sexual: MARK_NO } "
      "requirements { no: 1 kind: 'UPW' ext_main: 'W' ext_sub: 'W01' length: 80 unit: 'HOURS' "
      "imposed_on: '2024-01-10' } requirements { no: 2 kind: 'OTHER' ext_main: 'Q9' ext_sub: 'Q1' "
      "imposed_on: '2024-01-10' } } "
      "sentences { event_no: 2 order_type: '341' sentenced_on: '2025-07-01' end_on: '2027-01-01' "
      "court: 'N56MC2' area: 'N56' offences { code: '102' main: true domestic_abuse: MARK_YES "
      "partner_sex: 'M' } requirements { no: 1 kind: 'RAR' ext_main: 'F' length: 20 unit: 'DAYS' "
      "imposed_on: '2025-07-01' } } "
      "requirement_ends { event_no: 1 no: 1 cause: 'COMPLETED' on: '2025-05-01' } "
      "sentence_ends { event_no: 1 cause: 'EXPIRED' on: '2025-06-01' } "
      "referrals { line: 'PROGRAMME' need: 'COGNITIVE' sentence_key: '", crn,
      "/2' requirement_key: '", crn, "/2/1' pdu: 'N56ESX' }");
}

class CaseloadTest : public ServiceWorld {
 protected:
  static Strings FaultsOf(const v1::CaseloadLine& line, Strings roles = {"RO", "AA", "CF", "DP"},
                          const std::string& area = "N56") {
    common::v1::Actor actor;
    actor.set_id("importer");
    for (const std::string& role : roles) actor.add_roles(role);
    absl::Time now;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, "2025-09-01T09:00:00Z", &now, nullptr));
    Strings faults;
    for (const v1::CaseloadFault& fault : CheckLine(line, actor, area, now)) {
      faults.push_back(absl::StrCat(fault.code(), " at ", fault.field()));
    }
    return faults;
  }
  static Strings FaultsOf(const std::string& text) { return FaultsOf(Line(text)); }

  void Import(const v1::CaseloadLine& line) {
    for (const LineCommand& part : CommandsOf(line)) {
      v1::ExecuteRequest request;
      request.mutable_header()->set_command_id(CommandIdOf(part));
      common::v1::Actor* actor = request.mutable_header()->mutable_actor();
      actor->set_id("importer");
      for (const char* role : {"RO", "AA", "CF", "DP"}) actor->add_roles(role);
      request.set_area(part.area.empty() ? "N56" : part.area);
      *request.mutable_command() = part.command;
      grpc::ClientContext context;
      reply_.Clear();
      const grpc::Status status = stub_->Execute(&context, request, &reply_);
      EXPECT_TRUE(status.ok()) << part.part << ": " << Reason(status);
      repeats_ += reply_.outcome().duplicate();
    }
  }
  v1::ExportCaseloadReply Export(const std::string& role = "AA", const std::string& org = "",
                                 int page_size = 0, const std::string& token = "") {
    v1::ExportCaseloadRequest request;
    request.set_area("N56");
    *request.mutable_actor() = Actor(role, org);
    request.mutable_page()->set_page_size(page_size);
    request.mutable_page()->set_page_token(token);
    v1::ExportCaseloadReply reply;
    status_ = Ask(&Stub::ExportCaseload, request, &reply);
    return reply;
  }
  static Strings CrnsOf(const v1::ExportCaseloadReply& reply) {
    Strings crns;
    for (const v1::CaseloadLine& line : reply.lines()) crns.push_back(line.person().crn());
    return crns;
  }
  grpc::Status status_;
  int repeats_ = 0;
};

TEST_F(CaseloadTest, AWholeLineIsGood) {
  EXPECT_EQ(FaultsOf(Whole("T000001")), Strings());
  // REF-1: trimmed and upper-cased, for every part.
  v1::CaseloadLine line = Line(Whole("T000001"));
  line.mutable_person()->set_crn(" t000001");
  EXPECT_EQ(FaultsOf(line), Strings());
  for (const LineCommand& part : CommandsOf(line)) {
    EXPECT_EQ(part.command.ShortDebugString().find("t000001"), std::string::npos) << part.part;
  }
}

TEST_F(CaseloadTest, EveryWrongFieldOfEveryPartIsNamedAtOnce) {
  v1::CaseloadLine line = Line(Whole("T000001"));
  line.mutable_person()->set_crn("12");
  line.mutable_person()->mutable_identity()->set_sex("X");
  line.mutable_person()->mutable_identity()->set_date_of_birth("1990-02-30");
  line.mutable_needs()->mutable_interpreter()->clear_language();
  line.mutable_needs()->mutable_barriers()->mutable_barriers(0)->set_review_on("2026-09-01");
  line.mutable_needs()->mutable_times()->mutable_windows(0)->set_to_min(540);
  line.mutable_risk()->set_assessed_on("then");
  line.mutable_responsible_officer()->clear_id();
  line.mutable_location()->set_kind("MOON");
  line.mutable_access()->mutable_cleared(0)->clear_org();
  line.mutable_sentences(0)->set_sentenced_on("2024-13-01");
  line.mutable_sentences(0)->mutable_requirements(1)->set_imposed_on("");
  line.mutable_sentences(1)->set_event_no(0);
  line.mutable_referrals(0)->set_line("PRISON");
  line.set_died_on("2025-02-29");
  EXPECT_EQ(FaultsOf(line),
            (Strings{"DATE_MALFORMED at person.identity.date_of_birth",
                     "UNKNOWN_CODE at person.identity.sex", "CRN_MALFORMED at person.crn",
                     "FIELD_MISSING at access.cleared[0]",
                     "CONDITIONAL_FIELD_MISSING at needs.interpreter.language",
                     "BARRIER_REVIEW_TOO_FAR at needs.barriers.barriers[0].review_on",
                     "WINDOW_INVALID at needs.times.windows[0]",
                     "DATE_MALFORMED at risk.assessed_on",
                     "FIELD_MISSING at responsible_officer.id",
                     "UNKNOWN_CODE at location.kind",
                     "DATE_MALFORMED at sentences[0].sentenced_on",
                     "DATE_MALFORMED at sentences[0].requirements[1].imposed_on",
                     "VALUE_OUT_OF_RANGE at sentences[1].event_no",
                     "NOT_FOUND at requirement_ends[0]", "NOT_FOUND at sentence_ends[0]",
                     "UNKNOWN_CODE at referrals[0].line", "DATE_MALFORMED at died_on"}));
}

// REF-21 to REF-23: a rule names the requirement it is about, and one hides no other.
TEST_F(CaseloadTest, ARuleOfTheOrderNamesTheRequirement) {
  v1::CaseloadLine line = Line(Whole("T000001"));
  line.clear_referrals();
  line.clear_requirement_ends();
  line.clear_sentence_ends();
  line.mutable_sentences(0)->mutable_requirements(0)->set_length(301);
  line.mutable_sentences(0)->mutable_requirements(1)->set_imposed_on("2024-01-09");
  *line.mutable_sentences(1)->add_requirements() = line.sentences(1).requirements(0);
  EXPECT_EQ(FaultsOf(line), (Strings{"HOURS_OUT_OF_BOUNDS at sentences[0].requirements[0]",
                                     "DATE_ORDER at sentences[0].requirements[1]",
                                     "REQUIREMENT_EXISTS at sentences[1].requirements[1]"}));
  line = Line(Whole("T000001"));
  line.mutable_sentences(0)->set_order_type("204");
  EXPECT_EQ(FaultsOf(line), (Strings{"UPW_NOT_CARRIED_BY_ORDER at sentences[0].requirements[0]",
                                     "REQUIREMENT_NOT_LIVE at requirement_ends[0]"}));
  line = Line(Whole("T000001"));
  line.mutable_sentences(1)->set_end_on("2025-06-30");
  EXPECT_EQ(FaultsOf(line),
            (Strings{"DATE_ORDER at sentences[1]", "SENTENCE_NOT_LIVE at referrals[0]"}));
}

TEST_F(CaseloadTest, ALineIsOfOnePersonOfTheAreaAndOfWhoMayRegisterThem) {
  v1::CaseloadLine line = Line(Whole("T000001"));
  line.mutable_sentences(1)->set_crn("T000002");
  line.mutable_person()->set_home_area("N07");
  EXPECT_EQ(FaultsOf(line),
            (Strings{"AREA_MISMATCH at person.home_area", "CONTRADICTION at sentences[1].crn",
                     "SENTENCE_NOT_LIVE at referrals[0]"}));
  EXPECT_EQ(FaultsOf(line, {"RO", "AA", "CF", "DP"}, ""),
            (Strings{"CONTRADICTION at sentences[1].crn", "SENTENCE_NOT_LIVE at referrals[0]"}));
  line = Line(Whole("T000001"));
  line.clear_access();
  line.clear_referrals();
  EXPECT_EQ(FaultsOf(line, {"CF"}),
            (Strings{"NOT_AUTHORISED at needs.written", "NOT_AUTHORISED at needs.interpreter",
                     "NOT_AUTHORISED at needs.learning_difficulty",
                     "NOT_AUTHORISED at needs.women_programme", "NOT_AUTHORISED at needs.barriers",
                     "NOT_AUTHORISED at needs.ete", "NOT_AUTHORISED at needs.times",
                     "NOT_AUTHORISED at risk"}));
}

// REF-27: a form is opened where the sentence is, wherever the person lives.
TEST_F(CaseloadTest, AFormIsOpenedInTheAreaOfItsSentence) {
  v1::CaseloadLine line = Line(Whole("T000001"));
  line.mutable_sentences(1)->set_area("N07");
  EXPECT_EQ(FaultsOf(line), Strings());
  EXPECT_EQ(CommandsOf(line).back().area, "N07");
  EXPECT_EQ(CommandsOf(Line(Whole("T000001"))).back().area, "N56");
  line.mutable_referrals(0)->set_sentence_key("T000001/3");
  EXPECT_EQ(CommandsOf(line).back().area, "");
  EXPECT_EQ(FaultsOf(line), Strings{"SENTENCE_NOT_LIVE at referrals[0]"});
}

TEST_F(CaseloadTest, TheServiceChecksALineAndWritesNothing) {
  v1::CheckCaseloadRequest request;
  *request.mutable_line() = Line(Whole("T000001"));
  request.mutable_line()->mutable_risk()->set_ogrs3_bp(10'001);
  request.set_area("N56");
  *request.mutable_actor() = Actor("RO");
  request.mutable_actor()->add_roles("DP");
  const auto before = host_->cell(Area::Nat())->position().seq();
  v1::CheckCaseloadReply reply;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->CheckCaseload(&context, request, &reply).ok());
  ASSERT_EQ(reply.faults_size(), 1);
  EXPECT_EQ(reply.faults(0).code(), "SCORE_OUT_OF_RANGE");
  EXPECT_EQ(reply.faults(0).field(), "risk");
  EXPECT_EQ(host_->cell(Area::Nat())->position().seq(), before);
  // A message that does not fit is a fault of the line too.
  request.mutable_line()->mutable_risk()->set_summary(std::string(70'000, 'x'));
  grpc::ClientContext again;
  ASSERT_TRUE(stub_->CheckCaseload(&again, request, &reply).ok());
  ASSERT_EQ(reply.faults_size(), 1);
  EXPECT_EQ(reply.faults(0).field(), "line.risk.summary");
}

TEST_F(CaseloadTest, TheSamePartIsTheSameCommandForEver) {
  const auto one = CommandsOf(Line(Whole("T000001")));
  const auto again = CommandsOf(Line(Whole("T000001")));
  const auto other = CommandsOf(Line(Whole("T000002")));
  std::set<std::string> ids;
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(CommandIdOf(one[i]), CommandIdOf(again[i])) << one[i].part;
    EXPECT_NE(CommandIdOf(one[i]), CommandIdOf(other[i])) << one[i].part;
    EXPECT_TRUE(ids.insert(CommandIdOf(one[i])).second) << one[i].part;
  }
}

TEST_F(CaseloadTest, WhatIsExportedIsWhatWasImportedAndImportsToNothingNew) {
  const v1::CaseloadLine given = Line(Whole("T000001"));
  Import(given);
  const v1::ExportCaseloadReply first = Export();
  ASSERT_TRUE(status_.ok()) << Reason(status_);
  ASSERT_EQ(first.lines_size(), 1);
  EXPECT_EQ(first.lines(0).DebugString(), given.DebugString());
  EXPECT_FALSE(first.without_referrals());
  const auto nat = host_->cell(Area::Nat())->position().seq();
  const auto area = host_->cell(*Area::FromCode("N56"))->position().seq();
  Import(first.lines(0));
  EXPECT_EQ(repeats_, static_cast<int>(CommandsOf(given).size()));
  EXPECT_EQ(host_->cell(Area::Nat())->position().seq(), nat);
  EXPECT_EQ(host_->cell(*Area::FromCode("N56"))->position().seq(), area);
}

TEST_F(CaseloadTest, WhatChangedSinceIsInTheExport) {
  Import(Line(Whole("T000001")));
  EXPECT_EQ(Send("NAT", "RO", "correct_identity { crn: 'T000001' identity { sex: 'F' name { "
                              "family: 'Yallop' } } }"),
            "");
  EXPECT_EQ(Send("NAT", "CF", "change_sentence_end { crn: 'T000001' event_no: 2 end_on: "
                              "'2027-02-01' court_confirmed: true }"),
            "");
  EXPECT_EQ(Send("NAT", "CF", "end_sentence { crn: 'T000001' event_no: 2 cause: 'REVOKED' on: "
                              "'2025-08-30' }"),
            "");
  const v1::ExportCaseloadReply reply = Export();
  ASSERT_EQ(reply.lines_size(), 1);
  const v1::CaseloadLine& line = reply.lines(0);
  EXPECT_EQ(line.person().identity().name().family(), "Yallop");
  EXPECT_EQ(line.sentences(1).end_on(), "2027-02-01");
  ASSERT_EQ(line.sentence_ends_size(), 2);
  EXPECT_EQ(line.sentence_ends(1).cause(), "REVOKED");
  // The requirement that ended with its sentence ends with it again.
  ASSERT_EQ(line.requirement_ends_size(), 1);
  EXPECT_EQ(line.requirement_ends(0).on(), "2025-05-01");
}

// REF-90, REF-92.
TEST_F(CaseloadTest, AnExportHoldsWhomTheActorMaySeeAndPagesAreFull) {
  for (int i = 1; i <= 5; ++i) Register(absl::StrCat("T00000", i), "Nunn", "Ed");
  EXPECT_EQ(Send("NAT", "RO", "register_person { crn: 'T000009' home_area: 'N07' identity { name "
                              "{ family: 'Else' } } }"),
            "");
  EXPECT_EQ(Send("NAT", "DP", "restrict_access { crn: 'T000002' list: 'EXCLUDED' entries { org: "
                              "'TEAM-X' } reason: 'r' }"),
            "");
  EXPECT_EQ(CrnsOf(Export("AA", "TEAM-X")),
            (Strings{"T000001", "T000003", "T000004", "T000005"}));
  EXPECT_EQ(CrnsOf(Export("AA", "TEAM-Y")).size(), 5u);
  EXPECT_TRUE(Export("PV", "ORG-A").lines().empty());
  EXPECT_TRUE(Export("XX").lines().empty());
  const v1::ExportCaseloadReply page = Export("AA", "TEAM-X", 2);
  EXPECT_EQ(CrnsOf(page), (Strings{"T000001", "T000003"}));
  EXPECT_EQ(CrnsOf(Export("AA", "TEAM-X", 2, page.next_page_token())),
            (Strings{"T000004", "T000005"}));
  v1::ExportCaseloadRequest bad;
  bad.set_area("N99");
  bad.mutable_page()->set_page_size(-1);
  bad.mutable_page()->set_page_token("AAAA");
  v1::ExportCaseloadReply reply;
  EXPECT_EQ(Faults(Ask(&Stub::ExportCaseload, bad, &reply)),
            (Strings{"UNKNOWN_AREA at area", "VALUE_OUT_OF_RANGE at page.page_size",
                     "PAGE_TOKEN_INVALID at page.page_token"}));
}

}  // namespace
}  // namespace pdp::referral
