#ifndef PDP_LIBS_RPC_TESTING_TEST_ADMIN_H_
#define PDP_LIBS_RPC_TESTING_TEST_ADMIN_H_

#include <functional>
#include <utility>

#include "pdp/common/v1/admin_service.grpc.pb.h"

namespace pdp::rpc::testing {

// A service of one method whose answer a test decides.
class TestAdmin final : public common::v1::Admin::CallbackService {
 public:
  using Answer = std::function<grpc::Status(grpc::CallbackServerContext&,
                                            common::v1::ListCellsReply*)>;
  explicit TestAdmin(Answer answer) : answer_(std::move(answer)) {}
  grpc::ServerUnaryReactor* ListCells(grpc::CallbackServerContext* context,
                                      const common::v1::ListCellsRequest*,
                                      common::v1::ListCellsReply* reply) override {
    auto* reactor = context->DefaultReactor();
    reactor->Finish(answer_(*context, reply));
    return reactor;
  }

 private:
  const Answer answer_;
};

}  // namespace pdp::rpc::testing

#endif  // PDP_LIBS_RPC_TESTING_TEST_ADMIN_H_
