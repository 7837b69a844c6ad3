// The service as a whole: a process of its own on an embedded log, killed in the middle; referral
// and subcontractor are played by the test.
// Longer than the house rule because one fixture drives the service and speaks for its neighbours.

#include "services/unpaid_work/service.h"

#include <set>

#include "absl/strings/str_join.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"
#include "services/unpaid_work/domain/story.h"
#include "services/unpaid_work/testing/served.h"

namespace pdp::unpaid_work {
namespace {

class ServiceTest : public ServedTest {
 protected:
  void Serve(absl::string_view instant) {
    Start(instant);
    stub_ = v1::UnpaidWorkService::NewStub(channel_);
  }
  static void FillActor(const std::string& role, const std::string& org,
                        common::v1::Actor* actor) {
    actor->set_id(role == "SP" ? "T000001" : absl::StrCat("staff-", role));
    actor->add_roles(role);
    actor->set_organisation(org);
  }
  static void Deadline(grpc::ClientContext& context) {
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  }
  // The reason of a refusal, empty when it took effect.
  std::string Do(const std::string& role, const std::string& text, const std::string& org = "",
                 const std::string& area = "N56") {
    last_.Clear();
    last_.set_area(area);
    last_.mutable_header()->set_command_id(Random::System().Bytes(16));
    FillActor(role, org, last_.mutable_header()->mutable_actor());
    *last_.mutable_command() = Story::Parse(text);
    return Repeat();
  }
  // The last command again, under its id.
  std::string Repeat() {
    grpc::ClientContext context;
    Deadline(context);
    reply_.Clear();
    const grpc::Status status = stub_->Execute(&context, last_, &reply_);
    if (status.ok()) return "";
    const auto details = rpc::FromStatus(status);
    if (!details.ok()) return status.error_message();
    std::string reason = details->reason;
    for (const auto& violation : details->violations) {
      absl::StrAppend(&reason, " ", violation.code, " ", violation.field, " ", violation.detail);
    }
    return reason;
  }
  template <typename Request, typename Reply>
  grpc::Status Ask(grpc::Status (v1::UnpaidWorkService::Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Reply*),
                   Request request, Reply* reply, const std::string& role = "CO",
                   const std::string& org = "") {
    request.set_area("N56");
    FillActor(role, org, request.mutable_actor());
    if (reply_.outcome().position().area() == "N56") {
      *request.mutable_read()->add_min_position() = reply_.outcome().position();
    }
    grpc::ClientContext context;
    Deadline(context);
    reply->Clear();
    return (stub_.get()->*method)(&context, request, reply);
  }
  grpc::Status GetCase(v1::GetCaseReply* reply, const std::string& role = "CO",
                       const std::string& org = "", const std::string& crn = "T000001") {
    v1::GetCaseRequest request;
    request.set_crn(crn);
    return Ask(&v1::UnpaidWorkService::Stub::GetCase, request, reply, role, org);
  }
  v1::GetCaseReply Case() {
    v1::GetCaseReply reply;
    const grpc::Status status = GetCase(&reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return reply;
  }
  std::vector<std::string> TaskIds(const std::string& role = "CO", const std::string& org = "") {
    v1::TasksReply reply;
    EXPECT_TRUE(
        Ask(&v1::UnpaidWorkService::Stub::Tasks, v1::TasksRequest(), &reply, role, org).ok());
    std::vector<std::string> ids;
    for (const v1::Task& task : reply.tasks()) {
      ids.push_back(absl::StrCat(task.task_id(), " ", task.due()));
    }
    return ids;
  }
  static int64_t Minutes(const google::protobuf::RepeatedPtrField<v1::Balance>& balances,
                         v1::Account account) {
    for (const v1::Balance& balance : balances) {
      if (balance.account() == account) return balance.minutes();
    }
    return 0;
  }
  // The public events of the area from the beginning, until the feed says that there are no more.
  std::vector<v1::PublicEvent> Published() {
    common::v1::SubscribeRequest request;
    request.add_after()->set_area("N56");
    grpc::ClientContext context;
    Deadline(context);
    auto feed = common::v1::EventFeed::NewStub(channel_);
    auto stream = feed->Subscribe(&context, request);
    std::vector<v1::PublicEvent> events;
    common::v1::SubscribeReply reply;
    while (stream->Read(&reply) && reply.has_event()) {
      v1::PublicEvent event;
      EXPECT_TRUE(event.ParseFromString(reply.event().data()));
      for (const char* secret : {"1990-01-01", "Seven", "Harbourname"}) {
        EXPECT_EQ(reply.event().data().find(secret), std::string::npos) << reply.event().type();
      }
      events.push_back(std::move(event));
    }
    context.TryCancel();
    (void)stream->Finish();
    return events;
  }
  static std::vector<std::string> Types(const std::vector<v1::PublicEvent>& events) {
    std::vector<std::string> types;
    for (const v1::PublicEvent& event : events) types.push_back(decider::CaseName(event));
    return types;
  }

  // ---- what the neighbours say
  void Contract(const std::string& org) {
    subcontractor_feed_.Publish<subcontractor::v1::PublicEvent>(
        "N56", "prime_contract/PC-1",
        absl::StrCat("prime_contract_activated { contract_id: 'PC-", org, "' org: '", org,
                     "' area: 'N56' services: 'UPW' pdus: 'N56ESSEX' from: '2019-01-01' to: "
                     "'2029-12-31' }"));
  }
  void Referral(const std::string& id, const std::string& crn, int hours,
                const std::string& org = "P01", const std::string& snapshot_more = "") {
    referral_.Put(absl::StrCat(
        "referral_id: '", id, "' crn: '", crn, "' version: 7 person_version: 3 area: 'N56' pdu: "
        "'N56ESSEX' line: 'UPW' route: 'UPW' holder_org: '", org, "' tokens: 'STEP_FREE' "
        "tokens: 'WRITTEN:en:LARGE_PRINT' sentence_key: '", crn, "/1' requirement_key: '", crn,
        "/1/2' snapshot { key: 'NEEDS' value { saved_at { seconds: 100 } needs { written { "
        "language: 'en' formats: 'STANDARD' } } } } snapshot { key: 'ETE' value { ete { need: "
        "'SOME' areas: ['EMPLOYMENT', 'HORTICULTURE'] } } } person { crn: '", crn,
        "' recorded_at { key: 'WRITTEN' value { seconds: 200 } } needs { written { language: "
        "'en' formats: 'LARGE_PRINT' } } identity { sex: 'M' date_of_birth: '1990-01-01' name "
        "{ family: 'Harbourname' } } } sentence { crn: '", crn,
        "' order_type: '201' sentenced_on: '2024-01-08' } requirement { no: 2 kind: 'UPW' "
        "ext_main: 'W' ext_sub: 'W01' length: ", hours,
        " unit: 'HOURS' imposed_on: '2024-01-08' } responsible_officer { id: 'ro-7' name: "
        "'Officer Seven' } ", snapshot_more));
  }
  void Accepted(const std::string& id, const std::string& crn, const std::string& org = "P01",
                int round = 1) {
    referral_feed_.Publish<referral::v1::PublicEvent>(
        "N56", absl::StrCat("referral/", id),
        absl::StrCat("referral_accepted { referral_id: '", id, "' round: ", round,
                     " version: 7 org: '", org, "' line: 'UPW' route: 'UPW' pdu: 'N56ESSEX' "
                     "requirement_key: '", crn, "/1/2' sentence_key: '", crn, "/1' }"));
  }

  std::unique_ptr<v1::UnpaidWorkService::Stub> stub_;
  v1::ExecuteRequest last_;
  v1::ExecuteReply reply_;
};

// A project of P01 that opens, with work on every day of the week from 08:00 to 20:00.
std::vector<std::pair<std::string, std::string>> OpenProject(const std::string& id,
                                                             const std::string& kind) {
  std::string rows;
  for (int day = 1; day <= 7; ++day) {
    absl::StrAppend(&rows, "availability { weekday: ", day,
                    " start: 480 end: 1200 frequency: WEEKLY from: '2018-01-01' } ");
  }
  const std::string named = absl::StrCat(" { project_id: '", id, "' ");
  return {{"CO", absl::StrCat("nominate_project", named, "terms { name: 'Riverside' kind: ", kind,
                              " type_code: '", kind == "GROUP" ? "NP1" : "PI",
                              "' org: 'P01' pdu: 'N56ESSEX' site { name: 'Riverside' "
                              "host_all_male: HOST_ALL_MALE_NO facility_tags: 'STEP_FREE' } "
                              "min_group: 1 max_group: 10 min_age: 18 ", rows,
                              "risk_assessment_valid_until: '2026-12-31' community_benefit: true "
                              "} beneficiary: 'Harbourname Trust' }")},
          {"CO", absl::StrCat("evaluate_project", named, "}")},
          {"MG", absl::StrCat("approve_project", named, "}")},
          {"CO", absl::StrCat("open_project", named, "}")}};
}

TEST_F(ServiceTest, AnAcceptedReferralBecomesPostedMinutesAndKillsLoseAndRepeatNothing) {
  Contract("P01");
  Referral("ref-1", "T000001", 100);
  Accepted("ref-1", "T000001");
  Serve("2024-04-15T09:00:00Z");
  v1::GetCaseReply got;
  ASSERT_TRUE(Eventually([&] {
    return GetCase(&got).ok() && got.case_().ete_needs_recorded();
  })) << Log();
  // UPW-06: twelve months from the order; UPW-35: seven working days from the registration.
  const v1::Case& c = got.case_();
  EXPECT_EQ(c.org(), "P01");
  EXPECT_EQ(c.requirements(0).requirement_id(), "T000001/1/2");
  EXPECT_EQ(c.requirements(0).order_id(), "T000001/1");
  EXPECT_EQ(c.requirements(0).origin(), v1::ORIGINAL);
  EXPECT_EQ(c.requirements(0).last_day(), "2025-01-07");
  EXPECT_EQ(got.person_owed(), 6000);
  EXPECT_TRUE(Eventually([&] {
    return TaskIds() == std::vector<std::string>{"FIRST_OFFER/T000001 2024-04-24"};
  }));
  // The person's newer answer, not the form's; of the areas those that are skills.
  EXPECT_EQ(absl::StrJoin(c.communication().formats(), ","), "LARGE_PRINT");
  EXPECT_EQ(c.ete_needs().level(), v1::ETE_SOME);
  EXPECT_EQ(absl::StrJoin(c.ete_needs().skills(), ","), "HORTICULTURE");
  EXPECT_EQ(c.ete_needs().officer(), "Officer Seven");
  EXPECT_EQ(c.composition().composition_class(), v1::CLASS_M);
  EXPECT_EQ(referral_.asked().front().version(), 7u);
  EXPECT_EQ(referral_.asked().front().read().min_position(0).seq(), 1u);

  for (const char* section : {"MATURITY", "LEARNING", "PREFERENCE", "HEALTH", "RISK",
                              "CARING_WORK", "CULTURE", "TRAVEL", "AVAILABILITY"}) {
    const std::string name = section;
    ASSERT_EQ(Do("RO", absl::StrCat("answer_section { crn: 'T000001' section: '", name,
                                    "' answers { key: '",
                                    name == "MATURITY" || name == "LEARNING" ? "LEVEL" : "NOTE",
                                    "' values: '",
                                    name == "MATURITY"   ? "HIGH"
                                    : name == "LEARNING" ? "NONE"
                                                         : "none",
                                    "' } }")),
              "");
  }
  for (const auto& [id, kind] : {std::pair{"I1", "INDUCTION"}, std::pair{"G1", "GROUP"}}) {
    for (const auto& [role, text] : OpenProject(id, kind)) {
      // Not before the contract's scope has been taken over.
      ASSERT_TRUE(Eventually([&, &as = role, &what = text] { return Do(as, what) == ""; })) << text;
    }
  }
  ASSERT_EQ(Do("CO", "plan_session { project_id: 'I1' date: '2024-04-16' slot: 1 start: 600 "
                     "end: 660 }"),
            "");
  EXPECT_EQ(reply_.reply().plan_session().session_id(), "I1.20240416.1");
  ASSERT_EQ(Do("CO", "book_seats { session_id: 'I1.20240416.1' crns: 'T000001' }"), "");
  Kill();

  // What was acknowledged is there; its repeat has no second effect.
  Serve("2024-04-16T12:00:00Z");
  ASSERT_EQ(Repeat(), "");
  EXPECT_TRUE(reply_.outcome().duplicate());
  EXPECT_EQ(Case().case_().appointments_size(), 1);
  ASSERT_EQ(Do("SU", "record_outcome { item { crn: 'T000001' appointment_id: 'I1.20240416.1.1' "
                     "code: 'ATTC' actual_start: 600 actual_end: 660 quality: 'GD' behaviour: "
                     "'GD' } }", "P01"),
            "");
  ASSERT_EQ(Do("CO", "complete_induction { crn: 'T000001' on: '2024-04-16' }"), "");
  ASSERT_EQ(Do("CO", "plan_session { project_id: 'G1' date: '2024-04-18' slot: 1 start: 540 "
                     "end: 960 }"),
            "");
  ASSERT_EQ(Do("CO", "book_seats { session_id: 'G1.20240418.1' crns: 'T000001' }"), "");
  ASSERT_EQ(Do("CO", "register_supervisor { staff_id: 'SUP1' org: 'P01' sex: 'F' }"), "");
  ASSERT_EQ(Do("CO", "assign_supervisor { session_id: 'G1.20240418.1' staff_id: 'SUP1' }"), "");
  ASSERT_EQ(Do("CO", "lock_roster { session_id: 'G1.20240418.1' }"), "");
  const v1::GetCaseReply before = Case();
  Kill();

  // The views are lost too: everything is built again from the log, every event of the neighbours
  // comes again, and nothing is done twice.
  std::filesystem::remove_all(folder_ / "data" / "views");
  const size_t asked = referral_.asked().size();
  Serve("2024-04-18T18:00:00Z");
  ASSERT_TRUE(Eventually([&] { return referral_.asked().size() > asked; })) << Log();
  v1::GetCaseReply after = Case();
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
  ASSERT_EQ(Do("SU", "record_session_outcomes { session_id: 'G1.20240418.1' items { crn: "
                     "'T000001' appointment_id: 'G1.20240418.1.1' code: 'ATTC' actual_start: 540 "
                     "actual_end: 960 penalty: 30 quality: 'GD' behaviour: 'GD' } }", "P01"),
            "");
  EXPECT_EQ(reply_.reply().record_session_outcomes().results(0).reason(), "");

  // 60 minutes of induction, 420 of work less a penalty of 30: 450 of 6000 (UPW-11, 15).
  got = Case();
  ASSERT_EQ(got.books_size(), 1);
  const auto& balances = got.books(0).balances();
  EXPECT_EQ(Minutes(balances, v1::COURT), -6000);
  EXPECT_EQ(Minutes(balances, v1::OWED), 5550);
  EXPECT_EQ(Minutes(balances, v1::WORKED), 450);
  int64_t sum = 0;
  for (const v1::Balance& balance : balances) sum += balance.minutes();
  EXPECT_EQ(sum, 0);
  EXPECT_EQ(got.books(0).entries_size(), 3);
  EXPECT_EQ(got.person_owed(), 5550);
  v1::LedgerEntriesRequest ledger;
  ledger.set_crn("T000001");
  ledger.set_as_at("2024-04-16");
  v1::LedgerEntriesReply at_induction;
  ASSERT_TRUE(
      Ask(&v1::UnpaidWorkService::Stub::LedgerEntries, ledger, &at_induction, "RO").ok());
  ASSERT_EQ(at_induction.books_size(), 1);
  EXPECT_EQ(Minutes(at_induction.books(0).balances(), v1::WORKED), 60);
  EXPECT_EQ(at_induction.entries_size(), 2);

  // What the world is told, in order, and what becomes a charge (interfaces, B3 and E).
  ASSERT_EQ(Do("RO", "correct_outcome { item { crn: 'T000001' appointment_id: 'G1.20240418.1.1' "
                     "code: 'ATTC' actual_start: 540 actual_end: 900 quality: 'GD' behaviour: "
                     "'GD' } outcome_rev: 1 reason: 'MISKEYED' }"),
            "");
  std::vector<v1::PublicEvent> events;
  ASSERT_TRUE(Eventually([&] { return (events = Published()).size() == 6; }));
  EXPECT_EQ(Types(events),
            (std::vector<std::string>{"AppointmentBooked", "OutcomeRecorded", "AppointmentBooked",
                                      "OutcomeRecorded", "SessionRun", "OutcomeCorrected"}));
  const auto& booked = events[0].appointment_booked();
  EXPECT_TRUE(booked.first());
  EXPECT_EQ(absl::StrJoin(booked.referral_ids(), ","), "ref-1");
  EXPECT_EQ(booked.holder_org(), "P01");
  EXPECT_EQ(booked.on(), "2024-04-15");
  EXPECT_FALSE(events[2].appointment_booked().first());
  const auto& induction = events[1].outcome_recorded();
  EXPECT_TRUE(induction.attended() && induction.first_attended());
  EXPECT_EQ(induction.fact().fact_id(), "unpaid_work/out/I1.20240416.1.1/1");
  EXPECT_EQ(induction.fact().kind(), common::v1::DeliveryFact::WORK);
  EXPECT_EQ(induction.fact().service(), "UPW");
  EXPECT_EQ(induction.fact().delivery_org(), "P01");
  EXPECT_EQ(induction.fact().minutes(), 60);
  EXPECT_FALSE(events[3].outcome_recorded().first_attended());
  EXPECT_EQ(events[3].outcome_recorded().fact().minutes(), 390);
  EXPECT_EQ(events[3].outcome_recorded().fact().service_date(), "2024-04-18");
  EXPECT_EQ(events[4].session_run().fact().fact_id(), "unpaid_work/run/G1.20240418.1");
  EXPECT_EQ(events[4].session_run().fact().minutes(), 420);
  const auto& corrected = events[5].outcome_corrected().fact();
  EXPECT_EQ(corrected.fact_id(), "unpaid_work/out/G1.20240418.1.1/2");
  EXPECT_EQ(corrected.supersedes(), "unpaid_work/out/G1.20240418.1.1/1");
  EXPECT_EQ(corrected.minutes(), 360);
}

TEST_F(ServiceTest, AReturnedReferralLeavesTheCaseToTheNextHolderAndARedeliveryDoesNotUndoIt) {
  Referral("ref-1", "T000001", 100);
  Accepted("ref-1", "T000001");
  Serve("2024-04-15T09:00:00Z");
  ASSERT_EQ(Do("SYS", "record_organisation_scope { org: 'S01' contract { contract_id: 'SC-1' "
                      "from: '2018-01-01' } }"),
            "");
  v1::GetCaseReply got;
  ASSERT_TRUE(Eventually([&] { return GetCase(&got).ok() && got.case_().org() == "P01"; }));
  referral_feed_.Publish<referral::v1::PublicEvent>(
      "N56", "referral/ref-1",
      "referral_returned { referral_id: 'ref-1' round: 1 org: 'P01' code: 'CAPACITY' }");
  ASSERT_TRUE(Eventually([&] { return GetCase(&got).ok() && got.case_().org().empty(); })) << Log();
  EXPECT_EQ(GetCase(&got, "SU", "P01").error_code(), grpc::StatusCode::NOT_FOUND);
  ASSERT_TRUE(Eventually([&] {
    const auto ids = TaskIds();
    return std::count(ids.begin(), ids.end(), "ORGANISATION_MISSING/T000001 2024-04-15") == 1;
  }));
  Kill();
  std::filesystem::remove_all(folder_ / "data" / "views");
  size_t asked = referral_.asked().size();
  Serve("2024-04-15T10:00:00Z");
  // The last event comes again by itself, the first is repeated: it does not give the case back.
  ASSERT_TRUE(Eventually([&] { return referral_.asked().size() >= asked + 1; })) << Log();
  const uint64_t version = Case().version();
  asked = referral_.asked().size();
  referral_feed_.Repeat(0);
  ASSERT_TRUE(Eventually([&] { return referral_.asked().size() >= asked + 1; })) << Log();

  Accepted("ref-1", "T000001", "S01", 2);
  ASSERT_TRUE(Eventually([&] { return GetCase(&got).ok() && got.case_().org() == "S01"; }))
      << Log();
  EXPECT_EQ(got.version(), version + 1) << "the repeat changed nothing, the new holder one thing";
  EXPECT_EQ(got.case_().requirements_size(), 1);
  EXPECT_TRUE(GetCase(&got, "SU", "S01").ok());
  EXPECT_EQ(GetCase(&got, "SU", "P01").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(GetCase(&got, "SP").ok()) << "the person's own case";
  ASSERT_TRUE(Eventually([&] {
    return TaskIds("CO", "S01") == std::vector<std::string>{"FIRST_OFFER/T000001 2024-04-24"};
  })) << "the tasks go with the case";
  EXPECT_TRUE(TaskIds("CO", "P01").empty());
}

TEST_F(ServiceTest, TheCourtsChangesReachTheCaseAndARefusedOneIsATask) {
  Referral("ref-1", "T000001", 100);
  Accepted("ref-1", "T000001");
  Serve("2024-04-15T09:00:00Z");
  v1::GetCaseReply got;
  ASSERT_TRUE(Eventually([&] { return GetCase(&got).ok() && got.case_().ete_needs_recorded(); }));
  const auto court = [this](const std::string& text) {
    referral_feed_.Publish<referral::v1::PublicEvent>("NAT", "sentence/T000001/1", text);
  };
  const std::string varied =
      "requirement_varied { crn: 'T000001' requirement_key: 'T000001/1/2' new_requirement { unit: "
      "'HOURS' length: ";
  court(varied + "80 window_last_day: '2025-07-07' court_ref: 'C9' } }");
  ASSERT_TRUE(Eventually([&] {
    return GetCase(&got).ok() && got.case_().requirements(0).last_day() == "2025-07-07";
  })) << Log();
  EXPECT_EQ(got.person_owed(), 4800);
  // UPW-02: 39 hours without a court's confirmation; the case stays as it is, a person looks.
  court(varied + "39 court_ref: 'C9' } }");
  ASSERT_TRUE(Eventually([&] {
    const auto ids = TaskIds();
    return std::count(ids.begin(), ids.end(), "INTAKE_EXCEPTION/ref-1 2024-04-15") == 1;
  })) << Log();
  EXPECT_EQ(Case().person_owed(), 4800);
  court("location_changed { crn: 'T000001' location: 'CUSTODY' from: '2024-04-15' }");
  ASSERT_TRUE(Eventually([&] {
    return GetCase(&got).ok() && got.case_().suspended().reason() == v1::CUSTODY;
  }));
  court("requirement_ended { crn: 'T000001' requirement_key: 'T000001/1/2' cause: 'QUASHED' on: "
        "'2024-04-12' }");
  ASSERT_TRUE(Eventually([&] {
    return GetCase(&got).ok() &&
           got.case_().requirements(0).status() == v1::REQUIREMENT_TERMINATED;
  })) << Log();
  EXPECT_EQ(got.person_owed(), 0);
  EXPECT_EQ(Minutes(got.books(0).balances(), v1::CANCELLED), 4800);
  std::vector<v1::PublicEvent> events;
  ASSERT_TRUE(Eventually([&] { return (events = Published()).size() == 1; }));
  // Referral caused it: its fact STOPPED is not told back (interfaces, B3).
  EXPECT_EQ(events[0].requirement_terminated().reason(), v1::REVOKED);
  EXPECT_EQ(events[0].requirement_terminated().cause().rfind("referral/", 0), 0u);
}

TEST_F(ServiceTest, ARefusedIntakeIsATaskAndNeverDropped) {
  Serve("2024-04-15T09:00:00Z");
  // UPW-02: 39 hours; UPW-76: another area's case; a referral that GetReferral does not know.
  Referral("ref-2", "T000002", 39);
  Accepted("ref-2", "T000002");
  ASSERT_EQ(Do("SYS", "reserve_case { crn: 'T000003' area: 'N07' }", "", "NAT"), "");
  Referral("ref-3", "T000003", 100);
  Accepted("ref-3", "T000003");
  Accepted("ref-4", "T000004");
  const auto exceptions = [this] {
    v1::TasksRequest request;
    request.set_type("INTAKE_EXCEPTION");
    v1::TasksReply reply;
    EXPECT_TRUE(Ask(&v1::UnpaidWorkService::Stub::Tasks, request, &reply).ok());
    std::set<std::string> refs;
    for (const v1::Task& task : reply.tasks()) {
      refs.insert(absl::StrCat(task.ref(), " ", task.detail()));
    }
    return refs;
  };
  EXPECT_TRUE(Eventually([&] {
    return exceptions() == std::set<std::string>{"ref-2 HOURS_BELOW_MINIMUM",
                                                 "ref-3 OUT_OF_AREA", "ref-4 NOT_FOUND"};
  })) << ::testing::PrintToString(exceptions()) << Log();
  // What a person need no longer resolve falls away.
  referral_feed_.Publish<referral::v1::PublicEvent>(
      "N56", "referral/ref-2", "referral_withdrawn { referral_id: 'ref-2' code: 'MIS' }");
  EXPECT_TRUE(Eventually([&] { return exceptions().size() == 2; }));
}

TEST_F(ServiceTest, QueriesNameEveryBadFieldAndPagesNeitherLoseNorRepeat) {
  Serve("2024-04-15T09:00:00Z");
  for (int i = 1; i <= 5; ++i) {
    const std::string crn = absl::StrCat("T00000", i);
    ASSERT_EQ(Do("SYS", Story::RegisterText(absl::StrCat(crn, "/1/1"), 100, "2024-01-08",
                                            i == 5 ? "court_confirmed: true court_ref: 'C' " : "",
                                            crn)),
              "");
  }
  v1::ListCasesRequest list;
  list.mutable_page()->set_page_size(2);
  std::vector<std::string> crns;
  do {
    v1::ListCasesReply page;
    ASSERT_TRUE(Ask(&v1::UnpaidWorkService::Stub::ListCases, list, &page, "SU", "P01").ok());
    EXPECT_LE(page.cases_size(), 2);
    for (const v1::CaseSummary& row : page.cases()) {
      crns.push_back(row.crn());
      EXPECT_EQ(row.owed(), 6000);
      EXPECT_EQ(row.status(), v1::CASE_REGISTERED);
    }
    list.mutable_page()->set_page_token(page.next_page_token());
  } while (!list.page().page_token().empty());
  EXPECT_EQ(absl::StrJoin(crns, " "), "T000001 T000002 T000003 T000004 T000005");
  v1::ListCasesReply none;
  ASSERT_TRUE(Ask(&v1::UnpaidWorkService::Stub::ListCases, {}, &none, "SU", "S02").ok());
  EXPECT_EQ(none.cases_size(), 0) << "UPW-77";
  ASSERT_TRUE(Ask(&v1::UnpaidWorkService::Stub::ListCases, {}, &none, "NOBODY").ok());
  EXPECT_EQ(none.cases_size(), 0);

  for (const auto& [role, text] : OpenProject("G1", "GROUP")) {
    if (role == "CO" && text.find("open_project") != std::string::npos) {
      ASSERT_EQ(Do("SYS", "record_organisation_scope { org: 'P01' contract { contract_id: 'PC-1' "
                          "from: '2018-01-01' } }"),
                "");
    }
    ASSERT_EQ(Do(role, text), "") << text;
  }
  v1::ProjectSearchRequest search;
  search.set_status(v1::PROJECT_OPEN);
  search.add_facility_tags("STEP_FREE");
  search.set_weekday(7);
  v1::ProjectSearchReply found;
  ASSERT_TRUE(Ask(&v1::UnpaidWorkService::Stub::ProjectSearch, search, &found).ok());
  ASSERT_EQ(found.projects_size(), 1);
  EXPECT_EQ(found.projects(0).beneficiary(), "") << "lists hold no contact";
  search.add_facility_tags("HEARING_LOOP");
  ASSERT_TRUE(Ask(&v1::UnpaidWorkService::Stub::ProjectSearch, search, &found).ok());
  EXPECT_EQ(found.projects_size(), 0);
  v1::GetProjectRequest get;
  get.set_project_id("G1");
  v1::GetProjectReply project;
  ASSERT_TRUE(Ask(&v1::UnpaidWorkService::Stub::GetProject, get, &project).ok());
  EXPECT_EQ(project.project().beneficiary(), "Harbourname Trust");

  v1::SessionRosterRequest roster;
  roster.set_from("16.4.2024");
  roster.set_free_seats(-1);
  roster.mutable_page()->set_page_token("%");
  v1::SessionRosterReply sessions;
  const auto details =
      rpc::FromStatus(Ask(&v1::UnpaidWorkService::Stub::SessionRoster, roster, &sessions));
  ASSERT_TRUE(details.ok());
  EXPECT_EQ(details->reason, "VALIDATION_FAILED");
  std::set<std::string> fields;
  for (const auto& violation : details->violations) fields.insert(violation.field);
  EXPECT_EQ(fields, (std::set<std::string>{"from", "free_seats", "page.page_token"}));
}

// Interfaces, B1 and D10 (REF-102): nothing of the person can be read any more, and referral is
// told.
TEST_F(ServiceTest, AnErasedPersonIsPurgedAndItIsConfirmed) {
  Referral("ref-1", "T000001", 100);
  Accepted("ref-1", "T000001");
  Serve("2024-04-15T09:00:00Z");
  v1::GetCaseReply got;
  // Taken over last, with what the person has said: before that there is nothing to purge.
  ASSERT_TRUE(Eventually(
      [&] { return GetCase(&got).ok() && got.case_().ete_needs_recorded(); }));
  ASSERT_EQ(got.case_().org(), "P01");
  EXPECT_FALSE(got.erased());
  referral_feed_.Publish<referral::v1::PublicEvent>(
      "NAT", "person/T000009",
      "person_erased { crn: 'T000009' aliases: 'T000001' request_id: 'r' }");
  ASSERT_TRUE(Eventually([&] {
    for (const v1::PublicEvent& event : Published()) {
      if (event.erasure_confirmed().crn() == "T000009") {
        return event.erasure_confirmed().area() == "N56" &&
               event.erasure_confirmed().gaps().empty();
      }
    }
    return false;
  })) << Log();
  ASSERT_TRUE(GetCase(&got).ok());
  EXPECT_TRUE(got.erased());
  EXPECT_EQ(got.case_().org(), "P01") << "codes stay";
  EXPECT_EQ(Do("TM", "confirm_erasure { crn: 'T000001' }"), "NOT_AUTHORISED");
}

}  // namespace
}  // namespace pdp::unpaid_work
