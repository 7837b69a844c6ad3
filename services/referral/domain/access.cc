#include "services/referral/domain/access.h"

#include <algorithm>

#include "services/referral/domain/commands.h"
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

template <typename E>
v1::Event Changed(const v1::Person& person, const v1::AccessLists& lists,
                  const std::string& reason) {
  E event;
  event.set_crn(person.crn());
  for (const v1::Slot& slot : person.slots()) event.add_referral_ids(slot.referral_id());
  *event.mutable_lists() = lists;
  event.set_reason(reason);
  return Wrap(std::move(event));
}

// One of the two lists that limit; nullptr for another name.
Entries* ListOf(v1::AccessLists* lists, const std::string& name) {
  if (name == "EXCLUDED") return lists->mutable_excluded();
  if (name == "RESTRICTED") return lists->mutable_restricted();
  return nullptr;
}

template <typename E, typename Command, typename Change>
Verdict ChangeLists(Unit& unit, const Command& command, const Facts& facts, Entries* list,
                    v1::AccessLists* lists, std::vector<Violation> found, Change change) {
  const AggregateId id = PersonId(command.crn());
  if (command.reason().empty()) found.push_back({.code = "FIELD_MISSING", .field = "reason"});
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  if (!change(list, command.entries())) return decider::Reject("NOTHING_TO_CHANGE");
  unit.Emit(id, Changed<E>(v1::Person(PersonAt(unit, id)), *lists, command.reason()));
  return v1::Reply();
}

}  // namespace

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
  v1::AccessLists lists = PersonAt(unit, id).access();
  std::vector<Violation> found = CheckEntries(command.entries(), false);
  Entries* list = ListOf(&lists, command.list());
  if (list == nullptr) found.push_back({.code = "UNKNOWN_CODE", .field = "list"});
  return ChangeLists<v1::AccessRestricted>(unit, command, facts, list, &lists, std::move(found),
                                           Add);
}

Verdict Handle(Unit& unit, const v1::LiftRestriction& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"DP", "AM"})) return *refused;
  v1::AccessLists lists = PersonAt(unit, id).access();
  std::vector<Violation> found = CheckEntries(command.entries(), false);
  Entries* list = ListOf(&lists, command.list());
  if (list == nullptr) found.push_back({.code = "UNKNOWN_CODE", .field = "list"});
  return ChangeLists<v1::RestrictionLifted>(unit, command, facts, list, &lists, std::move(found),
                                            Remove);
}

Verdict Handle(Unit& unit, const v1::ClearForAccess& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"DP", "AM"})) return *refused;
  v1::AccessLists lists = PersonAt(unit, id).access();
  return ChangeLists<v1::AccessCleared>(unit, command, facts, lists.mutable_cleared(), &lists,
                                        CheckEntries(command.entries(), true), Add);
}

Verdict Handle(Unit& unit, const v1::RevokeClearance& command, const Facts& facts) {
  const AggregateId id = PersonId(command.crn());
  if (auto refused = AdmitPerson(unit, facts, id, {"DP", "AM"})) return *refused;
  v1::AccessLists lists = PersonAt(unit, id).access();
  return ChangeLists<v1::ClearanceRevoked>(unit, command, facts, lists.mutable_cleared(), &lists,
                                           CheckEntries(command.entries(), true), Remove);
}

Verdict Handle(Unit& unit, const v1::CopyAccess& command, const Facts& facts) {
  if (auto refused = RequireRole(facts, {"SYS"})) return *refused;
  const auto crn = NormaliseCrn(command.crn());
  if (!crn) return decider::ValidationFailed({{.code = "CRN_MALFORMED", .field = "crn"}});
  const AggregateId id = AccessId(*crn);
  const v1::State* known = unit.Find(id);
  // Only what is newer than the copy (interfaces, 1).
  if (known != nullptr && known->access().person_version() >= command.person_version()) {
    return v1::Reply();
  }
  v1::AccessCopied event;
  *event.mutable_lists() = command.lists();
  event.set_person_version(command.person_version());
  unit.Emit(id, Wrap(std::move(event)));
  return v1::Reply();
}

}  // namespace pdp::referral
