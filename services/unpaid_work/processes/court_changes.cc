#include "services/unpaid_work/processes/court_changes.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "services/unpaid_work/domain/unpaid_work.h"

namespace pdp::unpaid_work {
namespace {

namespace ref = referral::v1;

const v1::Requirement* Find(const v1::Case& c, const std::string& requirement_id) {
  for (const v1::Requirement& requirement : c.requirements()) {
    if (requirement.requirement_id() == requirement_id) return &requirement;
  }
  return nullptr;
}

std::string CrnOf(const ref::PublicEvent& event) {
  if (event.has_requirement_varied()) return event.requirement_varied().crn();
  if (event.has_requirement_ended()) return event.requirement_ended().crn();
  if (event.has_location_changed()) return event.location_changed().crn();
  if (event.has_death_recorded()) return event.death_recorded().crn();
  return "";
}

void Vary(const ref::PublicEvent::RequirementVaried& varied, const v1::Case& c,
          std::vector<CourtStep>& steps) {
  const v1::Requirement* known = Find(c, varied.requirement_key());
  if (known == nullptr) return;
  const ref::Requirement& now = varied.new_requirement();
  if (now.unit() == "HOURS" && now.length() != known->hours()) {
    CourtStep& step = steps.emplace_back();
    step.name = "vary";
    step.referral_id = known->referral_id();
    v1::VaryRequirement* vary = step.command.mutable_vary_requirement();
    vary->set_crn(c.crn());
    vary->set_requirement_id(varied.requirement_key());
    vary->set_new_hours(now.length());
    vary->set_court_ref(now.court_ref());
    vary->set_court_confirmed(now.court_confirmed());
  }
  if (!now.window_last_day().empty() && now.window_last_day() != known->last_day()) {
    CourtStep& step = steps.emplace_back();
    step.name = "extend";
    step.referral_id = known->referral_id();
    v1::ExtendWindow* extend = step.command.mutable_extend_window();
    extend->set_crn(c.crn());
    extend->set_requirement_id(varied.requirement_key());
    extend->set_new_last_day(now.window_last_day());
    extend->set_court_ref(now.court_ref());
  }
}

void Terminate(const v1::Requirement& requirement, const v1::Case& c, v1::TerminationReason reason,
               const std::string& on, const std::string& cause, std::vector<CourtStep>& steps) {
  if (requirement.status() != v1::REQUIREMENT_LIVE) return;
  CourtStep& step = steps.emplace_back();
  step.name = absl::StrCat("terminate/", requirement.requirement_id());
  step.referral_id = requirement.referral_id();
  v1::TerminateRequirement* terminate = step.command.mutable_terminate_requirement();
  terminate->set_crn(c.crn());
  terminate->set_requirement_id(requirement.requirement_id());
  terminate->set_reason(reason);
  terminate->set_on(on);
  terminate->set_cause(cause);
}

// C6; UNSPECIFIED: nothing is to be done.
v1::TerminationReason ReasonOf(const std::string& cause) {
  if (cause == "EXPIRED") return v1::EXPIRED;
  if (absl::StrContains(cause, "JURISDICTION")) return v1::TRANSFERRED_JURISDICTION;
  if (cause == "REVOKED" || cause == "QUASHED" || cause == "TERMINATED") return v1::REVOKED;
  return v1::TERMINATION_REASON_UNSPECIFIED;
}

}  // namespace

std::vector<CourtStep> StepsOf(const ref::PublicEvent& event, const v1::Case& c,
                               const std::string& event_id, const std::string& on) {
  std::vector<CourtStep> steps;
  if (event.has_requirement_varied()) Vary(event.requirement_varied(), c, steps);
  if (event.has_requirement_ended()) {
    const auto& ended = event.requirement_ended();
    const v1::Requirement* known = Find(c, ended.requirement_key());
    const v1::TerminationReason reason = ReasonOf(ended.cause());
    if (known != nullptr && reason != v1::TERMINATION_REASON_UNSPECIFIED) {
      Terminate(*known, c, reason, ended.on(), event_id, steps);
    }
  }
  if (event.has_death_recorded()) {
    for (const v1::Requirement& requirement : c.requirements()) {
      Terminate(requirement, c, v1::DIED, on, event_id, steps);
    }
  }
  if (event.has_location_changed()) {
    const auto& changed = event.location_changed();
    if (changed.location() == "CUSTODY" && !c.has_suspended()) {
      v1::SuspendCase* suspend =
          steps.emplace_back(CourtStep{.name = "suspend"}).command.mutable_suspend_case();
      suspend->set_crn(c.crn());
      suspend->set_reason(v1::CUSTODY);
      suspend->set_from(changed.from());
    }
    // Suspended for another reason: a person decides when that ends.
    if (changed.location() == "COMMUNITY" && c.suspended().reason() == v1::CUSTODY) {
      steps.emplace_back(CourtStep{.name = "resume"})
          .command.mutable_resume_case()
          ->set_crn(c.crn());
    }
  }
  return steps;
}

std::vector<projection::Subscription> CourtChanges::subscriptions() const {
  return {{.service = "referral",
           .partitions = projection::Partitions::kNat,
           .types = {"RequirementVaried", "RequirementEnded", "LocationChanged",
                     "DeathRecorded"}}};
}

std::string CourtChanges::OrderingKey(const common::v1::CloudEvent& event) const {
  return CrnOf(projection::DataOf<ref::PublicEvent>(event));
}

absl::Status CourtChanges::React(const common::v1::CloudEvent& event,
                                 projection::ProcessContext& context) {
  const auto data = projection::DataOf<ref::PublicEvent>(event);
  const std::string crn = CrnOf(data);
  if (crn.empty()) return absl::OkStatus();
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  const auto read = cell->ReadState(CaseId(crn));
  if (read.status().code() == absl::StatusCode::kNotFound) return absl::OkStatus();
  if (!read.ok()) return read.status();
  const std::string on =
      FormatDate(LocalDate(absl::FromUnixSeconds(event.time().seconds())));
  for (const CourtStep& step :
       StepsOf(data, static_cast<const v1::State&>(*read->state).case_(), event.id(), on)) {
    const engine::CommandOutcome outcome = context.Execute(step.name, step.command);
    RETURN_IF_ERROR(projection::Done(outcome));
    const std::string refusal = projection::RefusalOf(outcome);
    if (refusal.empty() || step.referral_id.empty() || refusal == "REQUIREMENT_NOT_LIVE" ||
        refusal == "CASE_CLOSED" || refusal == "COMMAND_ID_REUSED") {
      continue;
    }
    v1::Command command;
    v1::RaiseIntakeException* raise = command.mutable_raise_intake_exception();
    raise->set_referral_id(step.referral_id);
    raise->set_crn(crn);
    raise->set_code(refusal);
    raise->set_detail(absl::StrCat("the court's change, step ", step.name));
    RETURN_IF_ERROR(
        projection::Done(context.Execute(absl::StrCat(step.name, "/exception"), command)));
  }
  return absl::OkStatus();
}

}  // namespace pdp::unpaid_work
