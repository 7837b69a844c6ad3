#include "services/gateway/flags.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace pdp::gateway {
namespace {

constexpr const char* kFlags[][2] = {
    {"listen", "host:port of gRPC; port 0 takes a free one (127.0.0.1:0)"},
    {"credentials",
        "the credential registry, pdp.gateway.v1.CredentialRegistry in text form; needed"},
    {"token-key-file", "64 hexadecimal digits; seals page tokens, resume tokens, etags; needed"},
    {"access-log", "file to which one line a call is appended; needed"},
    {"peers", "service=host:port,... of the services behind"},
    {"peer-dir", "folder in which services write <service>.port"},
    {"tls-cert", "certificate of the gateway; without it only loopback is served, unencrypted"},
    {"tls-key", "its key"},
    {"client-ca", "authority of client certificates"},
    {"peer-ca", "authority of the services behind; with peer-cert and peer-key: mTLS to them"},
    {"peer-cert", "client certificate shown to them"},
    {"peer-key", "its key"},
    {"metrics-port", "HTTP port of /metrics and /health: 0 a free one, -1 none (-1)"},
    {"reflection", "on or off (off)"},
    {"drain-seconds", "how long running calls get on SIGTERM (30)"},
    {"notice-seconds", "how long health says NOT_SERVING before that (5)"},
    {"port-file", "gets the port once it serves"},
};

absl::Status Wrong(absl::string_view flag, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("--", flag, " ", what));
}

}  // namespace

std::string HelpText() {
  std::string text = "pdp-gateway: the entry for organisations outside the Authority\n";
  for (const auto& flag : kFlags) absl::StrAppend(&text, "  --", flag[0], "  ", flag[1], "\n");
  return text;
}

absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& args) {
  std::map<std::string, std::string> given;
  for (size_t i = 0; i < args.size(); ++i) {
    if (!absl::StartsWith(args[i], "--")) {
      return absl::InvalidArgumentError(absl::StrCat("unexpected '", args[i], "'; see --help"));
    }
    std::vector<std::string> parts = absl::StrSplit(args[i].substr(2), absl::MaxSplits('=', 1));
    bool known = false;
    for (const auto& flag : kFlags) known = known || parts[0] == flag[0];
    if (!known) return Wrong(parts[0], "is not known; see --help");
    if (parts.size() == 1) {
      if (i + 1 == args.size()) return Wrong(parts[0], "needs a value");
      parts.push_back(args[++i]);
    }
    if (!given.emplace(parts[0], parts[1]).second) return Wrong(parts[0], "is given twice");
  }
  for (const char* needed : {"credentials", "token-key-file", "access-log"}) {
    if (given[needed].empty()) return Wrong(needed, "is needed; see --help");
  }
  CommandLine line;
  Options& options = line.options;
  options.credentials_file = given["credentials"];
  options.token_key_file = given["token-key-file"];
  options.access_log_file = given["access-log"];
  options.peer_dir = given["peer-dir"];
  line.port_file = given["port-file"];
  if (!given["listen"].empty()) options.server.listen = given["listen"];
  for (absl::string_view peer : absl::StrSplit(given["peers"], ',', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(peer, '=');
    if (parts.size() != 2) return Wrong("peers", "is service=host:port,...");
    options.peers[parts[0]] = parts[1];
  }
  if (!given["tls-cert"].empty()) {
    if (given["tls-key"].empty() || given["client-ca"].empty()) {
      return Wrong("tls-cert", "needs --tls-key and --client-ca");
    }
    // Clients may come with a token only, so a certificate is asked for and not required.
    options.server.tls = rpc::TlsOptions{given["tls-cert"], given["tls-key"], given["client-ca"],
                                         /*require_client_certificate=*/false};
  }
  if (!given["peer-ca"].empty()) {
    options.peer_tls = rpc::ClientTls{.ca_file = given["peer-ca"],
                                      .certificate_file = given["peer-cert"],
                                      .key_file = given["peer-key"]};
  }
  options.server.reflection = given["reflection"] == "on";
  int drain_seconds = 30, notice_seconds = 5;
  const auto number = [&](const char* name, int* out) {
    return given[name].empty() || absl::SimpleAtoi(given[name], out);
  };
  if (!number("metrics-port", &options.server.metrics_port)) {
    return Wrong("metrics-port", "is a number");
  }
  if (!number("drain-seconds", &drain_seconds)) return Wrong("drain-seconds", "is a number");
  if (!number("notice-seconds", &notice_seconds)) return Wrong("notice-seconds", "is a number");
  options.server.drain_calls = absl::Seconds(drain_seconds);
  options.server.drain_notice = absl::Seconds(notice_seconds);
  return line;
}

}  // namespace pdp::gateway
