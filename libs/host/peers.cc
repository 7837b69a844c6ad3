#include "libs/host/peers.h"

#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/client.h"

namespace pdp::host {
namespace {

std::shared_ptr<grpc::Channel> Open(const std::string& target) {
  // Fails only over TLS files, and there are none.
  return rpc::MakeChannel(target).value();
}

// The content of a port file: a port, or host:port. Empty when there is none or it is half-written.
std::string ReadPortFile(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return "";
  const absl::string_view text = absl::StripAsciiWhitespace(line);
  int port = 0;
  if (absl::SimpleAtoi(text, &port)) return absl::StrCat("127.0.0.1:", port);
  return std::string(text);
}

}  // namespace

Peers::Peers(std::map<std::string, std::string> fixed, std::string peer_dir)
    : fixed_(std::move(fixed)), peer_dir_(std::move(peer_dir)) {}

std::string Peers::address(absl::string_view service) const {
  const auto it = fixed_.find(std::string(service));
  if (it != fixed_.end()) return it->second;
  if (peer_dir_.empty()) return "";
  return ReadPortFile(absl::StrCat(peer_dir_, "/", service, ".port"));
}

std::shared_ptr<grpc::Channel> Peers::channel(absl::string_view service) const {
  const std::string now_at = address(service);
  absl::MutexLock lock(&mutex_);
  Entry& entry = entries_[std::string(service)];
  // A file that is just being replaced is no reason to drop a working channel.
  if (entry.channel != nullptr && (now_at.empty() || now_at == entry.address)) {
    return entry.channel;
  }
  if (now_at.empty()) {
    // A socket that is never there: calls fail with UNAVAILABLE and name the peer.
    return Open(absl::StrCat("unix:/var/empty/pdp-peer-not-known/", service));
  }
  entry.address = now_at;
  entry.channel = Open(now_at);
  return entry.channel;
}

}  // namespace pdp::host
