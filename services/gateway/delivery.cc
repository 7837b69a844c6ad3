#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "services/gateway/handlers.h"

namespace pdp::gateway {

std::unique_ptr<grpc::Service> MakeDelivery(CallPath& path) {
  return std::make_unique<v1::Delivery::CallbackService>();
}

}  // namespace pdp::gateway
