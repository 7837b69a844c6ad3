#ifndef PDP_TOOLS_PDPCTL_RUN_H_
#define PDP_TOOLS_PDPCTL_RUN_H_

#include <iosfwd>
#include <string>
#include <vector>

namespace pdp::pdpctl {

// Runs one command line. Exit codes: 0 done, 1 refused or failed by the service, 2 wrong call.
int Run(const std::vector<std::string>& args, std::istream& in, std::ostream& out,
        std::ostream& err);

}  // namespace pdp::pdpctl

#endif  // PDP_TOOLS_PDPCTL_RUN_H_
