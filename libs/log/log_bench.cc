// Rough figures of a binding: one record at a time from Append to the tail, then pipelined.
//
//   log_bench --data DIR | --bootstrap-servers HOST:PORT   (a topic pdp.bench.log.v1 is made)

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"
#include "libs/base/clock.h"
#include "libs/log/kafka_log.h"
#include "libs/log/rocks_log.h"
#include "libs/record/codec.h"

namespace pdp::log {
namespace {

constexpr size_t kRecordBytes = 1000;
constexpr int kSingle = 1000;
constexpr int kPipelined = 50'000;
constexpr size_t kWindow = 10'000;

template <typename T>
T Must(absl::StatusOr<T> value) {
  PDP_CHECK(value.ok(), value.status().ToString());
  return *std::move(value);
}

struct Chain {
  std::string Next() {
    v1::Record record;
    record.set_area("N56");
    record.set_epoch(epoch.value());
    record.set_seq(++seq);
    record.set_prev_hash(std::string(hash.view()));
    record.mutable_commit()->set_reply(std::string(kRecordBytes, 'r'));
    std::string bytes = record::Encode(record);
    hash = Sha256(bytes);
    return bytes;
  }
  Epoch epoch;
  uint64_t seq = 0;
  Digest hash;
};

absl::Time Now() { return Clock::System().Now(); }

void Run(EventLog& log) {
  const Area area = *Area::FromCode("N56");
  const TailPosition start = Must(log.End(area));
  Chain chain;
  chain.epoch =
      Must(log.Claim(area, absl::StrCat("bench ", absl::ToUnixNanos(Now())), "bench:1", start));
  const TailPosition at = Must(log.End(area));
  chain.seq = at.seq.value();
  chain.hash = at.hash;
  const std::unique_ptr<Tail> tail = Must(log.OpenTail(area, at));
  Must(tail->Poll(1, absl::Seconds(5)));
  std::vector<double> micros;
  for (int i = 0; i < kSingle; ++i) {
    const absl::Time begin = Now();
    PDP_CHECK(log.Append(area, chain.Next()).ok(), "append");
    while (Must(tail->Poll(1, absl::Seconds(5))).records.empty()) {
    }
    micros.push_back(absl::ToDoubleMicroseconds(Now() - begin));
  }
  std::sort(micros.begin(), micros.end());
  std::cout << "one at a time: p50 " << micros[kSingle / 2] << " us, p99 "
            << micros[kSingle * 99 / 100] << " us\n";
  const absl::Time begin = Now();
  size_t sent = 0, read = 0;
  while (read < kPipelined) {
    while (sent < kPipelined && sent - read < kWindow) {
      PDP_CHECK(log.Append(area, chain.Next()).ok(), "append");
      ++sent;
    }
    read += Must(tail->Poll(kWindow, absl::Seconds(5))).records.size();
  }
  const double seconds = absl::ToDoubleSeconds(Now() - begin);
  std::cout << "pipelined: " << kPipelined / seconds << " records/s\n";
}

}  // namespace
}  // namespace pdp::log

int main(int argc, char** argv) {
  PDP_CHECK(argc == 3, "log_bench --data DIR | --bootstrap-servers HOST:PORT");
  if (std::string(argv[1]) == "--data") {
    const auto log = pdp::log::Must(pdp::log::OpenRocksLog(argv[2]));
    pdp::log::Run(*log);
  } else {
    pdp::log::KafkaLogOptions options;
    options.brokers = argv[2];
    options.topic = pdp::log::LogTopic("bench");
    const auto log = pdp::log::Must(pdp::log::OpenKafkaLog(options));
    pdp::log::Run(*log);
  }
}
