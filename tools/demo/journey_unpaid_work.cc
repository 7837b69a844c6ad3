#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "pdp/unpaid_work/v1/service.grpc.pb.h"
#include "tools/demo/journey_steps.h"
#include "tools/demo/unpaid_work.h"

// A man with hours to work: his case opens by the acceptance of his referral, he is assessed and
// inducted, instructed in writing, gets a seat in a session, and his minutes are posted to a ledger
// that balances.

namespace pdp::demo {
namespace {

namespace gv1 = gateway::v1;
namespace uv1 = unpaid_work::v1;

const As kOfficer{"ro-1", {"RO"}, ""}, kCoordinator{"co-1", {"CO"}, ""};
constexpr int kInductionStart = 570, kInductionEnd = 750, kWorkStart = 540, kWorkEnd = 960;
constexpr int kPenalty = 30;
// Days after the first on which he comes: early in its chapter, and after the notice that an
// instruction needs.
constexpr int kInductionDay = 4, kWorkDay = 13;

int64_t MinutesOf(const google::protobuf::RepeatedPtrField<uv1::Balance>& balances,
                  uv1::Account account) {
  for (const uv1::Balance& balance : balances) {
    if (balance.account() == account) return balance.minutes();
  }
  return 0;
}

Date WorkingDayFrom(Date day) {
  while (!IsWorkingDay(day)) day = day + 1;
  return day;
}

std::string SessionOf(const std::string& project, Date on) {
  std::string day = FormatDate(on);
  day.erase(std::remove(day.begin(), day.end(), '-'), day.end());
  return absl::StrCat(project, ".", day, ".1");
}

}  // namespace

absl::Status Journey::UnpaidWork(absl::string_view step, const As& as, const std::string& text) {
  return Do<uv1::UnpaidWorkService, uv1::ExecuteRequest, uv1::ExecuteReply>(
             platform_.unpaid_work, options_.area, step, as, text)
      .status();
}

absl::StatusOr<uv1::GetCaseReply> Journey::GetWorkCase() {
  uv1::GetCaseRequest request;
  request.set_area(options_.area);
  request.set_crn(worker_.crn);
  request.mutable_actor()->set_id("demonstration");
  request.mutable_actor()->add_roles("SYS");
  return Await<uv1::GetCaseReply>(
      "the case of unpaid work",
      [&](uv1::GetCaseReply* reply) {
        const grpc::Status status = Patiently(
            platform_.unpaid_work,
            [&](const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context) {
              return uv1::UnpaidWorkService::NewStub(channel)->GetCase(context, request, reply);
            });
        // Not there yet is no failure: the event is on its way.
        if (status.ok() || ReasonOf(status) == "NOT_FOUND") return absl::OkStatus();
        return absl::FailedPreconditionError(Describe(status));
      },
      // What the intake takes over last.
      [](const uv1::GetCaseReply& reply) {
        return reply.case_().requirements_size() > 0 && reply.case_().ete_needs_recorded();
      });
}

absl::Status Journey::PlaceWorker() {
  worker_options_ = options_;
  worker_options_.name += " worker";
  worker_options_.tell = [](const std::string&) {};
  Journey worker(platform_, worker_options_, &worker_, Line::kUnpaidWork);
  for (const auto play : {&Journey::RegisterPerson, &Journey::RegisterSentence,
                          &Journey::OpenReferral, &Journey::CompleteSections, &Journey::Submit,
                          &Journey::AwaitDecision, &Journey::AwaitOffer, &Journey::AcceptOffer}) {
    RETURN_IF_ERROR((worker.*play)());
  }
  result_->worker_crn = worker_.crn;
  result_->worker_referral_id = worker_.referral_id;
  result_->worker_reference = worker_.reference;
  result_->worker_holder = worker_.holder;
  result_->worker_other = worker_.other;
  ASSIGN_OR_RETURN(const uv1::GetCaseReply opened, GetWorkCase());
  result_->owed_minutes = opened.person_owed();
  options_.tell(absl::StrCat("a man with unpaid work, ", worker_.crn, ", is referred, routed ",
                             worker_.route, ", offered to ", worker_.holder,
                             " and accepted; his case opens by the event, ", opened.person_owed(),
                             " minutes owed by ", opened.case_().requirements(0).last_day()));
  return absl::OkStatus();
}

absl::Status Journey::AssessWorker() {
  for (const std::string section : {"MATURITY", "LEARNING", "PREFERENCE", "HEALTH", "RISK",
                                    "CARING_WORK", "CULTURE", "TRAVEL", "AVAILABILITY"}) {
    const bool level = section == "MATURITY" || section == "LEARNING";
    RETURN_IF_ERROR(UnpaidWork(
        absl::StrCat("section of work ", section), kOfficer,
        absl::StrCat("answer_section { crn: '", worker_.crn, "' section: '", section,
                     "' answers { key: '", level ? "LEVEL" : "NOTE", "' values: '",
                     section == "MATURITY" ? "HIGH" : section == "LEARNING" ? "NONE" : "none",
                     "' } }")));
  }
  options_.tell("assessed: maturity, learning, health and six more sections; needs for employment "
                "and training known from the referral");
  return absl::OkStatus();
}

absl::Status Journey::Instruct(absl::string_view step, const std::string& appointment_id) {
  const std::string text = absl::StrCat(
      "issue_instruction { crn: '", worker_.crn, "' appointment_ids: '", appointment_id,
      "' language: 'en' formats: 'STANDARD' sections: ['WHEN', 'WHERE', 'BRING', 'CONTACT',"
      " 'ABSENCE', 'CONSEQUENCES'] channel: 'LETTER' }");
  ASSIGN_OR_RETURN(const uv1::ExecuteReply issued,
                   (Do<uv1::UnpaidWorkService, uv1::ExecuteRequest, uv1::ExecuteReply>(
                       platform_.unpaid_work, options_.area, absl::StrCat("instruct ", step),
                       kCoordinator, text)));
  const std::string& id = issued.reply().issue_instruction().instruction_id();
  // Signed on the day of its issue, whichever that was when it was first played.
  ASSIGN_OR_RETURN(const uv1::GetCaseReply now, GetWorkCase());
  for (const uv1::Instruction& instruction : now.case_().instructions()) {
    if (instruction.instruction_id() != id) continue;
    return UnpaidWork(absl::StrCat("sign ", step), kCoordinator,
                      absl::StrCat("acknowledge_instruction { crn: '", worker_.crn,
                                   "' instruction_id: '", id, "' method: SIGNED on: '",
                                   instruction.issued_on(), "' }"));
  }
  return absl::InternalError(absl::StrCat("instruction ", id, " is not in the case"));
}

absl::Status Journey::CallToInduction() {
  const WorkPlace place{options_.area, absl::StrCat(options_.area, "-IND-", worker_.crn),
                        worker_.holder, "INDUCTION", "PI"};
  RETURN_IF_ERROR(OpenWorkPlace(platform_.unpaid_work, place, options_.first_day));
  const Date on = WorkingDayFrom(options_.first_day + kInductionDay);
  const std::string session = SessionOf(place.project_id, on);
  RETURN_IF_ERROR(UnpaidWork("plan induction", kCoordinator,
                             absl::StrCat("plan_session { project_id: '", place.project_id,
                                          "' date: '", FormatDate(on), "' slot: 1 start: ",
                                          kInductionStart, " end: ", kInductionEnd, " }")));
  RETURN_IF_ERROR(UnpaidWork("book induction", kCoordinator,
                             absl::StrCat("book_seats { session_id: '", session, "' crns: '",
                                          worker_.crn, "' }")));
  RETURN_IF_ERROR(Instruct("induction", session + ".1"));
  options_.tell(absl::StrCat("instructed in writing to come to an induction on ", FormatDate(on)));
  return absl::OkStatus();
}

absl::Status Journey::RecordMinutes(absl::string_view step, const std::string& session_id,
                                    const gv1::WorkMark& mark) {
  gv1::RecordMinutesRequest minutes;
  minutes.set_parent(SubcontractName(worker_.holder));
  minutes.set_request_id(RequestId(step));
  minutes.set_session_id(session_id);
  *minutes.add_marks() = mark;
  gv1::RecordMinutesReply reply;
  const grpc::Status status = platform_.gateway.Call<gv1::Delivery>(
      worker_.holder + "-delivery", &gv1::Delivery::Stub::RecordMinutes, minutes, &reply);
  if (!status.ok()) return absl::FailedPreconditionError(Describe(status));
  for (const auto& result : reply.results()) {
    if (!result.reason().empty()) {
      return absl::FailedPreconditionError(absl::StrCat(step, ": ", result.reason()));
    }
  }
  return absl::OkStatus();
}

namespace {

gv1::WorkMark Attended(const std::string& crn, const std::string& appointment_id, int start,
                       int end, int penalty) {
  gv1::WorkMark mark;
  mark.set_crn(crn);
  mark.set_appointment_id(appointment_id);
  mark.set_code("ATTC");
  mark.set_actual_start(start);
  mark.set_actual_end(end);
  mark.set_penalty_minutes(penalty);
  mark.set_quality("GD");
  mark.set_behaviour("GD");
  return mark;
}

}  // namespace

absl::Status Journey::InductWorker() {
  const Date on = WorkingDayFrom(options_.first_day + kInductionDay);
  const std::string session =
      SessionOf(absl::StrCat(options_.area, "-IND-", worker_.crn), on);
  RETURN_IF_ERROR(RecordMinutes(
      "induction attended", "",
      Attended(worker_.crn, session + ".1", kInductionStart, kInductionEnd, 0)));
  RETURN_IF_ERROR(UnpaidWork("inducted", kCoordinator,
                             absl::StrCat("complete_induction { crn: '", worker_.crn, "' on: '",
                                          FormatDate(on), "' }")));
  options_.tell(absl::StrCat(worker_.holder, " tells the gateway that he was inducted: ",
                             kInductionEnd - kInductionStart, " minutes"));
  return absl::OkStatus();
}

absl::Status Journey::BookWork() {
  const WorkPlace place{options_.area, absl::StrCat(options_.area, "-GRP-", worker_.crn),
                        worker_.holder, "GROUP", "NP1"};
  RETURN_IF_ERROR(OpenWorkPlace(platform_.unpaid_work, place, options_.first_day));
  const std::string staff = "SU-" + worker_.crn;
  RETURN_IF_ERROR(UnpaidWork("supervisor", kCoordinator,
                             absl::StrCat("register_supervisor { staff_id: '", staff, "' org: '",
                                          worker_.holder, "' sex: 'F' }")));
  const Date on = WorkingDayFrom(options_.first_day + kWorkDay);
  const std::string session = SessionOf(place.project_id, on);
  RETURN_IF_ERROR(UnpaidWork("plan work", kCoordinator,
                             absl::StrCat("plan_session { project_id: '", place.project_id,
                                          "' date: '", FormatDate(on), "' slot: 1 start: ",
                                          kWorkStart, " end: ", kWorkEnd, " }")));
  RETURN_IF_ERROR(UnpaidWork("lead work", kCoordinator,
                             absl::StrCat("assign_supervisor { session_id: '", session,
                                          "' staff_id: '", staff, "' }")));
  RETURN_IF_ERROR(UnpaidWork("book work", kCoordinator,
                             absl::StrCat("book_seats { session_id: '", session, "' crns: '",
                                          worker_.crn, "' }")));
  RETURN_IF_ERROR(Instruct("work", session + ".1"));
  options_.tell(absl::StrCat("a seat in ", session, ", instructed in writing and signed for"));
  return absl::OkStatus();
}

absl::Status Journey::RecordWork() {
  const Date on = WorkingDayFrom(options_.first_day + kWorkDay);
  const std::string session =
      SessionOf(absl::StrCat(options_.area, "-GRP-", worker_.crn), on);
  RETURN_IF_ERROR(UnpaidWork("lock", kCoordinator,
                             absl::StrCat("lock_roster { session_id: '", session, "' }")));
  RETURN_IF_ERROR(RecordMinutes(
      "work attended", session,
      Attended(worker_.crn, session + ".1", kWorkStart, kWorkEnd, kPenalty)));
  ASSIGN_OR_RETURN(const uv1::GetCaseReply now, GetWorkCase());
  const auto& balances = now.books(0).balances();
  int64_t sum = 0;
  for (const uv1::Balance& balance : balances) sum += balance.minutes();
  result_->worked_minutes = MinutesOf(balances, uv1::WORKED);
  result_->owed_minutes = MinutesOf(balances, uv1::OWED);
  const int64_t ordered = -MinutesOf(balances, uv1::COURT);
  const int64_t expected =
      kInductionEnd - kInductionStart + kWorkEnd - kWorkStart - kPenalty;
  if (sum != 0 || result_->worked_minutes != expected ||
      result_->owed_minutes != ordered - expected) {
    return absl::FailedPreconditionError(
        absl::StrCat("the ledger of ", worker_.crn, ": ordered ", ordered, ", worked ",
                     result_->worked_minutes, " of ", expected, ", owed ", result_->owed_minutes,
                     ", sum ", sum));
  }
  options_.tell(absl::StrCat("the session's register comes in; of ", ordered, " minutes ",
                             result_->worked_minutes, " are worked and ", result_->owed_minutes,
                             " owed; the book sums to nothing"));
  return absl::OkStatus();
}

}  // namespace pdp::demo
