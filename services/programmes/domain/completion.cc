// Measures, outcomes, review and the gate before completion (PRG-96 to 100).

#include "services/programmes/domain/completion.h"

#include <algorithm>
#include <map>

#include "services/programmes/domain/membership.h"

namespace pdp::programmes {
namespace {

constexpr int kPostDays = 28;  // measure.post_days

const v1::Measure* FindMeasure(const v1::Enrolment& enrolment, const std::string& instrument) {
  for (const v1::Measure& m : FindVersion(enrolment.version_ref())->measures()) {
    if (m.instrument() == instrument) return &m;
  }
  return nullptr;
}

const v1::MeasureResult* Result(const v1::Enrolment& enrolment, const std::string& instrument) {
  for (const v1::MeasureResult& result : enrolment.measures()) {
    if (result.instrument() == instrument) return &result;
  }
  return nullptr;
}

// The result of an outcome; UNSPECIFIED when it is the facilitator's to rate and is not yet rated.
v1::OutcomeResult ResultOf(const v1::Enrolment& enrolment, const v1::ProgrammeOutcome& outcome) {
  if (outcome.instruments().empty()) {
    for (const v1::OutcomeRating& rating : enrolment.outcomes()) {
      if (rating.outcome() == outcome.code()) return rating.result();
    }
    return v1::OUTCOME_RESULT_UNSPECIFIED;
  }
  std::vector<v1::OutcomeResult> results;
  for (const std::string& instrument : outcome.instruments()) {
    results.push_back(Judge(*FindMeasure(enrolment, instrument), Result(enrolment, instrument)));
  }
  return Combine(results);
}

common::v1::DeliveryFact CompletionFact(const Facts& facts, const v1::Enrolment& enrolment, int n,
                                        const std::string& date) {
  common::v1::DeliveryFact fact;
  fact.set_fact_id(absl::StrCat("programmes/cmp/", enrolment.id(), "/", n));
  fact.set_kind(common::v1::DeliveryFact::COMPLETION);
  fact.set_service(enrolment.route());
  fact.set_delivery_org(enrolment.delivery_org());
  fact.set_area(std::string(facts.area.code()));
  fact.set_pdu(enrolment.pdu());
  fact.set_referral_id(enrolment.referral_id());
  fact.set_service_date(date);
  fact.set_quantity_centi(100);
  return fact;
}

// PRG-98: whether a measure of the phase may be taken now. PRE: until the first GROUP session ends.
// POST: from the date of the last core row to measure.post_days after it.
bool InPhase(const Unit& unit, const v1::Enrolment& enrolment, const std::string& phase,
             const Facts& facts) {
  const v1::ProgrammeVersion& version = *FindVersion(enrolment.version_ref());
  const v1::Group* group = FindGroup(unit, enrolment.group_id());
  if (phase == "PRE") {
    if (group == nullptr) return true;
    for (const v1::Session& session : group->sessions()) {
      if (session.placeholder()) continue;
      return facts.occurred_at <
             LocalInstant(*ParseDate(session.date()), session.start_min() + session.minutes());
    }
    return true;
  }
  std::string last;
  if (group != nullptr) {
    for (const v1::Session& session : group->sessions()) {
      if (FindRow(version, session.row())->core()) last = std::max(last, session.date());
    }
  }
  for (const v1::LedgerRow& row : enrolment.ledger()) {
    if (group == nullptr) last = std::max(last, row.date());
  }
  const auto from = ParseDate(last);
  return from.has_value() && Today(facts) >= *from && Today(facts) <= *from + kPostDays;
}

}  // namespace

v1::OutcomeResult Judge(const v1::Measure& measure, const v1::MeasureResult* result) {
  if (result == nullptr || !result->has_pre() || !result->has_post()) return v1::NOT_MEASURED;
  const int change = measure.direction() == v1::Measure::UP ? result->post() - result->pre()
                                                            : result->pre() - result->post();
  if (change >= measure.rci()) return v1::ACHIEVED;
  return change > 0 ? v1::PARTLY : v1::NOT_ACHIEVED;
}

v1::OutcomeResult Combine(const std::vector<v1::OutcomeResult>& results) {
  int achieved = 0, not_achieved = 0, counted = 0;
  for (const v1::OutcomeResult result : results) {
    if (result == v1::NOT_MEASURED) continue;
    ++counted;
    achieved += result == v1::ACHIEVED;
    not_achieved += result == v1::NOT_ACHIEVED;
  }
  if (counted == 0) return v1::NOT_MEASURED;
  if (achieved == counted) return v1::ACHIEVED;
  return not_achieved == counted ? v1::NOT_ACHIEVED : v1::PARTLY;
}

Dosage DosageOf(const v1::Enrolment& enrolment) {
  const v1::ProgrammeVersion& version = *FindVersion(enrolment.version_ref());
  Dosage dosage;
  for (const v1::LedgerRow& row : enrolment.ledger()) {
    if (!FindRow(version, row.row())->core()) continue;
    ++dosage.core;
    dosage.credited += row.credit() == v1::CREDITED || row.credit() == v1::TRANSFERRED;
    dosage.minutes += row.minutes();
  }
  return dosage;
}

std::vector<Violation> MissingForCompletion(const v1::Enrolment& enrolment) {
  const v1::ProgrammeVersion& version = *FindVersion(enrolment.version_ref());
  std::vector<Violation> missing;
  for (const v1::LedgerRow& row : enrolment.ledger()) {
    if (FindRow(version, row.row())->core() && row.credit() != v1::CREDITED &&
        row.credit() != v1::TRANSFERRED) {
      missing.push_back({"ROW_NOT_CREDITED", row.row(), "", ""});
    }
  }
  for (const v1::Obligation& obligation : enrolment.obligations()) {
    if (obligation.open()) missing.push_back({"OBLIGATION_OPEN", obligation.id(), "", ""});
  }
  for (const v1::Measure& measure : version.measures()) {
    const v1::MeasureResult* result = Result(enrolment, measure.instrument());
    if (measure.mandatory() &&
        (result == nullptr || !(result->has_post() || result->post_declined()))) {
      missing.push_back({"MEASURE_MISSING", measure.instrument(), "", "POST"});
    }
  }
  for (const v1::ProgrammeOutcome& outcome : version.outcomes()) {
    if (ResultOf(enrolment, outcome) == v1::OUTCOME_RESULT_UNSPECIFIED) {
      missing.push_back({"OUTCOME_WITHOUT_RESULT", outcome.code(), "", ""});
    }
  }
  if (!enrolment.has_review()) missing.push_back({"REVIEW_MISSING", "", "", ""});
  return missing;
}

Verdict Handle(Unit& unit, const v1::TakeMeasure& command, const Facts& facts) {
  const FoundEnrolment found = FindEnrolmentFor(unit, command.enrolment_id(), facts, {"FAC", "TM"});
  if (found.refused) return *found.refused;
  const v1::Measure* measure = FindMeasure(*found.enrolment, command.instrument());
  if (measure == nullptr || (command.phase() != "PRE" && command.phase() != "POST")) {
    return Reject("WRONG_PHASE", "no such measure of the version, or a phase that is none");
  }
  if (found.enrolment->status() != v1::ALLOCATED && found.enrolment->status() != v1::ON_PROGRAMME) {
    return Reject("WRONG_PHASE", v1::EnrolmentStatus_Name(found.enrolment->status()));
  }
  if (!InPhase(unit, *found.enrolment, command.phase(), facts)) {
    return Reject("WRONG_PHASE", absl::StrCat(command.phase(), " is not now"));
  }
  if (command.total() < measure->min() || command.total() > measure->max()) {
    return Reject("SCORE_OUT_OF_RANGE",
                  absl::StrCat("between ", measure->min(), " and ", measure->max()));
  }
  const v1::MeasureResult* before = Result(*found.enrolment, command.instrument());
  if (before != nullptr && (command.phase() == "PRE" ? before->has_pre() : before->has_post())) {
    return Reject("ALREADY_TAKEN");
  }
  v1::Event event;
  event.mutable_measure_taken()->set_instrument(command.instrument());
  event.mutable_measure_taken()->set_phase(command.phase());
  event.mutable_measure_taken()->set_total(command.total());
  unit.Emit(EnrolmentId(command.enrolment_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::DeclineMeasure& command, const Facts& facts) {
  const FoundEnrolment found = FindEnrolmentFor(unit, command.enrolment_id(), facts, {"FAC", "TM"});
  if (found.refused) return *found.refused;
  if (FindMeasure(*found.enrolment, command.instrument()) == nullptr ||
      (command.phase() != "PRE" && command.phase() != "POST")) {
    return Reject("WRONG_PHASE");
  }
  v1::Event event;
  event.mutable_measure_declined()->set_instrument(command.instrument());
  event.mutable_measure_declined()->set_phase(command.phase());
  unit.Emit(EnrolmentId(command.enrolment_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RateOutcome& command, const Facts& facts) {
  const FoundEnrolment found = FindEnrolmentFor(unit, command.enrolment_id(), facts, {"FAC", "TM"});
  if (found.refused) return *found.refused;
  const v1::ProgrammeVersion& version = *FindVersion(found.enrolment->version_ref());
  const bool known = std::any_of(
      version.outcomes().begin(), version.outcomes().end(),
      [&](const auto& o) { return o.code() == command.outcome() && o.instruments().empty(); });
  if (!known || command.result() == v1::OUTCOME_RESULT_UNSPECIFIED) {
    return decider::ValidationFailed(
        {{"UNKNOWN_CODE", "", "outcome, result", "an outcome that is rated, and a result"}});
  }
  v1::Event event;
  event.mutable_outcome_rated()->mutable_rating()->set_outcome(command.outcome());
  event.mutable_outcome_rated()->mutable_rating()->set_result(command.result());
  unit.Emit(EnrolmentId(command.enrolment_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::HoldReview& command, const Facts& facts) {
  const FoundEnrolment found = FindEnrolmentFor(unit, command.enrolment_id(), facts, {"FAC", "TM"});
  if (found.refused) return *found.refused;
  const v1::Enrolment& enrolment = *found.enrolment;
  if (enrolment.status() != v1::ON_PROGRAMME) {
    return decider::StateForbidsCommand(v1::EnrolmentStatus_Name(enrolment.status()));
  }
  const auto date = ParseDate(command.date());
  if (!date.has_value()) {
    return decider::ValidationFailed({{"DATE_MALFORMED", "", "date", "a date YYYY-MM-DD"}});
  }
  const v1::ProgrammeVersion& version = *FindVersion(enrolment.version_ref());
  int gap_weeks = 0;
  for (const v1::CatalogueRow& row : version.rows()) {
    if (row.kind() == v1::REVIEW) gap_weeks = row.gap_weeks();
  }
  std::string last_core;
  for (const v1::LedgerRow& row : enrolment.ledger()) last_core = std::max(last_core, row.date());
  const bool excepted = command.exception_code() == "SENTENCE_ENDED" ||
                        command.exception_code() == "PERSON_UNAVAILABLE" ||
                        command.exception_code() == "DIED";
  // PRG-100: on or after the last core date and the weeks of the review row.
  if (!excepted && (last_core.empty() || *date < *ParseDate(last_core) + 7 * gap_weeks)) {
    return Reject("REVIEW_TOO_EARLY");
  }
  if (!excepted && (!command.person_present() || !command.facilitator_present())) {
    return Reject("ATTENDEE_MISSING", "the person and a facilitator attend");
  }
  v1::Event event;
  v1::Review* review = event.mutable_review_held()->mutable_review();
  review->set_date(command.date());
  review->set_three_way(command.person_present() && command.facilitator_present() &&
                        command.officer_present());
  review->set_exception_code(command.exception_code());
  unit.Emit(EnrolmentId(command.enrolment_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::CompleteEnrolment& command, const Facts& facts) {
  const FoundEnrolment found = FindEnrolmentFor(unit, command.enrolment_id(), facts, {"PM", "TM"});
  if (found.refused) return *found.refused;
  const v1::Enrolment& enrolment = *found.enrolment;
  if (enrolment.status() == v1::COMPLETED) return Reject("ALREADY_COMPLETED");
  if (enrolment.status() != v1::ON_PROGRAMME) {
    return decider::StateForbidsCommand(v1::EnrolmentStatus_Name(enrolment.status()));
  }
  if (auto missing = MissingForCompletion(enrolment); !missing.empty()) {
    return Rejected{.reason = "COMPLETION_CONDITIONS_NOT_MET",
                    .detail = absl::StrCat(missing.size(), " conditions are not met"),
                    .violations = std::move(missing)};
  }
  const v1::ProgrammeVersion& version = *FindVersion(enrolment.version_ref());
  v1::Event event;
  v1::ProgrammeCompleted* completed = event.mutable_programme_completed();
  const Dosage dosage = DosageOf(enrolment);
  completed->set_referral_id(enrolment.referral_id());
  completed->set_holder_org(enrolment.delivery_org());
  completed->set_completed_on(enrolment.review().date());
  completed->set_delivery_org(enrolment.delivery_org());
  completed->set_route(enrolment.route());
  completed->set_stratum(enrolment.stratum());
  completed->set_core_credited(dosage.credited);
  completed->set_core_total(dosage.core);
  completed->set_dosage_bp(dosage.bp());
  completed->set_minutes(dosage.minutes);
  for (const v1::ProgrammeOutcome& outcome : version.outcomes()) {
    v1::OutcomeRating* rating = completed->add_outcomes();
    rating->set_outcome(outcome.code());
    rating->set_result(ResultOf(enrolment, outcome));
  }
  completed->set_n(enrolment.completions() + 1);
  *completed->mutable_fact() =
      CompletionFact(facts, enrolment, completed->n(), completed->completed_on());
  unit.Emit(EnrolmentId(enrolment.id()), event);
  ListEnrolment(unit, enrolment, false);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RevokeCompletion& command, const Facts& facts) {
  const FoundEnrolment found = FindEnrolmentFor(unit, command.enrolment_id(), facts, {"PM", "TM"});
  if (found.refused) return *found.refused;
  const v1::Enrolment& enrolment = *found.enrolment;
  if (enrolment.status() != v1::COMPLETED) {
    return decider::StateForbidsCommand(v1::EnrolmentStatus_Name(enrolment.status()));
  }
  if (command.reason().empty()) {
    return decider::ValidationFailed({{"FIELD_MISSING", "", "reason", "must be given"}});
  }
  v1::Event event;
  v1::CompletionRevoked* revoked = event.mutable_completion_revoked();
  revoked->set_referral_id(enrolment.referral_id());
  revoked->set_date(FormatDate(LocalDate(facts.occurred_at)));
  revoked->set_reason(command.reason());
  revoked->set_delivery_org(enrolment.delivery_org());
  revoked->set_holder_org(enrolment.delivery_org());
  const int n = enrolment.completions();
  common::v1::DeliveryFact fact =
      CompletionFact(facts, enrolment, n, enrolment.completion().completed_on());
  fact.set_supersedes(fact.fact_id());
  fact.set_fact_id(absl::StrCat(fact.fact_id(), "/x"));
  fact.set_quantity_centi(0);
  fact.set_cancelled(true);
  *revoked->mutable_fact() = std::move(fact);
  unit.Emit(EnrolmentId(enrolment.id()), event);
  ListEnrolment(unit, enrolment, true);
  return v1::Reply();
}

}  // namespace pdp::programmes
