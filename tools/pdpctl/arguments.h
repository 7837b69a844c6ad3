#ifndef PDP_TOOLS_PDPCTL_ARGUMENTS_H_
#define PDP_TOOLS_PDPCTL_ARGUMENTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace pdp::pdpctl {

// What stands on the command line: words in order, and --options with their values.
struct Arguments {
  std::vector<std::string> words;
  std::map<std::string, std::string> options;

  std::string Option(const std::string& name, const std::string& otherwise = "") const {
    const auto it = options.find(name);
    return it == options.end() ? otherwise : it->second;
  }
};

// InvalidArgument names an unknown option or one without its value. `--name=value` and `--name
// value` are the same.
absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& args);

std::string HelpText();

}  // namespace pdp::pdpctl

#endif  // PDP_TOOLS_PDPCTL_ARGUMENTS_H_
