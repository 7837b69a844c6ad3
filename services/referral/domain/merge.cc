#include <algorithm>
#include <map>

#include "services/referral/domain/access.h"
#include "services/referral/domain/family.h"
#include "services/referral/domain/wrap.h"

// MergePersons, UnmergePerson (REF-93; interfaces, D9).
namespace pdp::referral {
namespace {

using Entries = google::protobuf::RepeatedPtrField<v1::AccessEntry>;

void Unite(const Entries& more, Entries* into) {
  for (const v1::AccessEntry& entry : more) {
    const bool known = std::any_of(into->begin(), into->end(), [&](const v1::AccessEntry& has) {
      return has.user_id() == entry.user_id() && has.org() == entry.org();
    });
    if (!known) *into->Add() = entry;
  }
}

// COGNITIVE of COGNITIVE|T000001/1; empty for unpaid work.
std::string NeedOf(const v1::Slot& slot) {
  const std::string need = slot.key().substr(0, slot.key().find('|'));
  return need == "UPW" ? "" : need;
}

// Open PROGRAMME referrals of one need on both sides.
std::vector<v1::Duplicate> Duplicates(const std::vector<v1::Slot>& one,
                                      const std::vector<v1::Slot>& other) {
  std::map<std::string, std::vector<std::string>> sides[2];
  for (const v1::Slot& slot : one) sides[0][NeedOf(slot)].push_back(slot.referral_id());
  for (const v1::Slot& slot : other) sides[1][NeedOf(slot)].push_back(slot.referral_id());
  std::vector<v1::Duplicate> found;
  for (const auto& [need, ids] : sides[0]) {
    if (need.empty() || !sides[1].contains(need)) continue;
    v1::Duplicate& duplicate = found.emplace_back();
    duplicate.set_need(need);
    for (const std::string& id : ids) duplicate.add_referral_ids(id);
    for (const std::string& id : sides[1][need]) duplicate.add_referral_ids(id);
  }
  return found;
}

std::vector<std::string> Below(const Unit& unit, const std::string& crn) {
  std::vector<std::string> below = {crn};
  for (const std::string& alias : PersonAt(unit, PersonId(crn)).aliases()) below.push_back(alias);
  return below;
}

v1::AccessLists AccessOf(const Unit& unit, const std::vector<std::string>& crns) {
  v1::AccessLists lists;
  for (const std::string& crn : crns) UniteAccess(PersonAt(unit, PersonId(crn)).access(), &lists);
  return lists;
}

}  // namespace

std::string RootOf(const Unit& unit, const std::string& crn) {
  std::string root = crn;
  for (int depth = 0; depth <= kMergeDepthMax; ++depth) {
    const std::string& next = PersonAt(unit, PersonId(root)).merged_into();
    if (next.empty()) return root;
    root = next;
  }
  return root;
}

std::vector<std::string> FamilyOf(const Unit& unit, const std::string& crn) {
  return Below(unit, RootOf(unit, crn));
}

int DepthOf(const Unit& unit, const std::string& root) {
  int deepest = 0;
  for (const std::string& alias : PersonAt(unit, PersonId(root)).aliases()) {
    int depth = 0;
    for (std::string at = alias; at != root && depth <= kMergeDepthMax; ++depth) {
      at = PersonAt(unit, PersonId(at)).merged_into();
    }
    deepest = std::max(deepest, depth);
  }
  return deepest;
}

void UniteAccess(const v1::AccessLists& more, v1::AccessLists* lists) {
  Unite(more.excluded(), lists->mutable_excluded());
  Unite(more.restricted(), lists->mutable_restricted());
  Unite(more.cleared(), lists->mutable_cleared());
}

v1::AccessLists UnitedAccess(const Unit& unit, const std::string& crn) {
  return AccessOf(unit, FamilyOf(unit, crn));
}

std::vector<v1::Slot> UnitedSlots(const Unit& unit, const std::string& crn) {
  std::vector<v1::Slot> slots;
  for (const std::string& one : FamilyOf(unit, crn)) {
    const v1::Person& person = PersonAt(unit, PersonId(one));
    slots.insert(slots.end(), person.slots().begin(), person.slots().end());
  }
  return slots;
}

Verdict Handle(Unit& unit, const v1::MergePersons& command, const Facts& facts) {
  std::vector<Violation> found;
  const auto from = NormaliseCrn(command.from()), to = NormaliseCrn(command.to());
  if (!from) found.push_back({.code = "CRN_MALFORMED", .field = "from"});
  if (!to) found.push_back({.code = "CRN_MALFORMED", .field = "to"});
  if (!found.empty()) return decider::ValidationFailed(std::move(found));
  if (auto refused = AdmitPerson(unit, facts, PersonId(*from), {"AA", "CF"})) return *refused;
  if (unit.Find(PersonId(*to)) == nullptr || !MaySeePerson(unit, facts, *to)) {
    return decider::NotFound(PersonId(*to));
  }
  if (IsErased(unit, *to)) return decider::Reject("PERSON_ERASED");
  if (RootOf(unit, *to) == *from) return decider::Reject("MERGE_CYCLE");
  const v1::Person source = PersonAt(unit, PersonId(*from));
  if (!source.merged_into().empty()) return decider::Reject("SOURCE_ALREADY_MERGED");
  if (!PersonAt(unit, PersonId(*to)).merged_into().empty()) {
    return decider::Reject("TARGET_IS_MERGED");
  }
  if (DepthOf(unit, *from) + 1 > kMergeDepthMax) return decider::Reject("MERGE_TOO_DEEP");
  v1::PersonMerged merged;
  merged.set_from(*from);
  merged.set_to(*to);
  merged.set_root(*to);
  const std::vector<v1::Slot> slots = UnitedSlots(unit, *from);
  for (const v1::Slot& slot : slots) *merged.add_slots() = slot;
  for (v1::Duplicate& duplicate : Duplicates(slots, UnitedSlots(unit, *to))) {
    *merged.add_duplicates() = std::move(duplicate);
  }
  v1::PersonAbsorbed absorbed;
  absorbed.set_from(*from);
  for (const std::string& alias : Below(unit, *from)) absorbed.add_aliases(alias);
  v1::AccessLists united = UnitedAccess(unit, *to);
  UniteAccess(UnitedAccess(unit, *from), &united);
  *merged.mutable_united() = std::move(united);
  for (const std::string& alias : PersonAt(unit, PersonId(*to)).aliases()) {
    merged.add_aliases(alias);
  }
  merged.mutable_aliases()->MergeFrom(absorbed.aliases());
  unit.Emit(PersonId(*from), Wrap(std::move(merged)));
  unit.Emit(PersonId(*to), Wrap(std::move(absorbed)));
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::UnmergePerson& command, const Facts& facts) {
  const auto from = NormaliseCrn(command.from());
  if (!from) return decider::ValidationFailed({{.code = "CRN_MALFORMED", .field = "from"}});
  if (auto refused = AdmitPerson(unit, facts, PersonId(*from), {"AA", "CF"})) return *refused;
  const v1::Person source = PersonAt(unit, PersonId(*from));
  if (source.merged_into().empty()) return decider::Reject("NOT_MERGED");
  const std::vector<std::string> leaving = Below(unit, *from);
  v1::PersonUnmerged unmerged;
  unmerged.set_from(*from);
  unmerged.set_to(source.merged_into());
  *unmerged.mutable_lists() = AccessOf(unit, leaving);
  for (const std::string& crn : leaving) {
    if (crn != *from) unmerged.add_aliases(crn);
  }
  std::vector<std::string> staying;
  for (const std::string& crn : FamilyOf(unit, *from)) {
    if (std::find(leaving.begin(), leaving.end(), crn) != leaving.end()) continue;
    staying.push_back(crn);
    unmerged.add_survivors(crn);
    for (const v1::Slot& slot : PersonAt(unit, PersonId(crn)).slots()) {
      unmerged.add_left_with_survivor(slot.referral_id());
    }
  }
  *unmerged.mutable_survivor_lists() = AccessOf(unit, staying);
  std::vector<std::string> above;
  for (std::string at = source.merged_into(); !at.empty();
       at = PersonAt(unit, PersonId(at)).merged_into()) {
    above.push_back(at);
  }
  unit.Emit(PersonId(*from), Wrap(std::move(unmerged)));
  for (const std::string& crn : above) {
    v1::PersonReleased released;
    released.set_from(*from);
    for (const std::string& alias : leaving) released.add_aliases(alias);
    unit.Emit(PersonId(crn), Wrap(std::move(released)));
  }
  return v1::Reply();
}

}  // namespace pdp::referral
