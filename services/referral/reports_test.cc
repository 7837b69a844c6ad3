#include <algorithm>
#include <map>

#include "services/referral/testing/service_world.h"

// TransferInbox, MixBoard, OverrideBoard and Performance (specification, section 8).
namespace pdp::referral {
namespace {

using Strings = std::vector<std::string>;

class ReportsTest : public ServiceWorld {
 protected:
  // ---- TransferInbox
  v1::BoardReply Inbox(v1::BoardRequest request, const std::string& role = "AA",
                       const std::string& org = "") {
    if (request.area().empty()) request.set_area("N07");
    *request.mutable_actor() = Actor(role, org);
    v1::BoardReply reply;
    status_ = Ask(&Stub::TransferInbox, request, &reply);
    return reply;
  }
  void RequestTransfer(const std::string& id, const char* to = "N07") {
    EXPECT_EQ(Send("N56", "RO",
                   absl::StrCat("request_transfer { referral_id: '", id, "' to_area: '", to,
                                "' code: 'PERSON_MOVED' }")),
              "");
  }
  // ---- MixBoard
  v1::MixBoardReply Mix(v1::MixBoardRequest request = {}, const std::string& role = "AM",
                        const std::string& org = "") {
    if (request.area().empty()) request.set_area("N56");
    *request.mutable_actor() = Actor(role, org);
    v1::MixBoardReply reply;
    status_ = Ask(&Stub::MixBoard, request, &reply);
    return reply;
  }
  static std::string Text(const v1::MixRow& row) {
    std::string text =
        absl::StrCat(row.month(), " ", row.org(), " ", row.route(), " ", row.stratum(), ": ",
                     row.offered(), " ", row.accepted());
    const std::map<std::string, int64_t> declined(row.declined().begin(), row.declined().end());
    for (const auto& [code, count] : declined) absl::StrAppend(&text, " ", code, "=", count);
    absl::StrAppend(&text, " ", row.lapsed(), " ", row.returned(), " ", row.directed());
    Strings suppressed(row.suppressed().begin(), row.suppressed().end());
    std::sort(suppressed.begin(), suppressed.end());
    for (const std::string& one : suppressed) absl::StrAppend(&text, " x:", one);
    return text;
  }
  static Strings Rows(const v1::MixBoardReply& reply) {
    Strings rows;
    for (const v1::MixRow& row : reply.rows()) rows.push_back(Text(row));
    return rows;
  }
  static Strings People(const v1::MixBoardReply& reply) {
    Strings rows;
    for (const v1::DemographicRow& row : reply.demographics()) {
      rows.push_back(absl::StrCat(row.month(), " ", row.characteristic(), " ", row.value(), " ",
                                  row.suppressed() ? "x" : absl::StrCat(row.referrals())));
    }
    return rows;
  }
  void Decline(const std::string& id, int round, const std::string& org) {
    EXPECT_EQ(Send("N56", "PV",
                   absl::StrCat("decline_offer { referral_id: '", id, "' round: ", round,
                                " code: 'UNSAFE' }"),
                   org),
              "");
  }
  // `count` people whose referral is accepted by `org`, from T<first> on.
  void AcceptedBy(const std::string& org, int first, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string crn = absl::StrCat("T", 200000 + first + i);
      Register(crn, "Smith", "Ed");
      Accepted(crn, org);
    }
  }
  // ---- OverrideBoard
  v1::OverrideBoardReply Overrides(v1::OverrideBoardRequest request = {},
                                   const std::string& role = "AM", const std::string& org = "") {
    request.set_area(request.area().empty() ? "N56" : request.area());
    *request.mutable_actor() = Actor(role, org);
    v1::OverrideBoardReply reply;
    status_ = Ask(&Stub::OverrideBoard, request, &reply);
    return reply;
  }
  void Contract(const std::string& org) {
    EXPECT_EQ(Send("N56", "SYS",
                   absl::StrCat("record_contract { contract { contract_id: 'C-", org, "' org: '",
                                org, "' services: 'TSP' pdus: 'N56ESX' from: '2025-01-01' to: "
                                     "'2026-12-31' } }")),
              "");
  }
  void Direct(const std::string& id, const std::string& org) {
    EXPECT_EQ(Send("N56", "AM",
                   absl::StrCat("direct_allocate { referral_id: '", id, "' org: '", org,
                                "' code: 'CONTINUITY' note: 'has worked with him before' }")),
              "");
  }
  // ---- Performance
  v1::PerformanceReply Performance(v1::PerformanceRequest request, const std::string& role = "AM",
                                   const std::string& org = "") {
    request.set_area(request.area().empty() ? "N56" : request.area());
    *request.mutable_actor() = Actor(role, org);
    v1::PerformanceReply reply;
    status_ = Ask(&Stub::Performance, request, &reply);
    return reply;
  }
  static Strings Clocks(const v1::PerformanceRow& row) {
    Strings clocks;
    for (const v1::ClockResult& clock : row.clocks()) {
      clocks.push_back(absl::StrCat(clock.code(), " ", v1::SlaClock::Status_Name(clock.status()),
                                    " ", clock.due_on(), " ", clock.stopped_on()));
    }
    return clocks;
  }
  grpc::Status status_;
};

TEST_F(ReportsTest, ATransferWaitsInTheInboxOfItsTargetUntilItIsAnswered) {
  for (int i = 1; i <= 3; ++i) Register(absl::StrCat("T00000", i), "Smith", "Ed");
  const std::string first = Accepted("T000001", "ORG-A");
  const std::string second = Submit("T000002");
  const std::string third = Submit("T000003");
  RequestTransfer(first);
  RequestTransfer(second);
  RequestTransfer(third, "N03");
  v1::BoardReply reply = Inbox({});
  ASSERT_TRUE(status_.ok()) << Reason(status_);
  ASSERT_EQ(reply.cases_size(), 2);
  const v1::CaseRow& row = reply.cases(first < second ? 0 : 1);
  EXPECT_EQ(row.referral_id(), first);
  EXPECT_EQ(row.area(), "N56");
  EXPECT_EQ(row.transfer_on(), Day(0));
  EXPECT_EQ(row.transfer_code(), "PERSON_MOVED");
  // Five working days from Monday 2025-09-01 (REF-86).
  EXPECT_EQ(row.due_on(), "2025-09-08");
  // Ten areas of the twelve are served by others.
  EXPECT_EQ(reply.areas_elsewhere_size(), 10);
  EXPECT_TRUE(Inbox({}, "PV", "ORG-A").cases().empty()) << "the authority's own";
  v1::BoardRequest filtered;
  filtered.set_org("ORG-A");
  EXPECT_EQ(Inbox(filtered).cases_size(), 1);
  filtered.set_org("");
  filtered.set_code("OTHER");
  EXPECT_EQ(Inbox(filtered).cases_size(), 0);
  filtered.set_code("");
  filtered.set_to("2025-09-07");
  EXPECT_EQ(Inbox(filtered).cases_size(), 0);
  filtered.set_to("2025-09-08");
  filtered.set_from("2025-09-08");
  filtered.set_pdu("N56ESX");
  EXPECT_EQ(Inbox(filtered).cases_size(), 2);
  Exclude("T000002", "TEAM-X");
  EXPECT_EQ(Inbox({}, "AA", "TEAM-X").cases_size(), 1);
  EXPECT_EQ(Send("N56", "RO", absl::StrCat("cancel_transfer { referral_id: '", first, "' }")), "");
  EXPECT_EQ(Inbox({}).cases_size(), 1);
  EXPECT_EQ(Send("N56", "AM", absl::StrCat("accept_transfer { referral_id: '", second, "' }")), "");
  EXPECT_EQ(Inbox({}).cases_size(), 0);
  v1::BoardRequest wales;
  wales.set_area("N03");
  EXPECT_EQ(Inbox(wales).cases_size(), 1);
}

TEST_F(ReportsTest, PagesOfTheTransferInboxMeetAndWrongRequestsNameTheField) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    Register(absl::StrCat("T00000", i), "Smith", "Ed");
    ids.push_back(Submit(absl::StrCat("T00000", i)));
    RequestTransfer(ids.back());
  }
  std::sort(ids.begin(), ids.end());
  Strings seen;
  v1::BoardRequest request;
  request.mutable_page()->set_page_size(2);
  do {
    const v1::BoardReply reply = Inbox(request);
    ASSERT_TRUE(status_.ok());
    for (const v1::CaseRow& row : reply.cases()) seen.push_back(row.referral_id());
    request.mutable_page()->set_page_token(reply.next_page_token());
  } while (!request.page().page_token().empty());
  EXPECT_EQ(seen, ids);
  v1::BoardRequest bad;
  bad.set_area("N99");
  bad.set_from("soon");
  bad.set_to("2025-02-30");
  bad.mutable_page()->set_page_token("AAAA");
  Inbox(bad);
  EXPECT_EQ(Faults(status_),
            (Strings{"UNKNOWN_AREA at area", "PAGE_TOKEN_INVALID at page.page_token",
                     "DATE_MALFORMED at from", "DATE_MALFORMED at to"}));
}

TEST_F(ReportsTest, TheMixCountsWhatBecameOfEachOfferByOrganisationRouteAndStratum) {
  for (int i = 1; i <= 4; ++i) Register(absl::StrCat("T00000", i), "Smith", "Ed");
  // Declined by A, accepted by B.
  const std::string first = Submit("T000001");
  Decide(first, "T000001");
  Offer(first, 1, "ORG-A");
  Decline(first, 1, "ORG-A");
  Offer(first, 2, "ORG-B");
  Accept(first, 2, "ORG-B");
  // Accepted by A and returned.
  const std::string second = Accepted("T000002", "ORG-A");
  EXPECT_EQ(Send("N56", "PV",
                 absl::StrCat("return_referral { referral_id: '", second, "' code: 'STAFF_LOSS' }"),
                 "ORG-A"),
            "");
  // Directed to B: never offered, and no acceptance of an offer.
  const std::string third = Submit("T000003");
  Decide(third, "T000003");
  Contract("ORG-B");
  Direct(third, "ORG-B");
  // Another stratum (REF-59: 9000 makes 2 of ogrs3, nothing else of it differs).
  Accepted("T000004", "ORG-A", 9000);
  const v1::MixBoardReply reply = Mix();
  ASSERT_TRUE(status_.ok()) << Reason(status_);
  Strings rows = Rows(reply);
  int64_t offered = 0, accepted = 0, returned = 0, directed = 0, declined = 0;
  for (const v1::MixRow& row : reply.rows()) {
    EXPECT_EQ(row.month(), "2025-09");
    EXPECT_EQ(row.route(), "TSP");
    EXPECT_TRUE(row.suppressed().empty()) << "the authority sees exact counts";
    offered += row.offered();
    accepted += row.accepted();
    returned += row.returned();
    directed += row.directed();
    if (row.org() == "ORG-A" && row.declined().contains("UNSAFE")) {
      declined += row.declined().at("UNSAFE");
    }
    if (row.org() == "ORG-B") {
      EXPECT_EQ(row.offered(), 1);
      EXPECT_EQ(row.accepted(), 1);
      EXPECT_EQ(row.directed(), 1);
    }
  }
  EXPECT_EQ(offered, 4);
  EXPECT_EQ(accepted, 3);
  EXPECT_EQ(returned, 1);
  EXPECT_EQ(directed, 1);
  EXPECT_EQ(declined, 1);
  EXPECT_EQ(People(reply), (Strings{"2025-09 AGE 30_39 4", "2025-09 NEED COGNITIVE 4",
                                    "2025-09 SEX M 4"}));
  v1::MixBoardRequest request;
  request.set_org("ORG-B");
  EXPECT_EQ(Mix(request).rows_size(), 1);
  request.set_org("");
  request.set_from_month("2025-10");
  EXPECT_EQ(Mix(request).rows_size(), 0);
  EXPECT_EQ(Mix(request).demographics_size(), 0);
  request.set_from_month("");
  request.set_route("BBR");
  EXPECT_EQ(Mix(request).rows_size(), 0);
}

// SUB-130.
TEST_F(ReportsTest, AnOrganisationSeesItsOwnCountsExactlyAndSmallOnesOfOthersNot) {
  AcceptedBy("ORG-A", 0, 2);
  AcceptedBy("ORG-B", 10, 6);
  AcceptedBy("ORG-C", 20, 3);
  v1::MixBoardRequest request;
  // Of the quarter, one month: C's 3 is alone in its line and takes B's 6 in its column with it.
  EXPECT_EQ(Rows(Mix(request, "PV", "ORG-A")),
            (Strings{"2025-09 ORG-A TSP LOW: 2 2 0 0 0",
                     "2025-09 ORG-B TSP LOW: 0 0 0 0 0 x:accepted x:offered",
                     "2025-09 ORG-C TSP LOW: 0 0 0 0 0 x:accepted x:offered"}));
  // The same whatever a filter leaves out.
  request.set_org("ORG-B");
  EXPECT_EQ(Rows(Mix(request, "PV", "ORG-A")),
            (Strings{"2025-09 ORG-B TSP LOW: 0 0 0 0 0 x:accepted x:offered"}));
  request.set_org("");
  EXPECT_EQ(Rows(Mix(request, "PV", "ORG-C"))[2], "2025-09 ORG-C TSP LOW: 3 3 0 0 0");
  // With enough of others everything of B is shown.
  AcceptedBy("ORG-C", 30, 2);
  EXPECT_EQ(Rows(Mix(request, "PV", "ORG-A")),
            (Strings{"2025-09 ORG-A TSP LOW: 2 2 0 0 0", "2025-09 ORG-B TSP LOW: 6 6 0 0 0",
                     "2025-09 ORG-C TSP LOW: 5 5 0 0 0"}));
  EXPECT_EQ(People(Mix(request, "PV", "ORG-A")),
            (Strings{"2025-09 AGE 30_39 13", "2025-09 NEED COGNITIVE 13", "2025-09 SEX M 13"}));
  EXPECT_TRUE(Mix(request, "XX").rows().empty());
}

TEST_F(ReportsTest, ASmallGroupOfPeopleIsNotShownToAProvider) {
  AcceptedBy("ORG-A", 0, 3);
  EXPECT_EQ(People(Mix({}, "PV", "ORG-A")),
            (Strings{"2025-09 AGE 30_39 x", "2025-09 NEED COGNITIVE x", "2025-09 SEX M x"}));
  EXPECT_EQ(People(Mix({}, "AM"))[0], "2025-09 AGE 30_39 3");
}

// What is asked for is cut from whole quarters: September alone says no more than the quarter does.
TEST_F(ReportsTest, OtherMonthsOfTheQuarterProtectASmallCount) {
  AcceptedBy("ORG-B", 0, 6);
  Later(absl::Hours(24 * 30));
  AcceptedBy("ORG-B", 10, 3);
  AcceptedBy("ORG-C", 20, 7);
  Later(absl::Hours(24 * 31));
  AcceptedBy("ORG-B", 30, 8);
  // October to December: B's 3 takes its 8 of November with it, and then C's 7 of October and,
  // alone in its column, nothing of November: its total is hidden.
  v1::MixBoardRequest request;
  request.set_from_month("2025-10");
  request.set_to_month("2025-10");
  EXPECT_EQ(Rows(Mix(request, "PV", "ORG-A")),
            (Strings{"2025-10 ORG-B TSP LOW: 0 0 0 0 0 x:accepted x:offered",
                     "2025-10 ORG-C TSP LOW: 0 0 0 0 0 x:accepted x:offered"}));
  request.set_from_month("2025-11");
  request.set_to_month("");
  EXPECT_EQ(Rows(Mix(request, "PV", "ORG-A")),
            Strings{"2025-11 ORG-B TSP LOW: 0 0 0 0 0 x:accepted x:offered"});
  request.set_from_month("");
  request.set_to_month("2025-09");
  EXPECT_EQ(Rows(Mix(request, "PV", "ORG-A")), Strings{"2025-09 ORG-B TSP LOW: 6 6 0 0 0"});
  EXPECT_EQ(Rows(Mix({}, "AM")).size(), 4u);
}

// REF-90: counts too.
TEST_F(ReportsTest, WhoMayNotSeeAPersonDoesNotCountThem) {
  AcceptedBy("ORG-A", 0, 3);
  Exclude("T200001", "TEAM-X");
  EXPECT_EQ(Rows(Mix({}, "AM", "TEAM-X")), Strings{"2025-09 ORG-A TSP LOW: 2 2 0 0 0"});
  EXPECT_EQ(People(Mix({}, "AM", "TEAM-X"))[0], "2025-09 AGE 30_39 2");
  EXPECT_EQ(Rows(Mix({}, "AM", "TEAM-Y")), Strings{"2025-09 ORG-A TSP LOW: 3 3 0 0 0"});
  // Its holder is not cleared for him.
  EXPECT_EQ(Rows(Mix({}, "PV", "ORG-A")), Strings{"2025-09 ORG-A TSP LOW: 2 2 0 0 0"});
}

TEST_F(ReportsTest, WrongRequestsOfTheMixNameEveryField) {
  v1::MixBoardRequest request;
  request.set_area("N99");
  request.set_from_month("2025-13");
  request.set_to_month("2025-9");
  Mix(request);
  EXPECT_EQ(Faults(status_), (Strings{"UNKNOWN_AREA at area", "DATE_MALFORMED at from_month",
                                      "DATE_MALFORMED at to_month"}));
}

TEST_F(ReportsTest, WhatWasDecidedByHandIsListedInOrderWithWhoAndWhy) {
  for (int i = 1; i <= 2; ++i) Register(absl::StrCat("T00000", i), "Smith", "Ed");
  const std::string first = Submit("T000001");
  Decide(first, "T000001");
  const std::string reference = [&] {
    v1::GetReferralRequest request;
    request.set_area("N56");
    request.set_referral_id(first);
    *request.mutable_actor() = Actor("AM");
    v1::GetReferralReply reply;
    EXPECT_TRUE(Ask(&Stub::GetReferral, request, &reply).ok());
    return reply.reference();
  }();
  Contract("ORG-B");
  Direct(first, "ORG-B");
  Submit("T000001", 6200,
         "slot_override { code: 'NEW_EPISODE' note: 'a new offence since then' }");
  const std::string third = Submit("T000002");
  Decide(third, "T000002");
  Direct(third, "ORG-B");
  const v1::OverrideBoardReply reply = Overrides();
  ASSERT_TRUE(status_.ok()) << Reason(status_);
  ASSERT_EQ(reply.overrides_size(), 3);
  const v1::OverrideRow& directed = reply.overrides(0);
  EXPECT_EQ(directed.event(), "ReferralDirected");
  EXPECT_EQ(directed.on(), Day(0));
  EXPECT_EQ(directed.by(), "staff-AM");
  EXPECT_EQ(directed.crn(), "T000001");
  EXPECT_EQ(directed.referral_id(), first);
  EXPECT_EQ(directed.reference(), reference);
  EXPECT_EQ(directed.code(), "CONTINUITY");
  EXPECT_EQ(directed.to_route(), "TSP");
  EXPECT_EQ(directed.org(), "ORG-B");
  EXPECT_EQ(reply.overrides(1).event(), "DuplicateOverridden");
  EXPECT_EQ(reply.overrides(1).code(), "NEW_EPISODE");
  EXPECT_EQ(reply.overrides(1).by(), "staff-RO");
  v1::OverrideBoardRequest request;
  request.set_by("staff-RO");
  EXPECT_EQ(Overrides(request).overrides_size(), 1);
  request.set_by("");
  request.set_crn("T000002");
  EXPECT_EQ(Overrides(request).overrides_size(), 1);
  request.set_crn("");
  request.set_from(Day(1));
  EXPECT_EQ(Overrides(request).overrides_size(), 0);
  request.set_from(Day(0));
  request.set_to(Day(0));
  request.mutable_page()->set_page_size(2);
  const v1::OverrideBoardReply page = Overrides(request);
  EXPECT_EQ(page.overrides_size(), 2);
  request.mutable_page()->set_page_token(page.next_page_token());
  EXPECT_EQ(Overrides(request).overrides_size(), 1);
  Exclude("T000001", "TEAM-X");
  EXPECT_EQ(Overrides({}, "AM", "TEAM-X").overrides_size(), 1);
  EXPECT_EQ(Overrides({}, "PV", "ORG-B").overrides_size(), 0);
  v1::OverrideBoardRequest bad;
  bad.set_area("N99");
  bad.set_from("x");
  bad.set_to("y");
  Overrides(bad);
  EXPECT_EQ(Faults(status_), (Strings{"UNKNOWN_AREA at area", "DATE_MALFORMED at from",
                                      "DATE_MALFORMED at to"}));
}

TEST_F(ReportsTest, PerformanceSaysEachStepAndClockOfAReferralAsAtADay) {
  Register("T000001", "Smith", "Ed");
  const std::string id = Accepted("T000001", "ORG-A");
  EXPECT_EQ(Fact(id, "STARTED", "ORG-A"), "");
  Register("T000002", "Smith", "Ed");
  Open("T000002");
  const v1::PerformanceReply reply = Performance({});
  ASSERT_TRUE(status_.ok()) << Reason(status_);
  EXPECT_EQ(reply.as_at(), Day(0));
  ASSERT_EQ(reply.rows_size(), 2);
  EXPECT_LT(reply.rows(0).reference(), reply.rows(1).reference());
  const v1::PerformanceRow& row = reply.rows(reply.rows(0).referral_id() == id ? 0 : 1);
  EXPECT_EQ(row.state(), v1::IN_DELIVERY);
  EXPECT_EQ(row.org(), "ORG-A");
  EXPECT_EQ(row.route(), "TSP");
  for (const std::string& day :
       {row.opened_on(), row.submitted_on(), row.routed_on(), row.offered_on(), row.accepted_on(),
        row.started_on(), row.held_on()}) {
    EXPECT_EQ(day, Day(0));
  }
  EXPECT_EQ(row.ended_on(), "");
  const Strings clocks = Clocks(row);
  for (const char* clock : {"DECISION MET 2025-09-03 2025-09-01",
                            "PLACEMENT MET 2025-09-08 2025-09-01",
                            "FIRST_APPOINTMENT MET 2025-09-15 2025-09-01"}) {
    EXPECT_NE(std::find(clocks.begin(), clocks.end(), clock), clocks.end()) << clock;
  }
  v1::PerformanceRequest request;
  request.set_as_at(Day(-1));
  EXPECT_EQ(Performance(request).rows_size(), 0) << "none had been opened";
  EXPECT_EQ(Performance({}, "PV", "ORG-A").rows_size(), 1);
  EXPECT_EQ(Performance({}, "PV", "ORG-B").rows_size(), 0);
  Exclude("T000001", "TEAM-X");
  EXPECT_EQ(Performance({}, "AM", "TEAM-X").rows_size(), 1);
  request.set_area("N99");
  request.set_as_at(Day(1));
  Performance(request);
  EXPECT_EQ(Faults(status_), (Strings{"UNKNOWN_AREA at area", "VALUE_OUT_OF_RANGE at as_at"}));
  request.set_as_at("now");
  Performance(request);
  EXPECT_EQ(Faults(status_), (Strings{"UNKNOWN_AREA at area", "DATE_MALFORMED at as_at"}));
}

TEST_F(ReportsTest, AReportOfAPastDayIsTheReportThatWasGivenThatDay) {
  Register("T000001", "Smith", "Ed");
  const std::string id = Submit("T000001");
  Decide(id, "T000001");
  const v1::PerformanceReply monday = Performance({});
  ASSERT_EQ(monday.rows_size(), 1);
  EXPECT_EQ(monday.rows(0).state(), v1::ROUTED);
  Later(absl::Hours(24));
  Offer(id, 1, "ORG-A");
  Accept(id, 1, "ORG-A");
  const v1::PerformanceReply tuesday = Performance({});
  EXPECT_EQ(tuesday.rows(0).state(), v1::ACCEPTED);
  EXPECT_EQ(tuesday.rows(0).accepted_on(), "2025-09-02");
  Later(absl::Hours(24));
  EXPECT_EQ(Fact(id, "STARTED", "ORG-A"), "");
  EXPECT_EQ(Performance({}).rows(0).state(), v1::IN_DELIVERY);
  v1::PerformanceRequest request;
  request.set_as_at("2025-09-02");
  EXPECT_EQ(Performance(request).DebugString(), tuesday.DebugString());
  request.set_as_at("2025-09-01");
  EXPECT_EQ(Performance(request).DebugString(), monday.DebugString());
}

}  // namespace
}  // namespace pdp::referral
