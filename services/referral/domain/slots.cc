#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "libs/base/timestamp.h"
#include "services/referral/domain/commands.h"
#include "services/referral/domain/family.h"
#include "services/referral/domain/wrap.h"

// ReserveSlot, ReleaseSlot (REF-33, REF-34): what keeps one person from two open referrals of a
// kind.
namespace pdp::referral {

Verdict Handle(Unit& unit, const v1::ReserveSlot& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"SYS"})) return *refused;
  std::vector<std::string> holders;
  // REF-93: those of merged records count too.
  for (const v1::Slot& slot : UnitedSlots(unit, command.crn())) {
    if (slot.key() != command.key()) continue;
    if (slot.referral_id() == command.referral_id()) return v1::Reply();  // Held already.
    holders.push_back(slot.referral_id());
  }
  const bool overridable = !absl::StartsWith(command.key(), "UPW|");
  const bool overridden =
      overridable && FindCode("slot_override", command.override_code()) != nullptr;
  if (!holders.empty() && !overridden) {
    Rejected rejected = decider::Reject("SLOT_HELD");
    rejected.metadata["ids"] = absl::StrJoin(holders, ",");
    return rejected;
  }
  v1::SlotReserved event;
  event.set_crn(command.crn());
  event.set_key(command.key());
  event.set_referral_id(command.referral_id());
  if (!holders.empty()) event.set_override_code(command.override_code());
  *event.mutable_check_at() =
      ToTimestamp(MinutesOn(facts.recorded_at, PolicyNow(facts), kSlotOrphan));
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::ReleaseSlot& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"SYS"})) return *refused;
  for (const v1::Slot& slot : PersonAt(unit, id).slots()) {
    if (slot.key() != command.key() || slot.referral_id() != command.referral_id()) continue;
    v1::SlotReleased event;
    event.set_crn(command.crn());
    event.set_key(command.key());
    event.set_referral_id(command.referral_id());
    unit.Emit(id, Wrap(std::move(event)));
    break;
  }
  return v1::Reply();
}

}  // namespace pdp::referral
