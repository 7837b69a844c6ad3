#ifndef PDP_TESTS_BACKUP_TOOL_H_
#define PDP_TESTS_BACKUP_TOOL_H_

#include <string>
#include <vector>

namespace pdp::backup_test {

struct Said {
  int code = -1;
  // Output and errors, as they came.
  std::string text;
};

// Runs a binary of bin/ ("pdpctl") to its end.
Said RunTool(const std::string& binary, const std::vector<std::string>& words);

// Runs a line of the shell to its end.
Said RunCommand(const std::string& command);

}  // namespace pdp::backup_test

#endif  // PDP_TESTS_BACKUP_TOOL_H_
