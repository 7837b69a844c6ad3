#include "tests/backup/tool.h"

#include <sys/wait.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace pdp::backup_test {

Said RunTool(const std::string& binary, const std::vector<std::string>& words) {
  std::string command = absl::StrCat(PDP_BINARY_DIR, "/bin/", binary);
  for (const std::string& word : words) {
    absl::StrAppend(&command, " '", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
  }
  return RunCommand(command);
}

Said RunCommand(const std::string& command) {
  Said said;
  std::FILE* out = popen((command + " 2>&1").c_str(), "r");
  if (out == nullptr) return said;
  char piece[4096];
  while (const size_t got = std::fread(piece, 1, sizeof piece, out)) said.text.append(piece, got);
  const int status = pclose(out);
  said.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return said;
}

}  // namespace pdp::backup_test
