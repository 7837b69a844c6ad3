#ifndef PDP_TESTS_PERF_ECHO_H_
#define PDP_TESTS_PERF_ECHO_H_

#include <functional>
#include <memory>

#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/grpcpp.h"

namespace pdp::perf {

// A gRPC server that answers every call with its own bytes: the ceiling a domain command is
// measured against. With `before`, it answers when that calls its second argument, on any thread.
// Listens on loopback, on a free port, until destroyed.
class EchoServer {
 public:
  using Before = std::function<void(const grpc::ByteBuffer& bytes, std::function<void()> answer)>;
  explicit EchoServer(Before before = nullptr);
  ~EchoServer();
  int port() const { return port_; }

 private:
  std::unique_ptr<grpc::CallbackGenericService> service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace pdp::perf

#endif  // PDP_TESTS_PERF_ECHO_H_
