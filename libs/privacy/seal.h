#ifndef PDP_LIBS_PRIVACY_SEAL_H_
#define PDP_LIBS_PRIVACY_SEAL_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "libs/privacy/key_vault.h"
#include "pdp/log/v1/record.pb.h"

// Splits a message into what may be read by anybody who reads the log and what only the holder of
// the person's key can read. A field is personal when it says (pdp.common.v1.personal) = true.
// Rules:
//   - looked for in the message and, recursively, in its singular submessages;
//   - a repeated or map field whose messages hold personal fields must itself be marked personal:
//     its elements could not be put together again (else FailedPrecondition: the schema errs);
//   - a submessage that is set stays set in the clear part, even when all its fields are personal.
// Pure apart from the vault; thread-safe.

namespace pdp::privacy {

struct Split {
  // Deterministic serialisation of the message without its personal fields.
  std::string clear;
  // Absent when no personal field is set.
  std::optional<log::v1::Sealed> sealed;
};

// Seals under the key of `subject`, made if need be (call KeyVault::Sync before the result is
// stored). `context` names the place the bytes are kept and is authenticated: they open nowhere
// else. `random` gives the nonce.
//   InvalidArgument  personal data and an empty subject
//   NotFound         "erased": the person's key is destroyed; nothing may be recorded about them
absl::StatusOr<Split> Seal(const google::protobuf::Message& message, absl::string_view subject,
                           absl::string_view context, KeyVault& vault,
                           Random& random = Random::System());

// The same for rows of a view: the nonce follows from the key, the context and what is sealed (as
// in AES-SIV, RFC 5297), so a view that is rebuilt has the bytes of the one it replaces. What it
// tells whoever has the bytes and no key: that the personal part of a row did not change.
absl::StatusOr<Split> SealRow(const google::protobuf::Message& message, absl::string_view subject,
                              absl::string_view context, KeyVault& vault);

// Puts a message together again. True: complete. False: the key is gone and the personal fields of
// `out` are empty, to be shown as "erased". `sealed` may be null (nothing personal).
//   DataLoss  the bytes were altered, belong to another context, or do not parse
absl::StatusOr<bool> Unseal(absl::string_view clear, const log::v1::Sealed* sealed,
                            absl::string_view context, KeyVault& vault,
                            google::protobuf::Message* out);

// Whether the type has personal fields by the rules above; FailedPrecondition when it breaks them.
// Cached.
absl::StatusOr<bool> HasPersonalFields(const google::protobuf::Descriptor& type);

}  // namespace pdp::privacy

#endif  // PDP_LIBS_PRIVACY_SEAL_H_
