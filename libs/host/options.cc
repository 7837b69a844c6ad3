#include "libs/host/options.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace pdp::host {
namespace {

struct Flag {
  const char* name;
  const char* fallback;
  const char* help;
  // The text of what is wrong with the value; empty: taken.
  std::function<std::string(const std::string& value, Options& options)> set;
};

std::string SetAreas(const std::string& value, Options& options) {
  for (absl::string_view code : absl::StrSplit(value, ',', absl::SkipEmpty())) {
    if (code == "all") {
      options.areas.assign(Area::All().begin(), Area::All().end());
      continue;
    }
    const std::optional<Area> area = Area::FromCode(code);
    if (!area) return absl::StrCat("no such area: ", code);
    options.areas.push_back(*area);
  }
  std::set<Area> distinct(options.areas.begin(), options.areas.end());
  options.areas.assign(distinct.begin(), distinct.end());
  return options.areas.empty() ? "no area given" : "";
}

std::string CheckAddress(absl::string_view address) {
  const size_t colon = address.rfind(':');
  int port = -1;
  if (colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 || port > 65535) {
    return absl::StrCat("not host:port: ", address);
  }
  return "";
}

std::string SetPeers(const std::string& value, Options& options) {
  for (absl::string_view entry : absl::StrSplit(value, ',', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> peer = absl::StrSplit(entry, absl::MaxSplits('=', 1));
    if (peer.first.empty()) return absl::StrCat("not service=host:port: ", entry);
    const std::string wrong = CheckAddress(peer.second);
    if (!wrong.empty()) return wrong;
    options.peers[peer.first] = peer.second;
  }
  return "";
}

std::string SetNumber(const std::string& value, int min, int max, int* out) {
  if (!absl::SimpleAtoi(value, out) || *out < min || *out > max) {
    return absl::StrCat("not a number from ", min, " to ", max, ": ", value);
  }
  return "";
}

std::function<std::string(const std::string&, Options&)> Text(std::string Options::*member) {
  return [member](const std::string& value, Options& options) {
    options.*member = value;
    return std::string();
  };
}

std::function<std::string(const std::string&, Options&)> Address(std::string Options::*member) {
  return [member](const std::string& value, Options& options) {
    options.*member = value;
    return CheckAddress(value);
  };
}

const std::vector<Flag>& Flags() {
  static const auto* flags = new std::vector<Flag>{
      {"areas", "(required)", "areas whose cells are hosted here, e.g. N56,NAT; or all", SetAreas},
      {"listen", "127.0.0.1:0", "host:port of gRPC; port 0 takes a free one",
       Address(&Options::listen)},
      {"advertise", "(the listening address)", "host:port under which others reach this process",
       Address(&Options::advertise)},
      {"data", "(required)", "folder of log/, views/ and keys/", Text(&Options::data_dir)},
      {"log", "embedded", "embedded, kafka, or memory (nothing survives)",
       [](const std::string& value, Options& options) -> std::string {
         options.log = value;
         if (value == "embedded" || value == "kafka" || value == "memory") return "";
         return absl::StrCat("none of embedded, kafka, memory: ", value);
       }},
      {"bootstrap-servers", "", "brokers for --log kafka, host:port,...",
       Text(&Options::bootstrap_servers)},
      {"peers", "", "other services: service=host:port,...", SetPeers},
      {"peer-dir", "", "folder in which services write <service>.port and find each other",
       Text(&Options::peer_dir)},
      {"kek-file", "", "key-encryption key: 32 bytes in hex, readable by its owner only",
       Text(&Options::kek_file)},
      {"keys", "(keys/ in --data)", "folder of the key vault, shared by replicas of the cells",
       Text(&Options::keys_dir)},
      {"port-file", "", "gets the gRPC port once it serves", Text(&Options::port_file)},
      {"metrics-port", "-1", "port of the metrics page; 0 a free one, -1 none",
       [](const std::string& value, Options& options) {
         return SetNumber(value, -1, 65535, &options.metrics_port);
       }},
      {"drain-seconds", "10", "how long running calls get on SIGTERM",
       [](const std::string& value, Options& options) {
         return SetNumber(value, 0, 600, &options.drain_seconds);
       }},
      {"standby", "false", "follow; lead only when the owner has fallen silent",
       [](const std::string& value, Options& options) -> std::string {
         options.standby = value == "true";
         return value == "true" || value == "false" ? "" : "not true or false: " + value;
       }},
      {"lease-ms", "1000", "how long an owner may answer without asking the log (--log kafka)",
       [](const std::string& value, Options& options) {
         return SetNumber(value, 50, 60000, &options.lease_ms);
       }},
      {"failover-ms", "2000", "silence after which an owner is taken over from; twice the lease",
       [](const std::string& value, Options& options) {
         return SetNumber(value, 100, 600000, &options.failover_ms);
       }},
      {"days-behind", "0", "live this many days ago: rehearsals and demonstrations only",
       [](const std::string& value, Options& options) {
         return SetNumber(value, 0, 3650, &options.days_behind);
       }},
      {"print-asyncapi", "false", "write the AsyncAPI document of the public topic and exit",
       [](const std::string& value, Options& options) -> std::string {
         options.print_asyncapi = value == "true";
         return value == "true" || value == "false" ? "" : "not true or false: " + value;
       }},
  };
  return *flags;
}

const Flag* FindFlag(absl::string_view name) {
  for (const Flag& flag : Flags()) {
    if (name == flag.name) return &flag;
  }
  return nullptr;
}

absl::Status CheckTogether(const Options& options) {
  if (options.print_asyncapi) return absl::OkStatus();
  if (options.areas.empty()) return absl::InvalidArgumentError("--areas is required");
  if (options.data_dir.empty()) return absl::InvalidArgumentError("--data is required");
  if (options.log == "kafka" && options.bootstrap_servers.empty()) {
    return absl::InvalidArgumentError("--log kafka needs --bootstrap-servers");
  }
  if (options.failover_ms < 2 * options.lease_ms) {
    return absl::InvalidArgumentError("--failover-ms must be at least twice --lease-ms");
  }
  if (options.log != "memory" && options.kek_file.empty()) {
    return absl::InvalidArgumentError("--kek-file is required unless --log memory");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> ParseOptions(const std::vector<std::string>& args) {
  Options options;
  std::set<std::string> seen;
  for (size_t i = 0; i < args.size(); ++i) {
    absl::string_view arg = args[i];
    if (!absl::ConsumePrefix(&arg, "--")) {
      return absl::InvalidArgumentError(absl::StrCat("not a flag: ", args[i]));
    }
    const size_t equals = arg.find('=');
    const std::string name(arg.substr(0, equals));
    const Flag* flag = FindFlag(name);
    if (flag == nullptr) return absl::InvalidArgumentError(absl::StrCat("unknown flag --", name));
    if (!seen.insert(name).second) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " is given twice"));
    }
    std::string value;
    if (equals != absl::string_view::npos) {
      value = std::string(arg.substr(equals + 1));
    } else if (name == "print-asyncapi" || name == "standby") {
      value = "true";
    } else if (i + 1 < args.size()) {
      value = args[++i];
    } else {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a value"));
    }
    const std::string wrong = flag->set(value, options);
    if (!wrong.empty()) return absl::InvalidArgumentError(absl::StrCat("--", name, ": ", wrong));
  }
  absl::Status together = CheckTogether(options);
  if (!together.ok()) return together;
  return options;
}

std::string HelpText() {
  std::string text = "Flags (--name value or --name=value):\n";
  for (const Flag& flag : Flags()) {
    absl::StrAppendFormat(&text, "  --%-18s %s [%s]\n", flag.name, flag.help, flag.fallback);
  }
  return text;
}

Options ParseFlags(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  for (const std::string& arg : args) {
    if (arg == "--help" || arg == "-h") {
      std::fputs(HelpText().c_str(), stdout);
      std::exit(0);
    }
  }
  absl::StatusOr<Options> options = ParseOptions(args);
  if (!options.ok()) {
    std::fprintf(stderr, "%s: %s\n", argv[0], std::string(options.status().message()).c_str());
    std::exit(2);
  }
  return *std::move(options);
}

}  // namespace pdp::host
