#include "tests/perf/bare_log.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/log/kafka_log.h"
#include "libs/log/rocks_log.h"
#include "libs/record/codec.h"

namespace pdp::perf {
namespace {

constexpr size_t kRecordsMax = 1024;

template <typename T>
T Must(absl::StatusOr<T> value) {
  PDP_CHECK(value.ok(), value.status().ToString());
  return *std::move(value);
}

std::unique_ptr<log::EventLog> Open(const std::string& where) {
  if (!absl::StrContains(where, ':')) return Must(log::OpenRocksLog(where));
  return Must(log::OpenKafkaLog({.brokers = where, .topic = log::LogTopic("bench")}));
}

}  // namespace

BareLog::BareLog(const std::string& where) : log_(Open(where)) {
  const Area area = Area::Nat();
  Must(log_->Claim(area, absl::StrCat("bench ", absl::ToUnixNanos(absl::Now())), "bench:1",
                   Must(log_->End(area))));
  end_ = Must(log_->End(area));
  tail_ = Must(log_->OpenTail(area, end_));
  reader_ = std::thread([this] { Read(); });
}

BareLog::~BareLog() {
  stop_ = true;
  tail_->Wake();
  reader_.join();
}

void BareLog::Keep(const grpc::ByteBuffer& bytes, std::function<void()> kept) {
  std::vector<grpc::Slice> slices;
  PDP_CHECK(bytes.Dump(&slices).ok(), "the bytes of a call");
  log::v1::Record record;
  record.set_area(std::string(Area::Nat().code()));
  std::string& payload = *record.mutable_commit()->mutable_reply();
  for (const grpc::Slice& slice : slices) {
    payload.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  absl::MutexLock lock(&mutex_);
  end_.seq = end_.seq.Next();
  record.set_epoch(end_.epoch.value());
  record.set_seq(end_.seq.value());
  record.set_prev_hash(std::string(end_.hash.view()));
  std::string frame = Must(record::EncodeVerified(record));
  end_.hash = Sha256(frame);
  waiting_.push_back(std::move(kept));
  const absl::Status appended = log_->Append(Area::Nat(), std::move(frame));
  PDP_CHECK(appended.ok(), appended.ToString());
}

void BareLog::Read() {
  while (!stop_) {
    const size_t records =
        Must(tail_->Poll(kRecordsMax, absl::Milliseconds(200))).records.size();
    std::vector<std::function<void()>> kept;
    {
      absl::MutexLock lock(&mutex_);
      for (size_t i = 0; i < records; ++i) {
        kept.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
      }
    }
    for (const auto& answer : kept) answer();
  }
}

}  // namespace pdp::perf
