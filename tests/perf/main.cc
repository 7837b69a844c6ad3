// pdp-bench: the first benchmark table. Starts nothing but an echo server of its own (as a child
// process, so that both sides cost what they cost); the services are started by tests/perf/run.
//
//   pdp-bench --echo                            raw gRPC echo of a message of the command's size
//   pdp-bench --bare-log FOLDER|HOST:PORT       the same, answered once the message is in a log
//   pdp-bench --port-dir DIR --label embedded   RecordRisk on the referral service found in DIR
//   pdp-bench --port-dir DIR --fill N           N of them by 256 callers, and their rate
//   pdp-bench --raw-writes LOG --to FOLDER      copies the records of an embedded log that nobody
//                                               has open to a RocksDB in FOLDER, and their rate
//
// One row a number of callers: calls a second, p50 and p99 in milliseconds, medians of --repeat
// runs.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/hash.h"
#include "libs/log/rocks_source.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "tests/perf/bare_log.h"
#include "tests/perf/echo.h"
#include "tests/perf/load.h"

namespace pdp::perf {
namespace {

namespace rv1 = referral::v1;

constexpr int kPeople = 500;

struct Options {
  bool echo = false;
  bool serve_echo = false;
  // A folder, or the address of a broker.
  std::string bare_log, serve_bare_log;
  std::string port_dir;
  std::string label = "command";
  std::vector<int> callers = {1, 16, 64, 256};
  uint64_t fill = 0;
  std::string raw_writes, to;
  int repeat = 5;
  int seconds = 3;
};

std::string Crn(uint64_t n) { return absl::StrCat("T", 900000 + n); }

rv1::ExecuteRequest Request(absl::string_view id, const rv1::Command& command) {
  rv1::ExecuteRequest request;
  request.mutable_header()->set_command_id(std::string(DerivedCommandId("bench", id).bytes()));
  request.mutable_header()->mutable_actor()->set_id("bench");
  request.mutable_header()->mutable_actor()->add_roles("RO");
  request.set_area("NAT");
  *request.mutable_command() = command;
  return request;
}

rv1::Command RecordRisk(uint64_t n) {
  rv1::Command command;
  auto* record = command.mutable_record_risk();
  record->set_crn(Crn(n % kPeople));
  auto* risk = record->mutable_risk();
  risk->set_ogrs3_bp(static_cast<int32_t>(n / kPeople % 10'001));
  risk->set_ovp_bp(2500);
  risk->set_sara(rv1::MEDIUM);
  risk->set_rosh(rv1::LOW);
  risk->set_assessed_on("2026-01-05");
  risk->set_summary("Assessed at the office; stable accommodation, in work three days a week.");
  return command;
}

bool Register(const std::shared_ptr<grpc::Channel>& channel) {
  const auto stub = rv1::ReferralService::NewStub(channel);
  for (int i = 0; i < kPeople; ++i) {
    rv1::Command command;
    auto* person = command.mutable_register_person();
    person->set_crn(Crn(i));
    person->mutable_identity()->mutable_name()->set_given("Bench");
    person->mutable_identity()->mutable_name()->set_family("Mark");
    person->mutable_identity()->set_date_of_birth("1990-01-01");
    person->mutable_identity()->set_sex("M");
    person->set_home_area("N56");
    person->set_pdu("N56ESX");
    grpc::ClientContext context;
    rv1::ExecuteReply reply;
    const grpc::Status status =
        stub->Execute(&context, Request(absl::StrCat("person", i), command), &reply);
    if (!status.ok()) {
      std::fprintf(stderr, "cannot register people: %s\n", status.error_message().c_str());
      return false;
    }
  }
  return true;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// A run has ids of its own, or its commands would be repeats of an earlier run's.
std::string RunId() { return absl::StrCat(getpid(), "-", absl::ToUnixMicros(absl::Now())); }

int Table(const std::shared_ptr<grpc::Channel>& channel, const Options& options,
          const std::string& method, const std::function<std::string(uint64_t)>& request) {
  for (const int callers : options.callers) {
    std::vector<double> rates, p50s, p99s;
    for (int i = 0; i < options.repeat; ++i) {
      LoadOptions load;
      load.method = method;
      load.callers = callers;
      load.window = absl::Seconds(options.seconds);
      load.request = request;
      const LoadResult result = RunLoad(channel, load);
      if (result.errors > 0) {
        std::fprintf(stderr, "%lu calls failed, first: %s\n", result.errors,
                     result.first_error.c_str());
        return 1;
      }
      rates.push_back(result.calls_per_second);
      p50s.push_back(result.p50_ms);
      p99s.push_back(result.p99_ms);
    }
    std::printf("| %-10s | %7d | %9.0f | %7.2f | %7.2f |\n", options.label.c_str(), callers,
                Median(rates), Median(p50s), Median(p99s));
    std::fflush(stdout);
  }
  return 0;
}

// Measures a server that this program is in another process, started with these flags.
int Echo(const Options& options, const char* self, const std::string& flag,
         const std::string& value) {
  int out[2];
  if (pipe(out) != 0) return 1;
  const pid_t child = fork();
  if (child == 0) {
    dup2(out[1], STDOUT_FILENO);
    execl(self, self, flag.c_str(), value.empty() ? nullptr : value.c_str(), nullptr);
    _exit(127);
  }
  close(out[1]);
  char text[16] = {};
  if (read(out[0], text, sizeof text - 1) <= 0) return 1;
  const auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", std::atoi(text)),
                                           grpc::InsecureChannelCredentials());
  const int result = Table(channel, options, "/pdp.perf.v1.Echo/Echo", [](uint64_t n) {
    return Request(absl::StrCat(n), RecordRisk(n)).SerializeAsString();
  });
  kill(child, SIGTERM);
  waitpid(child, nullptr, 0);
  return result;
}

int Command(const Options& options) {
  std::ifstream file(absl::StrCat(options.port_dir, "/referral.port"));
  std::string address;
  file >> address;
  if (address.find(':') == std::string::npos) address = absl::StrCat("127.0.0.1:", address);
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  if (!Register(channel)) return 1;
  const std::string method = "/pdp.referral.v1.ReferralService/Execute";
  const auto next = [run = RunId()](uint64_t) {
    static std::atomic<uint64_t> all{0};
    const uint64_t id = all.fetch_add(1);
    return Request(absl::StrCat(run, id), RecordRisk(id)).SerializeAsString();
  };
  if (options.fill == 0) return Table(channel, options, method, next);
  LoadOptions load;
  load.method = method;
  load.callers = 256;
  load.warm_up = absl::ZeroDuration();
  load.window = absl::Hours(3);
  load.calls_max = options.fill;
  load.ask_again = true;
  load.request = next;
  const absl::Time begin = absl::Now();
  const LoadResult result = RunLoad(channel, load);
  if (result.errors > 0) {
    std::fprintf(stderr, "%lu calls failed, first: %s\n", result.errors,
                 result.first_error.c_str());
    return 1;
  }
  std::printf("%.0f\n", options.fill / absl::ToDoubleSeconds(absl::Now() - begin));
  return 0;
}

// What rebuilding views is measured against: the same bytes, in batches, with nothing made of them.
int RawWrites(const Options& options) {
  constexpr size_t kBatch = 512;
  const Area area = Area::Nat();
  const auto from = log::OpenRocks(options.raw_writes, log::RocksAccess::kReadOnly);
  const auto to = log::OpenRocks(options.to, log::RocksAccess::kWrite);
  if (!from.ok() || !to.ok()) {
    std::fprintf(stderr, "pdp-bench: %s\n",
                 (from.ok() ? to.status() : from.status()).ToString().c_str());
    return 1;
  }
  const auto end = log::RocksEnd(**from, area);
  const absl::Time begin = absl::Now();
  int64_t index = 0;
  while (end.ok() && index < *end) {
    std::vector<log::RawRecord> records;
    if (!log::ReadRocksRecords(**from, area, index, *end, kBatch, records).ok()) return 1;
    rocksdb::WriteBatch batch;
    for (const log::RawRecord& record : records) {
      if (!batch.Put(log::RocksKey(area, record.index), record.bytes).ok()) return 1;
    }
    if (!(*to)->Write(rocksdb::WriteOptions(), &batch).ok()) return 1;
    index += static_cast<int64_t>(records.size());
  }
  std::printf("%.0f\n", index / absl::ToDoubleSeconds(absl::Now() - begin));
  return 0;
}

int Main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const auto value = [&]() -> std::string { return i + 1 < argc ? argv[++i] : ""; };
    if (arg == "--echo") {
      options.echo = true;
      options.label = "raw echo";
    } else if (arg == "--serve-echo") {
      options.serve_echo = true;
    } else if (arg == "--bare-log") {
      options.bare_log = value();
      options.label = "bare log";
    } else if (arg == "--serve-bare-log") {
      options.serve_bare_log = value();
    } else if (arg == "--port-dir") {
      options.port_dir = value();
    } else if (arg == "--label") {
      options.label = value();
    } else if (arg == "--fill") {
      options.fill = std::strtoull(value().c_str(), nullptr, 10);
    } else if (arg == "--raw-writes") {
      options.raw_writes = value();
    } else if (arg == "--to") {
      options.to = value();
    } else if (arg == "--callers") {
      options.callers = {std::max(1, std::atoi(value().c_str()))};
    } else if (arg == "--repeat") {
      options.repeat = std::max(1, std::atoi(value().c_str()));
    } else if (arg == "--seconds") {
      options.seconds = std::max(1, std::atoi(value().c_str()));
    } else {
      std::fprintf(stderr, "pdp-bench: no option '%s'\n", arg.c_str());
      return 2;
    }
  }
  if (options.serve_echo || !options.serve_bare_log.empty()) {
    std::optional<BareLog> log;
    EchoServer::Before before;
    if (!options.serve_bare_log.empty()) {
      log.emplace(options.serve_bare_log);
      before = [&log](const grpc::ByteBuffer& bytes, std::function<void()> answer) {
        log->Keep(bytes, std::move(answer));
      };
    }
    EchoServer server(before);
    std::printf("%d\n", server.port());
    std::fflush(stdout);
    pause();
    return 0;
  }
  if (options.echo) return Echo(options, argv[0], "--serve-echo", "");
  if (!options.bare_log.empty()) {
    return Echo(options, argv[0], "--serve-bare-log", options.bare_log);
  }
  if (!options.port_dir.empty()) return Command(options);
  if (!options.raw_writes.empty()) return RawWrites(options);
  std::fprintf(stderr, "pdp-bench: --echo, --bare-log WHERE, --port-dir DIR or --raw-writes LOG\n");
  return 2;
}

}  // namespace
}  // namespace pdp::perf

int main(int argc, char** argv) { return pdp::perf::Main(argc, argv); }
