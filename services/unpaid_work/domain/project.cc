#include <algorithm>
#include <set>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/policy.h"

// Projects and what organisations may deliver (UPW-40, 41, 77).

namespace pdp::unpaid_work {
namespace {

void CheckTerms(const v1::ProjectTerms& terms, Checks& checks) {
  checks.Require(!terms.name().empty() && terms.name().size() <= 200, "terms.name",
                 "must be 1 to 200 characters");
  checks.Require(terms.kind() != v1::KIND_UNSPECIFIED, "terms.kind", "is missing");
  checks.Require(!terms.org().empty(), "terms.org", "is missing");
  checks.Require(terms.min_age() >= 17, "terms.min_age", "must be 17 or more");
  checks.Require(terms.max_age() == 0 || terms.max_age() >= terms.min_age(), "terms.max_age",
                 "lies below min_age");
  for (const v1::AvailabilityRow& row : terms.availability()) {
    checks.Require(row.weekday() >= 1 && row.weekday() <= 7, "terms.availability.weekday",
                   "must be 1 to 7");
    checks.TimesField(row.start(), row.end(), "terms.availability");
    checks.Require(row.frequency() != v1::FREQUENCY_UNSPECIFIED, "terms.availability.frequency",
                   "is missing");
    const auto from = checks.DateField(row.from(), "terms.availability.from");
    if (!row.until().empty()) {
      const auto until = checks.DateField(row.until(), "terms.availability.until");
      checks.Require(!from || !until || *from < *until, "terms.availability.until",
                     "is not after from");
    }
  }
  for (const std::string* date : {&terms.risk_assessment_valid_until(), &terms.agreement_from(),
                                  &terms.agreement_until()}) {
    if (!date->empty()) checks.DateField(*date, "terms");
  }
  const v1::ListedCode* type = FindCode("project_type", terms.type_code());
  checks.Known(type != nullptr, terms.type_code(), "terms.type_code");
  checks.Require(type == nullptr || type->maps_to().empty() ||
                     type->maps_to() == v1::Kind_Name(terms.kind()),
                 "terms.type_code", "is of another kind");
  for (const std::string& tag : terms.site().facility_tags()) {
    checks.KnownIn("facility_tag", tag, "terms.site.facility_tags");
  }
  for (const std::string& skill : terms.skills()) {
    checks.KnownIn("skill", skill, "terms.skills");
  }
}

// UPW-40, in the printed order.
std::optional<Rejected> RefuseOpen(const Unit& unit, const v1::ProjectTerms& terms, Date today) {
  if (terms.risk_assessment_valid_until() < FormatDate(today)) {
    return decider::Reject("RISK_ASSESSMENT_EXPIRED");
  }
  if (terms.min_group() < 1 || terms.min_group() > terms.max_group()) {
    return decider::Reject("GROUP_BOUNDS_INVALID");
  }
  if (!terms.community_benefit() || terms.commercial() || terms.replaces_paid_work()) {
    return decider::Reject("BENEFICIARY_NOT_ELIGIBLE");
  }
  if (terms.availability().empty()) return decider::Reject("AVAILABILITY_EMPTY");
  if (!OrganisationCovers(unit, terms.org(), terms.pdu(), today)) {
    return decider::Reject("ORGANISATION_OUT_OF_SCOPE");
  }
  return std::nullopt;
}

// NOT_FOUND to UNKNOWN_CODE for a command on a project, then its lifecycle.
std::optional<Rejected> AdmitProject(const Unit& unit, const Facts& facts,
                                     const std::string& project_id, const Checks& checks,
                                     const std::set<v1::ProjectStatus>& allowed) {
  const v1::Project* project = FindProject(unit, project_id);
  const AggregateId id = ProjectId(project_id);
  if (auto rejected = Admit(unit, facts, {id, project != nullptr, {"CO", "MG"}}, checks)) {
    return rejected;
  }
  if (allowed.count(project->status()) > 0) return std::nullopt;
  std::vector<std::string> names;
  for (const v1::ProjectStatus status : allowed) names.push_back(v1::ProjectStatus_Name(status));
  return decider::StateForbidsCommand(v1::ProjectStatus_Name(project->status()), names);
}

Checks ReasonNeeded(const std::string& reason) {
  Checks checks;
  checks.Require(!reason.empty(), "reason", "is missing");
  return checks;
}

}  // namespace

Verdict Decide(Unit& unit, const v1::RecordOrganisationScope& command, const Facts& facts) {
  Checks checks;
  checks.IdField(command.org(), "org");
  checks.IdField(command.contract().contract_id(), "contract.contract_id");
  checks.DateField(command.contract().from(), "contract.from");
  if (!command.contract().to().empty()) checks.DateField(command.contract().to(), "contract.to");
  const AggregateId id = OrganisationScopeId(command.org());
  if (auto rejected = Admit(unit, facts, {id, true, {"SYS"}}, checks)) return *rejected;
  if (const v1::OrganisationScope* scope = FindOrganisationScope(unit, command.org())) {
    const bool same = std::any_of(
        scope->contracts().begin(), scope->contracts().end(), [&](const auto& row) {
          return row.SerializeAsString() == command.contract().SerializeAsString();
        });
    if (same) return v1::Reply();
  }
  v1::Event event;
  event.mutable_organisation_scope_recorded()->set_org(command.org());
  *event.mutable_organisation_scope_recorded()->mutable_contract() = command.contract();
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::NominateProject& command, const Facts& facts) {
  Checks checks;
  checks.IdField(command.project_id(), "project_id");
  checks.Require(command.project_id().find('.') == std::string::npos &&
                     command.project_id().find('/') == std::string::npos,
                 "project_id", "may not hold a dot or a slash: session ids are made of it");
  checks.Require(command.project_id().size() <= 32, "project_id", "is longer than 32 characters");
  CheckTerms(command.terms(), checks);
  const AggregateId id = ProjectId(command.project_id());
  if (auto rejected = Admit(unit, facts, {id, true, {"CO", "MG"}}, checks)) return *rejected;
  if (const v1::Project* project = FindProject(unit, command.project_id())) {
    return decider::StateForbidsCommand(v1::ProjectStatus_Name(project->status()));
  }
  v1::Event event;
  auto* nominated = event.mutable_project_nominated();
  nominated->set_project_id(command.project_id());
  *nominated->mutable_terms() = command.terms();
  nominated->set_beneficiary(command.beneficiary());
  unit.Emit(id, std::move(event));
  v1::Reply reply;
  reply.mutable_nominate_project()->set_project_id(command.project_id());
  return reply;
}

Verdict Decide(Unit& unit, const v1::EvaluateProject& command, const Facts& facts) {
  if (auto rejected = AdmitProject(unit, facts, command.project_id(), Checks(),
                                   {v1::PROJECT_NOMINATED})) {
    return *rejected;
  }
  v1::Event event;
  event.mutable_project_evaluated()->set_note_ref(command.note_ref());
  unit.Emit(ProjectId(command.project_id()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::ApproveProject& command, const Facts& facts) {
  if (auto rejected = AdmitProject(unit, facts, command.project_id(), Checks(),
                                   {v1::PROJECT_EVALUATED})) {
    return *rejected;
  }
  v1::Event event;
  event.mutable_project_approved()->set_on(FormatDate(OccurredOn(facts)));
  unit.Emit(ProjectId(command.project_id()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::DeclineProject& command, const Facts& facts) {
  if (auto rejected = AdmitProject(unit, facts, command.project_id(),
                                   ReasonNeeded(command.reason()),
                                   {v1::PROJECT_NOMINATED, v1::PROJECT_EVALUATED})) {
    return *rejected;
  }
  v1::Event event;
  event.mutable_project_declined()->set_reason(command.reason());
  unit.Emit(ProjectId(command.project_id()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::OpenProject& command, const Facts& facts) {
  if (auto rejected = AdmitProject(unit, facts, command.project_id(), Checks(),
                                   {v1::PROJECT_APPROVED, v1::PROJECT_SUSPENDED})) {
    return *rejected;
  }
  const v1::ProjectTerms& terms = FindProject(unit, command.project_id())->terms();
  if (auto rejected = RefuseOpen(unit, terms, Today(facts))) return *rejected;
  v1::Event event;
  event.mutable_project_opened()->set_on(FormatDate(OccurredOn(facts)));
  unit.Emit(ProjectId(command.project_id()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::UpdateProject& command, const Facts& facts) {
  Checks checks;
  CheckTerms(command.terms(), checks);
  if (auto rejected = AdmitProject(unit, facts, command.project_id(), checks,
                                   {v1::PROJECT_NOMINATED, v1::PROJECT_EVALUATED,
                                    v1::PROJECT_APPROVED, v1::PROJECT_OPEN,
                                    v1::PROJECT_SUSPENDED})) {
    return *rejected;
  }
  // What is open stays fit to be open.
  if (FindProject(unit, command.project_id())->status() == v1::PROJECT_OPEN) {
    if (auto rejected = RefuseOpen(unit, command.terms(), Today(facts))) return *rejected;
  }
  v1::Event event;
  *event.mutable_project_updated()->mutable_terms() = command.terms();
  event.mutable_project_updated()->set_beneficiary(command.beneficiary());
  unit.Emit(ProjectId(command.project_id()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::SuspendProject& command, const Facts& facts) {
  if (auto rejected = AdmitProject(unit, facts, command.project_id(),
                                   ReasonNeeded(command.reason()), {v1::PROJECT_OPEN})) {
    return *rejected;
  }
  v1::Event event;
  event.mutable_project_suspended()->set_reason(command.reason());
  unit.Emit(ProjectId(command.project_id()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::CloseProject& command, const Facts& facts) {
  if (auto rejected = AdmitProject(unit, facts, command.project_id(),
                                   ReasonNeeded(command.reason()),
                                   {v1::PROJECT_APPROVED, v1::PROJECT_OPEN,
                                    v1::PROJECT_SUSPENDED})) {
    return *rejected;
  }
  v1::Event event;
  event.mutable_project_closed()->set_reason(command.reason());
  unit.Emit(ProjectId(command.project_id()), std::move(event));
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
