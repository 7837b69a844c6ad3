#include "services/gateway/backends.h"

#include "libs/base/log.h"

namespace pdp::gateway {

std::shared_ptr<grpc::Channel> Backends::channel(const std::string& service) {
  const auto fixed = fixed_.find(service);
  std::string address = fixed != fixed_.end() ? fixed->second
                        : peer_dir_.empty()   ? std::string()
                                              : rpc::AddressFromDir(peer_dir_, service);
  absl::MutexLock lock(&mutex_);
  Entry& entry = entries_[service];
  // A file that is being rewritten is empty for a moment: the last address stays.
  if (!address.empty() && address != entry.address) {
    auto channel = rpc::MakeChannel(address, tls_);
    if (!channel.ok()) {
      PDP_LOG(ERROR) << service << " at " << address << ": " << channel.status().message();
    } else {
      entry = {std::move(address), *std::move(channel)};
    }
  }
  return entry.channel;
}

}  // namespace pdp::gateway
