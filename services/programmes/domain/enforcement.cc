#include "services/programmes/domain/enforcement.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "services/programmes/domain/catalogue.h"

namespace pdp::programmes {
namespace {

constexpr int kEvidenceWorkingDays = 5;   // enf.evidence_wd
constexpr int kDecisionWorkingDays = 5;   // enf.decision_wd
constexpr int kWarningWindowMonths = 12;  // enf.warning_window_months
// enf.legal_basis: the Sentencing Act from here on.
constexpr absl::string_view kSentencingAct = "2020-12-01";

Date WorkingDaysOn(Date date, int n) { return AddWorkingDays(date, n).value_or(date + 7); }

bool Covers(Date from, Date date) {
  return from <= date && date <= PeriodLastDay(from, kWarningWindowMonths);
}

const v1::Failure* FindFailure(const v1::Order& order, const std::string& id) {
  for (const v1::Failure& failure : order.failures()) {
    if (failure.failure_id() == id) return &failure;
  }
  return nullptr;
}

// PRG-88: not withdrawn, and the failure it answers has not been rescinded.
bool IsLive(const v1::Order& order, const v1::Warning& warning) {
  if (warning.failure_id().empty()) return true;
  const v1::Failure* cited = FindFailure(order, warning.failure_id());
  return cited == nullptr || cited->status() != v1::RESCINDED;
}

// PRG-88.
std::string CommunityStep(const v1::Order& order, const v1::Failure& failure, Date date) {
  const bool warned = std::any_of(
      order.warnings().begin(), order.warnings().end(), [&](const v1::Warning& warning) {
        return warning.failure_id() != failure.failure_id() && IsLive(order, warning) &&
               Covers(*ParseDate(warning.given_on()), date);
      });
  return warned ? "REFERRAL_MANDATORY" : "WARN_OR_REFER";
}

// PRG-89: enf.licence_steps, the last for any higher number.
std::string LicenceStep(const std::vector<const v1::Failure*>& confirmed, Date date) {
  const auto n = std::count_if(confirmed.begin(), confirmed.end(), [&](const v1::Failure* other) {
    return Covers(*ParseDate(other->date()), date);
  });
  return n == 1 ? "WARNING" : n == 2 ? "FINAL_WARNING" : "RECALL_REFERRAL";
}

// PRG-86: attended or not, nothing of AFTC and ATSH waits for evidence.
bool AnyFinal(const v1::Failure& failure) {
  return std::any_of(failure.outcomes().begin(), failure.outcomes().end(),
                     [](const auto& o) { return !absl::EndsWith(o, "|UAAB"); });
}

// Status from what the failure rests on and the day (PRG-87).
void Settle(Date today, v1::Failure* failure) {
  const Date until = WorkingDaysOn(*ParseDate(failure->date()), kEvidenceWorkingDays);
  if (AnyFinal(*failure) || today > until) {
    failure->clear_provisional_until();
    failure->set_status(v1::CONFIRMED_FAILURE);
    if (failure->confirmed_on().empty()) failure->set_confirmed_on(FormatDate(today));
  } else {
    failure->set_provisional_until(FormatDate(until));
    failure->set_status(v1::PROVISIONAL);
    failure->clear_confirmed_on();
  }
}

std::string Referral(const v1::Order& order, const v1::Step& step) {
  const v1::Failure* failure = FindFailure(order, step.failure_id());
  return failure == nullptr ? "" : failure->referral_id();
}

// PRG-90: emits what is no longer due and what is due now.
void EmitSteps(Unit& unit, const AggregateId& id) {
  const v1::Order order = unit.Find(id)->order();
  const std::vector<v1::Step> now = StepsOf(order);
  const auto same = [](const v1::Step& a, const v1::Step& b) {
    return a.failure_id() == b.failure_id() && a.step() == b.step();
  };
  for (const v1::Step& old : order.steps()) {
    if (std::any_of(now.begin(), now.end(), [&](const auto& s) { return same(s, old); })) continue;
    v1::Event event;
    v1::StepWithdrawn* withdrawn = event.mutable_step_withdrawn();
    withdrawn->set_order_id(order.order_id());
    *withdrawn->mutable_step() = old;
    withdrawn->set_enforcement_id(absl::StrCat(old.failure_id(), "/", old.step()));
    withdrawn->set_referral_id(Referral(order, old));
    unit.Emit(id, event);
  }
  for (const v1::Step& step : now) {
    if (std::any_of(order.steps().begin(), order.steps().end(),
                    [&](const auto& s) { return same(s, step); })) {
      continue;
    }
    const v1::Failure& failure = *FindFailure(order, step.failure_id());
    v1::Event event;
    v1::StepDue* due = event.mutable_step_due();
    due->set_order_id(order.order_id());
    *due->mutable_step() = step;
    due->set_enforcement_id(absl::StrCat(step.failure_id(), "/", step.step()));
    due->set_referral_id(failure.referral_id());
    due->set_enrolment_id(failure.enrolment_id());
    for (const v1::Failure& other : order.failures()) {
      if (other.status() == v1::CONFIRMED_FAILURE && other.date() <= failure.date()) {
        due->add_failure_ids(other.failure_id());
      }
    }
    unit.Emit(id, event);
  }
}

}  // namespace

std::vector<v1::Step> StepsOf(const v1::Order& order) {
  std::vector<const v1::Failure*> confirmed;
  for (const v1::Failure& failure : order.failures()) {
    if (failure.status() == v1::CONFIRMED_FAILURE) confirmed.push_back(&failure);
  }
  std::sort(confirmed.begin(), confirmed.end(),
            [](const auto* a, const auto* b) { return a->date() < b->date(); });
  std::vector<v1::Step> steps;
  for (const v1::Failure* failure : confirmed) {
    const Date date = *ParseDate(failure->date());
    v1::Step step;
    step.set_failure_id(failure->failure_id());
    if (order.kind() == "LICENCE") {
      step.set_step(LicenceStep(confirmed, date));
    } else {
      step.set_step(CommunityStep(order, *failure, date));
      step.set_legal_basis(date < *ParseDate(kSentencingAct) ? "CJA2003-Sch8" : "SA2020-Sch10");
    }
    step.set_decide_by(
        FormatDate(WorkingDaysOn(*ParseDate(failure->confirmed_on()), kDecisionWorkingDays)));
    steps.push_back(std::move(step));
  }
  return steps;
}

void FollowOutcome(Unit& unit, const v1::Enrolment& enrolment, const v1::Attendance& attendance,
                   const Facts& facts) {
  const std::string& order_id = enrolment.requirement().order_id();
  if (order_id.empty()) return;
  const AggregateId id = OrderId(order_id);
  const std::string failure_id = absl::StrCat(order_id, "/", attendance.date());
  const std::string stem = absl::StrCat(attendance.session_id(), "|", enrolment.id(), "|");
  const bool failing = FindOutcome(attendance.code())->failing;
  const v1::State* state = unit.Find(id);
  const v1::Failure* known = state == nullptr ? nullptr : FindFailure(state->order(), failure_id);
  const bool live = known != nullptr && known->status() != v1::RESCINDED;
  if (!live && !failing) return;
  v1::Failure failure;
  if (live) failure = *known;
  const std::string before = failure.SerializeAsString();
  // One outcome of this session and person.
  auto* outcomes = failure.mutable_outcomes();
  outcomes->erase(std::remove_if(outcomes->begin(), outcomes->end(),
                                 [&](const auto& o) { return absl::StartsWith(o, stem); }),
                  outcomes->end());
  if (failing) {
    *outcomes->Add() = absl::StrCat(stem, attendance.code());
    std::sort(outcomes->begin(), outcomes->end());
  }
  v1::Event event;
  if (outcomes->empty()) {
    event.mutable_failure_rescinded()->set_failure_id(failure_id);
    event.mutable_failure_rescinded()->set_on(FormatDate(Today(facts)));
    unit.Emit(id, event);
    return EmitSteps(unit, id);
  }
  if (!live) {
    failure.set_failure_id(failure_id);
    failure.set_date(attendance.date());
    failure.set_enrolment_id(enrolment.id());
    failure.set_referral_id(enrolment.referral_id());
    Settle(Today(facts), &failure);
    v1::FailureRaised* raised = event.mutable_failure_raised();
    raised->set_order_id(order_id);
    raised->set_kind(enrolment.requirement().kind());
    *raised->mutable_failure() = failure;
    unit.Emit(id, event);
  } else if (failure.SerializeAsString() != before) {
    if (failure.status() == v1::PROVISIONAL || !AnyFinal(failure)) Settle(Today(facts), &failure);
    *event.mutable_failure_outcomes_changed()->mutable_failure() = failure;
    unit.Emit(id, event);
  }
  EmitSteps(unit, id);
}

Verdict Handle(Unit& unit, const v1::RecordWarning& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"RO", "SYS"})) return *refused;
  const v1::Warning& warning = command.warning();
  std::vector<Violation> bad;
  if (command.order_id().empty()) bad.push_back({"FIELD_MISSING", "", "order_id", "must be given"});
  if (warning.warning_id().empty()) {
    bad.push_back({"FIELD_MISSING", "", "warning.warning_id", "must be given"});
  }
  if (warning.source().empty()) bad.push_back(
      {"FIELD_MISSING", "", "warning.source", "the service"});
  if (!ParseDate(warning.given_on()).has_value()) {
    bad.push_back({"DATE_MALFORMED", "", "warning.given_on", "a date YYYY-MM-DD"});
  }
  if (!bad.empty()) return decider::ValidationFailed(std::move(bad));
  const AggregateId id = OrderId(command.order_id());
  if (const v1::State* state = unit.Find(id)) {
    for (const v1::Warning& known : state->order().warnings()) {
      if (known.warning_id() == warning.warning_id()) return v1::Reply();
    }
  }
  v1::Event event;
  event.mutable_warning_recorded()->set_order_id(command.order_id());
  *event.mutable_warning_recorded()->mutable_warning() = warning;
  unit.Emit(id, event);
  EmitSteps(unit, id);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::WithdrawWarning& command, const Facts& facts) {
  const AggregateId id = OrderId(command.order_id());
  if (auto refused = CheckRole(facts, {"RO", "SYS"})) return *refused;
  const v1::State* state = unit.Find(id);
  const v1::Warning* warning = nullptr;
  if (state != nullptr) {
    for (const v1::Warning& known : state->order().warnings()) {
      if (known.warning_id() == command.warning_id()) warning = &known;
    }
  }
  if (warning == nullptr) {
    // What never came needs no withdrawal; a person is told.
    if (facts.HasRole("SYS")) return v1::Reply();
    return decider::NotFound(AggregateId("warning", command.warning_id()));
  }
  v1::Event event;
  v1::WarningWithdrawn* withdrawn = event.mutable_warning_withdrawn();
  withdrawn->set_order_id(command.order_id());
  withdrawn->set_warning_id(command.warning_id());
  withdrawn->set_source(warning->source());
  withdrawn->set_on(FormatDate(Today(facts)));
  unit.Emit(id, event);
  EmitSteps(unit, id);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::ConfirmFailure& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"SYS"})) return *refused;
  const AggregateId id = OrderId(command.order_id());
  const v1::State* state = unit.Find(id);
  const v1::Failure* failure =
      state == nullptr ? nullptr : FindFailure(state->order(), command.failure_id());
  if (failure == nullptr) return decider::NotFound(id);
  // A timer that comes after what has happened since changes nothing.
  if (failure->status() != v1::PROVISIONAL ||
      Today(facts) <= *ParseDate(failure->provisional_until())) {
    return v1::Reply();
  }
  v1::Event event;
  event.mutable_failure_confirmed()->set_failure_id(command.failure_id());
  event.mutable_failure_confirmed()->set_confirmed_on(FormatDate(Today(facts)));
  unit.Emit(id, event);
  EmitSteps(unit, id);
  return v1::Reply();
}

}  // namespace pdp::programmes
