#ifndef PDP_SERVICES_GATEWAY_SEALER_H_
#define PDP_SERVICES_GATEWAY_SEALER_H_

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"

// What the gateway gives out and takes back unread: page tokens (GW-9), resume tokens (GW-10) and
// etags (GW-8). All instances of a gateway share the key file; nothing else is shared.

namespace pdp::gateway {

// (service, area code) -> (seq, index): where a watcher stands.
using WatchPosition = std::map<std::pair<std::string, std::string>, std::pair<uint64_t, uint32_t>>;

class Sealer {
 public:
  // `key`: 32 bytes. Any thread.
  Sealer(std::string key, Clock& clock, Random& random = Random::System());

  // Wraps the cursor of the service that answers. Empty cursor (the last page): empty token.
  std::string SealPage(absl::string_view tenant, absl::string_view method,
                       const google::protobuf::Message& request, absl::string_view cursor) const;
  // The cursor; empty for an empty token. InvalidArgument with the reason first:
  // PAGE_TOKEN_INVALID, PAGE_TOKEN_MISMATCH (other tenant, method or filter), PAGE_TOKEN_EXPIRED
  // (24 h).
  absl::StatusOr<std::string> OpenPage(absl::string_view tenant, absl::string_view method,
                                       const google::protobuf::Message& request,
                                       absl::string_view token) const;

  std::string SealWatch(absl::string_view tenant, const WatchPosition& position) const;
  // InvalidArgument: RESUME_TOKEN_INVALID.
  absl::StatusOr<WatchPosition> OpenWatch(absl::string_view tenant, absl::string_view token) const;

  // Opaque form of a version of one resource; the same on every instance.
  std::string Etag(absl::string_view resource, uint64_t version) const;
  // InvalidArgument ETAG_MALFORMED for anything that Etag did not make for this resource.
  absl::StatusOr<uint64_t> VersionOf(absl::string_view resource, absl::string_view etag) const;

 private:
  std::string Seal(absl::string_view plain) const;
  std::optional<std::string> Open(absl::string_view token) const;

  const std::string key_;
  Clock& clock_;
  Random& random_;
};

// SHA-256 of the request's deterministic bytes without `page_size`, `page_token`, `request_id`:
// what two calls for the same thing have in common.
std::string FilterHash(const google::protobuf::Message& request);

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_SEALER_H_
