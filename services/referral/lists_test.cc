#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "services/referral/testing/service_world.h"

// Search, lists and boards (specification, section 8): what is found, in which order, page by page,
// and what limited access takes away.
namespace pdp::referral {
namespace {


class ListsTest : public ServiceWorld {
 protected:
  v1::SearchReply Find(const std::string& text, const std::string& role = "RO",
                       const std::string& org = "") {
    v1::SearchRequest request;
    request.set_text(text);
    return Find(request, role, org);
  }
  v1::SearchReply Find(v1::SearchRequest request, const std::string& role = "RO",
                       const std::string& org = "") {
    *request.mutable_actor() = Actor(role, org);
    v1::SearchReply reply;
    status_ = Ask(&Stub::Search, request, &reply);
    return reply;
  }
  v1::BoardRequest Board(const std::string& role = "AM", const std::string& org = "") {
    v1::BoardRequest request;
    request.set_area("N56");
    *request.mutable_actor() = Actor(role, org);
    return request;
  }
  grpc::Status status_;
};

using Strings = std::vector<std::string>;

TEST_F(ListsTest, SearchFindsByNameInTheOrderOfFamilyGivenCrn) {
  Register("T000001", "Smith", "John");
  Register("T000002", "O'Neill-Smith", "Siân");
  Register("T000003", "Smithers", "Al");
  Register("T000004", "SMITH", "Jo");
  Register("T000005", "Smith", "Jo");
  Register("T000006", "Śmith", "Ada");
  EXPECT_EQ(Crns(Find("smith")),
            (Strings{"T000006", "T000004", "T000005", "T000001", "T000003"}));
  EXPECT_EQ(Crns(Find("SMITH, jo")), (Strings{"T000004", "T000005", "T000001"}));
  EXPECT_EQ(Crns(Find("oneill")), Strings{"T000002"});
  EXPECT_EQ(Crns(Find("o'neill smith, sian")), Strings{"T000002"});
  EXPECT_TRUE(Crns(Find("smit, jo")).empty()) << "before a comma the family name is whole";
  const v1::SearchReply one = Find("smithers");
  ASSERT_EQ(one.hits_size(), 1);
  EXPECT_EQ(one.hits(0).name().family(), "Smithers");
  EXPECT_EQ(one.hits(0).date_of_birth(), "1990-01-01");
  EXPECT_EQ(one.hits(0).home_area(), "N56");
}

TEST_F(ListsTest, SearchRefusesWhatIsTooShortAndNamesTheField) {
  for (const char* text : {"", "s", "o'", "smith, j", "smith,", "é"}) {
    Find(text);
    EXPECT_EQ(Faults(status_), Strings{"QUERY_TOO_SHORT at text"}) << text;
  }
  // REF-37, W-1.
  Find("GY7-MVMV");
  EXPECT_EQ(Faults(status_), Strings{"REFERENCE_CHECK_FAILED at text"});
  Find("GY7-MVM0");
  EXPECT_EQ(Faults(status_), Strings{"REFERENCE_MALFORMED at text"});
  v1::SearchRequest request;
  request.set_text("x");
  request.set_area("N99");
  request.mutable_page()->set_page_size(-1);
  request.mutable_page()->set_page_token("AAAA");
  Find(request);
  EXPECT_EQ(Faults(status_),
            (Strings{"UNKNOWN_AREA at area", "VALUE_OUT_OF_RANGE at page.page_size",
                     "PAGE_TOKEN_INVALID at page.page_token", "QUERY_TOO_SHORT at text"}));
}

TEST_F(ListsTest, SearchFindsByCrnAndByReferenceInAnySpelling) {
  Register("T000001", "Smith", "John");
  const std::string id = Open("T000001");
  const std::string reference = reply_.reply().open_referral().reference();
  EXPECT_EQ(Crns(Find(" t000001 ")), Strings{"T000001"});
  EXPECT_TRUE(Crns(Find("T999999")).empty());
  std::string typed = reference;
  typed.erase(std::find(typed.begin(), typed.end(), '-'));
  std::transform(typed.begin(), typed.end(), typed.begin(), ::tolower);
  for (const std::string& text : {reference, typed}) {
    const v1::SearchReply found = Find(text);
    ASSERT_EQ(found.hits_size(), 1) << text;
    ASSERT_EQ(found.hits(0).cases_size(), 1);
    EXPECT_EQ(found.hits(0).cases(0).referral_id(), id);
  }
}

TEST_F(ListsTest, ACorrectedNameIsFoundByTheNewOneAndNoMoreByTheOld) {
  Register("T000001", "Smith", "John");
  EXPECT_EQ(Send("NAT", "RO",
                 "correct_identity { crn: 'T000001' identity { name { family: 'Jones' given: "
                 "'John' } } }"),
            "");
  EXPECT_TRUE(Crns(Find("smith")).empty());
  EXPECT_EQ(Crns(Find("jones, jo")), Strings{"T000001"});
}

// The tree names people while there are at most 32 of one beginning; here there are more.
TEST_F(ListsTest, PagesOfASearchMeetWithoutGapOrRepeatAndHoldUnderChange) {
  std::vector<std::pair<std::string, std::string>> expected;
  const char* given[] = {"Al", "Bo", "Cy"};
  for (int i = 0; i < 90; ++i) {
    const std::string family = absl::StrCat("Sma", std::string(1, static_cast<char>('a' + i % 9)));
    const std::string crn = absl::StrCat("T", 100100 + (i * 37) % 90);
    Register(crn, family, given[i % 3]);
    expected.emplace_back(absl::StrCat(family, ",", given[i % 3]), crn);
  }
  std::sort(expected.begin(), expected.end());
  v1::SearchRequest request;
  request.set_text("sm");
  request.mutable_page()->set_page_size(7);
  Strings crns;
  int pages = 0;
  do {
    const v1::SearchReply page = Find(request);
    ASSERT_TRUE(status_.ok()) << Reason(status_);
    ASSERT_LE(page.hits_size(), 7);
    for (const std::string& crn : Crns(page)) crns.push_back(crn);
    request.mutable_page()->set_page_token(page.next_page_token());
    // Somebody before the place and somebody far behind it arrive between the pages.
    if (++pages == 2) {
      Register("T200001", "Smaa", "Aa");
      Register("T200002", "Smz", "Zz");
      expected.emplace_back("Smz,Zz", "T200002");
    }
  } while (!request.page().page_token().empty());
  Strings wanted;
  for (const auto& [text, crn] : expected) wanted.push_back(crn);
  EXPECT_EQ(crns, wanted);
  // At most 50 a page, whatever is asked for.
  request.mutable_page()->set_page_size(500);
  EXPECT_EQ(Find(request).hits_size(), 50);
}

TEST_F(ListsTest, ATokenIsOfOneListAndItsFilters) {
  for (int i = 0; i < 4; ++i) Register(absl::StrCat("T00000", i), "Smith", "John");
  v1::SearchRequest request;
  request.set_text("smith");
  request.mutable_page()->set_page_size(2);
  const std::string token = Find(request).next_page_token();
  ASSERT_FALSE(token.empty());
  EXPECT_FALSE(absl::StrContains(token, "smith"));
  request.mutable_page()->set_page_token(token);
  request.mutable_page()->set_page_size(3);
  EXPECT_EQ(Find(request).hits_size(), 2) << "another size is the same list";
  request.set_line("UPW");
  Find(request);
  EXPECT_EQ(Faults(status_), Strings{"PAGE_TOKEN_INVALID at page.page_token"});
  v1::DraftListRequest drafts;
  drafts.set_area("N56");
  *drafts.mutable_actor() = Actor("RO");
  drafts.mutable_page()->set_page_token(token);
  v1::DraftListReply reply;
  EXPECT_EQ(Faults(Ask(&Stub::DraftList, drafts, &reply)),
            Strings{"PAGE_TOKEN_INVALID at page.page_token"});
}

// REF-90, REF-92.
TEST_F(ListsTest, SearchShowsOnlyWhoTheActorMaySeeAndPagesStayFull) {
  for (int i = 0; i < 6; ++i) Register(absl::StrCat("T00000", i), "Smith", "John");
  Accepted("T000004", "ORG-A");
  Exclude("T000001", "TEAM-X");
  Exclude("T000004", "TEAM-X");
  v1::SearchRequest request;
  request.set_text("smith");
  request.mutable_page()->set_page_size(4);
  EXPECT_EQ(Crns(Find(request, "RO", "TEAM-X")),
            (Strings{"T000000", "T000002", "T000003", "T000005"}));
  EXPECT_EQ(Crns(Find(request, "RO", "TEAM-Y")),
            (Strings{"T000000", "T000001", "T000002", "T000003"}));
  EXPECT_TRUE(Crns(Find("T000001", "RO", "TEAM-X")).empty());
  EXPECT_TRUE(Find("smith", "PV", "ORG-B").hits().empty());
  // T000004 is of limited access and ORG-A is not cleared: its holder does not find him.
  EXPECT_TRUE(Find("smith", "PV", "ORG-A").hits().empty());
  EXPECT_EQ(Send("NAT", "DP",
                 "clear_for_access { crn: 'T000004' entries { org: 'ORG-A' } reason: 'r' }"),
            "");
  EXPECT_EQ(Crns(Find("smith", "PV", "ORG-A")), Strings{"T000004"});
  EXPECT_TRUE(Find("smith", "XX", "").hits().empty()) << "nobody of the service";
}

TEST_F(ListsTest, SearchFiltersByWhatThePersonsReferralsAre) {
  for (int i = 0; i < 3; ++i) Register(absl::StrCat("T00000", i), "Smith", "John");
  Accepted("T000000", "ORG-A");
  Open("T000001");
  v1::SearchRequest request;
  request.set_text("smith");
  request.add_states(v1::DRAFT);
  EXPECT_EQ(Crns(Find(request)), Strings{"T000001"});
  request.clear_states();
  request.set_org("ORG-A");
  EXPECT_EQ(Crns(Find(request)), Strings{"T000000"});
  request.set_org("");
  request.set_route("TSP");
  EXPECT_EQ(Crns(Find(request)), Strings{"T000000"});
  request.set_route("");
  request.set_area("N07");
  EXPECT_TRUE(Crns(Find(request)).empty());
}

TEST_F(ListsTest, DraftsAreListedByTheDayLastSavedWithTheStateOfEverySection) {
  Register("T000001", "Smith", "John");
  Register("T000002", "Jones", "John");
  const std::string first = Open("T000001");
  const std::string second = Open("T000002", "AA");
  Save(first, "contact { address: '1 High Street' }");
  Save(first, "person { name { family: 'F' } }");
  v1::DraftListRequest request;
  request.set_area("N56");
  *request.mutable_actor() = Actor("RO");
  v1::DraftListReply reply;
  ASSERT_TRUE(Ask(&Stub::DraftList, request, &reply).ok());
  ASSERT_EQ(reply.drafts_size(), 2);
  const v1::DraftRow& draft =
      reply.drafts(reply.drafts(0).draft().referral_id() == first ? 0 : 1);
  EXPECT_EQ(draft.draft().opened_by(), "staff-RO");
  Strings sections;
  for (const auto& section : draft.sections()) {
    sections.push_back(
        absl::StrCat(section.section(), " ", v1::SectionStatus_Name(section.status())));
  }
  EXPECT_EQ(sections, (Strings{"PERSON IN_PROGRESS", "CONTACT COMPLETE", "NEEDS NOT_STARTED",
                               "SENTENCE NOT_STARTED", "NEED_TYPE NOT_STARTED", "RISK NOT_STARTED",
                               "AVAILABILITY NOT_STARTED"}));
  // W-4: saved on a day, expires at the start of the 31st day after it.
  EXPECT_EQ(draft.expires_at().seconds(),
            absl::ToUnixSeconds(StartOfLocalDate(LocalDate(clock_.Now()) + 31)));
  request.set_opener("staff-AA");
  ASSERT_TRUE(Ask(&Stub::DraftList, request, &reply).ok());
  ASSERT_EQ(reply.drafts_size(), 1);
  EXPECT_EQ(reply.drafts(0).draft().referral_id(), second);
  request.set_opener("");
  request.set_section("CONTACT");
  ASSERT_TRUE(Ask(&Stub::DraftList, request, &reply).ok());
  ASSERT_EQ(reply.drafts_size(), 1);
  EXPECT_EQ(reply.drafts(0).draft().referral_id(), second);
  request.set_section("CONTRACT");
  EXPECT_EQ(Faults(Ask(&Stub::DraftList, request, &reply)), Strings{"UNKNOWN_CODE at section"});
  // REF-92: never a provider's; discarded ones are gone.
  request.set_section("");
  *request.mutable_actor() = Actor("PV", "ORG-A");
  ASSERT_TRUE(Ask(&Stub::DraftList, request, &reply).ok());
  EXPECT_EQ(reply.drafts_size(), 0);
  EXPECT_EQ(Send("N56", "RO", absl::StrCat("discard_draft { referral_id: '", first, "' }")), "");
  *request.mutable_actor() = Actor("RO");
  ASSERT_TRUE(Ask(&Stub::DraftList, request, &reply).ok());
  EXPECT_EQ(reply.drafts_size(), 1);
}

// REF-8, REF-6: what a form asks depends on who the person now is.
TEST_F(ListsTest, ADraftLacksWhatThePersonAsTheyNowAreIsAsked) {
  Register("T000001", "Smith", "John");
  const std::string id = Open("T000001");
  Save(id, "needs { written { language: 'en' formats: 'STANDARD' } interpreter { needed: NO } "
           "learning_difficulty { screening: 'NO' } reading { reads_simple_sentences: YES } access "
           "{ step_free: NO hearing_loop: NO private_room: NO prayer_space: NO "
           "personal_care_space: NO quiet_space: NO } }");
  const auto needs = [&] {
    v1::DraftListRequest request;
    request.set_area("N56");
    *request.mutable_actor() = Actor("RO");
    v1::DraftListReply reply;
    EXPECT_TRUE(Ask(&Stub::DraftList, request, &reply).ok());
    EXPECT_EQ(reply.drafts_size(), 1);
    return v1::SectionStatus_Name(reply.drafts(0).sections(2).status());
  };
  const auto correct = [&](const std::string& identity) {
    EXPECT_EQ(Send("NAT", "RO",
                   "correct_identity { crn: 'T000001' identity { " + identity + " } }"), "");
  };
  EXPECT_EQ(needs(), "COMPLETE") << "a man of 35";
  correct("gender_identity: 'GIF'");
  EXPECT_EQ(needs(), "IN_PROGRESS") << "asked of every woman";
  correct("gender_identity: 'GIM'");
  EXPECT_EQ(needs(), "COMPLETE");
  correct("sex: 'F'");
  EXPECT_EQ(needs(), "COMPLETE") << "GIM";
  correct("date_of_birth: '2003-01-01'");
  EXPECT_EQ(needs(), "IN_PROGRESS") << "22: maturity screening";
}

TEST_F(ListsTest, TheSlaBoardHasARowForEveryClockThatWaits) {
  Register("T000001", "Smith", "John");
  const std::string id = Submit("T000001");
  Decide(id, "T000001");
  v1::BoardReply reply;
  ASSERT_TRUE(Ask(&Stub::SlaBoard, Board(), &reply).ok());
  // W-2 of a submission on Monday 2025-09-01: PLACEMENT in 5, FIRST_APPOINTMENT in 10 working days;
  // DECISION was met.
  ASSERT_EQ(reply.cases_size(), 2);
  EXPECT_EQ(reply.cases(0).clock(), "PLACEMENT");
  EXPECT_EQ(reply.cases(0).due_on(), "2025-09-08");
  EXPECT_EQ(reply.cases(1).clock(), "FIRST_APPOINTMENT");
  EXPECT_EQ(reply.cases(1).due_on(), "2025-09-15");
  v1::BoardRequest request = Board();
  request.set_to("2025-09-08");
  ASSERT_TRUE(Ask(&Stub::SlaBoard, request, &reply).ok());
  EXPECT_EQ(reply.cases_size(), 1);
  request.set_to("");
  request.set_from("2025-09-09");
  ASSERT_TRUE(Ask(&Stub::SlaBoard, request, &reply).ok());
  ASSERT_EQ(reply.cases_size(), 1);
  EXPECT_EQ(reply.cases(0).clock(), "FIRST_APPOINTMENT");
  request.set_from("");
  request.set_code("PLACEMENT");
  ASSERT_TRUE(Ask(&Stub::SlaBoard, request, &reply).ok());
  EXPECT_EQ(reply.cases_size(), 1);
  request.set_from("next week");
  request.set_to("2025-02-30");
  EXPECT_EQ(Faults(Ask(&Stub::SlaBoard, request, &reply)),
            (Strings{"DATE_MALFORMED at from", "DATE_MALFORMED at to"}));
  Exclude("T000001", "TEAM-X");
  ASSERT_TRUE(Ask(&Stub::SlaBoard, Board("AM", "TEAM-X"), &reply).ok());
  EXPECT_EQ(reply.cases_size(), 0);
}

TEST_F(ListsTest, UnplacedReturnedAndDuplicateReferralsWaitInTheirQueues) {
  for (int i = 1; i <= 2; ++i) Register(absl::StrCat("T00000", i), "Smith", "John");
  const std::string unplaced = Submit("T000001");
  Decide(unplaced, "T000001");
  EXPECT_EQ(Send("N56", "SYS",
                 absl::StrCat("record_no_placement { referral_id: '", unplaced,
                              "' round: 1 apportionment_id: '", unplaced, "/1' }")),
            "");
  const std::string held = Accepted("T000002", "ORG-A");
  EXPECT_EQ(Fact(held, "STARTED", "ORG-A"), "");
  EXPECT_EQ(Send("N56", "PV",
                 absl::StrCat("return_referral { referral_id: '", held, "' code: 'STAFF_LOSS' }"),
                 "ORG-A"),
            "");
  v1::BoardReply reply;
  ASSERT_TRUE(Ask(&Stub::UnplacedQueue, Board(), &reply).ok());
  ASSERT_EQ(reply.cases_size(), 1);
  EXPECT_EQ(reply.cases(0).referral_id(), unplaced);
  EXPECT_EQ(reply.cases(0).since_on(), Day(0));
  ASSERT_TRUE(Ask(&Stub::ReturnQueue, Board(), &reply).ok());
  ASSERT_EQ(reply.cases_size(), 1);
  EXPECT_EQ(reply.cases(0).referral_id(), held);
  EXPECT_EQ(reply.cases(0).return_code(), "STAFF_LOSS");
  v1::BoardRequest other = Board();
  other.set_code("UNSAFE");
  ASSERT_TRUE(Ask(&Stub::ReturnQueue, other, &reply).ok());
  EXPECT_EQ(reply.cases_size(), 0);
  EXPECT_EQ(Send("N56", "AM", absl::StrCat("refuse_return { referral_id: '", held, "' }")), "");
  ASSERT_TRUE(Ask(&Stub::ReturnQueue, Board(), &reply).ok());
  EXPECT_EQ(reply.cases_size(), 0);
}

TEST_F(ListsTest, EnforcementReportsAreTasksWithTheirEvidenceUntilWithdrawn) {
  Register("T000001", "Smith", "John");
  const std::string id = Accepted("T000001", "ORG-A");
  const std::string report = absl::StrCat(
      "report_enforcement_referral { referral_id: '", id,
      "' service: 'programmes' enforcement_id: 'E1' kind: 'BREACH' order_id: 'T000001/1' "
      "failure_ids: ['F1', 'F2'] decide_by: '", Day(5), "' legal_basis: 'CJA 2003 Sch 8' "
      "evidence: ['did not attend'] }");
  EXPECT_EQ(Send("N56", "SYS", report), "");
  v1::EnforcementTasksReply reply;
  ASSERT_TRUE(Ask(&Stub::EnforcementTasks, Board("RO"), &reply).ok());
  ASSERT_EQ(reply.tasks_size(), 1);
  const v1::EnforcementTask& task = reply.tasks(0);
  EXPECT_EQ(task.crn(), "T000001");
  EXPECT_EQ(task.org(), "ORG-A");
  EXPECT_EQ(task.pdu(), "N56ESX");
  EXPECT_EQ(task.evidence(0), "did not attend");
  EXPECT_EQ(task.failure_ids_size(), 2);
  ASSERT_TRUE(Ask(&Stub::EnforcementTasks, Board("PV", "ORG-A"), &reply).ok());
  EXPECT_EQ(reply.tasks_size(), 0) << "evidence is the responsible officer's";
  v1::BoardRequest recalls = Board("RO");
  recalls.set_code("RECALL");
  ASSERT_TRUE(Ask(&Stub::EnforcementTasks, recalls, &reply).ok());
  EXPECT_EQ(reply.tasks_size(), 0);
  Exclude("T000001", "TEAM-X");
  ASSERT_TRUE(Ask(&Stub::EnforcementTasks, Board("RO", "TEAM-X"), &reply).ok());
  EXPECT_EQ(reply.tasks_size(), 0);
  EXPECT_EQ(Send("N56", "SYS",
                 absl::StrCat("withdraw_enforcement_referral { referral_id: '", id,
                              "' service: 'programmes' enforcement_id: 'E1' cause: 'VOIDED' }")),
            "");
  ASSERT_TRUE(Ask(&Stub::EnforcementTasks, Board("RO"), &reply).ok());
  EXPECT_EQ(reply.tasks_size(), 0);
}

// REF-20.
TEST_F(ListsTest, AnUnknownExternalCodeIsListedAsQuarantined) {
  Register("T000001", "Smith", "John",
           absl::StrCat("requirements { no: 2 ext_main: 'Q9' ext_sub: 'Q91' imposed_on: '",
                        Day(-60), "' }"));
  v1::QuarantinedCodesReply reply;
  ASSERT_TRUE(Ask(&Stub::QuarantinedCodes, Board("AA"), &reply).ok());
  ASSERT_EQ(reply.codes_size(), 1);
  EXPECT_EQ(reply.codes(0).ext_main(), "Q9");
  EXPECT_EQ(reply.codes(0).requirement_key(), "T000001/1/2");
  Exclude("T000001", "TEAM-X");
  ASSERT_TRUE(Ask(&Stub::QuarantinedCodes, Board("AA", "TEAM-X"), &reply).ok());
  EXPECT_EQ(reply.codes_size(), 0);
}

TEST_F(ListsTest, EveryFilterOfTheCaseListKeepsItsOrderOverItsPages) {
  for (int i = 0; i < 9; ++i) Register(absl::StrCat("T00000", i), "Smith", "John");
  std::set<std::string> of_a;
  for (int i = 0; i < 6; ++i) {
    const std::string crn = absl::StrCat("T00000", i);
    const std::string id = Accepted(crn, i % 2 == 0 ? "ORG-A" : "ORG-B", i < 3 ? 9000 : 6200);
    if (i % 2 == 0) of_a.insert(id);
  }
  for (int i = 6; i < 9; ++i) Open(absl::StrCat("T00000", i));
  const std::string one = *of_a.begin();
  EXPECT_EQ(Send("N56", "PV",
                 absl::StrCat("assign_caseworkers { referral_id: '", one,
                              "' caseworkers { id: 'CW-1' lead: true } }"),
                 "ORG-A"),
            "");
  const auto list = [&](v1::CaseListRequest request, const std::string& role,
                        const std::string& org) {
    request.set_area("N56");
    *request.mutable_actor() = Actor(role, org);
    request.mutable_page()->set_page_size(2);
    std::vector<v1::CaseRow> rows;
    v1::CaseListReply reply;
    do {
      const grpc::Status status = Ask(&Stub::CaseList, request, &reply);
      EXPECT_TRUE(status.ok()) << Reason(status);
      if (!status.ok()) break;
      EXPECT_TRUE(reply.cases_size() == 2 || reply.next_page_token().empty()) << "a full page";
      rows.insert(rows.end(), reply.cases().begin(), reply.cases().end());
      request.mutable_page()->set_page_token(reply.next_page_token());
    } while (!reply.next_page_token().empty());
    for (size_t i = 1; i < rows.size(); ++i) {
      const auto order = [](const v1::CaseRow& row) {
        return std::make_tuple(!row.breached(), row.due_on().empty() ? "9" : row.due_on(),
                               row.stratum() == "HIGH"     ? 0
                               : row.stratum() == "MEDIUM" ? 1
                                                           : 2,
                               row.submitted_at().seconds(), row.referral_id());
      };
      EXPECT_LT(order(rows[i - 1]), order(rows[i]));
    }
    return rows;
  };
  v1::CaseListRequest all, drafts, route, pdu, caseworker, line, stranger, breached;
  drafts.add_states(v1::DRAFT);
  route.set_route("TSP");
  pdu.set_pdu("N56ESX");
  caseworker.set_caseworker("CW-1");
  line.set_line("UPW");
  stranger.set_org("ORG-C");
  breached.set_breached_only(true);
  EXPECT_EQ(list(all, "AA", "").size(), 9u);
  EXPECT_EQ(list(drafts, "AA", "").size(), 3u);
  EXPECT_EQ(list(route, "AA", "").size(), 6u);
  EXPECT_EQ(list(pdu, "AA", "").size(), 9u);
  EXPECT_EQ(list(line, "AA", "").size(), 0u);
  EXPECT_EQ(list(stranger, "AA", "").size(), 0u);
  EXPECT_EQ(list(breached, "AA", "").size(), 0u);
  const auto assigned = list(caseworker, "PV", "ORG-A");
  ASSERT_EQ(assigned.size(), 1u);
  EXPECT_EQ(assigned[0].referral_id(), one);
  EXPECT_GT(assigned[0].clocks_size(), 0) << "the whole row";
  EXPECT_TRUE(list(caseworker, "PV", "ORG-B").empty());
  std::set<std::string> seen;
  for (const v1::CaseRow& row : list(all, "PV", "ORG-A")) seen.insert(row.referral_id());
  EXPECT_EQ(seen, of_a);
  // A withdrawn case leaves the list of its state, and is there once.
  EXPECT_EQ(Send("N56", "RO",
                 absl::StrCat("withdraw_referral { referral_id: '", one, "' code: 'MOV' }")),
            "");
  v1::CaseListRequest over;
  over.add_states(v1::CONCLUDED);
  EXPECT_EQ(list(over, "AA", "").size(), 1u);
  EXPECT_EQ(list(all, "AA", "").size(), 9u);
}

}  // namespace
}  // namespace pdp::referral
