#ifndef PDP_SERVICES_UNPAID_WORK_DOMAIN_COMPOSITION_H_
#define PDP_SERVICES_UNPAID_WORK_DOMAIN_COMPOSITION_H_

#include <string>
#include <vector>

#include "services/unpaid_work/domain/unpaid_work.h"

// The women's rule (UPW-46, 47), tested on the roster that a command would leave.

namespace pdp::unpaid_work {

struct RosterMember {
  std::string crn;
  // Nothing recorded counts as M: it never lifts "all-male" for somebody else.
  v1::CompositionClass composition_class = v1::CLASS_M;
  bool women_only = false;
  bool consented = false;
};

// As the person's own case says, for a seat in that session.
RosterMember MemberOf(const v1::Case& c, const v1::Session& session);
// Of everybody who has a seat and no outcome other than an attendance.
std::vector<RosterMember> RosterOf(const Unit& unit, const v1::Session& session);

// UPW-46: every F without consent whose others are one or more and all M.
std::vector<std::string> LoneWomen(const std::vector<RosterMember>& roster);
// UPW-47: every F who chose WOMEN_ONLY and has somebody else than F beside her.
std::vector<std::string> WomenOnlyBroken(const std::vector<RosterMember>& roster);

// A consent to be the only woman: of the session, its project or any, on that date.
bool Consented(const v1::Case& c, const std::string& session_id, const std::string& project_id,
               const std::string& date);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_DOMAIN_COMPOSITION_H_
