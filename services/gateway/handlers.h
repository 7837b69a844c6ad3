#ifndef PDP_SERVICES_GATEWAY_HANDLERS_H_
#define PDP_SERVICES_GATEWAY_HANDLERS_H_

#include <memory>
#include <string>

#include "grpcpp/grpcpp.h"
#include "services/gateway/call.h"

namespace pdp::gateway {

// The services of the gateway's proto, one file each. They translate names and messages; they hold
// no rule of the domain. `path` outlives them.
std::unique_ptr<grpc::Service> MakeIdentity(CallPath& path);
std::unique_ptr<grpc::Service> MakeAllocations(CallPath& path);
std::unique_ptr<grpc::Service> MakeCapacity(CallPath& path);
std::unique_ptr<grpc::Service> MakeCases(CallPath& path);
std::unique_ptr<grpc::Service> MakeDelivery(CallPath& path);
std::unique_ptr<grpc::Service> MakeSubcontracts(CallPath& path);
std::unique_ptr<grpc::Service> MakeMoney(CallPath& path);

// Runs a command in the cell of `area`. `Service` has Execute with the request and reply every
// service has.
template <typename Service, typename Request, typename Reply, typename Command>
grpc::Status Execute(const CallPath& path, const Call& call, const std::string& service, Area area,
                     const common::v1::CommandHeader& header, const Command& command,
                     bool top_level, Reply* reply) {
  Request request;
  *request.mutable_header() = header;
  request.set_area(std::string(area.code()));
  *request.mutable_command() = command;
  return Outward(path.parts().backends.Call<Service, Reply>(service, &Service::Stub::Execute,
      request,
                                                            reply, call.deadline),
                 top_level);
}

// The newest version an outcome gave to an aggregate of this kind ("referral"); 0 when none.
uint64_t VersionIn(const common::v1::Outcome& outcome, const std::string& kind);

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_HANDLERS_H_
