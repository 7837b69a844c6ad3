#include "services/referral/processes/delivery_facts.h"

#include "absl/strings/match.h"
#include "libs/base/calendar.h"
#include "libs/engine/cell.h"
#include "services/referral/domain/domain.h"

namespace pdp::referral {
namespace {

namespace prg = programmes::v1;
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

}  // namespace

std::optional<Fact> FactOf(const prg::PublicEvent& event) {
  switch (event.event_case()) {
    case prg::PublicEvent::kEnrolmentAllocated: {
      const auto& e = event.enrolment_allocated();
      // The holder's: who delivers is another field (interfaces, E).
      return Make(Fact::ARRANGED, e.referral_id(), e.on(), "");
    }
    case prg::PublicEvent::kIndividualSessionPlanned: {
      const auto& e = event.individual_session_planned();
      if (!e.first()) return std::nullopt;
      return Make(Fact::ARRANGED, e.referral_id(), e.on(), "");
    }
    case prg::PublicEvent::kProgrammeStarted: {
      const auto& e = event.programme_started();
      return Make(Fact::STARTED, e.referral_id(), e.date(), e.holder_org());
    }
    case prg::PublicEvent::kProgrammeCompleted: {
      const auto& e = event.programme_completed();
      return Make(Fact::COMPLETED, e.referral_id(), e.completed_on(), e.holder_org());
    }
    case prg::PublicEvent::kEnrolmentEnded: {
      const auto& e = event.enrolment_ended();
      const bool said_by_return =
          !e.started() && (e.reason_code() == "NOT_SUITABLE" || e.reason_code() == "INFEASIBLE");
      if (said_by_return || absl::StartsWith(e.cause(), "referral/")) return std::nullopt;
      Fact fact = Make(Fact::STOPPED, e.referral_id(), e.on(), e.holder_org());
      fact.set_code(e.reason_code());
      return fact;
    }
    case prg::PublicEvent::kCompletionRevoked: {
      const auto& e = event.completion_revoked();
      return Make(Fact::REOPENED, e.referral_id(), e.date(), "");
    }
    case prg::PublicEvent::kReportIssued: {
      const auto& e = event.report_issued();
      return Make(Fact::REPORTED, e.referral_id(), e.date(), e.holder_org());
    }
    case prg::PublicEvent::kWarningRecorded:
    case prg::PublicEvent::kWarningWithdrawn:
    case prg::PublicEvent::kPersonSessionBooked:
    case prg::PublicEvent::kPersonSessionMoved:
    case prg::PublicEvent::kPersonSessionReleased:
    case prg::PublicEvent::kAttendanceRecorded:
    case prg::PublicEvent::kAttendanceCorrected:
    case prg::PublicEvent::kSessionHeld:
    case prg::PublicEvent::kGroupConfirmed:
    case prg::PublicEvent::EVENT_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<projection::Subscription> DeliveryFacts::subscriptions() const {
  return {{.service = "programmes",
           .partitions = projection::Partitions::kAll,
           .types = {"EnrolmentAllocated", "IndividualSessionPlanned", "ProgrammeStarted",
                     "ProgrammeCompleted", "EnrolmentEnded", "ReportIssued",
                     "CompletionRevoked"}}};
}

std::string DeliveryFacts::OrderingKey(const common::v1::CloudEvent& event) const {
  const auto fact = FactOf(projection::DataOf<prg::PublicEvent>(event));
  return fact ? fact->referral_id() : event.subject();
}

absl::Status DeliveryFacts::React(const common::v1::CloudEvent& event,
                                  projection::ProcessContext& context) {
  std::optional<Fact> fact = FactOf(projection::DataOf<prg::PublicEvent>(event));
  if (!fact) return absl::OkStatus();
  const engine::Cell* cell = host_.cell(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  const auto read = cell->ReadState(ReferralId(fact->referral_id()));
  if (read.status().code() == absl::StatusCode::kNotFound) return absl::OkStatus();
  if (!read.ok()) return read.status();
  // The day of the event where the event names none.
  if (fact->on().empty()) {
    fact->set_on(FormatDate(LocalDate(absl::FromUnixSeconds(event.time().seconds()))));
  }
  fact->set_source_service("programmes");
  fact->set_source_event_id(event.id());
  v1::Command command;
  *command.mutable_record_delivery_fact() = *std::move(fact);
  return projection::Done(context.Execute("fact", command));
}

}  // namespace pdp::referral
