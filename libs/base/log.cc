#include "libs/base/log.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/base/check.h"

namespace pdp {
namespace {

std::atomic<int> min_severity{static_cast<int>(Severity::kINFO)};

absl::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kINFO: return "I";
    case Severity::kWARNING: return "W";
    case Severity::kERROR: return "E";
  }
  return "?";
}

absl::string_view Basename(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

void SetMinSeverity(Severity severity) { min_severity = static_cast<int>(severity); }

LogMessage::~LogMessage() {
  if (static_cast<int>(severity_) < min_severity.load(std::memory_order_relaxed)) return;
  // One write a line: lines of several threads do not mix.
  const std::string line = absl::StrCat(
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone()), " ",
      Name(severity_), " ", Basename(file_), ":", line_, " ", text_.str(), "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void CheckFailed(absl::string_view file, int line, absl::string_view condition,
                 absl::string_view why) {
  const std::string text =
      absl::StrCat(Basename(file), ":", line, " invariant broken: ", condition, " (", why, ")\n");
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
  std::abort();
}

}  // namespace pdp
