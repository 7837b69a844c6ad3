#include "services/referral/domain/access.h"

#include <algorithm>

#include "services/referral/domain/commands.h"
#include "services/referral/domain/family.h"
#include "services/referral/domain/wrap.h"

// RestrictAccess, LiftRestriction, ClearForAccess, RevokeClearance, and the copy an area keeps.
namespace pdp::referral {
namespace {

using Entries = google::protobuf::RepeatedPtrField<v1::AccessEntry>;

bool HasRole(const common::v1::Actor& actor, absl::string_view role) {
  return std::any_of(actor.roles().begin(), actor.roles().end(),
                     [&](const std::string& held) { return held == role; });
}

// A user, a user of that organisation, or everybody of an organisation.
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

auto Position(const Entries& entries, const v1::AccessEntry& wanted) {
  return std::find_if(entries.begin(), entries.end(), [&](const v1::AccessEntry& entry) {
    return entry.user_id() == wanted.user_id() && entry.org() == wanted.org();
  });
}

// True when something changed.
bool Add(Entries* entries, const Entries& more) {
  bool changed = false;
  for (const v1::AccessEntry& entry : more) {
    if (Position(*entries, entry) != entries->end()) continue;
    *entries->Add() = entry;
    changed = true;
  }
  return changed;
}

bool Remove(Entries* entries, const Entries& gone) {
  bool changed = false;
  for (const v1::AccessEntry& entry : gone) {
    const auto it = Position(*entries, entry);
    if (it == entries->end()) continue;
    entries->DeleteSubrange(static_cast<int>(it - entries->begin()), 1);
    changed = true;
  }
  return changed;
}

std::vector<Violation> CheckEntries(const Entries& entries, bool org_required) {
  std::vector<Violation> found;
  if (entries.empty()) found.push_back({.code = "FIELD_MISSING", .field = "entries"});
  for (int i = 0; i < entries.size(); ++i) {
    const bool named = org_required ? !entries[i].org().empty()
                                    : !entries[i].user_id().empty() || !entries[i].org().empty();
    if (!named) {
      found.push_back({.code = "FIELD_MISSING", .field = absl::StrCat("entries[", i, "]")});
    }
  }
  return found;
}

// `united`: over the whole family, as it now is (REF-93).
template <typename E>
v1::Event Changed(const Unit& unit, const std::string& crn, const v1::AccessLists& lists,
                  const v1::AccessLists& united, const std::string& reason) {
  E event;
  event.set_crn(crn);
  for (const v1::Slot& slot : UnitedSlots(unit, crn)) event.add_referral_ids(slot.referral_id());
  *event.mutable_lists() = lists;
  event.set_reason(reason);
  const std::vector<std::string> family = FamilyOf(unit, crn);
  if (family.size() > 1) *event.mutable_united() = united;
  for (const std::string& other : family) {
    if (other != crn) event.add_aliases(other);
  }
  return Wrap(std::move(event));
}

// One of the two lists that limit; nullptr for another name.
Entries* ListOf(v1::AccessLists* lists, const std::string& name) {
  if (name == "EXCLUDED") return lists->mutable_excluded();
  if (name == "RESTRICTED") return lists->mutable_restricted();
  return nullptr;
}

// `list_of`: the list meant, of a person's lists; null: no such list. Adding touches the record
// named; removing every record of the family that has the entry.
template <typename E, typename Command, typename ListOf>
Verdict ChangeLists(Unit& unit, const Command& command, std::vector<Violation> found,
                    ListOf list_of, bool add) {
  if (command.reason().empty()) found.push_back({.code = "FIELD_MISSING", .field = "reason"});
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  std::vector<std::pair<std::string, v1::AccessLists>> changed;
  v1::AccessLists united;
  for (const std::string& crn : FamilyOf(unit, command.crn())) {
    v1::AccessLists lists = PersonAt(unit, PersonId(crn)).access();
    const bool named = crn == command.crn();
    const bool differs = add ? named && Add(list_of(&lists), command.entries())
                             : Remove(list_of(&lists), command.entries());
    UniteAccess(lists, &united);
    if (differs) changed.emplace_back(crn, std::move(lists));
  }
  if (changed.empty()) return decider::Reject("NOTHING_TO_CHANGE");
  for (const auto& [crn, lists] : changed) {
    unit.Emit(PersonId(crn), Changed<E>(unit, crn, lists, united, command.reason()));
  }
  return v1::Reply();
}

Entries* Cleared(v1::AccessLists* lists) { return lists->mutable_cleared(); }

template <typename Command>
auto ListNamed(const Command& command) {
  return [&command](v1::AccessLists* lists) { return ListOf(lists, command.list()); };
}

template <typename Command>
std::vector<Violation> CheckLimit(const Command& command) {
  std::vector<Violation> found = CheckEntries(command.entries(), false);
  v1::AccessLists lists;
  if (ListOf(&lists, command.list()) == nullptr) {
    found.push_back({.code = "UNKNOWN_CODE", .field = "list"});
  }
  return found;
}

}  // namespace

std::optional<Area> AreaOf(const common::v1::Actor& actor) {
  for (const char* role : {"SYS", "CF", "DP", "AU"}) {
    if (HasRole(actor, role)) return std::nullopt;
  }
  const std::optional<Area> area = Area::FromCode(actor.organisation());
  return area && area->is_nat() ? std::nullopt : area;
}

bool WorksElsewhere(const common::v1::Actor& actor, Area area) {
  const std::optional<Area> own = AreaOf(actor);
  return own && *own != area;
}

bool IsLimited(const v1::AccessLists& lists) {
  return !lists.excluded().empty() || !lists.restricted().empty();
}

bool MaySee(const v1::AccessLists& lists, const common::v1::Actor& actor) {
  if (HasRole(actor, "SYS")) return true;
  if (Has(lists.excluded(), actor)) return false;
  const bool restricted_in = Has(lists.restricted(), actor);
  if (!lists.restricted().empty() && !restricted_in) return false;
  const bool provider = HasRole(actor, "PV") || HasRole(actor, "CW");
  if (!provider || !IsLimited(lists)) return true;
  return restricted_in || Has(lists.cleared(), actor);
}

bool HasClearedUser(const v1::AccessLists& lists, const std::string& org) {
  if (!IsLimited(lists)) return true;
  const auto names = [&](const v1::AccessEntry& entry) { return entry.org() == org; };
  return std::any_of(lists.cleared().begin(), lists.cleared().end(), names) ||
         std::any_of(lists.restricted().begin(), lists.restricted().end(), names);
}

Verdict Handle(Unit& unit, const v1::RestrictAccess& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"DP", "AM"})) return *refused;
  return ChangeLists<v1::AccessRestricted>(unit, command, CheckLimit(command), ListNamed(command),
                                           true);
}

Verdict Handle(Unit& unit, const v1::LiftRestriction& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"DP", "AM"})) return *refused;
  return ChangeLists<v1::RestrictionLifted>(unit, command, CheckLimit(command), ListNamed(command),
                                            false);
}

Verdict Handle(Unit& unit, const v1::ClearForAccess& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"DP", "AM"})) return *refused;
  return ChangeLists<v1::AccessCleared>(unit, command, CheckEntries(command.entries(), true),
                                        Cleared, true);
}

Verdict Handle(Unit& unit, const v1::RevokeClearance& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"DP", "AM"})) return *refused;
  return ChangeLists<v1::ClearanceRevoked>(unit, command, CheckEntries(command.entries(), true),
                                           Cleared, false);
}

Verdict Handle(Unit& unit, const v1::CopyAccess& command, const Facts& facts) {
  if (auto refused = RequireRole(facts, {"SYS"})) return *refused;
  const auto crn = NormaliseCrn(command.crn());
  if (!crn) return decider::ValidationFailed({{.code = "CRN_MALFORMED", .field = "crn"}});
  const AggregateId id = AccessId(*crn);
  const v1::State* known = unit.Find(id);
  // Only what is newer than the copy (interfaces, 1).
  if (known != nullptr && known->access().nat_order() >= command.nat_order()) {
    return v1::Reply();
  }
  v1::AccessCopied event;
  *event.mutable_lists() = command.lists();
  event.set_person_version(command.person_version());
  event.set_nat_order(command.nat_order());
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

}  // namespace pdp::referral
