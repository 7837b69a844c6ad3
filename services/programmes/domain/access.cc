#include "services/programmes/domain/access.h"

#include <algorithm>

#include "services/programmes/domain/programmes.h"

namespace pdp::programmes {
namespace {

using Entries = google::protobuf::RepeatedPtrField<v1::AccessEntry>;

bool Names(const v1::AccessEntry& entry, const common::v1::Actor& actor) {
  if (entry.user_id().empty()) {
    return !entry.org().empty() && entry.org() == actor.organisation();
  }
  return entry.user_id() == actor.id() &&
         (entry.org().empty() || entry.org() == actor.organisation());
}

bool Has(const Entries& entries, const common::v1::Actor& actor) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const v1::AccessEntry& entry) { return Names(entry, actor); });
}

}  // namespace

bool MaySee(const v1::AccessCopy& access, const common::v1::Actor& actor) {
  if (std::find(actor.roles().begin(), actor.roles().end(), "SYS") != actor.roles().end()) {
    return true;
  }
  if (Has(access.excluded(), actor)) return false;
  const bool restricted_in = Has(access.restricted(), actor);
  if (!access.restricted().empty() && !restricted_in) return false;
  const bool limited = !access.restricted().empty() || !access.excluded().empty();
  if (actor.organisation().empty() || !limited) return true;
  return restricted_in || Has(access.cleared(), actor);
}

Verdict Handle(Unit& unit, const v1::CopyAccess& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"SYS"})) return *refused;
  const v1::AccessCopy& access = command.access();
  if (access.crn().empty()) {
    return decider::ValidationFailed({{"FIELD_MISSING", "", "access.crn", "must be given"}});
  }
  const v1::State* known = unit.Find(AccessId(access.crn()));
  if (known != nullptr && known->access().person_version() >= access.person_version()) {
    return v1::Reply();
  }
  v1::Event event;
  *event.mutable_access_copied()->mutable_access() = access;
  unit.Emit(AccessId(access.crn()), event);
  return v1::Reply();
}

}  // namespace pdp::programmes
