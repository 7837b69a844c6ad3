#ifndef PDP_TOOLS_DEMO_AREA_H_
#define PDP_TOOLS_DEMO_AREA_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "libs/base/calendar.h"
#include "tools/demo/platform.h"

// The demonstration area: its organisations, contracts and pools, and its caseload. Both are
// idempotent: done again after a restart, they change nothing.

namespace pdp::demo {

struct AreaOptions {
  std::string area = "N56";
  uint64_t people = 2000;
  // Of the contracts, or of the caseload; a repeat on another day must send the same commands.
  Date first_day;
  uint64_t seed = 2019;
  // Commands in flight while the caseload is registered.
  int callers = 32;
  bool progress = true;
};

// A prime (P01) and two small charities (S01, S02) with signed term sheets, and one pool for each
// service they share: UPW, TSP, BBR, SI_EM, SI_COG, SI_DA. The prime delivers everywhere but in
// N56ESX, so what is referred there goes to a charity.
absl::Status SetUpSupplyChain(Service& subcontractor, const AreaOptions& options);

// Registers the synthetic people with needs, risk and sentence; skips those that are there.
absl::Status RegisterCaseload(Service& referral, const AreaOptions& options);

}  // namespace pdp::demo

#endif  // PDP_TOOLS_DEMO_AREA_H_
