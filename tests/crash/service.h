#ifndef PDP_TESTS_CRASH_SERVICE_H_
#define PDP_TESTS_CRASH_SERVICE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "pdp/common/v1/admin_service.grpc.pb.h"
#include "tests/crash/process.h"

namespace pdp::crash {

// A folder of the machine's temporary files with a key-encryption key in it; gone at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path kek() const { return path_ / "kek"; }

 private:
  std::filesystem::path path_;
};

// The binary of the referral service, serving NAT, with its own data folder under `folder`: killed,
// and started again on what it left. One thread.
class Service {
 public:
  // `flags` come on top of areas, data, key and port file.
  Service(const Folder& folder, std::string name, std::vector<std::string> flags);

  // Starts it and does not wait.
  void Launch();
  // Waits until it serves. FailedPrecondition when it ended, DeadlineExceeded after a minute, with
  // its output.
  absl::Status AwaitServing();
  absl::Status Start();
  void Kill();
  // From the next start on no file of it grows beyond, as if its disk were full. 0: no limit.
  void SetFileBytesMax(uint64_t bytes) { file_bytes_max_ = bytes; }
  void Freeze() { process_->Freeze(); }
  void Thaw() { process_->Thaw(); }
  // SIGTERM; the exit code.
  int Stop();
  bool running() { return process_ != nullptr && process_->running(); }

  // Of the last start.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  int port() const { return port_; }
  std::string Output() const;
  std::filesystem::path data() const { return home_ / "data"; }

  // Records of its log from `from_seq` on, as its admin service shows them.
  absl::StatusOr<std::vector<common::v1::RecordInfo>> Records(uint64_t from_seq) const;
  absl::StatusOr<common::v1::VerifyLogReply> Verify() const;
  absl::StatusOr<common::v1::CellInfo> Cell() const;

 private:
  const std::filesystem::path home_, kek_;
  const std::vector<std::string> flags_;
  uint64_t file_bytes_max_ = 0;
  int port_ = 0;
  std::unique_ptr<Process> process_;
  std::shared_ptr<grpc::Channel> channel_;
};

// What has been read of a growing log.
class LogReader {
 public:
  // Reads what is new. DataLoss when the newest record read before is no longer there.
  absl::Status ReadOn(const Service& service);
  // Reads it all again. DataLoss when anything read before has changed.
  absl::Status ReadAgain(const Service& service);
  const std::vector<common::v1::RecordInfo>& records() const { return records_; }

 private:
  std::vector<common::v1::RecordInfo> records_;
};

}  // namespace pdp::crash

#endif  // PDP_TESTS_CRASH_SERVICE_H_
