#include "tests/crash/service.h"

#include <cstdlib>
#include <fstream>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/check.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/client.h"
#include "libs/rpc/status.h"

namespace pdp::crash {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60), kCall = absl::Seconds(30);
constexpr uint64_t kRecordsPage = 2000;
constexpr size_t kShownBytes = 6000;
constexpr char kArea[] = "NAT";

// Asks again while the cells are starting.
template <typename Request, typename Reply>
absl::StatusOr<Reply> Ask(const std::shared_ptr<grpc::Channel>& channel,
                          grpc::Status (common::v1::Admin::Stub::*method)(grpc::ClientContext*,
                                                                          const Request&, Reply*),
                          const Request& request) {
  const auto stub = common::v1::Admin::NewStub(channel);
  const absl::Time deadline = absl::Now() + kPatience;
  while (true) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kCall));
    Reply reply;
    const grpc::Status status = (stub.get()->*method)(&context, request, &reply);
    if (status.ok()) return reply;
    if (!rpc::IsRetryable(status) || absl::Now() > deadline) return rpc::ToAbsl(status);
    absl::SleepFor(absl::Milliseconds(5));
  }
}

bool IsCommit(const common::v1::RecordInfo& record) { return !record.command_id_hex().empty(); }

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "pdp_crash_XXXXXX").string();
  path_ = mkdtemp(name.data());
  std::ofstream(kek()) << std::string(64, 'b') << "\n";
  std::filesystem::permissions(
      kek(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}
Folder::~Folder() { std::filesystem::remove_all(path_); }

Service::Service(const Folder& folder, std::string name, std::vector<std::string> flags)
    : home_(folder.path() / name), kek_(folder.kek()), flags_(std::move(flags)) {
  std::filesystem::create_directories(home_);
}

void Service::Launch() {
  std::filesystem::remove(home_ / "port");
  std::vector<std::string> words = {PDP_REFERRAL, "--areas",     kArea, "--data",      data(),
                                    "--port-file", home_ / "port", "--kek-file", kek_};
  words.insert(words.end(), flags_.begin(), flags_.end());
  process_ = std::make_unique<Process>(words, home_ / "output", file_bytes_max_);
}

absl::Status Service::AwaitServing() {
  const absl::Time deadline = absl::Now() + kPatience;
  port_ = 0;
  while (port_ == 0) {
    if (!running()) return absl::FailedPreconditionError(absl::StrCat("it ended: ", Output()));
    if (absl::Now() > deadline) return absl::DeadlineExceededError(Output());
    std::ifstream(home_ / "port") >> port_;
    if (port_ == 0) absl::SleepFor(absl::Milliseconds(2));
  }
  ASSIGN_OR_RETURN(channel_, rpc::MakeChannel(absl::StrCat("127.0.0.1:", port_)));
  return absl::OkStatus();
}

absl::Status Service::Start() {
  Launch();
  return AwaitServing();
}

void Service::Kill() { process_->Kill(); }
int Service::Stop() { return process_->Stop(); }

std::string Service::Output() const {
  std::ifstream file(home_ / "output");
  const std::string all(std::istreambuf_iterator<char>(file), {});
  return all.size() <= kShownBytes ? all : all.substr(all.size() - kShownBytes);
}

absl::StatusOr<std::vector<common::v1::RecordInfo>> Service::Records(uint64_t from_seq) const {
  std::vector<common::v1::RecordInfo> records;
  while (true) {
    common::v1::ReadRecordsRequest request;
    request.set_area(kArea);
    request.set_from_seq(from_seq);
    request.set_limit(kRecordsPage);
    ASSIGN_OR_RETURN(common::v1::ReadRecordsReply reply,
                     Ask(channel_, &common::v1::Admin::Stub::ReadRecords, request));
    uint64_t last = 0;
    for (common::v1::RecordInfo& record : *reply.mutable_records()) {
      last = std::max(last, record.position().seq());
      if (!IsCommit(record)) continue;
      record.clear_text();
      records.push_back(std::move(record));
    }
    if (reply.records_size() == 0 || last < from_seq) return records;
    from_seq = last + 1;
  }
}

absl::StatusOr<common::v1::VerifyLogReply> Service::Verify() const {
  common::v1::VerifyLogRequest request;
  request.set_area(kArea);
  return Ask(channel_, &common::v1::Admin::Stub::VerifyLog, request);
}

absl::StatusOr<common::v1::CellInfo> Service::Cell() const {
  ASSIGN_OR_RETURN(common::v1::ListCellsReply reply,
                   Ask(channel_, &common::v1::Admin::Stub::ListCells,
                       common::v1::ListCellsRequest()));
  for (const common::v1::CellInfo& cell : reply.cells()) {
    if (cell.area() == kArea) return cell;
  }
  return absl::NotFoundError("it does not host the cell");
}

absl::Status LogReader::ReadOn(const Service& service) {
  const uint64_t from = records_.empty() ? 0 : records_.back().position().seq();
  ASSIGN_OR_RETURN(std::vector<common::v1::RecordInfo> fresh, service.Records(from));
  if (!records_.empty()) {
    if (fresh.empty() || fresh.front().hash_hex() != records_.back().hash_hex()) {
      return absl::DataLossError(absl::StrCat("the record of seq ", from, " is not what it was"));
    }
    fresh.erase(fresh.begin());
  }
  records_.insert(records_.end(), fresh.begin(), fresh.end());
  return absl::OkStatus();
}

absl::Status LogReader::ReadAgain(const Service& service) {
  const std::vector<common::v1::RecordInfo> before = std::move(records_);
  ASSIGN_OR_RETURN(records_, service.Records(0));
  for (size_t i = 0; i < before.size(); ++i) {
    if (i >= records_.size() || records_[i].hash_hex() != before[i].hash_hex()) {
      return absl::DataLossError(
          absl::StrCat("the record of seq ", before[i].position().seq(), " is not what it was"));
    }
  }
  return absl::OkStatus();
}

}  // namespace pdp::crash
