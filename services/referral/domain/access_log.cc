#include "absl/strings/str_cat.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/wrap.h"

// RecordAccess (REF-91): one event for each person under limited access that a read showed.
namespace pdp::referral {

Verdict Handle(Unit& unit, const v1::RecordAccess& command, const Facts& facts) {
  if (auto refused = RequireRole(facts, {"SYS"})) return *refused;
  std::vector<Violation> found;
  const auto require = [&found](bool holds, std::string field) {
    if (!holds) found.push_back({.code = "FIELD_MISSING", .field = std::move(field)});
  };
  require(!command.query().empty(), "query");
  require(!command.actor_id().empty(), "actor_id");
  require(command.has_at(), "at");
  require(!command.persons().empty(), "persons");
  for (int i = 0; i < command.persons_size(); ++i) {
    require(!command.persons(i).crn().empty(), absl::StrCat("persons[", i, "].crn"));
  }
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  for (const v1::RecordAccess::Person& person : command.persons()) {
    v1::AccessRecorded event;
    event.set_crn(person.crn());
    event.set_referral_id(person.referral_id());
    event.set_query(command.query());
    *event.mutable_at() = command.at();
    event.set_actor_id(command.actor_id());
    event.set_organisation(command.organisation());
    *event.mutable_roles() = command.roles();
    unit.Emit(AggregateId("access_log", facts.area.code()), Wrap(std::move(event)));
  }
  return v1::Reply();
}

}  // namespace pdp::referral
