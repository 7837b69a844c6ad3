#include <algorithm>

#include "services/programmes/domain/access.h"
#include "services/programmes/domain/programmes.h"

namespace pdp::programmes {

const v1::Enrolment* FindEnrolment(const Unit& unit, absl::string_view id) {
  const v1::State* state = unit.Find(EnrolmentId(id));
  return state == nullptr ? nullptr : &state->enrolment();
}
const v1::Enrolment* VisibleEnrolment(const Unit& unit, absl::string_view id, const Facts& facts) {
  const v1::Enrolment* enrolment = FindEnrolment(unit, id);
  if (enrolment == nullptr) return nullptr;
  const v1::State* access = unit.Find(AccessId(enrolment->crn()));
  return access == nullptr || MaySee(access->access(), facts.actor) ? enrolment : nullptr;
}
const v1::Group* FindGroup(const Unit& unit, absl::string_view id) {
  const v1::State* state = unit.Find(GroupId(id));
  return state == nullptr ? nullptr : &state->group();
}
const v1::Facilitator* FindFacilitator(const Unit& unit, absl::string_view id) {
  const v1::State* state = unit.Find(FacilitatorId(id));
  return state == nullptr ? nullptr : &state->facilitator();
}
const v1::Site* FindSite(const Unit& unit, absl::string_view id) {
  const v1::State* state = unit.Find(SiteId(id));
  return state == nullptr ? nullptr : &state->site();
}

bool IsOpen(const v1::Enrolment& enrolment) {
  const v1::EnrolmentStatus status = enrolment.status();
  return status != v1::ENDED && status != v1::COMPLETED && status != v1::TRANSFERRED_OUT &&
         status != v1::ENROLMENT_STATUS_UNSPECIFIED;
}

Rejected StateForbids(const v1::Enrolment& enrolment) {
  return decider::StateForbidsCommand(v1::EnrolmentStatus_Name(enrolment.status()));
}

FoundEnrolment FindEnrolmentFor(const Unit& unit, const std::string& id, const Facts& facts,
                                std::initializer_list<const char*> roles) {
  const AggregateId aggregate = EnrolmentId(id);
  const v1::Enrolment* enrolment = VisibleEnrolment(unit, id, facts);
  if (enrolment == nullptr) return {std::nullopt, decider::NotFound(aggregate)};
  if (auto refused = CheckRole(facts, roles)) return {std::nullopt, refused};
  if (auto refused = CheckOrganisation(facts, enrolment->delivery_org())) {
    return {std::nullopt, refused};
  }
  if (auto conflict = CheckVersion(facts, aggregate, unit.VersionOf(aggregate))) {
    return {std::nullopt, conflict};
  }
  return {*enrolment, std::nullopt};
}

Date Today(const Facts& facts) { return LocalDate(facts.occurred_at); }

std::optional<Date> DateOrToday(const std::string& text, const Facts& facts) {
  return text.empty() ? Today(facts) : ParseDate(text);
}

void Raise(Unit& unit, v1::Task task) {
  const AggregateId id = TaskId(task.task_id());
  if (unit.Find(id) != nullptr) return;
  v1::Event event;
  *event.mutable_task_raised()->mutable_task() = std::move(task);
  unit.Emit(id, event);
}

std::optional<Rejected> CheckRole(const Facts& facts, std::initializer_list<const char*> roles) {
  for (const char* role : roles) {
    if (facts.HasRole(role)) return std::nullopt;
  }
  return decider::NotAuthorised("the role of the actor does not allow this");
}

std::optional<Rejected> CheckOrganisation(const Facts& facts, absl::string_view delivery_org) {
  if (facts.actor.organisation().empty() || facts.actor.organisation() == delivery_org) {
    return std::nullopt;
  }
  return Reject("NOT_YOUR_ORGANISATION", "another organisation delivers this");
}

std::optional<Rejected> FirstOf(std::initializer_list<const char*> order,
                                std::vector<Violation> found) {
  if (found.empty()) return std::nullopt;
  for (const char* code : order) {
    const bool hit =
        std::any_of(found.begin(), found.end(), [&](const Violation& v) { return v.code == code; });
    if (hit) return Rejected{.reason = code, .detail = "", .violations = std::move(found)};
  }
  return Rejected{.reason = found.front().code, .detail = "", .violations = std::move(found)};
}

}  // namespace pdp::programmes
