#ifndef PDP_SERVICES_GATEWAY_ACCESS_LOG_H_
#define PDP_SERVICES_GATEWAY_ACCESS_LOG_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "pdp/gateway/v1/gateway_service.pb.h"

namespace pdp::gateway {

// One record a call, appended to a file as a line of JSON {tenant, record} (GW-15). The file is
// only ever appended to; keeping it for two years and rotating it is the operator's. Thread-safe.
class AccessLog {
 public:
  // Creates the file when it is missing.
  static absl::StatusOr<std::unique_ptr<AccessLog>> Open(const std::string& path);
  virtual ~AccessLog();

  // Unavailable when it could not be written whole. Handed to the kernel on return; the file is
  // not synced for each call.
  virtual absl::Status Append(const std::string& tenant, const v1::AccessRecord& record);

  // Records of one tenant in order, from byte `*offset` on; `*offset` moves behind the last one
  // given and becomes -1 at the end of the file.
  absl::StatusOr<std::vector<v1::AccessRecord>> Read(const std::string& tenant, int64_t* offset,
                                                     size_t count_max) const;

 protected:
  AccessLog(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

 private:
  const std::string path_;
  const int fd_;
  absl::Mutex mutex_;
};

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_ACCESS_LOG_H_
