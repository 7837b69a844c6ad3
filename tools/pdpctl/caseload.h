#ifndef PDP_TOOLS_PDPCTL_CASELOAD_H_
#define PDP_TOOLS_PDPCTL_CASELOAD_H_

#include <cstdint>
#include <istream>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "pdp/common/v1/common.pb.h"
#include "tools/pdpctl/arguments.h"

// The caseload of an area from and to a file: one person a line, each a
// pdp.referral.v1.CaseloadLine as JSON, field names as in the proto.
//
//   {"person": {"crn": "X000001", "identity": {...}, "home_area": "N56", "pdu": "N56ESX"},
//    "needs": {...}, "risk": {...}, "sentences": [{"event_no": 1, ..., "requirements": [...]}]}

namespace pdp::pdpctl {

struct CaseloadOptions {
  std::string area;
  std::string file;
  // Where faults are written; empty: <file>.report.
  std::string report;
  common::v1::Actor actor;
  // Lines on their way at once.
  int callers = 128;
  // Of one attempt of one call.
  absl::Duration timeout = absl::Seconds(10);
  // Give up when nothing was answered for so long.
  absl::Duration patience = absl::Minutes(2);
  // Draw a progress bar on `err`.
  bool progress = false;
};

struct ImportResult {
  uint64_t lines = 0;
  // Lines with at least one fault; what of them was carried out before it stays.
  uint64_t faulty = 0;
  uint64_t faults = 0;
  // Commands acknowledged, those among them that an earlier run had carried out.
  uint64_t commands = 0, repeated = 0;
  absl::Duration took;
};

// Registers every line. A line is checked whole first (CheckCaseload): one with a fault is not
// begun, its faults stand in the report, the others go on. Each command has an id made of what it
// says, so an import that was killed is begun again and does nothing twice (ids are remembered for
// 30 days; after that PERSON_EXISTS says so). Lines are independent of each other and go at the
// same time; the commands of one line go one after the other.
//   InvalidArgument, NotFound  nothing was sent: options, file, service
//   Unavailable                the service did not answer for `patience`: begin again
absl::StatusOr<ImportResult> ImportCaseload(const Arguments& arguments,
                                            const CaseloadOptions& options, std::ostream& out,
                                            std::ostream& err);

// Writes every person of the area that the actor may see, in the order of the CRN. The file is
// there whole or not at all.
absl::StatusOr<uint64_t> ExportCaseload(const Arguments& arguments, const CaseloadOptions& options,
                                        std::ostream& out, std::ostream& err);

}  // namespace pdp::pdpctl

#endif  // PDP_TOOLS_PDPCTL_CASELOAD_H_
