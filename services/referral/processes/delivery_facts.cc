#include "services/referral/processes/delivery_facts.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/calendar.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "services/referral/domain/domain.h"

namespace pdp::referral {
namespace {

namespace prg = programmes::v1;
namespace upw = unpaid_work::v1;
using Fact = v1::RecordDeliveryFact;

Fact Make(Fact::Kind kind, const std::string& referral_id, const std::string& on,
          const std::string& org) {
  Fact fact;
  fact.set_kind(kind);
  fact.set_referral_id(referral_id);
  fact.set_on(on);
  fact.set_org(org);
  return fact;
}

template <typename Ids>
std::vector<Fact> MakeEach(Fact::Kind kind, const Ids& referral_ids, const std::string& on) {
  std::vector<Fact> facts;
  for (const std::string& id : referral_ids) facts.push_back(Make(kind, id, on, ""));
  return facts;
}

}  // namespace

std::vector<Fact> FactsOf(const prg::PublicEvent& event) {
  switch (event.event_case()) {
    case prg::PublicEvent::kEnrolmentAllocated: {
      const auto& e = event.enrolment_allocated();
      // The holder's: who delivers is another field (interfaces, E).
      return {Make(Fact::ARRANGED, e.referral_id(), e.on(), "")};
    }
    case prg::PublicEvent::kIndividualSessionPlanned: {
      const auto& e = event.individual_session_planned();
      if (!e.first()) return {};
      return {Make(Fact::ARRANGED, e.referral_id(), e.on(), "")};
    }
    case prg::PublicEvent::kProgrammeStarted: {
      const auto& e = event.programme_started();
      return {Make(Fact::STARTED, e.referral_id(), e.date(), e.holder_org())};
    }
    case prg::PublicEvent::kProgrammeCompleted: {
      const auto& e = event.programme_completed();
      return {Make(Fact::COMPLETED, e.referral_id(), e.completed_on(), e.holder_org())};
    }
    case prg::PublicEvent::kEnrolmentEnded: {
      const auto& e = event.enrolment_ended();
      const bool said_by_return =
          !e.started() && (e.reason_code() == "NOT_SUITABLE" || e.reason_code() == "INFEASIBLE");
      if (said_by_return || absl::StartsWith(e.cause(), "referral/")) return {};
      Fact fact = Make(Fact::STOPPED, e.referral_id(), e.on(), e.holder_org());
      fact.set_code(e.reason_code());
      return {fact};
    }
    case prg::PublicEvent::kCompletionRevoked: {
      const auto& e = event.completion_revoked();
      return {Make(Fact::REOPENED, e.referral_id(), e.date(), "")};
    }
    case prg::PublicEvent::kReportIssued: {
      const auto& e = event.report_issued();
      return {Make(Fact::REPORTED, e.referral_id(), e.date(), e.holder_org())};
    }
    case prg::PublicEvent::kWarningRecorded:
    case prg::PublicEvent::kWarningWithdrawn:
    case prg::PublicEvent::kPersonSessionBooked:
    case prg::PublicEvent::kPersonSessionMoved:
    case prg::PublicEvent::kPersonSessionReleased:
    case prg::PublicEvent::kErasureConfirmed:
    case prg::PublicEvent::kAttendanceRecorded:
    case prg::PublicEvent::kAttendanceCorrected:
    case prg::PublicEvent::kSessionHeld:
    case prg::PublicEvent::kGroupConfirmed:
    case prg::PublicEvent::EVENT_NOT_SET:
      return {};
  }
  return {};
}

std::vector<Fact> FactsOf(const upw::PublicEvent& event) {
  switch (event.event_case()) {
    case upw::PublicEvent::kAppointmentBooked: {
      const auto& e = event.appointment_booked();
      if (!e.first()) return {};
      // The holder's: an appointment is offered to the person, whoever delivers it.
      return MakeEach(Fact::ARRANGED, e.referral_ids(), e.on());
    }
    case upw::PublicEvent::kOutcomeRecorded: {
      const auto& e = event.outcome_recorded();
      if (!e.attended() || !e.first_attended()) return {};
      return MakeEach(Fact::STARTED, e.referral_ids(), e.date());
    }
    case upw::PublicEvent::kOutcomeCorrected: {
      const auto& e = event.outcome_corrected();
      if (!e.attended() || !e.first_attended()) return {};
      return MakeEach(Fact::STARTED, e.referral_ids(), e.date());
    }
    case upw::PublicEvent::kRequirementHoursDone: {
      const auto& e = event.requirement_hours_done();
      return {Make(Fact::COMPLETED, e.referral_id(), e.work_date(), e.org())};
    }
    case upw::PublicEvent::kRequirementReopened: {
      const auto& e = event.requirement_reopened();
      return {Make(Fact::REOPENED, e.referral_id(), e.on(), "")};
    }
    case upw::PublicEvent::kRequirementTerminated: {
      const auto& e = event.requirement_terminated();
      if (absl::StartsWith(e.cause(), "referral/")) return {};
      Fact fact = Make(Fact::STOPPED, e.referral_id(), e.on(), e.org());
      fact.set_code(upw::TerminationReason_Name(e.reason()));
      return {fact};
    }
    case upw::PublicEvent::kAppointmentMoved:
    case upw::PublicEvent::kAppointmentTrimmed:
    case upw::PublicEvent::kAppointmentWithdrawn:
    case upw::PublicEvent::kOutcomeDefaulted:
    case upw::PublicEvent::kSessionRun:
    case upw::PublicEvent::kWarningIssued:
    case upw::PublicEvent::kWarningWithdrawn:
    case upw::PublicEvent::kWarningVoided:
    case upw::PublicEvent::kCaseTransferRequested:
    case upw::PublicEvent::kCaseTransferRejected:
    case upw::PublicEvent::kCaseTransferredOut:
    case upw::PublicEvent::kPolicySetPublished:
    case upw::PublicEvent::kErasureConfirmed:
    case upw::PublicEvent::EVENT_NOT_SET:
      return {};
  }
  return {};
}

std::vector<Fact> FactsOf(const common::v1::CloudEvent& event) {
  if (absl::StartsWith(event.type(), "pdp.unpaid_work.")) {
    return FactsOf(projection::DataOf<upw::PublicEvent>(event));
  }
  return FactsOf(projection::DataOf<prg::PublicEvent>(event));
}

std::vector<projection::Subscription> DeliveryFacts::subscriptions() const {
  return {{.service = "programmes",
           .partitions = projection::Partitions::kAll,
           .types = {"EnrolmentAllocated", "IndividualSessionPlanned", "ProgrammeStarted",
                     "ProgrammeCompleted", "EnrolmentEnded", "ReportIssued",
                     "CompletionRevoked"}},
          {.service = "unpaid_work",
           .partitions = projection::Partitions::kAll,
           .types = {"AppointmentBooked", "OutcomeRecorded", "OutcomeCorrected",
                     "RequirementHoursDone", "RequirementReopened", "RequirementTerminated"}}};
}

// Per referral; in unpaid_work per person, because one event may be about several referrals.
std::string DeliveryFacts::OrderingKey(const common::v1::CloudEvent& event) const {
  if (absl::StartsWith(event.type(), "pdp.unpaid_work.")) return event.subject();
  const auto facts = FactsOf(event);
  return facts.empty() ? event.subject() : facts[0].referral_id();
}

absl::Status DeliveryFacts::Record(Fact fact, const common::v1::CloudEvent& event,
                                   projection::ProcessContext& context) {
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  const auto read = cell->ReadState(ReferralId(fact.referral_id()));
  if (read.status().code() == absl::StatusCode::kNotFound) return absl::OkStatus();
  if (!read.ok()) return read.status();
  // The day of the event where the event names none.
  if (fact.on().empty()) {
    fact.set_on(FormatDate(LocalDate(absl::FromUnixSeconds(event.time().seconds()))));
  }
  // /pdp/<service>/<area>
  const std::vector<std::string> source = absl::StrSplit(event.source(), '/');
  fact.set_source_service(source.size() > 2 ? source[2] : "");
  fact.set_source_event_id(event.id());
  const std::string step = absl::StrCat("fact/", fact.referral_id());
  v1::Command command;
  *command.mutable_record_delivery_fact() = std::move(fact);
  return projection::Done(context.Execute(step, command));
}

absl::Status DeliveryFacts::React(const common::v1::CloudEvent& event,
                                  projection::ProcessContext& context) {
  for (Fact& fact : FactsOf(event)) RETURN_IF_ERROR(Record(std::move(fact), event, context));
  return absl::OkStatus();
}

}  // namespace pdp::referral
