// Projections, public events and what processes make of other services' words, without a host.

#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"
#include "services/unpaid_work/domain/unpaid_work.h"
#include "services/unpaid_work/processes/court_changes.h"
#include "services/unpaid_work/processes/organisation_scope.h"
#include "services/unpaid_work/processes/programmes_clash.h"
#include "services/unpaid_work/processes/referral_snapshot.h"
#include "services/unpaid_work/projections/calendar.h"
#include "services/unpaid_work/projections/ledger.h"
#include "services/unpaid_work/projections/tasks.h"
#include "services/unpaid_work/projections/work.h"
#include "services/unpaid_work/public_events.h"

namespace pdp::unpaid_work {
namespace {

template <typename Message>
Message From(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// The rows of one projection in memory.
class Rows final : public projection::RowWriter {
 public:
  void Put(absl::string_view key, const google::protobuf::Message& row,
           absl::string_view) override {
    rows_[std::string(key)] = row.SerializeAsString();
  }
  bool Get(absl::string_view key, google::protobuf::Message* row) override {
    row->Clear();
    const auto it = rows_.find(std::string(key));
    return it != rows_.end() && row->ParseFromString(it->second);
  }
  void Delete(absl::string_view key) override { rows_.erase(std::string(key)); }
  std::vector<std::string> Scan(absl::string_view prefix, size_t limit) override {
    std::vector<std::string> keys;
    for (const auto& [key, row] : rows_) {
      if (absl::StartsWith(key, prefix) && keys.size() < limit) keys.push_back(key);
    }
    return keys;
  }

 private:
  std::map<std::string, std::string> rows_;
};

projection::RecordedEvent Recorded(const AggregateId& id, const std::string& text) {
  projection::RecordedEvent recorded;
  recorded.service = "unpaid_work";
  recorded.area = *Area::FromCode("N56");
  recorded.aggregate = id;
  recorded.version = Version(1);
  // 00:30 in London, the day before in UTC.
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, "2024-05-01T23:30:00Z", &recorded.recorded_at,
                              &error));
  recorded.occurred_at = recorded.recorded_at;
  recorded.event = std::make_shared<v1::Event>(From<v1::Event>(text));
  return recorded;
}

class TasksTest : public ::testing::Test {
 protected:
  void Happens(const AggregateId& id, const std::string& text) {
    EXPECT_TRUE(tasks_.Project(Recorded(id, text), rows_).ok());
  }
  void OnCase(const std::string& text) { Happens(CaseId("T000001"), text); }
  // In the order of the list.
  std::vector<std::string> Open() {
    std::vector<std::string> open;
    for (const std::string& key : rows_.Scan(Tasks::kOrderPrefix, 100)) {
      v1::Task task;
      EXPECT_TRUE(rows_.Get(key, &task));
      open.push_back(absl::StrCat(task.due(), " ", task.type(), " ", task.owner(), " ",
                                  task.org()));
    }
    return open;
  }

  Tasks tasks_;
  Rows rows_;
};

using Lines = std::vector<std::string>;

TEST_F(TasksTest, AreRaisedInTheOrderOfTheirDueDaysAndSettledByWhatSettlesThem) {
  OnCase("requirement_registered { crn: 'T000001' org: 'P01' first_offer_due: '2024-05-13' "
         "requirement { requirement_id: 'R1' out_of_bounds: true } }");
  EXPECT_EQ(Open(), (Lines{"2024-05-02 CONFIRM_HOURS RO P01", "2024-05-13 FIRST_OFFER CO P01"}));
  OnCase("requirement_varied { requirement_id: 'R1' old_hours: 20 new_hours: 60 }");
  OnCase("appointment_booked { crn: 'T000001' appointment { appointment_id: 'A1' } }");
  EXPECT_EQ(Open(), Lines{});
  OnCase("outcome_overdue { appointment_id: 'A1' date: '2024-05-02' due: '2024-05-03' }");
  EXPECT_EQ(Open(), Lines{"2024-05-03 OUTCOME_DUE CO P01"});
  OnCase("outcome_recorded { crn: 'T000001' appointment_id: 'A1' evidence_due: '2024-05-09' }");
  EXPECT_EQ(Open(), Lines{"2024-05-09 EVIDENCE_DUE CO P01"});
  OnCase("outcome_defaulted { crn: 'T000001' appointment_id: 'A1' }");
  OnCase("failure_noted { failure { failure_id: 'F1' status: FAILURE_OPEN decision_due: "
         "'2024-05-17' } }");
  EXPECT_EQ(Open(), Lines{"2024-05-17 DECIDE_FAILURE RO P01"});
  OnCase("failure_voided { failure_id: 'F1' appointment_id: 'A1' }");
  EXPECT_EQ(Open().size(), 1u) << "another appointment of that day still stands";
  OnCase("failure_voided { failure_id: 'F1' appointment_id: 'A2' void: true }");
  EXPECT_EQ(Open(), Lines{});
  OnCase("window_expired { requirement_id: 'R1' last_day: '2024-04-30' owed: 60 }");
  EXPECT_EQ(Open(), Lines{"2024-04-30 RETURN_TO_COURT RO P01"});
  OnCase("window_extended { requirement_id: 'R1' new_last_day: '2024-10-30' }");
  EXPECT_EQ(Open(), Lines{});
}

TEST_F(TasksTest, FollowTheCaseToItsOrganisationAndEndWithIt) {
  OnCase("requirement_registered { crn: 'T000001' first_offer_due: '2024-05-13' requirement { "
         "requirement_id: 'R1' } }");
  EXPECT_EQ(Open(),
            (Lines{"2024-05-02 ORGANISATION_MISSING CO ", "2024-05-13 FIRST_OFFER CO "}));
  OnCase("organisation_assigned { requirement_id: 'R1' new_org: 'S01' }");
  EXPECT_EQ(Open(), Lines{"2024-05-13 FIRST_OFFER CO S01"});
  OnCase("totality_flagged { hours: 320 }");
  OnCase("case_status_changed { from: CASE_ACTIVE to: CASE_COMPLETED }");
  EXPECT_EQ(Open(), Lines{});
}

TEST_F(TasksTest, OfASessionAndOfAnIntake) {
  Happens(SessionId("G1.20240503.1"),
          "composition_broken { crns: 'T000002' repair_by_date: '2024-05-02' repair_by: 540 }");
  Happens(IntakeExceptionId("ref-9"),
          "intake_exception_raised { exception { referral_id: 'ref-9' code: 'OUT_OF_AREA' } }");
  EXPECT_EQ(Open(), (Lines{"2024-05-02 INTAKE_EXCEPTION CO ",
                           "2024-05-02 REPAIR_COMPOSITION CO "}));
  // Repeated: the same tasks.
  Happens(SessionId("G1.20240503.1"), "composition_broken { crns: 'T000002' repair_by_date: "
                                      "'2024-05-02' }");
  EXPECT_EQ(Open().size(), 2u);
  Happens(SessionId("G1.20240503.1"), "composition_repaired { on: '2024-05-02' }");
  Happens(IntakeExceptionId("ref-9"), "intake_exception_resolved { resolution: 'WITHDRAWN' }");
  EXPECT_EQ(Open(), Lines{});
}

TEST(CalendarTest, AnAppointmentThatMovesIsListedOnceAtItsNewTime) {
  PersonCalendar calendar;
  Rows rows;
  const auto happens = [&](const std::string& text) {
    EXPECT_TRUE(calendar.Project(Recorded(CaseId("T000001"), text), rows).ok());
  };
  const auto listed = [&] {
    Lines lines;
    for (const std::string& key : rows.Scan(PersonCalendar::Prefix("T000001"), 100)) {
      v1::CalendarEntry entry;
      EXPECT_TRUE(rows.Get(key, &entry));
      const v1::Appointment& a = entry.appointment();
      lines.push_back(absl::StrCat(a.date(), " ", a.start(), "-", a.end(), " ", entry.site(), " ",
                                   v1::AppointmentStatus_Name(a.status())));
    }
    return lines;
  };
  happens("appointment_booked { site: 'Quay' appointment { appointment_id: 'A1' date: "
          "'2024-05-10' start: 540 end: 960 status: APPOINTMENT_BOOKED } }");
  happens("appointment_booked { site: 'Quay' appointment { appointment_id: 'A2' date: "
          "'2024-05-10' start: 1000 end: 1060 status: APPOINTMENT_BOOKED } }");
  happens("appointment_moved { site: 'Farm' appointment { appointment_id: 'A1' date: "
          "'2024-05-12' start: 60 end: 120 status: APPOINTMENT_BOOKED } }");
  EXPECT_EQ(listed(), (Lines{"2024-05-10 1000-1060 Quay APPOINTMENT_BOOKED",
                             "2024-05-12 60-120 Farm APPOINTMENT_BOOKED"}));
  happens("appointment_trimmed { appointment_id: 'A1' end: 100 revision: 3 }");
  happens("appointment_withdrawn { appointment_id: 'A2' }");
  EXPECT_EQ(listed(), (Lines{"2024-05-10 1000-1060 Quay APPOINTMENT_WITHDRAWN",
                             "2024-05-12 60-100 Farm APPOINTMENT_BOOKED"}));
}

TEST(RosterTest, SessionsAreOrderedByDateProjectAndSlot) {
  EXPECT_EQ(SessionRoster::Key("N56.A.20240516.2"), "2024-05-16/N56.A/000002");
  EXPECT_LT(SessionRoster::Key("G1.20240516.9"), SessionRoster::Key("G1.20240516.10"));
  EXPECT_LT(SessionRoster::Key("Z9.20240516.1"), SessionRoster::Key("A1.20240517.1"));
}

TEST(LedgerTest, PostingsAddUpToBalancesWhoseSumIsZero) {
  google::protobuf::RepeatedPtrField<v1::Balance> balances;
  Post(From<v1::LedgerEntry>("from: COURT to: OWED minutes: 6000"), &balances);
  Post(From<v1::LedgerEntry>("from: OWED to: WORKED minutes: 390"), &balances);
  Post(From<v1::LedgerEntry>("from: OWED to: ADJUST minutes: 120"), &balances);
  Post(From<v1::LedgerEntry>("from: WORKED to: OWED minutes: 390"), &balances);
  Lines lines;
  int64_t sum = 0;
  for (const v1::Balance& balance : balances) {
    lines.push_back(absl::StrCat(v1::Account_Name(balance.account()), " ", balance.minutes()));
    sum += balance.minutes();
  }
  EXPECT_EQ(lines, (Lines{"COURT -6000", "OWED 5880", "WORKED 0", "ADJUST 120"}));
  EXPECT_EQ(sum, 0);
}

TEST(PublicEventsTest, EveryPrivateEventIsPublishedUnderItsNameOrNotAtAll) {
  std::map<std::string, int> published;
  const auto* events = v1::Event::descriptor()->oneof_decl(0);
  for (int i = 0; i < events->field_count(); ++i) {
    v1::Event event;
    event.GetReflection()->MutableMessage(&event, events->field(i));
    projection::RecordedEvent recorded = Recorded(CaseId("T000001"), "");
    recorded.event = std::make_shared<v1::Event>(event);
    for (const auto& out : ToPublic(recorded)) {
      const auto& as = static_cast<const v1::PublicEvent&>(*out);
      EXPECT_EQ(decider::CaseName(as), decider::CaseName(event));
      ++published[decider::CaseName(as)];
    }
  }
  // Interfaces, B3, as far as the domain has the events.
  for (const char* name :
       {"AppointmentBooked", "AppointmentMoved", "AppointmentTrimmed", "AppointmentWithdrawn",
        "OutcomeRecorded", "OutcomeCorrected", "OutcomeDefaulted", "RequirementHoursDone",
        "RequirementReopened", "RequirementTerminated", "SessionRun"}) {
    EXPECT_EQ(published[name], 1) << name;
  }
}

TEST(PublicEventsTest, TellDaysAndCausesAndNothingOfConduct) {
  const auto out = ToPublic(Recorded(
      CaseId("T000001"),
      "requirement_reopened { requirement_id: 'R1' referral_id: 'ref-1' org: 'P01' cause: "
      "'out/A1/2' fact { fact_id: 'unpaid_work/done/R1/1/x' supersedes: 'unpaid_work/done/R1/1' "
      "cancelled: true } }"));
  ASSERT_EQ(out.size(), 1u);
  const auto& reopened = static_cast<const v1::PublicEvent&>(*out[0]).requirement_reopened();
  EXPECT_EQ(reopened.crn(), "T000001");
  EXPECT_EQ(reopened.on(), "2024-05-02") << "the day in London";
  EXPECT_TRUE(reopened.fact().cancelled());
  const auto outcome = ToPublic(Recorded(
      CaseId("T000001"), "outcome_recorded { crn: 'T000001' appointment_id: 'A1' outcome { code: "
                         "'AFTC' quality: 'qqq' behaviour: 'bbb' enforceable: true } }"));
  const std::string bytes = outcome.at(0)->SerializeAsString();
  EXPECT_EQ(bytes.find("qqq"), std::string::npos);
  EXPECT_EQ(bytes.find("bbb"), std::string::npos);
  EXPECT_FALSE(
      static_cast<const v1::PublicEvent&>(*outcome[0]).outcome_recorded().has_fact());
}

TEST(SnapshotTest, ClassForCompositionFollowsHowThePersonIdentifies) {
  const Date today(2024, 5, 2);
  const struct {
    const char* identity;
    v1::CompositionClass is;
  } table[] = {
      {"sex: 'F'", v1::CLASS_F},
      {"sex: 'M' gender_identity: 'GIF'", v1::CLASS_F},
      {"sex: 'F' gender_identity: 'GIM'", v1::CLASS_M},
      {"sex: 'M' gender_identity: 'GINB'", v1::CLASS_N},
      {"sex: 'M' gender_identity: 'GISD'", v1::CLASS_N},
      {"sex: 'N'", v1::CLASS_N},
      {"sex: 'M'", v1::CLASS_M},
      {"sex: 'NS'", v1::CLASS_M},
      // A woman by REF-7 first: C13 says N is "not F and ...".
      {"sex: 'F' gender_identity: 'GINB'", v1::CLASS_F},
  };
  for (const auto& row : table) {
    EXPECT_EQ(ClassOf(From<referral::v1::Identity>(row.identity), today), row.is) << row.identity;
  }
}

TEST(SnapshotTest, ARequirementAddedOnBreachCountsFromTheDayItWasImposed) {
  auto reply = From<referral::v1::GetReferralReply>(
      "crn: 'T000001' referral_id: 'ref-1' requirement_key: 'T000001/1/3' sentence_key: "
      "'T000001/1' holder_org: 'P01' pdu: 'N56ESSEX' sentence { order_type: '201' sentenced_on: "
      "'2024-01-08' } requirement { kind: 'UPW' ext_sub: 'W03' length: 20 unit: 'HOURS' "
      "imposed_on: '2024-04-02' occasion_id: 'O9' court_confirmed: true court_ref: 'C1' }");
  const auto command = RegistrationOf(reply);
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->origin(), v1::BREACH);
  EXPECT_EQ(command->order_date(), "2024-04-02");
  EXPECT_EQ(command->hours(), 20);
  EXPECT_EQ(command->occasion_id(), "O9");
  EXPECT_EQ(command->order_id(), "T000001/1");
  reply.mutable_requirement()->set_kind("RAR");
  EXPECT_FALSE(RegistrationOf(reply).has_value());
  reply.clear_requirement_key();
  EXPECT_FALSE(RegistrationOf(reply).has_value());
}

TEST(SnapshotTest, NeedsNotAskedInTheReferralAreNotInvented) {
  const auto reply = From<referral::v1::GetReferralReply>("crn: 'T000001' person_version: 4");
  EXPECT_FALSE(CommunicationNeedsOf(reply).has_value());
  EXPECT_FALSE(EteNeedsOf(reply).has_value());
}

class CourtTest : public ::testing::Test {
 protected:
  std::vector<CourtStep> Steps(const std::string& text) {
    return StepsOf(From<referral::v1::PublicEvent>(text), case_, "referral/NAT/9/0", "2024-05-02");
  }
  static std::string Text(const CourtStep& step) { return step.command.ShortDebugString(); }

  v1::Case case_ = From<v1::Case>(
      "crn: 'T000001' requirements { requirement_id: 'T000001/1/2' referral_id: 'ref-1' hours: 100 "
      "status: REQUIREMENT_LIVE last_day: '2025-01-07' } requirements { requirement_id: "
      "'T000001/2/1' referral_id: 'ref-2' hours: 60 status: REQUIREMENT_TERMINATED }");
};

TEST_F(CourtTest, AVariationChangesTheHoursAndTheWindowThatDiffer) {
  const auto steps = Steps(
      "requirement_varied { crn: 'T000001' requirement_key: 'T000001/1/2' new_requirement { unit: "
      "'HOURS' length: 80 window_last_day: '2025-07-07' court_ref: 'C9' court_confirmed: true } }");
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(Text(steps[0]),
            "vary_requirement { crn: \"T000001\" requirement_id: \"T000001/1/2\" new_hours: 80 "
            "court_ref: \"C9\" court_confirmed: true }");
  EXPECT_EQ(Text(steps[1]),
            "extend_window { crn: \"T000001\" requirement_id: \"T000001/1/2\" new_last_day: "
            "\"2025-07-07\" court_ref: \"C9\" }");
  EXPECT_EQ(steps[1].referral_id, "ref-1");
  EXPECT_TRUE(Steps("requirement_varied { requirement_key: 'T000001/1/2' new_requirement { unit: "
                    "'HOURS' length: 100 window_last_day: '2025-01-07' } }")
                  .empty())
      << "as it is already";
  EXPECT_TRUE(Steps("requirement_varied { requirement_key: 'T000001/1/9' new_requirement { unit: "
                    "'HOURS' length: 80 } }")
                  .empty());
}

TEST_F(CourtTest, AnEndedRequirementEndsHereForTheReasonsOfTheContract) {
  const struct {
    const char* cause;
    v1::TerminationReason reason;
  } table[] = {{"REVOKED", v1::REVOKED},
               {"QUASHED", v1::REVOKED},
               {"TERMINATED", v1::REVOKED},
               {"EXPIRED", v1::EXPIRED},
               {"TRANSFERRED_JURISDICTION", v1::TRANSFERRED_JURISDICTION},
               {"COMPLETED", v1::TERMINATION_REASON_UNSPECIFIED}};
  for (const auto& row : table) {
    const auto steps = Steps(absl::StrCat(
        "requirement_ended { crn: 'T000001' requirement_key: 'T000001/1/2' on: '2024-04-30' "
        "cause: '", row.cause, "' }"));
    if (row.reason == v1::TERMINATION_REASON_UNSPECIFIED) {
      EXPECT_TRUE(steps.empty()) << row.cause;
      continue;
    }
    ASSERT_EQ(steps.size(), 1u) << row.cause;
    const v1::TerminateRequirement& command = steps[0].command.terminate_requirement();
    EXPECT_EQ(command.reason(), row.reason) << row.cause;
    EXPECT_EQ(command.on(), "2024-04-30");
    EXPECT_EQ(command.cause(), "referral/NAT/9/0");
  }
  EXPECT_TRUE(
      Steps("requirement_ended { requirement_key: 'T000001/2/1' cause: 'REVOKED' }").empty())
      << "terminated already";
}

TEST_F(CourtTest, CustodySuspendsAndOnlyItsOwnSuspensionEndsOnReturn) {
  const std::string home = "location_changed { crn: 'T000001' location: 'COMMUNITY' }";
  const std::string custody =
      "location_changed { crn: 'T000001' location: 'CUSTODY' from: '2024-05-01' }";
  EXPECT_TRUE(Steps(home).empty());
  ASSERT_EQ(Steps(custody).size(), 1u);
  EXPECT_EQ(Text(Steps(custody)[0]),
            "suspend_case { crn: \"T000001\" reason: CUSTODY from: \"2024-05-01\" }");
  case_.mutable_suspended()->set_reason(v1::MEDICAL);
  EXPECT_TRUE(Steps(home).empty());
  EXPECT_TRUE(Steps(custody).empty());
  case_.mutable_suspended()->set_reason(v1::CUSTODY);
  ASSERT_EQ(Steps(home).size(), 1u);
  EXPECT_EQ(Text(Steps(home)[0]), "resume_case { crn: \"T000001\" }");
}

TEST_F(CourtTest, DeathEndsEveryLiveRequirementOnTheDayItWasRecorded) {
  const auto steps = Steps("death_recorded { crn: 'T000001' }");
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].command.terminate_requirement().reason(), v1::DIED);
  EXPECT_EQ(steps[0].command.terminate_requirement().on(), "2024-05-02");
}

TEST(ClashTest, ASessionOfAProgrammeIsABlockThatMovesWithItAndEndsWithTheDay) {
  auto command = BlockOf(From<programmes::v1::PublicEvent>(
      "person_session_moved { crn: 'T000001' session_id: 'S7' date: '2024-05-10' start_min: 1380 "
      "minutes: 90 site: 'Hall' }"));
  ASSERT_TRUE(command.has_value());
  const v1::AvailabilityBlock& block = command->record_availability_block().block();
  EXPECT_EQ(command->record_availability_block().crn(), "T000001");
  EXPECT_EQ(block.block_id(), "programmes/S7");
  EXPECT_EQ(block.from() + block.to(), "2024-05-102024-05-10");
  EXPECT_EQ(block.start(), 1380);
  EXPECT_EQ(block.end(), 1440);
  EXPECT_EQ(block.reason(), "PROGRAMME");
  command = BlockOf(From<programmes::v1::PublicEvent>(
      "person_session_released { crn: 'T000001' session_id: 'S7' }"));
  EXPECT_EQ(command.value().remove_availability_block().block_id(), "programmes/S7");
  EXPECT_FALSE(BlockOf(From<programmes::v1::PublicEvent>("enrolment_ended { referral_id: 'r' }"))
                   .has_value());
}

std::optional<v1::RecordOrganisationScope> Scope(const std::string& event,
                                                 const std::string& known = "") {
  return ScopeOf(From<subcontractor::v1::PublicEvent>(event), From<v1::OrganisationScope>(known));
}

TEST(ScopeTest, ASubcontractCoversThePdusAgreedForUnpaidWorkOnly) {
  const auto scope = Scope(
      "subcontract_activated { contract_id: 'PC-1' subcontract_id: 'SC-1' org: 'S01' services: "
      "'TSP' services: 'UPW' pdus: 'A' pdus: 'B' from: '2024-01-01' to: '2025-12-31' scope { "
      "service: 'TSP' pdus: 'A' } scope { service: 'UPW' pdus: 'B' } }");
  ASSERT_TRUE(scope.has_value());
  EXPECT_EQ(scope->org(), "S01");
  EXPECT_EQ(scope->contract().contract_id(), "SC-1");
  ASSERT_EQ(scope->contract().pdus_size(), 1);
  EXPECT_EQ(scope->contract().pdus(0), "B");
  EXPECT_EQ(scope->contract().to(), "2025-12-31");
  EXPECT_FALSE(Scope("prime_contract_activated { org: 'P01' services: 'TSP' }").has_value());
}

TEST(ScopeTest, SuspensionAndEndKeepThePdusAndChangeTheRest) {
  const std::string known = "org: 'S01' contracts { contract_id: 'SC-1' pdus: 'B' }";
  const std::string terms =
      "{ subcontract_id: 'SC-1' org: 'S01' services: 'UPW' pdus: 'A' pdus: 'B' from: "
      "'2024-01-01' to: '2024-06-30' }";
  const auto suspended = Scope("subcontract_suspended " + terms, known);
  ASSERT_TRUE(suspended.has_value());
  EXPECT_TRUE(suspended->contract().suspended());
  ASSERT_EQ(suspended->contract().pdus_size(), 1);
  EXPECT_EQ(suspended->contract().pdus(0), "B");
  const auto resumed = Scope("subcontract_resumed " + terms, known);
  ASSERT_TRUE(resumed.has_value());
  EXPECT_FALSE(resumed->contract().suspended());
  const auto ended = Scope("subcontract_ended " + terms, known);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->contract().to(), "2024-06-30");
}

}  // namespace
}  // namespace pdp::unpaid_work
