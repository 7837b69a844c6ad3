#include <algorithm>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/base/status_macros.h"
#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "pdp/programmes/v1/service.grpc.pb.h"
#include "tools/demo/journey_steps.h"
#include "tools/demo/money.h"

// Delivery of a structured intervention for women: the enrolment that the acceptance opened, a
// group planned from the catalogue, its registers, measures, review, and the gate before
// completion. Registers are entered late, as they are when paper comes in. What the organisation
// does, it does through the gateway.

namespace pdp::demo {
namespace {

namespace gv1 = gateway::v1;
namespace pv1 = programmes::v1;

constexpr char kVersion[] = "COG-W/1";
constexpr char kInstrument[] = "WELLBEING";
// A session on every working day: the group ends within the month.
constexpr int kStartDay = 1;

// The reasons of a refusal, one each.
std::vector<std::string> ReasonsOf(const grpc::Status& status) {
  std::vector<std::string> reasons;
  google::rpc::Status details;
  (void)details.ParseFromString(status.error_details());
  for (const auto& any : details.details()) {
    google::rpc::PreconditionFailure failure;
    if (!any.UnpackTo(&failure)) continue;
    for (const auto& violation : failure.violations()) {
      reasons.push_back(violation.subject().empty()
                            ? violation.type()
                            : absl::StrCat(violation.type(), " ", violation.subject()));
    }
  }
  return reasons;
}

// "634.25 pounds"
std::string Pounds(int64_t pence) {
  return absl::StrCat(pence / 100, ".", absl::Dec(pence % 100, absl::kZeroPad2), " pounds");
}

}  // namespace

absl::Status Journey::Programmes(absl::string_view step, const As& as, const std::string& text) {
  return Do<pv1::ProgrammesService, pv1::ExecuteRequest, pv1::ExecuteReply>(
             platform_.programmes, options_.area, step, as, text)
      .status();
}

absl::StatusOr<pv1::GetEnrolmentReply> Journey::AwaitEnrolment(
    absl::string_view what, const std::string& enrolment_id, pv1::EnrolmentStatus at_least) {
  pv1::GetEnrolmentRequest request;
  request.set_area(options_.area);
  request.set_enrolment_id(enrolment_id);
  request.mutable_actor()->set_id("demonstration");
  request.mutable_actor()->add_roles("SYS");
  return Await<pv1::GetEnrolmentReply>(
      what,
      [&](pv1::GetEnrolmentReply* reply) {
        const grpc::Status status = Patiently(
            platform_.programmes,
            [&](const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context) {
              return pv1::ProgrammesService::NewStub(channel)->GetEnrolment(context, request,
                                                                            reply);
            });
        // Not there yet is no failure: the event is on its way.
        if (status.ok() || ReasonOf(status) == "NOT_FOUND") return absl::OkStatus();
        return absl::FailedPreconditionError(Describe(status));
      },
      [&](const pv1::GetEnrolmentReply& reply) {
        return reply.enrolment().status() >= at_least;
      });
}

absl::Status Journey::ConfirmEnrolment() {
  result_->enrolment_id = absl::StrCat(result_->referral_id, "/", now_.rounds_size());
  ASSIGN_OR_RETURN(const pv1::GetEnrolmentReply opened,
                   AwaitEnrolment("the enrolment", result_->enrolment_id,
                                  pv1::AWAITING_SUITABILITY));
  RETURN_IF_ERROR(Programmes("suitability", {"tm-1", {"TM"}, ""},
                             absl::StrCat("confirm_suitability { enrolment_id: '",
                                          result_->enrolment_id, "' }")));
  options_.tell(absl::StrCat("the acceptance opened an enrolment on ",
                             opened.enrolment().version_ref(),
                             "; the treatment manager confirms that it suits her"));
  return absl::OkStatus();
}

// Women come until one is drawn for the same organisation: it groups nobody else's people. Where
// many journeys draw at once a turn is as good as chance: with 40 in 100 for the smaller one, sixty
// in a row go elsewhere once in 10^13 journeys, twelve once in 500.
absl::Status Journey::BringCompanion() {
  constexpr int kComeAtMost = 60;
  for (int n = 1; n <= kComeAtMost; ++n) {
    JourneyOptions options = options_;
    absl::StrAppend(&options.name, " companion ", n);
    options.tell = [](const std::string&) {};
    JourneyResult result;
    Journey companion(platform_, options, &result);
    for (const auto play :
         {&Journey::RegisterPerson, &Journey::RegisterSentence, &Journey::OpenReferral,
          &Journey::CompleteSections, &Journey::Submit, &Journey::AwaitDecision,
          &Journey::AwaitOffer, &Journey::AcceptOffer, &Journey::ConfirmEnrolment}) {
      RETURN_IF_ERROR((companion.*play)());
    }
    if (result.holder != result_->holder) continue;
    companion_enrolment_ = result.enrolment_id;
    result_->companion_crn = result.crn;
    result_->companion_referral_id = result.referral_id;
    options_.tell(absl::StrCat("a second woman of ", result.holder, ", ", result.crn,
                               ", comes the same way: nobody is alone in a group"));
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("none of ", kComeAtMost, " women was drawn for ", result_->holder));
}

absl::Status Journey::FormGroup() {
  const std::string group = "G-" + result_->crn, site = "SITE-" + result_->crn;
  const std::string& org = result_->holder;
  const As scheduler{org + "-sch", {"SCH"}, org}, manager{org + "-pm", {"PM"}, org};
  RETURN_IF_ERROR(Programmes("site", scheduler,
                             absl::StrCat("register_site { site_id: '", site,
                                          "' pdu: 'N56ESX' opens_min: 480 closes_min: 1260 }")));
  RETURN_IF_ERROR(Programmes("room", scheduler,
                             absl::StrCat("put_room { site_id: '", site,
                                          "' room_id: 'R1' capacity: 12 attributes:"
                                          " ['STEP_FREE', 'PRIVATE_ROOM'] }")));
  std::string staff;
  for (const int n : {1, 2}) {
    const std::string id = absl::StrCat(org, "-f", n, "-", result_->crn);
    RETURN_IF_ERROR(Programmes(absl::StrCat("facilitator ", n), manager,
                               absl::StrCat("register_facilitator { staff_id: '", id, "' org: '",
                                            org, "' }")));
    for (const char* kind : {"PROG:COG-W", "TRAUMA"}) {
      RETURN_IF_ERROR(Programmes(absl::StrCat("facilitator ", n, " ", kind), manager,
                                 absl::StrCat("record_capability { staff_id: '", id,
                                              "' capability { kind: '", kind, "' gained_on: '",
                                              Day(-400), "' } }")));
    }
    absl::StrAppend(&staff, "staff { staff_id: '", id, "' order: ", n, " } ");
  }
  std::string slots;
  for (int weekday = 1; weekday <= 5; ++weekday) {
    absl::StrAppend(&slots, "slots { iso_weekday: ", weekday, " start_min: 600 } ");
  }
  RETURN_IF_ERROR(Programmes(
      "group", scheduler,
      absl::StrCat("open_group { group_id: '", group, "' code: 'COG-W-", options_.area, "-",
                   result_->crn, "' version_ref: '", kVersion, "' delivery_org: '", org,
                   "' site_id: '", site, "' sex_mode: WOMEN ", slots, "earliest_start: '",
                   Day(kStartDay), "' }")));
  RETURN_IF_ERROR(Programmes("roster", scheduler,
                             absl::StrCat("assign_staff { group_id: '", group, "' ", staff, "}")));
  // The scope of the organisation comes by an event of subcontractor; a refusal is not kept.
  const std::string allocate =
      absl::StrCat("allocate_members { group_id: '", group, "' enrolment_ids: ['",
                   result_->enrolment_id, "', '", companion_enrolment_, "'] }");
  const absl::Time give_up = absl::Now() + kPatience;
  absl::Status allocated = Programmes("members", scheduler, allocate);
  while (absl::StrContains(allocated.message(), "DELIVERY_ORG_NOT_ACTIVE") &&
         absl::Now() < give_up) {
    absl::SleepFor(absl::Milliseconds(50));
    allocated = Programmes("members", scheduler, allocate);
  }
  RETURN_IF_ERROR(allocated);
  RETURN_IF_ERROR(Programmes("schedule", scheduler,
                             absl::StrCat("generate_schedule { group_id: '", group, "' }")));
  RETURN_IF_ERROR(Programmes("confirm", manager,
                             absl::StrCat("confirm_group { group_id: '", group, "' }")));
  pv1::GetGroupRequest request;
  request.set_area(options_.area);
  request.set_group_id(group);
  request.mutable_actor()->set_id("demonstration");
  request.mutable_actor()->add_roles("SYS");
  pv1::GetGroupReply reply;
  const grpc::Status status = Patiently(
      platform_.programmes,
      [&](const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context) {
        return pv1::ProgrammesService::NewStub(channel)->GetGroup(context, request, &reply);
      });
  if (!status.ok()) return absl::FailedPreconditionError(Describe(status));
  registers_.clear();
  std::string dates;
  for (const pv1::Session& session : reply.group().sessions()) {
    if (session.row() == "RV1") review_on_ = session.date();
    if (session.row() == "PG1") pre_group_on_ = session.date();
    if (session.placeholder()) continue;
    registers_.push_back({session.session_id(), session.minutes()});
    absl::StrAppend(&dates, dates.empty() ? "" : ", ", session.date());
  }
  if (registers_.empty() || review_on_.empty() || pre_group_on_.empty()) {
    return absl::FailedPreconditionError("the plan has no sessions, no beginning or no review");
  }
  // The own session of the row that the group's plan keeps a place for (PRG-63).
  RETURN_IF_ERROR(Programmes("pre-group", scheduler,
                             absl::StrCat("schedule_individual { enrolment_id: '",
                                          result_->enrolment_id, "' row: 'PG1' date: '",
                                          pre_group_on_, "' start_min: 840 minutes: 60 staff: '",
                                          org, "-f1-", result_->crn, "' }")));
  options_.tell(absl::StrCat("a women's group of ", org, " is planned from the catalogue: ", dates,
                             "; review ", review_on_));
  return absl::OkStatus();
}

absl::Status Journey::Measure(absl::string_view phase, int total, const std::string& on) {
  gv1::RecordOutcomeRequest outcome;
  outcome.set_parent(SubcontractName(result_->holder));
  outcome.set_request_id(RequestId(absl::StrCat("measure ", phase)));
  outcome.set_enrolment_id(result_->enrolment_id);
  outcome.mutable_measure()->set_instrument(kInstrument);
  outcome.mutable_measure()->set_phase(std::string(phase));
  outcome.mutable_measure()->set_total(total);
  outcome.mutable_occurred_at()->set_seconds(
      absl::ToUnixSeconds(LocalInstant(*ParseDate(on), 12 * 60)));
  gv1::FactReply reply;
  const grpc::Status status = platform_.gateway.Call<gv1::Delivery>(
      result_->holder + "-delivery", &gv1::Delivery::Stub::RecordOutcome, outcome, &reply);
  return status.ok() ? absl::OkStatus() : absl::FailedPreconditionError(Describe(status));
}

absl::Status Journey::TakeRegister(const std::string& session_id, int minutes, bool both) {
  gv1::RecordAttendanceRequest attendance;
  attendance.set_parent(SubcontractName(result_->holder));
  attendance.set_request_id(RequestId("register " + session_id));
  attendance.set_session_id(session_id);
  attendance.set_close(true);
  for (const std::string& enrolment : {result_->enrolment_id, companion_enrolment_}) {
    if (enrolment != result_->enrolment_id && !both) continue;
    gv1::AttendanceMark* mark = attendance.add_marks();
    mark->set_enrolment_id(enrolment);
    mark->set_code("ATTC");
    mark->set_minutes_present(minutes);
  }
  gv1::FactReply reply;
  const grpc::Status status = platform_.gateway.Call<gv1::Delivery>(
      result_->holder + "-delivery", &gv1::Delivery::Stub::RecordAttendance, attendance, &reply);
  return status.ok() ? absl::OkStatus()
                     : absl::FailedPreconditionError(absl::StrCat(session_id, ": ",
                                                                  Describe(status)));
}

absl::Status Journey::BeginDelivery() {
  RETURN_IF_ERROR(Measure("PRE", 30, pre_group_on_));
  RETURN_IF_ERROR(TakeRegister(result_->enrolment_id + "/PG1/1", 60, false));
  RETURN_IF_ERROR(TakeRegister(registers_[0].session_id, registers_[0].minutes, true));
  RETURN_IF_ERROR(
      AwaitEnrolment("the start", result_->enrolment_id, pv1::ON_PROGRAMME).status());
  options_.tell(absl::StrCat(result_->holder,
                             " enters the first measure and registers at the gateway"));
  return absl::OkStatus();
}

absl::Status Journey::CompletionIsGated() {
  ASSIGN_OR_RETURN(const pv1::GetEnrolmentReply now,
                   AwaitEnrolment("the enrolment", result_->enrolment_id, pv1::ON_PROGRAMME));
  // Played again after the completion: there is nothing left to refuse.
  if (now.enrolment().status() == pv1::COMPLETED ||
      now.enrolment().ledger_size() == 0 || now.enrolment().has_review()) {
    return absl::OkStatus();
  }
  pv1::Command command;
  command.mutable_complete_enrolment()->set_enrolment_id(result_->enrolment_id);
  pv1::ExecuteReply reply;
  const grpc::Status status =
      Run<pv1::ProgrammesService, pv1::ExecuteRequest, pv1::ExecuteReply>(
          platform_.programmes, options_.area,
          absl::StrCat("journey ", options_.name, " complete too early"), {"pm-1", {"PM"}, ""},
          command, &reply);
  const std::vector<std::string> reasons = ReasonsOf(status);
  if (ReasonOf(status) != "COMPLETION_CONDITIONS_NOT_MET" || reasons.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("completion at this point must be refused with reasons and is ",
                     Describe(status)));
  }
  options_.tell(absl::StrCat("completion now is refused: ", absl::StrJoin(reasons, ", ")));
  return absl::OkStatus();
}

absl::Status Journey::Deliver() {
  for (size_t i = 1; i < registers_.size(); ++i) {
    RETURN_IF_ERROR(TakeRegister(registers_[i].session_id, registers_[i].minutes, true));
  }
  RETURN_IF_ERROR(Measure("POST", 44, review_on_));
  RETURN_IF_ERROR(Programmes("review", {result_->holder + "-fac", {"FAC"}, result_->holder},
                             absl::StrCat("hold_review { enrolment_id: '", result_->enrolment_id,
                                          "' date: '", review_on_,
                                          "' person_present: true facilitator_present: true"
                                          " officer_present: true }")));
  options_.tell(absl::StrCat(registers_.size(),
                             " registers closed, second measure taken, three-way review held"));
  return absl::OkStatus();
}

absl::Status Journey::Complete() {
  RETURN_IF_ERROR(Programmes("complete", {"pm-1", {"PM"}, ""},
                             absl::StrCat("complete_enrolment { enrolment_id: '",
                                          result_->enrolment_id, "' }")));
  ASSIGN_OR_RETURN(const pv1::GetEnrolmentReply done,
                   AwaitEnrolment("the completion", result_->enrolment_id, pv1::COMPLETED));
  RETURN_IF_ERROR(Until("the end of delivery", referral::v1::ENDED));
  options_.tell(absl::StrCat("completed on ", done.enrolment().completion().completed_on(),
                             "; the referral knows: ",
                             referral::v1::ReferralState_Name(now_.state())));
  return absl::OkStatus();
}

absl::Status Journey::AwaitCharges() {
  // One charge a register with ATTC, one for the pre-group session, one for the completion; of the
  // work, one for the induction and one for the session (IF, E).
  const struct {
    std::string org, facts_of;
    int expected;
  } kOwed[] = {
      {result_->holder, result_->enrolment_id, static_cast<int>(registers_.size()) + 2},
      {result_->worker_holder, result_->worker_crn, 2},
  };
  result_->charges = 0;
  result_->charged_pence = 0;
  charge_ids_.clear();
  for (const auto& owed : kOwed) {
    ASSIGN_OR_RETURN(
        const std::vector<subcontractor::v1::Charge> charges,
        (Await<std::vector<subcontractor::v1::Charge>>(
            "the charges",
            [&](std::vector<subcontractor::v1::Charge>* found) {
              auto charges = ChargesOf(platform_, options_.area, owed.org, owed.facts_of);
              if (!charges.ok()) return charges.status();
              *found = *std::move(charges);
              return absl::OkStatus();
            },
            [&](const auto& found) { return static_cast<int>(found.size()) >= owed.expected; })));
    if (static_cast<int>(charges.size()) != owed.expected) {
      return absl::FailedPreconditionError(absl::StrCat(charges.size(), " charges of ",
                                                        owed.expected, " facts of ",
                                                        owed.facts_of));
    }
    result_->charges += owed.expected;
    for (const auto& charge : charges) {
      result_->charged_pence += charge.amount_pence();
      charge_ids_[owed.org].insert(charge.charge_id());
    }
  }
  options_.tell(absl::StrCat("each delivery fact has become one charge: ", result_->charges, ", ",
                             Pounds(result_->charged_pence)));
  return absl::OkStatus();
}

absl::Status Journey::SettleStatements() {
  // The months are closed on the first day after them.
  const Date month = AddMonths(options_.first_day + kChapters[3].day, -1);
  const std::string name = FormatDate(month).substr(0, 7);
  std::string told;
  for (const auto& [org, owed] : charge_ids_) {
    ASSIGN_OR_RETURN(
        const AcceptedStatement statement,
        (Await<AcceptedStatement>(
            absl::StrCat("the statement of ", org),
            [&, &org = org](AcceptedStatement* found) {
              auto accepted = AcceptStatement(platform_, options_.area, org, name);
              if (accepted.ok()) *found = *std::move(accepted);
              // It is drafted by a timer.
              return absl::IsNotFound(accepted.status()) ? absl::OkStatus() : accepted.status();
            },
            [](const AcceptedStatement& found) { return !found.name.empty(); })));
    for (const std::string& id : owed) {
      if (const int64_t times = absl::c_count(statement.charge_ids, id); times != 1) {
        return absl::FailedPreconditionError(
            absl::StrCat("charge ", id, " is ", times, " times on ", statement.name));
      }
    }
    ASSIGN_OR_RETURN(const std::string faults, LedgerFaults(platform_, options_.area, org));
    if (!faults.empty()) return absl::FailedPreconditionError(faults);
    absl::StrAppend(&told, told.empty() ? "" : " and ", org, " (", owed.size(), " of ",
                    statement.charge_ids.size(), " charges, ", Pounds(statement.net_pence), ")");
  }
  options_.tell(absl::StrCat("statement ", name, " of ", told,
                             " is accepted at the gateway; the ledger balances"));
  return absl::OkStatus();
}

}  // namespace pdp::demo
