#include <signal.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "services/gateway/flags.h"
#include "services/gateway/gateway.h"

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (!args.empty() && args[0] == "--help") {
    std::fputs(pdp::gateway::HelpText().c_str(), stdout);
    return 0;
  }
  // Blocked in every thread from here on; only the wait below takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const auto fail = [](const absl::Status& status) {
    std::fprintf(stderr, "pdp-gateway: %s\n", std::string(status.message()).c_str());
    return 2;
  };
  auto line = pdp::gateway::ParseCommandLine(args);
  if (!line.ok()) return fail(line.status());
  auto gateway = pdp::gateway::Gateway::Start(line->options);
  if (!gateway.ok()) return fail(gateway.status());
  const std::string port = std::to_string((*gateway)->port());
  if (!line->port_file.empty()) {
    std::ofstream(line->port_file + ".new") << port << "\n";
    std::filesystem::rename(line->port_file + ".new", line->port_file);
  }
  std::printf("gateway serves on port %s\n", port.c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  (*gateway)->Stop();
  return 0;
}
