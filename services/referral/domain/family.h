#ifndef PDP_SERVICES_REFERRAL_DOMAIN_FAMILY_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_FAMILY_H_

#include <string>
#include <vector>

#include "services/referral/domain/commands.h"

// The records of one person after merges (REF-93). A merge only links `from` to `to`; each record
// keeps its CRN, sentences, slots and access lists, and what counts for the person is read over all
// of them. So merge, then unmerge, changes nothing.
namespace pdp::referral {

inline constexpr int kMergeDepthMax = 8;

// The record that speaks for a CRN: where its merges lead, or itself.
std::string RootOf(const Unit& unit, const std::string& crn);
// The root first, then everybody merged below it.
std::vector<std::string> FamilyOf(const Unit& unit, const std::string& crn);
// How many merges lie between the deepest record of the family of a root and the root.
int DepthOf(const Unit& unit, const std::string& root);

v1::AccessLists UnitedAccess(const Unit& unit, const std::string& crn);
std::vector<v1::Slot> UnitedSlots(const Unit& unit, const std::string& crn);

// Every entry of `more` that `lists` does not have.
void UniteAccess(const v1::AccessLists& more, v1::AccessLists* lists);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_FAMILY_H_
