#include "services/gateway/access_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

namespace pdp::gateway {

absl::StatusOr<std::unique_ptr<AccessLog>> AccessLog::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return absl::UnavailableError(absl::StrCat("cannot append to ", path));
  return std::unique_ptr<AccessLog>(new AccessLog(path, fd));
}

AccessLog::~AccessLog() { close(fd_); }

absl::Status AccessLog::Append(const std::string& tenant, const v1::AccessRecord& record) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(record, &json);
  if (!status.ok()) return absl::UnavailableError("the access record has no JSON form");
  // A tab parts the tenant from the record: tenants are identifiers.
  const std::string line = absl::StrCat(tenant, "\t", json, "\n");
  absl::MutexLock lock(&mutex_);
  const ssize_t written = write(fd_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) {
    return absl::UnavailableError("the access log cannot be written");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::AccessRecord>> AccessLog::Read(const std::string& tenant,
                                                              int64_t* offset,
                                                              size_t count_max) const {
  std::ifstream file(path_, std::ios::binary);
  if (!file) return absl::UnavailableError("the access log cannot be read");
  file.seekg(*offset);
  const std::string prefix = tenant + "\t";
  std::vector<v1::AccessRecord> records;
  std::string line;
  while (records.size() < count_max && std::getline(file, line)) {
    if (line.compare(0, prefix.size(), prefix) != 0) continue;
    v1::AccessRecord record;
    if (google::protobuf::util::JsonStringToMessage(line.substr(prefix.size()), &record).ok()) {
      records.push_back(std::move(record));
    }
  }
  *offset = file ? static_cast<int64_t>(file.tellg()) : -1;
  return records;
}

}  // namespace pdp::gateway
