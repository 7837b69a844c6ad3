// The rights of a person, through the service and its processes: reads that are logged (REF-91),
// the subject bundle (REF-100, REF-101), erasure (REF-102), and rules that are published (REF-57,
// REF-86).

#include <functional>
#include <set>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "libs/privacy/key_vault.h"
#include "services/referral/domain/in_force.h"
#include "services/referral/domain/subject_request.h"
#include "services/referral/processes/erasure.h"
#include "services/referral/processes/settings.h"
#include "services/referral/testing/service_world.h"

namespace pdp::referral {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

void AddProcesses(host::ServiceHost& host) {
  using ProcessPtr = std::unique_ptr<projection::Process>;
  host.AddProcess([&host](Area area) -> ProcessPtr {
    if (area.is_nat()) return std::make_unique<Erasures>(host);
    return std::make_unique<AreaErasures>(host);
  });
  host.AddProcess([](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<SettingsFollower>();
  });
  host.AddProcess([&host](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<RuleChanges>(host);
  });
}

class RightsServiceTest : public ServiceWorld {
 protected:
  explicit RightsServiceTest(const std::string& log = "memory") : ServiceWorld(AddProcesses, log) {}

  // Processes are threads: what they do is waited for.
  static bool Until(const std::function<bool()>& holds) {
    for (int i = 0; i < 1'500; ++i) {
      if (holds()) return true;
      absl::SleepFor(absl::Milliseconds(20));
    }
    return false;
  }

  // `query crn referral_id` of each entry, in order.
  std::vector<std::string> Log(const std::string& area,
                               const std::function<void(v1::AccessLogRequest&)>& more = nullptr,
                               const std::string& role = "DP") {
    v1::AccessLogRequest request;
    request.set_area(area);
    *request.mutable_actor() = Actor(role);
    if (more) more(request);
    v1::AccessLogReply reply;
    status_ = Ask(&Stub::AccessLog, request, &reply);
    token_ = reply.next_page_token();
    std::vector<std::string> entries;
    for (const v1::AccessLogEntry& entry : reply.entries()) {
      entries.push_back(absl::StrCat(entry.query(), " ", entry.crn(), " ", entry.referral_id()));
    }
    return entries;
  }
  grpc::Status GetPerson(const std::string& crn, const std::string& role = "RO") {
    v1::GetPersonRequest request;
    request.set_crn(crn);
    *request.mutable_actor() = Actor(role);
    return Ask(&Stub::GetPerson, request, &person_);
  }
  grpc::Status CaseList(const std::string& role = "RO", const std::string& org = "") {
    v1::CaseListRequest request;
    request.set_area("N56");
    *request.mutable_actor() = Actor(role, org);
    return Ask(&Stub::CaseList, request, &cases_);
  }
  grpc::Status GetReferral(const std::string& id, const std::string& role = "RO",
                           const std::string& org = "") {
    v1::GetReferralRequest request;
    request.set_area("N56");
    request.set_referral_id(id);
    *request.mutable_actor() = Actor(role, org);
    return Ask(&Stub::GetReferral, request, &referral_);
  }
  v1::SearchReply Search(const std::string& text) {
    v1::SearchRequest request;
    request.set_text(text);
    *request.mutable_actor() = Actor("RO");
    v1::SearchReply reply;
    status_ = Ask(&Stub::Search, request, &reply);
    return reply;
  }

  std::string Open(const std::string& crn, const std::string& kind, const std::string& more = "") {
    EXPECT_EQ(Send("NAT", "DP", absl::StrCat("open_subject_request { crn: '", crn, "' kind: ", kind,
                                             " ", more, " }")), "");
    return reply_.reply().subject_request().request_id();
  }
  v1::SubjectRequest Request(const std::string& id) {
    v1::GetSubjectRequestRequest request;
    request.set_request_id(id);
    *request.mutable_actor() = Actor("DP");
    v1::GetSubjectRequestReply reply;
    EXPECT_TRUE(Ask(&Stub::GetSubjectRequest, request, &reply).ok());
    return reply.request();
  }
  struct Bundle {
    std::vector<v1::BundleSection> sections;
    v1::BundleEnd end;
    std::string bytes;
    std::string reason;
    std::set<std::string> titles() const {
      std::set<std::string> titles;
      for (const v1::BundleSection& section : sections) titles.insert(section.title());
      return titles;
    }
  };
  Bundle Fetch(const std::string& id, const v1::BundleEnd& at = {},
               const std::string& role = "DP") {
    v1::SubjectBundleRequest request;
    request.set_request_id(id);
    *request.mutable_positions() = at.positions();
    *request.mutable_actor() = Actor(role);
    grpc::ClientContext context;
    auto reader = stub_->SubjectBundle(&context, request);
    Bundle bundle;
    v1::SubjectBundlePart part;
    while (reader->Read(&part)) {
      if (part.has_section()) {
        bundle.bytes += part.section().SerializeAsString();
        bundle.sections.push_back(part.section());
      } else {
        bundle.end = part.end();
      }
    }
    const grpc::Status status = reader->Finish();
    bundle.reason = status.ok() ? "" : Reason(status);
    return bundle;
  }

  grpc::Status status_;
  std::string token_;
  v1::GetPersonReply person_;
  v1::CaseListReply cases_;
  v1::GetReferralReply referral_;
};

// ---- Access log

// REF-91.
TEST_F(RightsServiceTest, EveryReadOfALimitedPersonIsLoggedAndOfNobodyElse) {
  Register("T000001", "Field", "Sam");
  Register("T000002", "Fieldhouse", "Al");
  const std::string limited = Accepted("T000001", "S01"), other = Accepted("T000002", "S01");
  ASSERT_TRUE(GetPerson("T000001").ok());
  EXPECT_THAT(Log("NAT"), IsEmpty()) << "nobody is limited yet";
  Exclude("T000001", "S99");
  ASSERT_TRUE(GetPerson("T000001").ok());
  ASSERT_TRUE(GetPerson("T000002").ok());
  ASSERT_TRUE(CaseList().ok());
  EXPECT_EQ(cases_.cases_size(), 2);
  ASSERT_TRUE(GetReferral(limited).ok());
  ASSERT_TRUE(GetReferral(other).ok());
  EXPECT_EQ(Search("field").hits_size(), 2);
  ASSERT_TRUE(GetPerson("T000001", "SYS").ok());
  EXPECT_FALSE(GetReferral(limited, "PV", "S99").ok()) << "denied: shown to nobody";
  EXPECT_THAT(Log("N56"), ElementsAre("CaseList T000001 " + limited,
                                      "GetReferral T000001 " + limited));
  EXPECT_THAT(Log("NAT"), ElementsAre("GetPerson T000001 ", "Search T000001 " + limited));
}

// REF-91.
TEST_F(RightsServiceTest, BoardsDecisionsAndHistoriesAreReadsToo) {
  Register("T000001", "Field", "Sam");
  const std::string id = Accepted("T000001", "S01");
  Exclude("T000001", "S99");
  v1::DecisionExplainRequest explain;
  explain.set_area("N56");
  explain.set_referral_id(id);
  *explain.mutable_actor() = Actor("AM");
  v1::DecisionExplainReply explained;
  ASSERT_TRUE(Ask(&Stub::DecisionExplain, explain, &explained).ok());
  v1::BoardRequest board;
  board.set_area("N56");
  *board.mutable_actor() = Actor("AM");
  v1::BoardReply rows;
  ASSERT_TRUE(Ask(&Stub::SlaBoard, board, &rows).ok());
  ASSERT_GT(rows.cases_size(), 0);
  v1::GetSentenceRequest sentence;
  sentence.set_sentence_key("T000001/1");
  *sentence.mutable_actor() = Actor("AM");
  v1::GetSentenceReply read;
  ASSERT_TRUE(Ask(&Stub::GetSentence, sentence, &read).ok());
  // Its entries name nobody, its request does; a row of the report is known by its referral.
  v1::HistoryRequest history;
  *history.mutable_actor() = Actor("AM");
  v1::HistoryReply entries;
  for (const std::string& aggregate : {"referral/" + id, std::string("person/T000001")}) {
    history.set_area(aggregate[0] == 'r' ? "N56" : "NAT");
    history.set_aggregate_id(aggregate);
    ASSERT_TRUE(Ask(&Stub::History, history, &entries).ok());
    ASSERT_GT(entries.entries_size(), 0);
  }
  v1::PerformanceRequest report;
  report.set_area("N56");
  *report.mutable_actor() = Actor("AM");
  v1::PerformanceReply lines;
  ASSERT_TRUE(Ask(&Stub::Performance, report, &lines).ok());
  ASSERT_EQ(lines.rows_size(), 1);
  EXPECT_THAT(Log("N56"), ElementsAre("DecisionExplain T000001 " + id, "SlaBoard T000001 " + id,
                                      "History T000001 " + id, "Performance T000001 " + id));
  EXPECT_THAT(Log("NAT"), ElementsAre("GetSentence T000001 ", "History T000001 "));
}

// REF-91.
TEST_F(RightsServiceTest, TheLogIsFilteredPagedAndForFewEyes) {
  for (const char* crn : {"T000001", "T000002"}) {
    Register(crn, "Field", "Sam");
    Exclude(crn, "S99");
    ASSERT_TRUE(GetPerson(crn, "RO").ok());
    ASSERT_TRUE(GetPerson(crn, "AA").ok());
  }
  EXPECT_THAT(Log("NAT"), SizeIs(4));
  EXPECT_THAT(Log("NAT", [](auto& r) { r.set_reader("staff-AA"); }),
              ElementsAre("GetPerson T000001 ", "GetPerson T000002 "));
  EXPECT_THAT(Log("NAT", [](auto& r) { r.set_crn("t000002"); }), SizeIs(2));
  EXPECT_THAT(Log("NAT", [this](auto& r) { r.set_from(Day(0)); r.set_to(Day(0)); }), SizeIs(4));
  EXPECT_THAT(Log("NAT", [this](auto& r) { r.set_from(Day(1)); }), IsEmpty());
  EXPECT_THAT(Log("NAT", [this](auto& r) { r.set_to(Day(-1)); }), IsEmpty());
  EXPECT_THAT(Log("NAT", [](auto& r) { r.mutable_page()->set_page_size(3); }), SizeIs(3));
  const std::string token = token_;
  EXPECT_THAT(Log("NAT", [&](auto& r) { r.mutable_page()->set_page_token(token); }), SizeIs(1));
  EXPECT_THAT(Log("NAT", nullptr, "RO"), IsEmpty());
  EXPECT_EQ(Reason(status_), "NOT_AUTHORISED");
  EXPECT_THAT(Log("NAT", nullptr, "AM"), SizeIs(4));
  Log("N41", [](auto& r) { r.set_from("x"); r.set_to("y"); r.set_crn("z"); });
  EXPECT_THAT(Faults(status_),
              UnorderedElementsAre("UNKNOWN_AREA at area", "DATE_MALFORMED at from",
                                   "DATE_MALFORMED at to", "CRN_MALFORMED at crn"));
}

// REF-91.
TEST_F(RightsServiceTest, AnAnswerThatCannotBeLoggedIsNotGiven) {
  Register("T000001", "Field", "Sam");
  Register("T000002", "Other", "Al");
  Exclude("T000001", "S99");
  ASSERT_TRUE(GetPerson("T000001").ok());
  host_->cell(Area::Nat())->Stop();
  EXPECT_EQ(GetPerson("T000001").error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_FALSE(person_.has_person()) << "nothing was shown";
  EXPECT_TRUE(GetPerson("T000002").ok()) << "of others the reads go on";
}

class RestartTest : public RightsServiceTest {
 protected:
  RestartTest() : RightsServiceTest("embedded") {}
};

// REF-91.
TEST_F(RestartTest, WhatWasLoggedStays) {
  Register("T000001", "Field", "Sam");
  Exclude("T000001", "S99");
  ASSERT_TRUE(GetPerson("T000001").ok());
  Restart();
  EXPECT_THAT(Log("NAT"), ElementsAre("GetPerson T000001 "));
}

// ---- Subject access

// REF-101.
TEST_F(RightsServiceTest, TheBundleHoldsEverythingOfThePersonAndOfNobodyElse) {
  Register("T000001", "Field", "Sam");
  Register("T000002", "Other", "Al");
  const std::string id = Accepted("T000001", "S01");
  Accepted("T000002", "S01");
  Register("T000003", "Feld", "Sam");
  ASSERT_EQ(Send("NAT", "AA", "merge_persons { from: 'T000003' to: 'T000001' }"), "");
  Exclude("T000001", "S99");
  ASSERT_TRUE(GetPerson("T000001").ok());
  ASSERT_TRUE(GetReferral(id).ok());
  const std::string request = Open("T000003", "ACCESS");
  EXPECT_EQ(Fetch(request).reason, "IDENTITY_NOT_CONFIRMED");
  EXPECT_EQ(Fetch("nobody").reason, "NOT_FOUND");
  ASSERT_EQ(Send("NAT", "DP", "confirm_identity { request_id: '" + request + "' }"), "");
  EXPECT_EQ(Fetch(request, {}, "RO").reason, "NOT_AUTHORISED");
  const Bundle bundle = Fetch(request);
  ASSERT_EQ(bundle.reason, "");
  EXPECT_THAT(bundle.titles(),
              ElementsAre("Access log", "Person T000001", "Person T000003",
                          "Referral " + referral_.reference(), "Sentence T000001/1",
                          "Sentence T000003/1"));
  EXPECT_EQ(bundle.bytes.find("T000002"), std::string::npos);
  EXPECT_EQ(bundle.end.crn(), "T000001");
  EXPECT_THAT(bundle.end.aliases(), ElementsAre("T000003"));
  EXPECT_EQ(bundle.end.sections(), static_cast<int>(bundle.sections.size()));
  std::set<std::string> names, events;
  std::string rules;
  for (const v1::BundleSection& section : bundle.sections) {
    for (const v1::BundleEntry& entry : section.entries()) {
      events.insert(entry.event());
      for (const v1::BundleField& field : entry.fields()) {
        if (absl::StrContains(field.name(), "trace") && absl::EndsWith(field.name(), ".rule")) {
          rules = field.value();
        }
        if (field.class_() == v1::EXPORT) continue;
        EXPECT_EQ(field.value(), "") << field.name();
        names.insert(field.name());
      }
    }
  }
  EXPECT_THAT(events, ::testing::IsSupersetOf({"PersonRegistered", "SentenceRegistered",
                                               "ReferralOpened", "EligibilityDecided",
                                               "ReferralOffered", "ReferralAccepted",
                                               "AccessRecorded", "PersonMerged"}));
  EXPECT_NE(rules, "") << "decisions with their rules";
  EXPECT_THAT(names, Contains("actor_id")) << "who read it is somebody else";
  EXPECT_EQ(v1::SubjectRequestStatus_Name(Request(request).status()), "READY");
  EXPECT_EQ(Request(request).bundle_hash(), bundle.end.bundle_hash());
}

// REF-101.
TEST_F(RightsServiceTest, TheSamePositionsGiveTheSameBytes) {
  Register("T000001", "Field", "Sam");
  const std::string id = Accepted("T000001", "S01");
  const std::string request = Open("T000001", "ACCESS");
  ASSERT_EQ(Send("NAT", "DP", "confirm_identity { request_id: '" + request + "' }"), "");
  const Bundle first = Fetch(request);
  ASSERT_EQ(first.reason, "");
  // What happens later, a merge too, is not in it.
  EXPECT_EQ(Fact(id, "STARTED", "S01"), "");
  Register("T000002", "Feld", "Sam");
  ASSERT_EQ(Send("NAT", "AA", "merge_persons { from: 'T000002' to: 'T000001' }"), "");
  const Bundle again = Fetch(request, first.end);
  EXPECT_EQ(again.bytes, first.bytes);
  EXPECT_EQ(again.end.SerializeAsString(), first.end.SerializeAsString());
  const Bundle newest = Fetch(request);
  EXPECT_NE(newest.end.bundle_hash(), first.end.bundle_hash());
  EXPECT_THAT(newest.end.aliases(), ElementsAre("T000002"));
  // What was released is what is fetched from then on.
  ASSERT_EQ(Send("NAT", "DP", "release_bundle { request_id: '" + request + "' }"), "");
  EXPECT_EQ(Fact(id, "COMPLETED", "S01"), "");
  EXPECT_EQ(Fetch(request).end.bundle_hash(), newest.end.bundle_hash());
}

// ---- Erasure

// REF-102.
TEST_F(RightsServiceTest, ErasedIsErasedInEveryRead) {
  Register("T000001", "Field", "Sam");
  Register("T000002", "Fieldhouse", "Al");
  const std::string id = Accepted("T000001", "S01");
  const std::string request = Open("T000001", "ERASURE", "basis: 'COURT_ORDER'");
  const auto approve = [&] {
    v1::ExecuteRequest call;
    call.mutable_header()->set_command_id(Random::System().Bytes(16));
    *call.mutable_header()->mutable_actor() = Actor("DP");
    call.mutable_header()->mutable_actor()->set_id("another");
    call.set_area("NAT");
    call.mutable_command()->mutable_approve_erasure()->set_request_id(request);
    // Facts are the service's own: these count for nothing.
    call.mutable_command()->mutable_approve_erasure()->mutable_facts()->add_areas("N07");
    grpc::ClientContext context;
    const grpc::Status status = stub_->Execute(&context, call, &reply_);
    return status.ok() ? "" : Reason(status);
  };
  EXPECT_EQ(approve(), "OPEN_REFERRALS");
  ASSERT_EQ(Send("N56", "RO", "withdraw_referral { referral_id: '" + id + "' code: 'MOV' }"), "");
  // The slot goes with the end, by a process that does not run here.
  ASSERT_EQ(Send("NAT", "SYS", "release_slot { crn: 'T000001' key: 'COGNITIVE|T000001/1' "
                               "referral_id: '" + id + "' }"), "");
  ASSERT_EQ(approve(), "");
  ASSERT_TRUE(Until([&] {
    const v1::SubjectRequest now = Request(request);
    return now.status() == v1::KEYS_DESTROYED && !now.parts(0).confirmed_on().empty();
  }));
  const v1::SubjectRequest now = Request(request);
  ASSERT_EQ(now.parts_size(), 3);
  EXPECT_EQ(now.parts(0).service(), "referral");
  EXPECT_EQ(now.parts(0).area(), "N56");
  EXPECT_EQ(now.parts(1).confirmed_on(), "") << "programmes has not answered";
  EXPECT_EQ(host_->vault().Find("T000001").status().code(), absl::StatusCode::kNotFound);

  ASSERT_TRUE(GetPerson("T000001").ok());
  EXPECT_TRUE(person_.erased());
  EXPECT_FALSE(person_.person().has_identity());
  EXPECT_EQ(person_.person().home_area(), "N56") << "codes stay";
  ASSERT_TRUE(GetReferral(id).ok());
  EXPECT_TRUE(referral_.erased());
  EXPECT_TRUE(referral_.snapshot().empty());
  EXPECT_EQ(referral_.decision().outcome(), v1::Decision::ROUTED) << "codes stay";
  const v1::SearchReply by_name = Search("field");
  ASSERT_EQ(by_name.hits_size(), 1) << "names are unsearchable";
  EXPECT_EQ(by_name.hits(0).crn(), "T000002");
  const v1::SearchReply by_crn = Search("T000001");
  ASSERT_EQ(by_crn.hits_size(), 1);
  EXPECT_TRUE(by_crn.hits(0).erased());
  EXPECT_EQ(Send("NAT", "RO", "record_risk { crn: 'T000001' risk { assessed_on: '2025-08-01' } }"),
            "PERSON_ERASED");
  EXPECT_EQ(Send("N56", "RO", "withdraw_referral { referral_id: '" + id + "' code: 'MOV' }"),
            "PERSON_ERASED");
  EXPECT_EQ(Send("N56", "RO", "open_referral { crn: 'T000001' line: 'PROGRAMME' need: 'COGNITIVE' "
                              "sentence_key: 'T000001/1' requirement_key: 'T000001/1/1' }"),
            "PERSON_ERASED");
  // The others answer: done.
  for (const char* service : {"programmes", "unpaid_work"}) {
    EXPECT_EQ(Send("NAT", "SYS", absl::StrCat("collect_erasure { crn: 'T000001' service: '",
                                              service, "' area: 'N56' }")), "");
  }
  EXPECT_EQ(Request(request).status(), v1::CONFIRMED);
}

// Names and their tokens leave the index, as after a rebuild that never knew them.
TEST_F(RightsServiceTest, TheIndexOfNamesForgetsTheErased) {
  Register("T000001", "Zzyzx", "Sam");
  const std::string request = Open("T000001", "ERASURE", "basis: 'COURT_ORDER'");
  v1::Command command;
  command.mutable_approve_erasure()->set_request_id(request);
  v1::ExecuteRequest call;
  call.mutable_header()->set_command_id(Random::System().Bytes(16));
  *call.mutable_header()->mutable_actor() = Actor("DP");
  call.mutable_header()->mutable_actor()->set_id("another");
  call.set_area("NAT");
  *call.mutable_command() = command;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->Execute(&context, call, &reply_).ok());
  ASSERT_TRUE(Until([&] { return Request(request).status() == v1::KEYS_DESTROYED; }));
  int nodes = 0;
  v1::IndexNode node;
  ASSERT_OK(host_->rows("people").Scan(Area::Nat(), {.prefix = "n/", .limit = 100}, &node,
                                       [&](absl::string_view, bool) { return ++nodes < 100; }));
  EXPECT_EQ(nodes, 0);
}

// ---- Published rules

// REF-57, REF-86.
TEST_F(RightsServiceTest, APublishedRuleReachesTheAreasAndSaysWhomItTouched) {
  Register("T000001", "Field", "Sam");
  Register("T000002", "Other", "Al");
  const std::string accepted = Accepted("T000001", "S01"), routed = Submit("T000002");
  Decide(routed, "T000002");
  ASSERT_EQ(Send("NAT", "AM",
                 absl::StrCat("publish_policy_set { set { name: 'pdp-2019' version: 'v2' rows { "
                              "key: 'ladder.COGNITIVE' value: 'SI_COG' effective_from: '", Day(0),
                              "' basis: 'REF-43' source: 'ours' } } }")), "");
  const auto effects = [&](const std::string& cause) {
    v1::RuleEffectsRequest request;
    request.set_area("N56");
    request.set_cause(cause);
    *request.mutable_actor() = Actor("AM");
    v1::RuleEffectsReply reply;
    EXPECT_TRUE(Ask(&Stub::RuleEffects, request, &reply).ok());
    std::vector<std::string> found;
    for (const v1::RuleEffect& effect : reply.effects()) {
      EXPECT_NE(effect.reference(), "");
      found.push_back(absl::StrCat(effect.effect(), " ", effect.referral_id()));
    }
    return found;
  };
  ASSERT_TRUE(Until([&] { return effects("POLICY:v2").size() == 2; }));
  EXPECT_THAT(effects("POLICY:v2"),
              UnorderedElementsAre("ROUTE_REVIEW " + accepted, "DECIDED_AGAIN " + routed));
  v1::SettingsRequest settings;
  settings.set_area("N56");
  settings.set_name("policy");
  *settings.mutable_actor() = Actor("RO");
  v1::SettingsReply in_force;
  ASSERT_TRUE(Ask(&Stub::GetSettings, settings, &in_force).ok());
  EXPECT_EQ(in_force.in_force(), "v2");
  ASSERT_EQ(in_force.versions_size(), 1);
  EXPECT_NE(in_force.versions(0).hash(), "");
  // Every working day of the next two weeks is a holiday now: what runs moves.
  std::string holidays;
  for (int day = 1; day <= 14; ++day) absl::StrAppend(&holidays, " holidays: '", Day(day), "'");
  ASSERT_EQ(Send("NAT", "AM",
                 absl::StrCat("publish_calendar { calendar { version: 'c2' first_day: "
                              "'2025-01-01' last_day: '2028-12-31' ", holidays, " } }")), "");
  ASSERT_TRUE(Until([&] { return !effects("CALENDAR:c2").empty(); }));
  EXPECT_THAT(effects("CALENDAR:c2"), Contains("CLOCK_MOVED " + accepted));
}

}  // namespace
}  // namespace pdp::referral
