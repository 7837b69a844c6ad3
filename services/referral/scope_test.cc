// Who is shown what, over every read (REF-92, REF-12), and what is said to those who may not see
// (REF-90).

#include <functional>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "services/referral/testing/service_world.h"

namespace pdp::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ScopeTest : public ServiceWorld {
 protected:
  // What of each read an actor gets: rows, or 1 for a record. -1: refused in another way than
  // NOT_FOUND.
  std::map<std::string, int> Everything(const common::v1::Actor& actor) {
    std::map<std::string, int> got;
    const auto rows = [&](const std::string& name, auto method, auto request, auto reply,
                          auto count) {
      *request.mutable_actor() = actor;
      const grpc::Status status = Ask(method, request, &reply);
      got[name] = status.ok() ? count(reply) : Reason(status) == "NOT_FOUND" ? 0 : -1;
    };
    const auto board = [&](const char* name, auto method) {
      v1::BoardRequest request;
      request.set_area("N56");
      rows(name, method, request, v1::BoardReply(), [](auto& r) { return r.cases_size(); });
    };
    const auto one = [](auto&) { return 1; };
    v1::CaseListRequest cases;
    cases.set_area("N56");
    rows("CaseList", &Stub::CaseList, cases, v1::CaseListReply(),
         [](auto& r) { return r.cases_size(); });
    v1::DraftListRequest drafts;
    drafts.set_area("N56");
    rows("DraftList", &Stub::DraftList, drafts, v1::DraftListReply(),
         [](auto& r) { return r.drafts_size(); });
    board("SlaBoard", &Stub::SlaBoard);
    board("ReturnQueue", &Stub::ReturnQueue);
    v1::BoardRequest codes;
    codes.set_area("N56");
    rows("QuarantinedCodes", &Stub::QuarantinedCodes, codes, v1::QuarantinedCodesReply(),
         [](auto& r) { return r.codes_size(); });
    rows("EnforcementTasks", &Stub::EnforcementTasks, codes, v1::EnforcementTasksReply(),
         [](auto& r) { return r.tasks_size(); });
    v1::MixBoardRequest mix;
    mix.set_area("N56");
    rows("MixBoard", &Stub::MixBoard, mix, v1::MixBoardReply(),
         [](auto& r) { return r.rows_size(); });
    v1::PerformanceRequest performance;
    performance.set_area("N56");
    rows("Performance", &Stub::Performance, performance, v1::PerformanceReply(),
         [](auto& r) { return r.rows_size(); });
    for (const char* text : {"field", "T000001"}) {
      v1::SearchRequest search;
      search.set_text(text);
      rows(absl::StrCat("Search ", text), &Stub::Search, search, v1::SearchReply(),
           [](auto& r) { return r.hits_size(); });
    }
    v1::ExportCaseloadRequest exported;
    exported.set_area("N56");
    rows("ExportCaseload", &Stub::ExportCaseload, exported, v1::ExportCaseloadReply(),
         [](auto& r) { return r.lines_size(); });
    v1::GetReferralRequest referral;
    referral.set_area("N56");
    referral.set_referral_id(id_);
    rows("GetReferral", &Stub::GetReferral, referral, v1::GetReferralReply(), one);
    v1::DecisionExplainRequest decision;
    decision.set_area("N56");
    decision.set_referral_id(id_);
    rows("DecisionExplain", &Stub::DecisionExplain, decision, v1::DecisionExplainReply(), one);
    v1::GetPersonRequest person;
    person.set_crn("T000001");
    rows("GetPerson", &Stub::GetPerson, person, v1::GetPersonReply(), one);
    v1::GetSentenceRequest sentence;
    sentence.set_sentence_key("T000001/1");
    rows("GetSentence", &Stub::GetSentence, sentence, v1::GetSentenceReply(), one);
    for (const std::string& aggregate : {"referral/" + id_, std::string("person/T000001"),
                                         std::string("sentence/T000001/1")}) {
      v1::HistoryRequest history;
      history.set_area(aggregate[0] == 'r' ? "N56" : "NAT");
      history.set_aggregate_id(aggregate);
      rows(absl::StrCat("History ", aggregate.substr(0, 3)), &Stub::History, history,
           v1::HistoryReply(), [](auto& r) { return std::min(1, r.entries_size()); });
    }
    return got;
  }
  void Begin() {
    Register("T000001", "Field", "Sam",
             absl::StrCat("requirements { no: 9 ext_main: 'ZZ9' imposed_on: '", Day(-60), "' }"));
    id_ = Accepted("T000001", "S01");
    Open("T000001");
    EXPECT_EQ(Fact(id_, "STARTED", "S01"), "");
    EXPECT_EQ(Send("N56", "PV",
                   absl::StrCat("return_referral { referral_id: '", id_, "' code: 'UNSAFE' }"),
                   "S01"), "");
    EXPECT_EQ(Send("N56", "SYS",
                   absl::StrCat("report_enforcement_referral { referral_id: '", id_,
                                "' service: 'programmes' enforcement_id: 'e1' kind: 'BREACH' "
                                "order_id: 'T000001/1' failure_ids: 'f' decide_by: '", Day(9),
                                "' legal_basis: 'l' evidence: 'absent' }")), "");
  }
  std::string Withdraw(const std::string& role, const std::string& org) {
    return Send("N56", role,
                absl::StrCat("withdraw_referral { referral_id: '", id_, "' code: 'MOV' }"), org);
  }
  v1::Identity IdentityFor(const std::string& role) {
    v1::GetPersonRequest request;
    request.set_crn("T000001");
    *request.mutable_actor() = Actor(role);
    v1::GetPersonReply reply;
    EXPECT_TRUE(Ask(&Stub::GetPerson, request, &reply).ok());
    return reply.person().identity();
  }

  std::string id_;
};

// REF-92: RO, AA and AM their area.
TEST_F(ScopeTest, AnOfficialOfOneAreaFindsNothingOfAnotherInAnyRead) {
  Begin();
  for (const char* role : {"RO", "AA", "AM"}) {
    const auto all = Everything(Actor(role));
    for (const auto& [name, rows] : all) EXPECT_GT(rows, 0) << role << " " << name;
    EXPECT_EQ(Everything(Actor(role, "N56")), all) << role;
    EXPECT_EQ(Everything(Actor(role, "TEAM-X")), all) << role << ": no area, no limit";
    for (const auto& [name, rows] : Everything(Actor(role, "N07"))) {
      EXPECT_EQ(rows, 0) << role << " " << name;
    }
  }
  // Those who work for all areas.
  for (const char* role : {"AU", "DP", "CF", "SYS"}) {
    EXPECT_EQ(Everything(Actor(role, "N07")), Everything(Actor(role))) << role;
  }
}

// REF-92.
TEST_F(ScopeTest, CommandsOfAnotherAreaMeetNothing) {
  Begin();
  EXPECT_EQ(Withdraw("RO", "N07"), "NOT_FOUND");
  EXPECT_EQ(Send("N56", "RO",
                 "open_referral { crn: 'T000001' line: 'PROGRAMME' need: 'COGNITIVE' pdu: 'N56ESX' "
                 "sentence_key: 'T000001/1' requirement_key: 'T000001/1/1' }", "N07"),
            "NOT_FOUND");
  const std::string draft = Open("T000001");
  EXPECT_EQ(Send("N56", "RO", "submit_referral { referral_id: '" + draft + "' }", "N07"),
            "NOT_FOUND");
  EXPECT_EQ(Send("N56", "RO", "submit_referral { referral_id: '" + draft + "' }", "N56"),
            "DRAFT_INCOMPLETE");
  EXPECT_EQ(Withdraw("RO", "N56"), "");
}

// REF-92, REF-94: the officials of the target answer.
TEST_F(ScopeTest, ATransferIsSeenAndAnsweredInTheAreaItGoesTo) {
  Begin();
  EXPECT_EQ(Send("N56", "RO",
                 absl::StrCat("request_transfer { referral_id: '", id_,
                              "' to_area: 'N07' code: 'PERSON_MOVED' }"), "N56"), "");
  const auto inbox = [&](const std::string& org) {
    v1::BoardRequest request;
    request.set_area("N07");
    *request.mutable_actor() = Actor("AM", org);
    v1::BoardReply reply;
    EXPECT_TRUE(Ask(&Stub::TransferInbox, request, &reply).ok());
    return reply.cases_size();
  };
  EXPECT_EQ(inbox("N07"), 1);
  EXPECT_EQ(inbox("N56"), 0);
  const std::string refuse =
      absl::StrCat("refuse_transfer { referral_id: '", id_, "' code: 'OTHER' }");
  const std::string accept = absl::StrCat("accept_transfer { referral_id: '", id_, "' }");
  EXPECT_EQ(Send("N56", "AM", refuse, "N56"), "NOT_FOUND");
  EXPECT_EQ(Send("N56", "AM", accept, "N56"), "NOT_FOUND");
  EXPECT_EQ(Send("N56", "AM", accept, "N07"), "");
}

// REF-92: persons follow home area and open referrals.
TEST_F(ScopeTest, APersonFollowsHomeAndOpenReferrals) {
  Register("T000001", "Field", "Sam");
  id_ = Accepted("T000001", "S01");
  ASSERT_EQ(Send("NAT", "RO",
                 absl::StrCat("move_home_area { crn: 'T000001' area: 'N07' pdu: 'P' from: '",
                              Day(0), "' }")), "");
  const auto finds = [&](const std::string& org) {
    const auto all = Everything(Actor("RO", org));
    EXPECT_EQ(all.at("GetPerson"), all.at("Search field")) << org;
    return all.at("GetPerson") == 1;
  };
  EXPECT_TRUE(finds("N07")) << "lives there";
  EXPECT_TRUE(finds("N56")) << "has a referral there";
  EXPECT_FALSE(finds("N50"));
  // An area that is not here: by its sentences.
  ASSERT_EQ(Send("NAT", "CF",
                 absl::StrCat("register_sentence { crn: 'T000001' event_no: 2 order_type: '201' "
                              "sentenced_on: '", Day(-9), "' end_on: '", Day(99), "' area: 'N51' "
                              "offences { code: 'O1' main: true sexual: MARK_NO extremism: "
                              "MARK_NO domestic_abuse: MARK_NO } }")), "");
  EXPECT_TRUE(finds("N51"));
  ASSERT_EQ(Send("NAT", "CF",
                 absl::StrCat("end_sentence { crn: 'T000001' event_no: 2 cause: 'REVOKED' on: '",
                              Day(0), "' }")), "");
  EXPECT_FALSE(finds("N51"));
  ASSERT_EQ(Withdraw("RO", "N56"), "");
  EXPECT_FALSE(finds("N56")) << "nothing is open there";
  EXPECT_TRUE(finds("N07"));
}

// REF-92: what may be changed in NAT is what is seen there.
TEST_F(ScopeTest, APersonIsChangedInTheAreaOfHomeAndOfOpenReferrals) {
  Register("T000001", "Field", "Sam");
  id_ = Accepted("T000001", "S01");
  const std::string risk =
      absl::StrCat("record_risk { crn: 'T000001' risk { assessed_on: '", Day(-1), "' } } ");
  const auto changes = [&](const std::string& org) {
    const std::string refused = Send("NAT", "RO", risk, org);
    EXPECT_EQ(Everything(Actor("RO", org)).at("GetPerson"), refused.empty() ? 1 : 0) << org;
    return refused;
  };
  EXPECT_EQ(changes("N56"), "");
  EXPECT_EQ(changes("N07"), "NOT_FOUND");
  ASSERT_EQ(Send("NAT", "RO",
                 absl::StrCat("move_home_area { crn: 'T000001' area: 'N07' pdu: 'P' from: '",
                              Day(0), "' }"), "N56"), "");
  EXPECT_EQ(changes("N07"), "") << "lives there";
  EXPECT_EQ(changes("N56"), "") << "has a referral there";
  EXPECT_EQ(changes("N50"), "NOT_FOUND");
  // No caller says where a referral is open.
  EXPECT_EQ(Send("NAT", "RO", risk + "in_scope: 'T000001'", "N50"), "NOT_FOUND");
  ASSERT_EQ(Withdraw("RO", "N56"), "");
  EXPECT_EQ(changes("N56"), "NOT_FOUND") << "nothing is open there";
  // A draft is a referral too, from the moment it was opened.
  Open("T000001");
  EXPECT_EQ(Send("NAT", "RO", risk, "N56"), "");
}

// REF-92: what an organisation holds.
TEST_F(ScopeTest, NeedsAreRecordedByTheCaseworkersOfTheHolder) {
  Register("T000001", "Field", "Sam");
  int day = 1;
  // Something new each time.
  const auto needs = [&](const std::string& org, const std::string& more = "") {
    return Send("NAT", "CW",
                absl::StrCat("record_needs { crn: 'T000001' source: 'PROVIDER' answers { "
                             "interpreter { needed: YES language: '",
                             ++day % 2 == 0 ? "pl" : "cy", "' } } } ", more),
                org);
  };
  EXPECT_EQ(needs("S01"), "NOT_FOUND");
  id_ = Accepted("T000001", "S01");
  EXPECT_EQ(needs("S01"), "");
  EXPECT_EQ(needs("S02"), "NOT_FOUND");
  EXPECT_EQ(needs("S02", "in_scope: 'T000001'"), "NOT_FOUND") << "no caller says who holds a case";
  EXPECT_EQ(needs(""), "NOT_FOUND");
  ASSERT_EQ(Withdraw("RO", "N56"), "");
  EXPECT_EQ(needs("S01"), "NOT_FOUND") << "the case is over";
}

// REF-92: what the platform says of somebody of another area, byte by byte.
TEST_F(ScopeTest, APersonOfAnotherAreaAndNobodyAreRefusedAlike) {
  Register("T000001", "Field", "Sam");
  const auto told = [&](const std::string& crn) {
    v1::ExecuteRequest request;
    request.mutable_header()->set_command_id(Random::System().Bytes(16));
    *request.mutable_header()->mutable_actor() = Actor("RO", "N07");
    request.set_area("NAT");
    v1::RecordRisk* risk = request.mutable_command()->mutable_record_risk();
    risk->set_crn(crn);
    risk->mutable_risk()->set_assessed_on(Day(-1));
    grpc::ClientContext context;
    v1::ExecuteReply reply;
    const grpc::Status status = stub_->Execute(&context, request, &reply);
    EXPECT_EQ(Reason(status), "NOT_FOUND");
    return absl::StrReplaceAll(
        absl::StrCat(status.error_code(), status.error_message(), status.error_details()),
        {{crn, "$"}});
  };
  EXPECT_EQ(told("T000001"), told("T999999"));
}

// Interfaces, 1: a repeat has the first outcome, also when the person has gone since.
TEST_F(ScopeTest, AMoveToAnotherAreaMayBeSentAgain) {
  Register("T000001", "Field", "Sam");
  v1::ExecuteRequest request;
  request.mutable_header()->set_command_id(Random::System().Bytes(16));
  *request.mutable_header()->mutable_actor() = Actor("RO", "N56");
  request.set_area("NAT");
  v1::MoveHomeArea* move = request.mutable_command()->mutable_move_home_area();
  move->set_crn("T000001");
  move->set_area("N07");
  move->set_pdu("P");
  move->set_from(Day(0));
  for (const bool again : {false, true}) {
    grpc::ClientContext context;
    v1::ExecuteReply reply;
    ASSERT_TRUE(stub_->Execute(&context, request, &reply).ok());
    EXPECT_EQ(reply.outcome().duplicate(), again);
  }
  EXPECT_EQ(Send("NAT", "RO", "record_risk { crn: 'T000001' risk { assessed_on: '2025-08-01' } }",
                 "N56"), "NOT_FOUND");
}

// REF-90: what a person's referral lacks is nothing for those who may not see the person.
TEST_F(ScopeTest, WhoMayNotSeeAPersonIsToldNothingOfTheirForms) {
  Register("T000001", "Field", "Sam");
  const std::string draft = Open("T000001");
  Exclude("T000001", "TEAM-X");
  const std::string submit = "submit_referral { referral_id: '" + draft + "' }";
  const std::string open =
      "open_referral { crn: 'T000001' line: 'PROGRAMME' need: 'COGNITIVE' pdu: 'N56ESX' "
      "sentence_key: 'T000001/1' requirement_key: 'T000001/1/1' }";
  EXPECT_EQ(Send("N56", "RO", submit, "TEAM-X"), "NOT_FOUND");
  EXPECT_EQ(Send("N56", "RO", open, "TEAM-X"), "NOT_FOUND");
  EXPECT_EQ(Send("N56", "RO", submit, "TEAM-Y"), "DRAFT_INCOMPLETE");
  EXPECT_EQ(Send("N56", "RO", open, "TEAM-Y"), "");
}

// REF-12: readable by RO and AA, assigned caseworkers, DP.
TEST_F(ScopeTest, ProtectedCharacteristicsAreForFewEyes) {
  Register("T000001", "Field", "Sam");
  ASSERT_EQ(Send("NAT", "RO",
                 "correct_identity { crn: 'T000001' identity { ethnicity: 'B1' religion: 'R' "
                 "sexual_orientation: 'O' marital_status: 'M' pregnancy: 'NO' } }"), "");
  for (const char* role : {"RO", "AA", "DP", "SYS"}) {
    EXPECT_EQ(IdentityFor(role).ethnicity(), "B1") << role;
    EXPECT_EQ(IdentityFor(role).pregnancy(), "NO") << role;
  }
  for (const char* role : {"AM", "CF", "AU"}) {
    const v1::Identity identity = IdentityFor(role);
    EXPECT_EQ(identity.name().family(), "Field") << role;
    EXPECT_EQ(identity.sex(), "M") << role;
    EXPECT_EQ(identity.ethnicity() + identity.religion() + identity.sexual_orientation() +
                  identity.marital_status() + identity.pregnancy(), "") << role;
  }
  id_ = Accepted("T000001", "S01");
  const auto referral = [&](const std::string& id, const common::v1::Actor& actor) {
    v1::GetReferralRequest request;
    request.set_area("N56");
    request.set_referral_id(id);
    *request.mutable_actor() = actor;
    v1::GetReferralReply reply;
    EXPECT_TRUE(Ask(&Stub::GetReferral, request, &reply).ok());
    return reply;
  };
  // The holder's manager is no caseworker of it.
  EXPECT_EQ(referral(id_, Actor("PV", "S01")).person().identity().religion(), "");
  EXPECT_EQ(referral(id_, Actor("CW", "S01")).person().identity().religion(), "");
  ASSERT_EQ(Send("N56", "PV",
                 absl::StrCat("assign_caseworkers { referral_id: '", id_,
                              "' caseworkers { id: 'staff-CW' lead: true } }"), "S01"), "");
  EXPECT_EQ(referral(id_, Actor("CW", "S01")).person().identity().religion(), "R");
  EXPECT_EQ(referral(id_, Actor("PV", "S01")).person().identity().religion(), "");
  const std::string draft = Open("T000001");
  Save(draft, "person { name { family: 'F' } sex: 'M' ethnicity: 'B1' }");
  EXPECT_EQ(referral(draft, Actor("RO")).snapshot().at("PERSON").person().ethnicity(), "B1");
  EXPECT_EQ(referral(draft, Actor("AM")).snapshot().at("PERSON").person().ethnicity(), "");
  // Nor what became of them, nor in a file.
  const auto changed = [&](const std::string& role) {
    v1::HistoryRequest request;
    request.set_area("NAT");
    request.set_aggregate_id("person/T000001");
    request.set_newest_first(true);
    *request.mutable_actor() = Actor(role);
    v1::HistoryReply reply;
    EXPECT_TRUE(Ask(&Stub::History, request, &reply).ok());
    std::vector<std::string> fields;
    for (const v1::HistoryEntry& entry : reply.entries()) {
      if (entry.event() != "IdentityCorrected") continue;
      for (const v1::FieldChange& change : entry.changes()) {
        if (absl::StartsWith(change.field(), "identity.")) fields.push_back(change.field());
      }
    }
    return fields;
  };
  EXPECT_THAT(changed("RO"), ElementsAre("identity.ethnicity", "identity.religion",
                                         "identity.sexual_orientation", "identity.marital_status",
                                         "identity.pregnancy"));
  EXPECT_THAT(changed("AM"), IsEmpty());
  const auto exported = [&](const std::string& role) {
    v1::ExportCaseloadRequest request;
    request.set_area("N56");
    *request.mutable_actor() = Actor(role);
    v1::ExportCaseloadReply reply;
    EXPECT_TRUE(Ask(&Stub::ExportCaseload, request, &reply).ok());
    return reply.lines(0).person().identity().ethnicity();
  };
  EXPECT_EQ(exported("AA"), "B1");
  EXPECT_EQ(exported("AU"), "");
}

}  // namespace
}  // namespace pdp::referral
