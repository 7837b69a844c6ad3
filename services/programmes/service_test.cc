// The service as it ships, from an accepted referral to completion; its processes; who sees what.

#include "pdp/subcontractor/v1/public_events.pb.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"
#include "services/programmes/testing/service_fixture.h"

namespace pdp::programmes {
namespace {

TEST_F(ServiceTest, FromAcceptedReferralToCompletionWithTheHostKilledOnTheWay) {
  const std::vector<std::string> people = {"R1/1", "R2/1", "R3/1"};
  for (const char* n : {"1", "2", "3"}) {
    Accept(absl::StrCat("R", n), absl::StrCat("T00000", n));
  }
  for (const std::string& id : people) ASSERT_TRUE(Reaches(id, v1::AWAITING_SUITABILITY)) << id;
  const v1::Enrolment opened = Enrolment("R1/1");
  EXPECT_EQ(opened.crn(), "T000001");
  EXPECT_EQ(opened.received_on(), Day(-130));
  EXPECT_EQ(opened.opened_on(), Day(-120));
  EXPECT_EQ(opened.requirement().key(), "T000001/1/2");
  EXPECT_EQ(opened.requirement().order_end(), Day(500));
  EXPECT_EQ(opened.responsivity().date_of_birth(), "1990-02-03");
  EXPECT_EQ(opened.stratum(), "MEDIUM");

  ASSERT_NO_FATAL_FAILURE(ScheduleGroup(people));
  const v1::ExecuteRequest confirm = last_;
  const v1::Group planned = Group("G1");
  ASSERT_EQ(planned.sessions_size(), 8);
  const size_t published = PublicEvents().size();

  // Nothing is lost, nothing is done again: neither what was acknowledged, nor the acceptances.
  ASSERT_NO_FATAL_FAILURE(KillAndRestart());
  EXPECT_EQ(Group("G1").SerializeAsString(), planned.SerializeAsString());
  EXPECT_EQ(PublicEvents().size(), published);
  EXPECT_EQ(Send(confirm), "");
  EXPECT_TRUE(reply_.outcome().duplicate());

  // PG1 with each of them, before the first session of the group.
  const Date first = *ParseDate(planned.sessions(1).date());
  for (size_t i = 0; i < people.size(); ++i) {
    ASSERT_NO_FATAL_FAILURE(
        HoldIndividual(people[i], "PG1", FormatDate(first - 2), 540 + 90 * static_cast<int>(i)));
  }
  const std::string complete = "complete_enrolment { enrolment_id: 'R1/1' }";
  for (int i = 1; i <= 6; ++i) {
    const v1::Session& session = planned.sessions(i);
    if (session.row() == "S6") {
      // PRG-96: everything that is missing is named.
      EXPECT_EQ(Execute(kManager, complete), "COMPLETION_CONDITIONS_NOT_MET");
      EXPECT_EQ(violations_, (std::set<std::string>{"ROW_NOT_CREDITED", "MEASURE_MISSING",
                                                    "REVIEW_MISSING"}));
    }
    ASSERT_EQ(Register(session, people, session.row() == "S2" ? "R2/1" : "", "AARC"), "")
        << session.row();
    // A kill between two registers: the second one finds what the first one left.
    if (session.row() == "S3") ASSERT_NO_FATAL_FAILURE(KillAndRestart());
  }
  EXPECT_EQ(Execute(kFacilitator, "decline_measure { enrolment_id: 'R1/1' instrument: 'WELLBEING' "
                                  "phase: 'POST' }", Evening(planned.sessions(6).date())), "");
  EXPECT_EQ(Execute(kFacilitator,
                    absl::StrCat("hold_review { enrolment_id: 'R1/1' date: '",
                                 planned.sessions(7).date(),
                                 "' person_present: true facilitator_present: true "
                                 "officer_present: true }"),
                    Evening(planned.sessions(7).date())), "");
  ASSERT_EQ(Execute(kManager, complete), "") << absl::StrJoin(violations_, ",");
  EXPECT_EQ(Execute(kManager, complete), "ALREADY_COMPLETED");
  // R2 never made up for S2, and the time for it is over: that blocks for good (PRG-95).
  ASSERT_TRUE(Eventually([&] { return Enrolment("R2/1").obligations(0).expired(); }));
  EXPECT_EQ(Execute(kManager, "complete_enrolment { enrolment_id: 'R2/1' }"),
            "COMPLETION_CONDITIONS_NOT_MET");
  EXPECT_TRUE(violations_.contains("ROW_NOT_CREDITED"));

  // What the world saw of R1, in order, with the facts of interfaces E.
  std::vector<std::string> types;
  int64_t minutes = 0;
  std::set<std::string> fact_ids;
  for (const common::v1::CloudEvent& event : PublicEvents()) {
    const v1::PublicEvent data = DataOf(event);
    if (data.has_attendance_recorded() && data.attendance_recorded().enrolment_id() == "R1/1") {
      const auto& e = data.attendance_recorded();
      EXPECT_EQ(e.fact().fact_id(),
                absl::StrCat("programmes/att/", e.session_id(), "/R1/1/1"));
      EXPECT_EQ(e.fact().kind(), common::v1::DeliveryFact::ATTENDANCE);
      EXPECT_EQ(e.fact().service(), "SI_COG");
      EXPECT_EQ(e.fact().delivery_org(), "S01");
      EXPECT_EQ(e.fact().pdu(), "N56ESSEX");
      EXPECT_EQ(e.fact().service_date(), e.date());
      EXPECT_EQ(e.fact().code(), e.code());
      EXPECT_TRUE(fact_ids.insert(e.fact().fact_id()).second);
      minutes += e.minutes_present();
    }
    EXPECT_EQ(event.data().find("Fieldsecret"), std::string::npos);
    EXPECT_EQ(event.data().find("1990-02-03"), std::string::npos);
    if (event.subject() == "enrolment/R1/1") types.push_back(event.type().substr(18));
  }
  EXPECT_EQ(absl::StrJoin(types, " "),
            "EnrolmentAllocated IndividualSessionPlanned AttendanceRecorded ProgrammeStarted "
            "AttendanceRecorded AttendanceRecorded AttendanceRecorded AttendanceRecorded "
            "AttendanceRecorded AttendanceRecorded ProgrammeCompleted");
  EXPECT_EQ(minutes, 60 + 6 * 120);
  const v1::PublicEvent last = DataOf(PublicEvents().back());
  ASSERT_TRUE(last.has_programme_completed());
  EXPECT_EQ(last.programme_completed().core_credited(), 7);
  EXPECT_EQ(last.programme_completed().dosage_bp(), 10'000);
  EXPECT_EQ(last.programme_completed().holder_org(), "S01");
  EXPECT_EQ(last.programme_completed().fact().fact_id(), "programmes/cmp/R1/1/1");
}

TEST_F(ServiceTest, ARefusedOrUnknownReferralIsATaskAndNothingIsDropped) {
  Accept("R1", "T000001");
  ASSERT_TRUE(Reaches("R1/1", v1::AWAITING_SUITABILITY));
  // A second acceptance for the same requirement and route (PRG-20).
  Accept("R2", "T000001");
  ASSERT_TRUE(Eventually([&] { return TaskList("INTAKE_REFUSED").size() == 1; }));
  EXPECT_EQ(TaskList("INTAKE_REFUSED")[0].detail(), "DUPLICATE_ENROLMENT");
  EXPECT_EQ(TaskList("INTAKE_REFUSED")[0].referral_id(), "R2");
  EXPECT_EQ(TaskList("INTAKE_REFUSED")[0].delivery_org(), "S01");
  KnowReferral("R3", "T000003");
  PublishAccepted("R3", "S01", 1, "TSP/9");
  ASSERT_TRUE(Eventually([&] { return TaskList("INTAKE_REFUSED").size() == 2; }));
  // Referral does not know it: a person looks at it.
  PublishAccepted("R4");
  ASSERT_TRUE(Eventually([&] { return TaskList("INTAKE_NOT_FOUND").size() == 1; }));
  EXPECT_EQ(TaskList("INTAKE_NOT_FOUND")[0].referral_id(), "R4");
}

TEST_F(ServiceTest, WhileReferralIsDownIntakeWaitsAndAnEndingWaitsBehindIt) {
  KnowReferral("R1", "T000001");
  referral_.SetDown(true);
  PublishAccepted("R1");
  ref::PublicEvent withdrawn;
  withdrawn.mutable_referral_withdrawn()->set_referral_id("R1");
  withdrawn.mutable_referral_withdrawn()->set_code("MOV");
  withdrawn.mutable_referral_withdrawn()->set_on(Day(-3));
  const auto event = referral_feed_.Publish("N56", "referral/R1", Evening(Day(-3)), withdrawn);
  // Another case is not held up for longer than referral is down.
  Accept("R2", "T000002");
  ASSERT_NO_FATAL_FAILURE(KillAndRestart());
  referral_.SetDown(false);
  ASSERT_TRUE(Reaches("R2/1", v1::AWAITING_SUITABILITY));
  ASSERT_TRUE(Reaches("R1/1", v1::ENDED));
  EXPECT_EQ(Enrolment("R1/1").end_reason(), "MOVED_AWAY");
  bool seen = false;
  for (const common::v1::CloudEvent& published : PublicEvents()) {
    const v1::PublicEvent data = DataOf(published);
    if (!data.has_enrolment_ended()) continue;
    EXPECT_FALSE(seen) << "ended twice";
    seen = true;
    EXPECT_EQ(data.enrolment_ended().cause(), event.id());
    EXPECT_EQ(data.enrolment_ended().on(), Day(-3));
    EXPECT_FALSE(data.enrolment_ended().started());
    EXPECT_EQ(data.enrolment_ended().holder_org(), "S01");
  }
  EXPECT_TRUE(seen);
  EXPECT_TRUE(referral_.executed().empty()) << "what referral ended is not returned to it";
}

TEST_F(ServiceTest, AnUnsuitableCaseGoesBackToReferralOnce) {
  Accept("R1", "T000001");
  ASSERT_TRUE(Reaches("R1/1", v1::AWAITING_SUITABILITY));
  ASSERT_EQ(Execute(kManager, "end_enrolment { enrolment_id: 'R1/1' reason_code: 'NOT_SUITABLE' }"),
            "");
  ASSERT_TRUE(Eventually([&] { return referral_.executed().size() == 1; }));
  const ref::ExecuteRequest request = referral_.executed()[0];
  const ref::ReturnReferral& back = request.command().return_referral();
  EXPECT_EQ(back.referral_id(), "R1");
  EXPECT_EQ(back.code(), "WRONG_ROUTE");
  EXPECT_EQ(back.version_ref(), "COG-GEN/1");
  EXPECT_EQ(request.header().actor().roles(0), "SYS");
  // Referral's own word for it changes nothing any more (C6).
  ref::PublicEvent returned;
  returned.mutable_referral_returned()->set_referral_id("R1");
  returned.mutable_referral_returned()->set_round(1);
  returned.mutable_referral_returned()->set_code("WRONG_ROUTE");
  referral_feed_.Publish("N56", "referral/R1", Evening(Day(-1)), returned);
  // The next round of the same referral, with another organisation.
  Accept("R1", "T000001", "S02", 2);
  ASSERT_TRUE(Reaches("R1/2", v1::AWAITING_SUITABILITY));
  EXPECT_EQ(Enrolment("R1/1").end_reason(), "NOT_SUITABLE");
  EXPECT_EQ(Enrolment("R1/2").delivery_org(), "S02");
  ASSERT_NO_FATAL_FAILURE(KillAndRestart());
  ASSERT_TRUE(Reaches("R1/2", v1::AWAITING_SUITABILITY));
  std::set<std::string> ids;
  for (const ref::ExecuteRequest& sent : referral_.executed()) {
    ids.insert(sent.header().command_id());
  }
  EXPECT_EQ(ids.size(), 1u) << "a repeat carries the same command id";
}

TEST_F(ServiceTest, ListsShowAnOrganisationItsOwnAndPagesNeitherLoseNorRepeat) {
  for (int i = 0; i < 5; ++i) {
    Accept(absl::StrCat("A", i), absl::StrCat("T10000", i));
    Accept(absl::StrCat("B", i), absl::StrCat("T20000", i), "S02");
  }
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Reaches(absl::StrCat("A", i, "/1"), v1::AWAITING_SUITABILITY));
    ASSERT_TRUE(Reaches(absl::StrCat("B", i, "/1"), v1::AWAITING_SUITABILITY));
    ASSERT_EQ(Execute(kFacilitator,
                      absl::StrCat("confirm_suitability { enrolment_id: 'A", i, "/1' }")), "");
  }
  const auto list = &v1::ProgrammesService::Stub::ListEnrolments;
  v1::ListEnrolmentsReply reply;
  v1::ListEnrolmentsRequest request;
  request.mutable_page()->set_page_size(2);
  std::vector<std::string> seen;
  do {
    ASSERT_TRUE(Ask(list, kScheduler, request, &reply).ok());
    for (const auto& row : reply.enrolments()) seen.push_back(row.enrolment_id());
    request.mutable_page()->set_page_token(reply.next_page_token());
  } while (!reply.next_page_token().empty());
  EXPECT_EQ(seen, (std::vector<std::string>{"A0/1", "A1/1", "A2/1", "A3/1", "A4/1"}));

  request.Clear();
  ASSERT_TRUE(Ask(list, kOfficer, request, &reply).ok());
  EXPECT_EQ(reply.enrolments_size(), 10) << "the area's own staff see all of it";
  ASSERT_TRUE(Ask(list, As{"S01", {}}, request, &reply).ok());
  EXPECT_EQ(reply.enrolments_size(), 0) << "nobody without a role sees anything";
  request.set_crn("T200003");
  ASSERT_TRUE(Ask(list, kStranger, request, &reply).ok());
  ASSERT_EQ(reply.enrolments_size(), 1);
  EXPECT_EQ(reply.enrolments(0).referral_id(), "B3");
  ASSERT_TRUE(Ask(list, kScheduler, request, &reply).ok());
  EXPECT_EQ(reply.enrolments_size(), 0);
  request.Clear();
  request.set_org("S02");
  EXPECT_EQ(ReasonOf(Ask(list, kScheduler, request, &reply)), "NOT_YOUR_ORGANISATION");
  request.Clear();
  request.mutable_page()->set_page_token("bm8gdG9rZW4");
  EXPECT_EQ(ReasonOf(Ask(list, kScheduler, request, &reply)), "VALIDATION_FAILED");

  v1::GetEnrolmentRequest get;
  get.set_enrolment_id("A0/1");
  v1::GetEnrolmentReply found;
  EXPECT_EQ(ReasonOf(Ask(&v1::ProgrammesService::Stub::GetEnrolment, kStranger, get, &found)),
            "NOT_FOUND");
  ASSERT_TRUE(Ask(&v1::ProgrammesService::Stub::GetEnrolment, kScheduler, get, &found).ok());
  EXPECT_EQ(found.elapsed_days(), 130);
  EXPECT_EQ(found.counted_days(), 130);
  // COG-GEN: span 8 weeks, no buffer: 56 days before the end of the order (E7).
  EXPECT_EQ(found.latest_start(), Day(500 - 56));
  EXPECT_EQ(found.flag(), v1::WAIT_GREEN);
  // An act on what is another organisation's names that (section 1).
  EXPECT_EQ(Execute(kStranger, "confirm_suitability { enrolment_id: 'A0/1' }"),
            "NOT_YOUR_ORGANISATION");

  v1::WaitingListRequest waiting;
  waiting.mutable_page()->set_page_size(2);
  v1::WaitingListReply page;
  seen.clear();
  do {
    ASSERT_TRUE(Ask(&v1::ProgrammesService::Stub::WaitingList, kScheduler, waiting, &page).ok());
    for (const auto& row : page.waiting()) seen.push_back(row.enrolment().enrolment_id());
    waiting.mutable_page()->set_page_token(page.next_page_token());
  } while (!page.next_page_token().empty());
  EXPECT_EQ(seen, (std::vector<std::string>{"A0/1", "A1/1", "A2/1", "A3/1", "A4/1"}));
  waiting.Clear();
  waiting.set_woman(true);
  ASSERT_TRUE(Ask(&v1::ProgrammesService::Stub::WaitingList, kScheduler, waiting, &page).ok());
  EXPECT_EQ(page.waiting_size(), 0);
}

TEST_F(ServiceTest, BoardsAndCalendarsFollowWhatIsPlannedMovedAndHeld) {
  const std::vector<std::string> people = {"R1/1", "R2/1", "R3/1"};
  for (const char* n : {"1", "2", "3"}) {
    Accept(absl::StrCat("R", n), absl::StrCat("T00000", n));
    ASSERT_TRUE(Reaches(absl::StrCat("R", n, "/1"), v1::AWAITING_SUITABILITY));
  }
  ASSERT_NO_FATAL_FAILURE(ScheduleGroup(people));
  const v1::Group group = Group("G1");
  const v1::Session s1 = group.sessions(1);
  ASSERT_EQ(Register(s1, people, "R3/1", "AARC"), "");
  v1::DayBoardRequest board;
  board.set_from(s1.date());
  v1::DayBoardReply day;
  const auto ask_board = [&](const As& as) {
    return Ask(&v1::ProgrammesService::Stub::DayBoard, as, board, &day);
  };
  ASSERT_TRUE(ask_board(kScheduler).ok());
  ASSERT_EQ(day.sessions_size(), 1);
  EXPECT_EQ(day.sessions(0).session_id(), "G1/S1");
  EXPECT_EQ(day.sessions(0).status(), v1::HELD);
  EXPECT_EQ(day.sessions(0).group_code(), "COG-N56-001");
  EXPECT_EQ(day.sessions(0).expected(), 3);
  EXPECT_EQ(day.sessions(0).recorded(), 3);
  EXPECT_EQ(day.sessions(0).attended(), 2);
  ASSERT_EQ(Execute(kFacilitator,
                    "correct_attendance { enrolment_id: 'R3/1' session_id: 'G1/S1' code: 'ATTC' "
                    "minutes_present: 120 reason: 'the register of the other door' }"), "");
  ASSERT_TRUE(ask_board(kScheduler).ok());
  EXPECT_EQ(day.sessions(0).recorded(), 3);
  EXPECT_EQ(day.sessions(0).attended(), 3);
  ASSERT_TRUE(ask_board(kStranger).ok());
  EXPECT_EQ(day.sessions_size(), 0);
  board.set_to("2019-01-01");
  EXPECT_EQ(ReasonOf(ask_board(kScheduler)), "VALIDATION_FAILED");

  v1::GetCalendarRequest calendar;
  calendar.set_kind(v1::CALENDAR_PERSON);
  calendar.set_subject("T000001");
  v1::GetCalendarReply entries;
  const auto ask_calendar = [&] {
    return Ask(&v1::ProgrammesService::Stub::GetCalendar, kSystem, calendar, &entries);
  };
  ASSERT_TRUE(ask_calendar().ok());
  EXPECT_EQ(entries.entries_size(), 6) << "the six group sessions; placeholders are nobody's";
  ASSERT_TRUE(Ask(&v1::ProgrammesService::Stub::GetCalendar, kScheduler, calendar, &entries).ok());
  ASSERT_EQ(entries.entries_size(), 6);
  EXPECT_EQ(entries.entries(0).session_id(), "G1/S1");
  ASSERT_TRUE(Ask(&v1::ProgrammesService::Stub::GetCalendar, kStranger, calendar, &entries).ok());
  EXPECT_EQ(entries.entries_size(), 0);
  calendar.set_kind(v1::CALENDAR_ROOM);
  calendar.set_subject("ST1/R1");
  ASSERT_TRUE(ask_calendar().ok());
  EXPECT_EQ(entries.entries_size(), 8);
  ASSERT_TRUE(
      Ask(&v1::ProgrammesService::Stub::GetCalendar, kStranger, calendar, &entries).ok());
  ASSERT_EQ(entries.entries_size(), 8) << "taken is taken for everybody";
  EXPECT_EQ(entries.entries(0).session_id(), "") << "by whom is not";
  calendar.set_kind(v1::CALENDAR_STAFF);
  calendar.set_subject("F2");
  ASSERT_TRUE(ask_calendar().ok());
  EXPECT_EQ(entries.entries_size(), 6) << "one facilitator is enough for PG1 and RV1";
  EXPECT_EQ(ReasonOf(Ask(&v1::ProgrammesService::Stub::GetCalendar, kStranger, calendar, &entries)),
            "NOT_FOUND");

  // PM-5: an appointment of unpaid work enters the person's calendar, moves and goes.
  unpaid_work::v1::PublicEvent booked;
  auto* appointment = booked.mutable_appointment_booked();
  appointment->set_crn("T000001");
  appointment->set_appointment_id("APP1");
  appointment->set_date(Day(20));
  appointment->set_start(540);
  appointment->set_end(960);
  appointment->set_site("PROJECT7");
  unpaid_work_feed_.Publish("N56", "case/T000001", Evening(Day(-1)), booked);
  calendar.set_kind(v1::CALENDAR_PERSON);
  calendar.set_subject("T000001");
  calendar.set_from(Day(1));
  ASSERT_TRUE(Eventually([&] { return ask_calendar().ok() && entries.entries_size() == 1; }));
  EXPECT_EQ(entries.entries(0).session_id(), "APP1");
  EXPECT_EQ(entries.entries(0).minutes(), 420);
  EXPECT_EQ(entries.entries(0).service(), "unpaid_work");
  unpaid_work::v1::PublicEvent withdrawn;
  withdrawn.mutable_appointment_withdrawn()->set_crn("T000001");
  withdrawn.mutable_appointment_withdrawn()->set_appointment_id("APP1");
  unpaid_work_feed_.Publish("N56", "case/T000001", Evening(Day(-1)), withdrawn);
  ASSERT_TRUE(Eventually([&] { return ask_calendar().ok() && entries.entries_size() == 0; }));

  // The world's person calendars: booked once each for three people, nothing moved.
  int sessions_booked = 0;
  for (const common::v1::CloudEvent& event : PublicEvents()) {
    sessions_booked += DataOf(event).has_person_session_booked();
    EXPECT_FALSE(DataOf(event).has_person_session_moved());
  }
  EXPECT_EQ(sessions_booked, 18);
}

TEST_F(ServiceTest, AnEstimateIsNominalUntilAGroupEndsEarlier) {
  v1::EstimateCompletionRequest request;
  request.set_route("TSP");
  request.set_from("2026-09-01");
  v1::EstimateCompletionReply reply;
  const auto ask = [&] {
    return Ask(&v1::ProgrammesService::Stub::EstimateCompletion, kSystem, request, &reply);
  };
  ASSERT_TRUE(ask().ok());
  ASSERT_EQ(reply.estimates_size(), 1);
  EXPECT_EQ(reply.estimates(0).date(), "2027-01-19") << "E19";
  EXPECT_EQ(reply.estimates(0).source(), "NOMINAL");
  request.set_route("BBR");
  request.add_tokens("TRAUMA_INFORMED_STAFF");
  EXPECT_EQ(ReasonOf(ask()), "CATALOGUE_GAP");
  request.set_from("soon");
  EXPECT_EQ(ReasonOf(ask()), "VALIDATION_FAILED");

  const std::vector<std::string> people = {"R1/1", "R2/1", "R3/1"};
  for (const char* n : {"1", "2", "3"}) {
    Accept(absl::StrCat("R", n), absl::StrCat("T00000", n));
    ASSERT_TRUE(Reaches(absl::StrCat("R", n, "/1"), v1::AWAITING_SUITABILITY));
  }
  ASSERT_NO_FATAL_FAILURE(ScheduleGroup(people));
  request.Clear();
  request.set_route("SI_COG");
  // Asked on a day on which the group of three men could still be joined.
  request.set_from(Day(-108));
  ASSERT_TRUE(Eventually([&] {
    return ask().ok() && !reply.estimates().empty() && reply.estimates(0).source() == "GROUP";
  }));
  EXPECT_EQ(reply.estimates(0).date(), Group("G1").sessions(7).date());
  EXPECT_EQ(reply.estimates(0).version_ref(), "COG-GEN/1");
  // A woman would be the one among them: nominal.
  request.add_tokens("TRAUMA_INFORMED_STAFF");
  ASSERT_TRUE(ask().ok());
  for (const auto& estimate : reply.estimates()) EXPECT_EQ(estimate.source(), "NOMINAL");
}

TEST_F(ServiceTest, NewerFactsOfThePersonArriveByVersion) {
  Accept("R1", "T000001");
  ASSERT_TRUE(Reaches("R1/1", v1::AWAITING_SUITABILITY));
  ref::GetReferralReply reply;
  KnowReferral("R1", "T000001");
  // The record is corrected: version 4 of the person.
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrCat("referral_id: 'R1' crn: 'T000001' area: 'N56' version: 12 person_version: 4 "
                   "sentence_version: 1 decision { outcome: ROUTED version_ref: 'COG-GEN/1' } "
                   "sentence_key: 'T000001/1' requirement_key: 'T000001/1/2' person { identity { "
                   "sex: 'F' } needs { women_programme { delivery_choice: 'DECLINED' "
                   "female_facilitator: 'REQUESTED' } } }"),
      &reply));
  referral_.Put(reply);
  ref::PublicEvent corrected;
  corrected.mutable_identity_corrected()->set_crn("T000001");
  corrected.mutable_identity_corrected()->set_person_version(4);
  referral_feed_.Publish("NAT", "person/T000001", Evening(Day(-1)), corrected);
  ASSERT_TRUE(Eventually([&] { return Enrolment("R1/1").person_version() == 4; }));
  const v1::Responsivity person = Enrolment("R1/1").responsivity();
  EXPECT_TRUE(person.woman()) << "REF-7";
  EXPECT_EQ(person.delivery_choice(), "NO_PREFERENCE") << "REF-8";
  EXPECT_EQ(person.female_facilitator(), "REQUESTED");
}

TEST_F(ServiceTest, ContractsOfAnOrganisationAddUp) {
  subcontractor::v1::PublicEvent first;
  first.mutable_subcontract_activated()->set_subcontract_id("SC-1");
  first.mutable_subcontract_activated()->set_org("S01");
  first.mutable_subcontract_activated()->add_services("TSP");
  first.mutable_subcontract_activated()->set_from(Day(-400));
  first.mutable_subcontract_activated()->set_to(Day(-200));
  subcontractor_feed_.Publish("N56", "subcontract/SC-1", Evening(Day(-400)), first);
  Accept("R1", "T000001");
  ASSERT_TRUE(Reaches("R1/1", v1::AWAITING_SUITABILITY));
  Accept("R2", "T000002");
  Accept("R3", "T000003");
  ASSERT_TRUE(Reaches("R2/1", v1::AWAITING_SUITABILITY));
  ASSERT_TRUE(Reaches("R3/1", v1::AWAITING_SUITABILITY));
  // Neither the service nor the date is covered.
  const std::string allocate =
      "allocate_members { group_id: 'G1' enrolment_ids: ['R1/1', 'R2/1', 'R3/1'] }";
  for (const char* staff : {"F1", "F2"}) {
    ASSERT_EQ(Execute(kManager, absl::StrCat("register_facilitator { staff_id: '", staff,
                                             "' org: 'S01' }")), "");
  }
  ASSERT_EQ(Execute(kScheduler, "register_site { site_id: 'ST1' pdu: 'N56ESSEX' opens_min: 480 "
                                "closes_min: 1260 }"), "");
  ASSERT_EQ(Execute(kScheduler,
                    absl::StrCat("open_group { group_id: 'G1' code: 'COG-N56-001' version_ref: "
                                 "'COG-GEN/1' delivery_org: 'S01' site_id: 'ST1' sex_mode: MIXED "
                                 "slots { iso_weekday: 3 start_min: 600 } earliest_start: '",
                                 Day(10), "' }")), "");
  for (const char* id : {"R1/1", "R2/1", "R3/1"}) {
    ASSERT_EQ(Execute(kFacilitator,
                      absl::StrCat("confirm_suitability { enrolment_id: '", id, "' }")), "");
  }
  ASSERT_TRUE(Eventually([&] { return Execute(kScheduler, allocate) ==
                                      "DELIVERY_ORG_NOT_ACTIVE"; }));
  subcontractor::v1::PublicEvent second;
  second.mutable_subcontract_activated()->set_subcontract_id("SC-2");
  second.mutable_subcontract_activated()->set_org("S01");
  second.mutable_subcontract_activated()->add_services("SI_COG");
  second.mutable_subcontract_activated()->set_from(Day(-10));
  second.mutable_subcontract_activated()->set_to(Day(600));
  subcontractor_feed_.Publish("N56", "subcontract/SC-2", Evening(Day(-10)), second);
  ASSERT_TRUE(Eventually([&] { return Execute(kScheduler, allocate).empty(); }));
  // Suspended, it covers nothing, and somebody is told.
  subcontractor::v1::PublicEvent suspended;
  suspended.mutable_subcontract_suspended()->set_subcontract_id("SC-2");
  suspended.mutable_subcontract_suspended()->set_org("S01");
  suspended.mutable_subcontract_suspended()->add_services("SI_COG");
  subcontractor_feed_.Publish("N56", "subcontract/SC-2", Evening(Day(-1)), suspended);
  ASSERT_TRUE(Eventually([&] { return TaskList("DELIVERY_ORG_NOT_ACTIVE").size() == 1; }));
  EXPECT_EQ(TaskList("DELIVERY_ORG_NOT_ACTIVE")[0].delivery_org(), "S01");
  Accept("R4", "T000004");
  ASSERT_TRUE(Reaches("R4/1", v1::AWAITING_SUITABILITY));
  ASSERT_EQ(Execute(kFacilitator, "confirm_suitability { enrolment_id: 'R4/1' }"), "");
  EXPECT_EQ(Execute(kScheduler, "allocate_members { group_id: 'G1' enrolment_ids: 'R4/1' }"),
            "DELIVERY_ORG_NOT_ACTIVE");
}

}  // namespace
}  // namespace pdp::programmes
