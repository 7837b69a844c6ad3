#include "libs/host/kek.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace pdp::host {

absl::StatusOr<std::string> ReadKek(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return absl::NotFoundError(absl::StrCat("--kek-file ", path, " is not there"));
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("--kek-file ", path, " is open to others than its owner: chmod 600 it"));
  }
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const absl::string_view digits = absl::StripAsciiWhitespace(text);
  if (digits.size() != 64 || !std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--kek-file ", path, " does not hold 64 hex digits"));
  }
  return absl::HexStringToBytes(digits);
}

}  // namespace pdp::host
