#ifndef PDP_LIBS_HOST_OPTIONS_H_
#define PDP_LIBS_HOST_OPTIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/area.h"

namespace pdp::host {

// What an operator decides about one service process. `--help` prints every flag with its default.
struct Options {
  // --areas: the cells hosted here.
  std::vector<Area> areas;
  // --listen: host:port of gRPC; port 0 takes a free one.
  std::string listen = "127.0.0.1:0";
  // --advertise: host:port under which others reach it; empty: the listening address.
  std::string advertise;
  // --data: holds log/ (embedded), views/ and keys/. Created when missing.
  std::string data_dir;
  // --log: embedded (RocksDB on this machine), kafka, or memory (nothing survives; trials only).
  std::string log = "embedded";
  // --bootstrap-servers, for --log kafka.
  std::string bootstrap_servers;
  // --peers: service=host:port,...
  std::map<std::string, std::string> peers;
  // --peer-dir: a folder in which each service writes <service>.port and finds the others'.
  std::string peer_dir;
  // --kek-file: 32 bytes in hex, readable by its owner only. Needed unless --log memory.
  std::string kek_file;
  // --keys: folder of the key vault, when replicas of the cells share one; empty: keys/ in
  // data_dir, for this process only.
  std::string keys_dir;
  // --port-file: gets the gRPC port once it serves.
  std::string port_file;
  // --metrics-port: 0 takes a free one, -1 none.
  int metrics_port = -1;
  // --drain-seconds: how long running calls get on SIGTERM.
  int drain_seconds = 10;
  // --standby: follow the log and lead only when the owner has fallen silent (--log kafka).
  bool standby = false;
  // --lease-ms: refusals and repeats are answered without asking the log for this long after the
  // last own record, and an idle owner writes a record this often (--log kafka).
  int lease_ms = 1000;
  // --failover-ms: an owner that has been silent this long is taken over from. At least twice the
  // lease: two owners must never both answer from what they have.
  int failover_ms = 2000;
  // --days-behind: the process lives this many days ago, for rehearsals and demonstrations. Log
  // time never goes back, so a log may come out of the past and cannot return to it.
  int days_behind = 0;
  // --print-asyncapi: writes the AsyncAPI document of the public topic and exits.
  bool print_asyncapi = false;
};

// InvalidArgument naming the flag for anything unknown, repeated or malformed.
absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& args);

// The same for main: prints the help and exits 0, or one clear line and exits 2.
Options ParseFlags(int argc, char** argv);

std::string HelpText();

}  // namespace pdp::host

#endif  // PDP_LIBS_HOST_OPTIONS_H_
