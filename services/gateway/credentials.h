#ifndef PDP_SERVICES_GATEWAY_CREDENTIALS_H_
#define PDP_SERVICES_GATEWAY_CREDENTIALS_H_

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "pdp/gateway/v1/credentials.pb.h"
#include "services/gateway/jws.h"

namespace pdp::gateway {

// One reading of the credential registry. Immutable.
struct Credentials {
  v1::CredentialRegistry registry;
  std::map<std::string, VerifyKey> keys;
  std::map<std::string, const v1::Client*> by_client_id;
  std::map<std::string, const v1::Client*> by_san;

  // InvalidArgument names what is wrong: a key, a client without a tenant, a name given twice.
  static absl::StatusOr<std::shared_ptr<const Credentials>> Parse(const std::string& text);
};

// The registry file: read at the start, looked at again at most every 30 s and when a key is
// unknown (GW-1). A file that has become unreadable or wrong leaves the last good reading in force
// for an hour; after it nobody is let in. Thread-safe.
class CredentialFile {
 public:
  static absl::StatusOr<std::unique_ptr<CredentialFile>> Open(const std::string& path,
                                                              Clock& clock);

  // Never null; stale() says that the reading is too old to be used.
  std::shared_ptr<const Credentials> Current();
  // As Current, after a reload if the last one is 30 s old.
  std::shared_ptr<const Credentials> Refreshed();
  bool stale() const;

 private:
  CredentialFile(std::string path, Clock& clock) : path_(std::move(path)), clock_(clock) {}
  absl::Status Reload() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  Clock& clock_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Credentials> current_ ABSL_GUARDED_BY(mutex_);
  absl::Time tried_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time read_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_CREDENTIALS_H_
