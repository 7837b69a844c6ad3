#ifndef PDP_LIBS_BASE_LOG_H_
#define PDP_LIBS_BASE_LOG_H_

#include <sstream>
#include <string>
#include "absl/strings/string_view.h"

// Operational messages: one line of text on standard error, with time, severity and source.
// Never personal data: identifiers (CRN, referral id) and codes only.
//
//   PDP_LOG(INFO) << "cell " << area << " leads from " << epoch;

namespace pdp {

enum class Severity { kINFO, kWARNING, kERROR };

// Messages below this severity are dropped. Default kINFO. Thread-safe.
void SetMinSeverity(Severity severity);

class LogMessage {
 public:
  LogMessage(Severity severity, absl::string_view file, int line)
      : severity_(severity), file_(file), line_(line) {}
  ~LogMessage();
  LogMessage(const LogMessage&) = delete;
  LogMessage& operator=(const LogMessage&) = delete;
  std::ostream& stream() { return text_; }

 private:
  Severity severity_;
  absl::string_view file_;
  int line_;
  std::ostringstream text_;
};

}  // namespace pdp

#define PDP_LOG(severity) \
  ::pdp::LogMessage(::pdp::Severity::k##severity, __FILE__, __LINE__).stream()

#endif  // PDP_LIBS_BASE_LOG_H_
