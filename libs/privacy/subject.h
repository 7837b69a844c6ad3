#ifndef PDP_LIBS_PRIVACY_SUBJECT_H_
#define PDP_LIBS_PRIVACY_SUBJECT_H_

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "libs/privacy/key_vault.h"

namespace pdp::privacy {

// What every vault says to a subject it cannot keep.
inline absl::Status CheckSubject(absl::string_view subject) {
  if (subject.empty()) return absl::InvalidArgumentError("a key needs a subject");
  if (subject.size() > kSubjectBytesMax)
    return absl::InvalidArgumentError("the subject is too long");
  for (const char c : subject) {
    if (!absl::ascii_isprint(c))
      return absl::InvalidArgumentError("the subject is not printable ASCII");
  }
  return absl::OkStatus();
}

// What every vault says of a subject that it has never given a key.
inline absl::Status UnknownSubject() {
  return absl::FailedPreconditionError("unknown: the key vault has no key of this person");
}

}  // namespace pdp::privacy

#endif  // PDP_LIBS_PRIVACY_SUBJECT_H_
