#ifndef PDP_TOOLS_DEMO_CASELOAD_H_
#define PDP_TOOLS_DEMO_CASELOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/calendar.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/referral/v1/queries.pb.h"

// A synthetic area caseload. Nobody in it exists: CRNs start with T, names are drawn from short
// lists, every figure comes from a seeded generator, so the same seed gives the same people.

namespace pdp::demo {

// One synthetic person with needs, risk and one sentence, as the commands that register them.
struct SyntheticPerson {
  std::string crn;
  referral::v1::RegisterPerson person;
  std::vector<referral::v1::RecordNeeds> needs;
  referral::v1::RecordRisk risk;
  referral::v1::RegisterSentence sentence;
};

struct CaseloadOptions {
  uint64_t seed = 2019;
  std::string area = "N56";
  std::vector<std::string> pdus = {"N56ESX", "N56NFK", "N56SFK", "N56CAM"};
  // Sentences are dated within the year before this day, and end within two years after it.
  Date today;
};

// The n-th person of the caseload, n in [0, 899999): T100000 + n. A function of seed and n only.
//
// Distributions: one in nine is a woman; ages 18 to 65, mode about 30; a third of the sentences
// carry unpaid work (40 to 300 hours, in tens), a sixth an accredited programme requirement, the
// rest rehabilitation activity days; two in five offences involve domestic abuse; scores are spread
// so that about half of the people are of LOW difficulty, a third MEDIUM and the rest HIGH
// (REF-59).
SyntheticPerson MakePerson(const CaseloadOptions& options, uint64_t n);

// The same as a line of a caseload file (`pdpctl import`).
referral::v1::CaseloadLine ToLine(const SyntheticPerson& person);

}  // namespace pdp::demo

#endif  // PDP_TOOLS_DEMO_CASELOAD_H_
